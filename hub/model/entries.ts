import type { DuplicateDetector } from './rails.ts'
import type { ReplayKind } from './replay.ts'
import type { AcknowledgementLevel, AcknowledgementState } from './states.ts'

/**
 * The kinds of ledger entry. An entry is written in the transaction of the change it records; the timeline that people
 * see is the entries of a document, its transmission and its deliveries, and nothing else. Bodies hold ids, hashes,
 * codes, counts and times: no content, no personal data.
 */
export interface EntryBodies {
  'transmission.accepted': { sha256: string; sizeBytes: number; channel: string; kind: 'file' | 'receipt' }
  'transmission.refused': { code: string; sha256?: string; sizeBytes?: number; channel: string }
  'transmission.duplicate': { of: string; channel: string }
  'transmission.conflict': { of: string; channel: string; sha256: string }
  'interchange.judged': {
    reference: string
    state: string
    documents: number
    accepted: number
    code: string | null
  }
  'document.processed': DocumentEntry & { outputs: number }
  'document.rejected': DocumentEntry & { code: string; step: string }
  'document.held': DocumentEntry & { code: string; rule: string; step: string }
  'document.duplicate': DocumentEntry & { of: string }
  /** Outputs of a fan-out that are held or failed went apart from the document, as one of their own. */
  'document.parted': { part: string; state: string; code: string | null; agreements: string[] }
  /** `today`: it goes on by the configuration of that moment, not by the versions it was judged with. */
  'document.released': { decision: 'released' | 'rejected'; reason: string; today?: boolean }
  'document.matched': { level: AcknowledgementLevel; state: AcknowledgementState; about: string | null }
  'output.queued': {
    channel: string
    format: string
    wireId: string
    sha256: string
    sizeBytes: number
    copy: number
  }
  /** It waits to leave with others, as one interchange. */
  'output.bundled': { channel: string; format: string; sizeBytes: number; dueAt: string }
  'delivery.attempted': { attempt: number; channel: string }
  'delivery.pending': { attempt: number; dueAt: string }
  'delivery.delivered': { attempt: number; late: boolean }
  'delivery.retrying': { attempt: number; code: string; nextAt: string }
  'delivery.refused': { attempt: number; code: string }
  'delivery.held': { attempt: number; code: string }
  'delivery.stopped': { reason: string }
  'delivery.released': { reason: string }
  'delivery.contradicted': { code: string }
  'delivery.overdue': { dueAt: string }
  /** Past the time that its agreement promises. */
  'delivery.late': { dueAt: string }
  /** What an agreement expects did not come by its hour. */
  'silence.noticed': { agreement: string; dueAt: string; expected: number; came: number }
  /** For the sender: the fact and time of a delivery, without the receiver's channel. */
  'document.delivered': { receiver: string }
  /** `again`: the bytes of the answer that the first exchange got, whose id it is. */
  'acknowledgement.owed': {
    level: AcknowledgementLevel
    state: AcknowledgementState
    wireId: string
    again?: string
  }
  'acknowledgement.received': {
    level: AcknowledgementLevel
    state: AcknowledgementState
    code: string | null
  }
  'acknowledgement.overdue': { level: AcknowledgementLevel; dueAt: string }
  /** `before`: SHA-256 of what stood there, in hex; null for what is new, or what is never compared, such as a password. */
  'config.applied': { kind: string; key: string; version: number; sha256: string; before?: string | null }
  'config.proposed': { proposal: string; changes: number; sha256: string }
  'config.decided': { proposal: string; decision: 'approved' | 'refused' }
  /** What people decided for the whole hub. */
  'hub.set': { name: string; value: string }
  'partner.leaving': { at: string }
  'partner.staying': { at: string }
  'partner.left': { channels: number; credentials: number; profiles: number; agreements: number }
  'person.signed_in': { person: string }
  'person.added': { person: string; role: string }
  'credential.added': { credential: string; kind: string; channel: string }
  /** Numbers that no receiver will see: what was to bear them could not be written, or the agreement has the range go on elsewhere. */
  'numbers.skipped': NumberRangeName & {
    from: number
    to: number
    why: 'not_written' | 'moved'
    code: string | null
  }
  /** After its last number a range began again, as its agreement says. */
  'numbers.restarted': NumberRangeName & { at: number; from: number }
  /** A person had something sent or processed again: a set as it was shown, or one thing. */
  'replay.begun': { replay: string; kind: ReplayKind; count: number; reason: string }
  /** The same delivery is tried again: same identity, same bytes. */
  'delivery.repeated': { replay: string; reason: string }
  /** Sent as new, or processed again: `made` is the delivery or the document that came of it. */
  'document.replayed': { replay: string; kind: ReplayKind; made: string; reason: string }
  /** The first entry of a document that came of another one. */
  'document.reprocessed': { replay: string; origin: string; from: string; mapping: string; reason: string }
  /** The first leaf of an epoch after the first: it carries the checkpoint that was signed last before it. */
  'ledger.epoch': { epoch: number; previous: string | null; reason: string }
  /** Another master key wraps from here on; `from` and `to` are ids, which say nothing of the keys. */
  'key.rotated': { from: string | null; to: string }
  'key.retired': { key: string }
  'credential.revoked': { credential: string; kind: string; channel: string }
}

interface NumberRangeName {
  sender: string
  receiver: string
  kind: string
}

export interface DocumentEntry {
  type: string
  number: string | null
  findings: number
  /** Milliseconds that each step of process took. */
  stepsMs: Readonly<Record<string, number>>
  /** The same came before: by what that is known, and the first one (a document by `businessKey`, else an exchange). */
  repeat?: { by: DuplicateDetector; of: string }
}

export type EntryType = keyof EntryBodies

/** One entry to write; `actor` is `hub`, `person:<id>`, `channel:<key>` or `cli`. */
export type NewEntry = {
  [Type in EntryType]: {
    type: Type
    body: EntryBodies[Type]
    partnerId: string | null
    transmissionId?: string | null
    documentId?: string | null
    deliveryId?: string | null
    actor: string
  }
}[EntryType]
