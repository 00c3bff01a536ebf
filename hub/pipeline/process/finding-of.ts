import { codes, type CodeName } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { ReadMessage } from '#hub/model/format.ts'

/** The finding that a code by itself is, with its code for the sender's answer. */
export function findingOf(code: CodeName, message: Pick<ReadMessage, 'position' | 'offset'> | null): Finding {
  const { en, contrl } = codes[code] as { en: { what: string }; contrl?: string }
  return {
    code,
    severity: 'error',
    message: en.what,
    position: message === null ? {} : { message: message.position, offset: message.offset },
    ...(contrl === undefined ? {} : { answerCode: contrl }),
  }
}
