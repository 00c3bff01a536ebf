import type { Candidate, ResolveQuestion } from './agreement.ts'
import type { ReprocessMapping, ReprocessStep } from './replay.ts'

/**
 * What a document was processed by: kept in `document.versions`, so that its page can say which configuration decided,
 * and so that a document that waited is asked the same question again. Members are absent where that step was not reached.
 */
export interface DocumentVersions {
  /** What was asked of the agreements, without channel and time. */
  question?: Omit<ResolveQuestion, 'channel' | 'at'>
  /** The sender's profile. */
  profile?: { id: string; version: number }
  /** The sender's mapping and its version. */
  mapping?: { name: string; version: string }
  agreements?: PinnedAgreement[]
  /** Keys of the agreements that this document is for, where others of the same fan-out went apart from it. */
  only?: string[]
  /** A person let it go on by today's configuration. */
  today?: boolean
  /** Of a document that a person had processed again: how. */
  replay?: ReplayTerms
  /** What was looked at and not taken, with the reason. */
  candidates?: Candidate[]
}

/** An agreement with the receiver's profile and mapping, as they were when the document was judged. */
export interface PinnedAgreement {
  key: string
  version: number
  mapping: string
  mappingVersion: string
  /** The receiver's profile: the id of that very version. */
  receiver?: string
}

/** How a document is processed that came of another one. */
export interface ReplayTerms {
  from: ReprocessStep
  mapping: ReprocessMapping
  /** Something of the other one went out already. */
  repeats: boolean
  /** The key of the one agreement that it is processed for; absent for all. */
  agreement?: string
}
