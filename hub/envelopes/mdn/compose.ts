import { limits } from '#hub/base/limits.ts'
import { newBoundary, multipartBody, type Entity } from '../mime/write.ts'
import { writeDisposition } from './disposition.ts'

export interface MdnFields {
  /** The product that answers, e.g. `Crossdock`. */
  reportingUa: string
  /** AS2-To of the message that is answered. */
  recipient: string
  /** Message-ID of the message that is answered, byte for byte (M19). */
  originalMessageId: string
  /** `processed`, or `mdn` of a row of the registry, e.g. `processed/error: decryption-failed`. */
  status: string
  /** From `writeMic`; null where none could be computed. */
  mic: string | null
  /** What a person reads; lines of any length. */
  text: string
}

/** Whether a message id can be echoed: visible ASCII without blanks, so that it begins no new line anywhere (A15). */
export function isMessageId(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text) && text.length <= limits.messageIdCharacters
}

/**
 * An MDN (RFC 4130 §7.4, RFC 8098): multipart/report of a text and the fields. To be signed by `signDetached`. Throws where
 * a field holds what would begin a new line, which the door has to have refused.
 */
export function composeMdn(fields: MdnFields): Entity {
  if (!isMessageId(fields.originalMessageId)) throw new Error('a message id that cannot be echoed')
  const lines = [
    `Reporting-UA: ${field(fields.reportingUa)}`,
    `Original-Recipient: rfc822; ${field(fields.recipient)}`,
    `Final-Recipient: rfc822; ${field(fields.recipient)}`,
    `Original-Message-ID: ${fields.originalMessageId}`,
    `Disposition: ${field(writeDisposition(fields.status))}`,
    ...(fields.mic === null ? [] : [`Received-Content-MIC: ${field(fields.mic)}`]),
  ]
  const boundary = newBoundary()
  const text = `${fields.text.replaceAll(/\r?\n/g, '\r\n')}\r\n`
  const encoding = /^[\r\n\x20-\x7e]*$/.test(text) ? '7bit' : '8bit'
  const human = [
    'Content-Type: text/plain; charset=utf-8',
    `Content-Transfer-Encoding: ${encoding}`,
    '',
    text,
  ]
  const report = [
    'Content-Type: message/disposition-notification',
    'Content-Transfer-Encoding: 7bit',
    '',
    ...lines,
    '',
  ]
  const parts = [Buffer.from(human.join('\r\n')), Buffer.from(report.join('\r\n'), 'latin1')]
  const type = `multipart/report; report-type=disposition-notification; boundary="${boundary}"`
  return { headers: [['Content-Type', type]], body: multipartBody(boundary, parts) }
}

function field(text: string): string {
  if (/[\0-\x1f\x7f]/.test(text)) throw new Error('a field of an MDN with a control character')
  return text
}
