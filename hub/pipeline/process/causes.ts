import type { CodeName } from '#hub/model/codes/index.ts'
import { namedId } from '#hub/model/ids.ts'
import type { NewNotice, NoticeFacts } from '#hub/model/notice.ts'
import type { ComputedDocument } from './computed.ts'

/** Why documents find no way; what mends one mends all of the same cause. */
const withoutWay: ReadonlySet<CodeName> = new Set<CodeName>([
  'senderUnknown',
  'receiverUnknown',
  'profileMissing',
  'agreementMissing',
  'environmentMismatch',
  'noConditionHolds',
])

/** The cause for which a document finds no way: of the same sender, kind of document and receiver it is the same. */
export function causeOf({ known }: Pick<ComputedDocument, 'known'>, code: CodeName): string {
  const { question } = known.versions
  const { sender, receiver } = question ?? {}
  return namedId(
    'cause',
    code,
    known.sender,
    known.env ?? '',
    known.type,
    known.format ?? '',
    question?.guide ?? '',
    code === 'senderUnknown' ? `${sender?.scheme} ${sender?.value}` : '',
    `${receiver?.scheme} ${receiver?.value}`,
  )
}

/** The notices that a document without a way raises, for the people of the hub and for its sender; none for any other. */
export function noticesOf(
  document: Pick<ComputedDocument, 'known'>,
  verdict: { kind: string; code?: CodeName; step?: string },
): NewNotice[] {
  const { code, step } = verdict
  if (code === undefined || step !== 'resolve' || !withoutWay.has(code)) return []
  const { known } = document
  const { question } = known.versions
  const facts: NoticeFacts = {
    sender: known.sender,
    receiver: known.receiver,
    named: question?.receiver ?? null,
    env: known.env,
    type: known.type,
    ...(known.format !== null && { format: known.format }),
    guide: question?.guide ?? '',
  }
  const notice = { kind: 'unroutable' as const, cause: causeOf(document, code), code, facts, count: 1 }
  return [
    { ...notice, partnerId: null },
    { ...notice, partnerId: known.sender },
  ]
}
