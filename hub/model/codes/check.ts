import type { Codes } from './code.ts'

/** Check: syntax, structure and guide. */
export const checkCodes = {
  messageFaulty: {
    code: 'CD-3001',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'The message breaks the rules of its directory or guide.',
      fix: 'Mend the faults listed with their positions, and send the message again.',
    },
    fr: {
      what: 'Le message enfreint les règles de son répertoire ou de son guide.',
      fix: 'Corrigez les fautes listées avec leur position, puis renvoyez le message.',
    },
  },
} as const satisfies Codes
