import type { TrafficLimits } from '#hub/base/traffic-limits.ts'
import type { BundledInterchange } from './bundle.ts'
import type { CodeName } from './codes/index.ts'
import type { Finding, Severity } from './findings.ts'
import type { Guide } from './guide.ts'
import type { Environment } from './states.ts'

/**
 * What a format is to the pipeline: bytes in, events out; a tree in, bytes out. Pure: no database, no clock, no
 * network. A reader never throws for content: every fault is a finding. It is fed in chunks, so that a file larger
 * than memory is read message by message; whatever it returns before the `trailer` event is provisional (release rule).
 */
export interface Format {
  readonly name: FormatName
  /** Whether what it writes bears the references and the time of its interchange; else it can be written before there are any. */
  readonly bearsReferences: boolean
  /** Whether these first bytes (up to 4 KiB, after any byte-order mark) can be of this format. */
  detect(head: Buffer): boolean
  reader(options?: ReadOptions): FormatReader
  /**
   * Checks one message against its directory, schema or guide. Separate from reading, because the guide is known only
   * after the sender's profile is resolved.
   */
  check(message: ReadMessage, options?: CheckOptions): Finding[]
  /** Writes an interchange (or the single document that a format without envelopes has). Throws HubError `notWritable`. */
  write(interchange: WritableInterchange): Buffer
  /**
   * Whether written bytes are surely one whole interchange with one message that `reader` takes without an error; cheaper
   * than reading. False says nothing: then they are to be read. A format may have none.
   */
  isIntact?(bytes: Buffer): boolean
  /**
   * The message at a position of an interchange that this format wrote, in an interchange of its own with other numbers
   * and another date, and for the rest byte for byte as it is. A format that has none of it gives its bytes as they are. Throws
   * HubError `notWritable`.
   */
  renumber?(bytes: Buffer, as: RenumberedInterchange): Buffer
  /**
   * Puts the messages of interchanges that this format wrote, each with one message and all between the same two, into one
   * interchange, in their order and byte for byte as they are but for the numbers. A format whose documents leave one by one
   * has none. Throws HubError `notWritable`.
   */
  bundle?(interchanges: readonly Buffer[], as: BundledInterchange): Buffer
  /**
   * Composes the syntax acknowledgement (CONTRL, 997) that answers an interchange, as a message to write; null where the
   * format has none, or none is possible or allowed (an answer to an answer).
   */
  acknowledge(judged: JudgedInterchange, options?: AcknowledgeOptions): WritableMessage | null
  /** Reads what such an acknowledgement says; null if the message is none. */
  readAcknowledgement(message: ReadMessage): SyntaxAcknowledgement | null
}

/** Formats that are read and written. */
export const readFormats = ['edifact', 'xml', 'json'] as const
export type ReadFormat = (typeof readFormats)[number]

/** `opaque` is any file that is passed through unread: it is never told from its bytes. */
export const formatNames = [...readFormats, 'opaque'] as const
export type FormatName = (typeof formatNames)[number]

export interface ReadOptions {
  /** The charset to decode with whatever the envelope says, by WHATWG or IANA name. */
  charset?: string
  /** What the file is held to; by default the limits of the hub. */
  limits?: TrafficLimits
  /**
   * Whether the message that begins at this byte is wanted with its tree; by default each is. Of others the tree may hold
   * the beginning alone: a reader of large messages (EDIFACT) saves the memory.
   */
  wantsTree?: (offset: number) => boolean
}

export interface CheckOptions {
  guide?: string
  /** Guides among which the message finds its own, if there is one for it. */
  guides?: readonly Guide[]
  /** How grave findings of the check are for this sender, where that is not as usual; `none` leaves them out. */
  severities?: Readonly<Partial<Record<CodeName, Severity | 'none'>>>
  /**
   * The check of canonical documents, for formats whose messages are such (JSON). The pipeline leaves it out, because
   * its step `canonicalise` makes that check of every format; `parse` hands it in.
   */
  canonical?: (document: unknown) => Finding[]
}

export interface FormatReader {
  /** Takes the next bytes; returns what they completed, in order. */
  push(chunk: Buffer): FormatEvent[]
  /** Takes the end of the file. */
  end(): FormatEvent[]
}

/**
 * In order: `interchange`, its `message`s, its `trailer`; again for the next interchange in the file.
 * An interchange whose end was never seen has a trailer event with `closed: false`. `fault` is for bytes outside any.
 */
export type FormatEvent =
  | { kind: 'interchange'; interchange: ReadInterchange }
  | { kind: 'message'; message: ReadMessage }
  | { kind: 'trailer'; trailer: ReadTrailer }
  | { kind: 'fault'; findings: Finding[] }

/**
 * A name on the wire. Schemes: `gln` (EDIFACT qualifier 14 or 9, ISO 6523 0088), `duns` (1, 0060), `as2`,
 * `unb` (no qualifier) or `unb:ZZ` (any other qualifier), `party` or `party:<schemeId>` for XML and JSON ids of other schemes.
 */
export interface WireIdentity {
  scheme: string
  value: string
  /** UNB internal address (elements 0008 and 0014), or empty. */
  internal?: string
  /** UNB internal sub-identification (elements 0042 and 0046 of syntax 4). */
  internalSub?: string
}

export interface ReadInterchange {
  format: FormatName
  /** E.g. `UNOC:3`, `1.0` for XML, `` for JSON. */
  syntax: string
  position: number
  /** Null where the format has no envelope and the content names nobody: then the channel decides. */
  sender: WireIdentity | null
  receiver: WireIdentity | null
  /** Interchange control reference, or empty. */
  reference: string
  /** Null where the format does not say. */
  env: Environment | null
  /** Whether the sender asks for an acknowledgement: none, of the whole, or only of receipt. */
  acknowledgementRequested: 'none' | 'full' | 'receipt'
  /** The envelope's opening segment or header as read, for the answer and for people. */
  header: unknown
  offset: number
  findings: Finding[]
}

export interface ReadMessage {
  format: FormatName
  /** Position within its interchange, from 1. */
  position: number
  /** The type on the wire: `ORDERS`, `Order`, `order`; `unread` is never used by a reader. */
  wireType: string
  /** E.g. `D.96A`, `2.1`, `1`. */
  version: string
  /** Association-assigned code or customization id, or empty. */
  guide: string
  /** Controlling agency (UNH 0051, `UN`), where the wire names one. */
  agency?: string
  /** The functional group that the message stands in, where it does: its reference (UNG 0048) and its header as read. */
  group?: { reference: string; header: unknown }
  /** Message reference (UNH 0062), or empty. */
  reference: string
  /** The business number (BGM 1004, cbc:ID), or null where it was not found. */
  number: string | null
  /** What kind of document it is by its own code (BGM 1001, e.g. `381`), where the wire type alone does not tell. */
  documentCode?: string
  /** Message function: `original`, `change`, `replace`, `cancel`, `copy`, or what the wire says; null unknown. */
  function: string | null
  /** Parties the content names, where the format has no envelope. */
  sender: WireIdentity | null
  receiver: WireIdentity | null
  /** The syntax tree: `EdifactMessage`, `XmlElement`, `JsonValue` of that format's folder. */
  tree: unknown
  /** Segments, elements or members: what `parse --summary` counts. */
  parts: number
  /** Business lines, where known. */
  lines: number
  offset: number
  /** In bytes. */
  length: number
  findings: Finding[]
}

export interface ReadTrailer {
  /** False: the file ended first, and nothing of this interchange may leave. */
  closed: boolean
  messages: number
  offset: number
  findings: Finding[]
}

export interface WritableMessage {
  wireType: string
  version: string
  guide?: string
  /** Controlling agency (UNH 0051); `UN` when absent. */
  agency?: string
  /** Frozen by the step `write` from its number range; empty where the format has none. */
  reference: string
  tree: unknown
}

export interface RenumberedInterchange {
  /** Of the message, from 1. */
  position: number
  reference: string
  messageReference: string
  /** Date and time of preparation, UTC. */
  at: Date
}

export interface WritableInterchange {
  sender: WireIdentity | null
  receiver: WireIdentity | null
  reference: string
  env: Environment
  /** Date and time of preparation, UTC. */
  at: Date
  messages: WritableMessage[]
  /** How the receiver's profile wants it written. */
  terms: WriteTerms
}

export interface WriteTerms {
  /** EDIFACT: `UNOC:3` and the like. XML and JSON: `UTF-8`. */
  syntax?: string
  /** EDIFACT: component, element, decimal, release, repetition, terminator. */
  separators?: string
  lineEnds?: 'none' | 'lf' | 'crlf'
  acknowledgementRequest?: boolean
  indent?: boolean
}

export interface JudgedInterchange {
  interchange: ReadInterchange
  trailer: ReadTrailer
  /** In order; `findings` holds all of a message, of reading and of checking. */
  messages: { message: Omit<ReadMessage, 'tree'>; accepted: boolean; findings: Finding[] }[]
  /** Findings of the envelope itself, with those of resolving (unknown receiver, duplicate). */
  findings: Finding[]
  state: 'accepted' | 'partial' | 'rejected'
}

export interface AcknowledgeOptions {
  /** E.g. `2:2`, `D:3`, `4:1`. */
  version?: string
}

/** What a syntax acknowledgement says about an interchange that we sent. */
export interface SyntaxAcknowledgement {
  /** Interchange reference being answered, with its sender and receiver as they stood in it. */
  interchangeReference: string
  sender: WireIdentity | null
  receiver: WireIdentity | null
  /** `received`: the clock keeps running. */
  state: 'accepted' | 'with_errors' | 'partial' | 'rejected' | 'received'
  messages: { reference: string; state: 'accepted' | 'rejected'; findings: Finding[] }[]
  findings: Finding[]
}
