import { stableCode } from '#hub/model/codes/index.ts'
import { derivedId, namedId, newId, timeOf, type TransmissionId } from '#hub/model/ids.ts'
import type { HoldRow } from '#hub/store/process-record.ts'
import { causeOf } from './causes.ts'
import type { ComputedDocument, Verdict } from './computed.ts'
import { unroutableRule } from './unroutable.ts'

type Held = Extract<Verdict, { kind: 'held' }>

/** What is held of one file by one rule is one hold, where the rule does not say another. */
export function holdBatchOf(document: ComputedDocument, { rule, code, batchId }: Held): string {
  // one action routes all of one cause
  if (rule === unroutableRule) return causeOf(document, code)
  return batchId ?? derivedId(document.transmissionId, 'hold', rule)
}

/** The hold of a document. */
export function holdRow(document: ComputedDocument, held: Held): HoldRow {
  const { documentId, known, marks } = document
  const { rule, code, of } = held
  return {
    // not derived: a document may be held a second time, after its first hold was decided
    id: newId(),
    partner_id: known.sender,
    batch_id: holdBatchOf(document, held),
    document_id: documentId,
    rule,
    code: stableCode(code),
    agreement: known.agreements?.[0]?.key ?? null,
    of_id: of ?? null,
    order_keys: marks?.orderKeys === undefined ? null : [...marks.orderKeys.values()],
  }
}

/** A flood comes in many files: what such a rule of an agreement holds in one day is one hold. */
export function dayBatchOf(agreement: string, rule: string, transmissionId: TransmissionId): string {
  const day = new Date(timeOf(transmissionId)).toISOString().slice(0, 10)
  return namedId('hold', agreement, rule, day)
}
