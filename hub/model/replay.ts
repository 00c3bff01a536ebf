import type { DeliveryId, DocumentId, PersonId, ReplayId } from './ids.ts'
import type { Environment } from './states.ts'

/**
 * - `again`: a delivery is tried again, with the same identity and the same bytes: a receiver that drops repeats sees it once.
 * - `as_new`: the same content in an interchange of its own, with a new identity and new control numbers.
 * - `reprocess`: a new document from the bytes that were received, or from its canonical form: new bytes, new identity.
 */
export const replayKinds = ['again', 'as_new', 'reprocess'] as const
export type ReplayKind = (typeof replayKinds)[number]

/** Where a reprocess may begin: with the bytes as received, or with the canonical document, before or after its judgement. */
export const reprocessSteps = ['resolve', 'judge', 'map'] as const
export type ReprocessStep = (typeof reprocessSteps)[number]

/** By the versions of the mappings in use, or by those that the document was processed by. */
export const reprocessMappings = ['today', 'pinned'] as const
export type ReprocessMapping = (typeof reprocessMappings)[number]

export interface Replay {
  id: ReplayId
  kind: ReplayKind
  personId: PersonId
  reason: string
  env: Environment
  from: ReprocessStep | null
  mapping: ReprocessMapping | null
  plannedAt: Date
  begunAt: Date | null
  doneAt: Date | null
}

/** One thing of a replay; `documentId` is null for an answer of ours, `deliveryId` where a document is processed as a whole. */
export interface ReplayItem {
  place: number
  documentId: DocumentId | null
  deliveryId: DeliveryId | null
  /** Null while it is not carried out. */
  outcome: 'done' | 'skipped' | null
  /** The stable code that says why it was skipped. */
  code: string | null
  /** The delivery or the document that came of it. */
  madeId: string | null
}
