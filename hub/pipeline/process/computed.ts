import type { CodeName } from '#hub/model/codes/index.ts'
import type { DocumentEntry } from '#hub/model/entries.ts'
import type { SyntaxAcknowledgement } from '#hub/model/format.ts'
import type { DocumentId, InterchangeId, PartnerId, TransmissionId } from '#hub/model/ids.ts'
import type { ProcessStep } from '#hub/model/states.ts'
import type { Channel } from '#hub/model/transport.ts'
import type { Marks } from './marks.ts'
import type { Envelope, Known, MappedDocument } from './stages.ts'

/*
 * What the computing steps hand to the transaction.
 */

/** What is to be recorded of one transmission, in one transaction. */
export interface ComputedWork {
  transmissionId: TransmissionId
  partnerId: PartnerId
  task: SplitTask | { kind: 'resume' }
  envelopes: ComputedEnvelope[]
  documents: ComputedDocument[]
}

export interface SplitTask {
  kind: 'split'
  /** How far it was split when it was loaded, in bytes: somebody else was faster where that has changed. */
  from: number | null
  to: number
}

export interface ComputedEnvelope {
  envelope: Envelope
  sender: PartnerId
  documents: ComputedDocument[]
  /** Documents of it in the file; `documents` may be a portion of them. */
  total: number
  /** Whether all its documents are judged with this work, so that it gets its state and its answer. */
  final: boolean
  /** Whether it uses up its reference. */
  claims: boolean
  /** The channel that the answer goes back over, or null where none is owed. */
  answerChannel: Channel | null
}

/** One document as the computing steps left it. */
export interface ComputedDocument extends Traveller {
  verdict: Verdict
  /** The same came before, whatever is done about it: by what that is known, and the first one. */
  repeat?: DocumentEntry['repeat']
  /** What its agreements ask for once all of its batch are known. */
  marks?: Marks | undefined
  /** What went apart from it: outputs of a fan-out that are held or failed while others go out. */
  apart?: PartedDocument[]
}

/** Outputs that do not go with the others of their document: a document of its own, that comes from it. */
export interface PartedDocument extends ComputedDocument {
  originId: DocumentId
}

/** Where one document is on its way, and what is known of it. */
export interface Traveller {
  documentId: DocumentId
  transmissionId: TransmissionId
  interchangeId: InterchangeId | null
  position: number
  known: Known
  stepsMs: Record<string, number>
  /** What `known.canonical` is in bytes, once it is needed no more (ahead.ts). */
  canonicalBytes?: Buffer
}

export type Verdict =
  | { kind: 'mapped'; mapped: MappedDocument }
  | { kind: 'answer'; answer: SyntaxAcknowledgement }
  | { kind: 'rejected'; code: CodeName; step: ProcessStep }
  | { kind: 'held'; code: CodeName; rule: string; step: ProcessStep; of?: string; batchId?: string }
  | { kind: 'duplicate'; of: string; step: ProcessStep }
