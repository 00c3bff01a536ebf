import type { Codes } from './code.ts'

/** Judge: business rules, guard rails, routes. */
export const judgeCodes = {
  guardRail: {
    code: 'CD-4001',
    retry: 'never',
    turn: 'hub',
    en: {
      what: 'A guard rail of the agreement holds this document for a person.',
      fix: 'Release or reject it on its page, with a reason.',
    },
    fr: {
      what: 'Un garde-fou de l’accord retient ce document pour décision.',
      fix: 'Libérez-le ou rejetez-le sur sa page, avec un motif.',
    },
  },
  holdRejected: {
    code: 'CD-4002',
    retry: 'never',
    turn: 'sender',
    en: {
      what: 'A person rejected the document while it was on hold.',
      fix: 'The reason stands beside the decision; send a corrected document.',
    },
    fr: {
      what: 'Une personne a rejeté le document pendant sa mise en attente.',
      fix: 'Le motif figure avec la décision ; envoyez un document corrigé.',
    },
  },
} as const satisfies Codes
