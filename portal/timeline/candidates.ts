import { stableCode, type CodeName } from '#hub/model/codes/index.ts'
import { reasonText } from '#hub/model/reasons.ts'
import type { DocumentTimeline } from '#hub/store/find-timeline.ts'
import type { Side } from '../turn.ts'
import type { Words } from '../words.ts'

export interface CandidateModel {
  kind: string
  key: string
  /** In the reader's language; null where it fitted. */
  reason: string | null
}

const unrouted: readonly CodeName[] = [
  'senderUnknown',
  'receiverUnknown',
  'profileMissing',
  'agreementMissing',
  'environmentMismatch',
  'noConditionHolds',
]
const unroutedCodes = new Set<string>(unrouted.map(stableCode))

/**
 * What was looked at for a document that found no way, with the reason it was not taken; null for any other document. Only for the hub's own
 * people: keys and reasons speak of what the hub agreed with others.
 */
export function candidateModels(
  { document, artefacts }: DocumentTimeline,
  side: Side,
  words: Words,
): { rows: CandidateModel[] } | null {
  if (side !== 'hub' || document.code === null || !unroutedCodes.has(document.code)) return null
  const rows = artefacts.candidates.map(({ kind, key, refused }) => ({
    kind: words.t(`candidates.${kind}`),
    key,
    reason: refused === null ? null : reasonText(refused, words.language),
  }))
  return { rows }
}
