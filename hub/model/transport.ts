import type { ChannelId, DeliveryId, PartnerId, TransmissionId } from './ids.ts'
import type { AttemptOutcome, Proof } from './outcomes.ts'
import type { CodeName } from './codes/index.ts'
import type { Environment } from './states.ts'

/** A kind of way in and out. One folder under hub/transports, one line in hub/main.ts, one conformance suite for all. */
export interface Transport {
  readonly kind: ChannelKind
  /** How many attempts one channel of this kind bears at once; by default `limits.deliveriesInFlightPerChannel`. */
  readonly attemptsAtOnce?: number
  /**
   * One attempt to hand over the bytes. Called only after the attempt was claimed and committed; never inside a
   * transaction. Every way it can end is an outcome; an exception is our own fault and counts as `unknown`.
   */
  attempt(delivery: OutboundDelivery, signal: AbortSignal): Promise<AttemptOutcome>
}

/** `mailbox`: hosted by us, reached by SFTP. `sftp`: the partner's server. `test` exists only under tests/. */
export const channelKinds = ['https', 'sftp', 'mailbox', 'test'] as const
export type ChannelKind = (typeof channelKinds)[number]

/** Kinds whose peer drops repeats whatever the channel says: a hosted mailbox holds one file for each delivery. */
export const kindsThatDropRepeats: readonly ChannelKind[] = ['mailbox']

/** Whether a repeat with the same wire identity does no harm on this channel. */
export function dropsRepeats(channel: Pick<Channel, 'kind' | 'peerDedupes'>): boolean {
  return channel.peerDedupes || kindsThatDropRepeats.includes(channel.kind)
}

export interface Channel {
  id: ChannelId
  partnerId: PartnerId
  key: string
  kind: ChannelKind
  env: Environment
  /** Whether the peer drops a repeat that bears the same wire identity: then *unknown* may be tried again by itself. */
  peerDedupes: boolean
  /** Kind-specific, validated by that transport's zod schema when applied. */
  settings: Readonly<Record<string, unknown>>
  /** Paused by the operator: nothing comes in or goes out until it is resumed. */
  suspended?: boolean
}

export interface OutboundDelivery {
  id: DeliveryId
  channel: Channel
  /** The attempt's own row. */
  transmissionId: TransmissionId
  attempt: number
  /** The same on every attempt: Idempotency-Key, AS2 Message-ID, file name. */
  wireId: string
  mediaType: string
  /** Of a file that is passed through: its own name, any text. */
  name?: string
  sizeBytes: number
  sha256: Buffer
  /** The frozen bytes; may be called more than once. Small ones come whole. */
  bytes(): Promise<Buffer>
  /** An opened secret of the channel by name (`password`, `private_key`, `webhook_secret`), or null. */
  secret(name: string): Promise<Buffer | null>
}

/** What a door hands to `receive`. */
export interface Incoming {
  channel: Channel
  kind: 'file' | 'receipt'
  /**
   * The file name the sender gave, as data only; null where there is none. Read after the body has ended: an upload that began
   * under a temporary name has its own by then. So is `onceByContent.name`.
   */
  name: string | null
  mediaType: string | null
  body: AsyncIterable<Buffer>
  /** Known length in bytes, or null. */
  lengthHint: number | null
  /**
   * The identity that makes a repeat a repeat: unique within its scope for ever (`https:<channel>` and the key, …). With null every
   * file is a new one.
   */
  once: { scope: string; key: string } | null
  /**
   * For doors without keys of their own (SFTP): the identity is name and content together. `receive` makes the key once it has
   * hashed the body: `name`, NUL, the SHA-256 in hex, hashed in turn like any key of `once`. The same name with the same bytes
   * within `windowSeconds` is a `duplicate`; the same name with other bytes is a new file, never a `conflict`. After the window
   * the row has expired and its place is taken over. Only together with `once: null`.
   */
  onceByContent?: { scope: string; name: string; windowSeconds: number }
  /** Headers, addresses, user: whatever proves how it came. No secrets. */
  evidence: Proof
  /** Takes layers off (decrypt, verify, decompress) before the commit; absent where bytes are the document. */
  open?: (raw: Buffer) => Promise<{ kind: 'opened'; bytes: Buffer } | { kind: 'refused'; code: CodeName }>
  /** Composes the answer to store with it (an MDN), after opening; absent where the answer is a status. */
  answer?: (facts: ReceivedFacts) => Promise<Buffer>
  signal?: AbortSignal
}

export interface ReceivedFacts {
  transmissionId: TransmissionId
  sha256: Buffer
  sizeBytes: number
}

/**
 * - `accepted`: bytes, row, ledger entry and job are committed: now say yes.
 * - `duplicate`: same identity, same content: answer as the first time (`answer` is what was answered then).
 * - `conflict`: same identity, other content; the first stands.
 * - `refused`: not accepted; `transmissionId` is the refused row, null where there is none (suspended channel, broken
 *   upload). It holds the bytes where they were read to the end and could not be opened.
 */
export type Received =
  | {
      kind: 'accepted'
      transmissionId: TransmissionId
      sha256: Buffer
      sizeBytes: number
      answer: Buffer | null
    }
  | {
      kind: 'duplicate'
      transmissionId: TransmissionId
      sha256: Buffer
      sizeBytes: number
      answer: Buffer | null
    }
  | { kind: 'conflict'; transmissionId: TransmissionId; code: CodeName }
  | { kind: 'refused'; transmissionId: TransmissionId | null; code: CodeName }

/**
 * The function of hub/pipeline/receive. Throws HubError `databaseAway` or `hubBusy` where the sender should come again, `notStored` or
 * `unexpected` where the fault is ours.
 */
export type Receive = (incoming: Incoming) => Promise<Received>

/** A receipt for something we sent (an MDN, a collection of a mailbox file) that settles its delivery in its own request. */
export interface Settlement {
  deliveryId: DeliveryId
  outcome: AttemptOutcome
  /**
   * The receipt's own inbound transmission, where it came as one. Its time of arrival counts (without one, now): a
   * negative closes only attempts that began before it.
   */
  evidenceId: TransmissionId | null
}

/** The function of hub/pipeline/deliver/match. */
export type SettleByReceipt = (
  settlement: Settlement,
) => Promise<'settled' | 'already' | 'contradicts' | 'unmatched'>

/** Inbound log-in on a channel: who is this, or null. Constant time in what it reveals. */
export interface ChannelLogins {
  byPassword(kind: ChannelKind, username: string, password: string): Promise<Channel | null>
  byPublicKey(kind: ChannelKind, username: string, publicKey: Buffer): Promise<Channel | null>
  byToken(token: string): Promise<Channel | null>
  /**
   * Whether a log-in still stands, for doors whose sessions last; `channel` is what the log-in gave. Null, or
   * `channelSuspended`, or `notAuthenticated` where its credential was revoked or is past its day.
   */
  stillAllowed?(channel: Channel): Promise<CodeName | null>
}

/** A file in a hosted mailbox's outbox: a delivery that is placed and not yet collected, or collected earlier. */
export interface MailboxFile {
  deliveryId: DeliveryId
  name: string
  sizeBytes: number
  at: Date
}

export interface Mailbox {
  list(channelId: ChannelId): Promise<MailboxFile[]>
  read(channelId: ChannelId, deliveryId: DeliveryId): Promise<Buffer>
  /** Called when the file was read to its end or deleted, as agreed: the proof of delivery. */
  collected(channelId: ChannelId, deliveryId: DeliveryId, proof: Proof): Promise<void>
}
