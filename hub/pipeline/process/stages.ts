import type { Clock } from '#hub/base/clock.ts'
import type { Log } from '#hub/base/log.ts'
import type { Agreements, Profile, Resolution, ResolvedAgreement } from '#hub/model/agreement.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import type {
  Format,
  FormatName,
  ReadInterchange,
  ReadMessage,
  ReadTrailer,
  SyntaxAcknowledgement,
} from '#hub/model/format.ts'
import type {
  AgreementId,
  DeliveryId,
  DocumentId,
  InterchangeId,
  PartnerId,
  PayloadId,
  TransmissionId,
} from '#hub/model/ids.ts'
import type { CanonicalDocument, MappedMessage, Mappings } from '#hub/model/mapping.ts'
import type { NumberRange } from '#hub/model/numbers.ts'
import type { StepOutcome } from '#hub/model/outcomes.ts'
import type { Environment, ProcessStep } from '#hub/model/states.ts'
import type { Channel } from '#hub/model/transport.ts'
import type { DocumentVersions } from '#hub/model/versions.ts'

/*
 * What each step of process hands to the next, in their order, and what a step is.
 */

/** One accepted file: what `split` takes. */
export interface ReceivedFile {
  transmissionId: TransmissionId
  /** The owner of the channel it came over; the sender until the content proves another. */
  partnerId: PartnerId
  channel: Channel
  payloadId: PayloadId
  sha256: Buffer
  sizeBytes: number
  /** The content, whole; large files are read as a stream instead (large.ts). */
  bytes: Buffer
  /** What the sender's profile says it is written in, whatever its envelope says; by default the envelope is believed. */
  charset?: string
  /** How it is passed through, of a file that is not read: under which name, by which guide of its sender's profiles. */
  opaque?: { format: Format; name: string | null; guide: string }
}

/** An interchange that was read to its end. */
export interface Envelope {
  id: InterchangeId
  file: ReceivedFile
  format: Format
  /** Within its file, from 1. */
  position: number
  read: ReadInterchange
  trailer: ReadTrailer
  /** SHA-256 of its own bytes, up to its trailer; null while it is open. */
  sha256: Buffer | null
  messages: ReadMessage[]
  /** Why nothing in it may leave, or null: the release rule. */
  code: CodeName | null
  findings: Finding[]
}

/** split → resolve. A file or interchange in which no message was found makes one without a message. */
export interface FoundDocument {
  documentId: DocumentId
  file: ReceivedFile
  envelope: Envelope | null
  position: number
  message: ReadMessage | null
  /** A syntax acknowledgement for something we sent; it is matched, not mapped. */
  answer: SyntaxAcknowledgement | null
  /** What is known already to keep it from going on. */
  refusal: { code: CodeName; findings: Finding[] } | null
  /** What another one was processed by, of which it came at a person's word. */
  replayed?: DocumentVersions
  /** Whether a person let it go past the guard rails; said only of what has no canonical form to go on from. */
  cleared?: boolean
}

export type Resolved = Extract<Resolution, { kind: 'resolved' }>

/** resolve → check. */
export interface ResolvedMessage {
  documentId: DocumentId
  /** The channel that it came over. */
  channel: Channel
  format: Format
  message: ReadMessage
  resolution: Resolved
}

/** check → canonicalise. */
export interface CheckedMessage extends ResolvedMessage {
  findings: Finding[]
}

/** canonicalise → judge. From here on nothing of the wire is needed; a held document comes back in here. */
export interface RoutedDocument {
  documentId: DocumentId
  resolution: Resolved
  canonical: CanonicalDocument
  /** Of the message as received. */
  sizeBytes: number
}

/** judge → map. */
export interface ClearedDocument extends RoutedDocument {
  clearedBy: 'rails' | 'person'
}

/** map → write. */
export interface MappedDocument {
  documentId: DocumentId
  env: Environment
  number: string | null
  outputs: MappedOutput[]
}

export interface MappedOutput {
  agreement: ResolvedAgreement
  message: MappedMessage
  /** What `message` is in bytes, where these need no control number (ahead.ts); the tree is let go then. */
  bytes?: Buffer
  /** What goes out instead, unread. */
  kept?: KeptFile
}

/** A file that goes out as it came: the same payload, under its name. */
export interface KeptFile {
  payloadId: PayloadId
  sha256: Buffer
  sizeBytes: number
  name: string | null
  mediaType: string
}

/** What `write` gives: bytes with an identity, ready to be recorded. */
export interface WrittenDocument {
  documentId: DocumentId
  outputs: WrittenOutput[]
  /** Outputs of a fan-out that cannot be written, while others go out. */
  failed?: { agreement: ResolvedAgreement; findings: Finding[] }[]
}

export interface WrittenOutput {
  agreement: ResolvedAgreement
  agreementId: AgreementId
  interchangeId: InterchangeId
  deliveryId: DeliveryId
  payloadId: PayloadId
  format: FormatName
  env: Environment
  reference: string
  messageReference: string
  wireId: string
  /** Empty of a file that is passed through. */
  bytes: Buffer
  /** Of one that waits for others and leaves with them: its type on the wire. It has no numbers and no delivery yet. */
  bundledAs?: string
  kept?: KeptFile
}

/** What is known of a document so far; its row says so, whatever becomes of it. */
export interface Known {
  sender: PartnerId
  receiver: PartnerId | null
  env: Environment | null
  format: FormatName | null
  type: string
  wireType: string
  number: string | null
  reference: string
  function: string | null
  lines: number
  offset: number | null
  length: number | null
  findings: Finding[]
  versions: DocumentVersions
  profile: Profile | null
  canonical: CanonicalDocument | null
  /** The agreements it goes by, once they are found. */
  agreements?: readonly ResolvedAgreement[]
}

/** A step's outcome, with what it learned about the document on the way; `notes` come on top of the findings known. */
export type Outcome<Value> = StepOutcome<Value> & { known?: Partial<Known>; notes?: Finding[] }

export interface Step<In, Out> {
  readonly name: ProcessStep
  /**
   * The code for an exception of a part that reads partners' content: it rejects that one document. Null where an
   * exception is an outage, which is nobody's mistake and is tried again.
   */
  readonly faultCode: CodeName | null
  readonly run: (value: In, tools: Tools) => Outcome<Out> | Promise<Outcome<Out>>
}

/** What steps work with. */
export interface Tools {
  agreements: Agreements
  mappings: Mappings
  formats: Readonly<Record<FormatName, Format>>
  detectFormat(head: Buffer): FormatName | null
  clock: Clock
  log: Log
  numbers: Numbers
}

/** Control numbers that the transaction has taken; `write` alone uses them, inside it. */
export interface Numbers {
  next(range: NumberRange): number
}

/** Before the transaction there are no numbers: a step that asks for one stands in the wrong place. */
export const noNumbers: Numbers = {
  next: () => {
    throw new Error('control numbers are taken inside the transaction')
  },
}
