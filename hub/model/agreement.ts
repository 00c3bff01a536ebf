import type { AgreementId, IdentityId, PartnerId, ProfileId } from './ids.ts'
import type { BundleTerms } from './bundle.ts'
import type { NumberTerms } from './numbers.ts'
import type { Channel } from './transport.ts'
import type { FormatName, WireIdentity, WriteTerms } from './format.ts'
import type { DuplicateTerms, RailTerms } from './rails.ts'
import type { Reason } from './reasons.ts'
import type { Weekday } from '#hub/base/calendar.ts'
import type { Environment } from './states.ts'
import type { DocumentVersions } from './versions.ts'

/**
 * How one partner writes (`sends`) or wants (`receives`) one canonical document type. A partner may write or want one
 * type in several formats, each a profile of its own: what tells profiles apart is partner, direction, environment,
 * type, format and guide. A sender's profile is a candidate only for messages of its format; an agreement names the
 * format of each side where there is more than one.
 */
export interface Profile {
  id: ProfileId
  partnerId: PartnerId
  direction: 'sends' | 'receives'
  env: Environment
  /** Canonical type, e.g. `order`. */
  type: string
  /** Association-assigned code it is for, or `*`. */
  guide: string
  version: number
  terms: ProfileTerms
}

export interface ProfileTerms {
  format: FormatName
  /** Name of a mapping of mappings/library, e.g. `order/edifact-d96a`; empty for `opaque`, which has none. */
  mapping: string
  mappingSettings?: Readonly<Record<string, unknown>>
  /** The channel of this partner that outputs (receives) or answers (sends) go over, by its key. */
  channel: string
  charset?: string
  /** For `sends` of `opaque`: the names of its files, `*` any text, `?` one character; without it all that no format knows. */
  files?: string
  /** How outgoing bytes are written. */
  write?: WriteTerms
  /** For `sends`: whether we answer with a syntax acknowledgement (CONTRL). For `receives`: whether we expect one, and by when. */
  acknowledgements?: {
    syntax?: 'none' | 'always' | 'as_requested'
    syntaxVersion?: string
    expectSyntaxWithinMinutes?: number
    /** For `sends`: whether a document that a person refuses is answered by a document over `channel`. */
    business?: 'none' | 'refusals'
  }
  /** For `receives`: documents wait, and leave together as one interchange. */
  bundle?: BundleTerms
  /** Per business key in order: a failure blocks only that key. */
  ordered?: boolean
  /**
   * The key, where it is not the document's `number`: a member of the canonical document by its path, e.g.
   * `orderDocumentReference.id`, or `sender` for all documents of one sender in one row.
   */
  orderedBy?: string
  /** For `sends`: what becomes of a document for which there is no way yet; rejected, unless it says hold. */
  unroutable?: 'reject' | 'hold'
  /** What a document says of itself that is processed again after something of it went to this receiver; by default what it said. */
  replay?: { function: 'original' | 'copy' | 'replace' }
}

export interface Agreement {
  id: AgreementId
  key: string
  version: number
  sender: Profile
  /** The profile of the receiver: of the agreement, or found for any receiver. */
  receiver: Profile
  terms: AgreementTerms
}

export interface AgreementTerms {
  /** Guard rails: a document above one of these is held after its acknowledgement. */
  rails?: RailTerms
  /** What is done with repeats, by how they are known; a detector that is not named changes nothing. */
  duplicates?: DuplicateTerms
  deliverWithinMinutes?: number
  /** Documents that are to come on working days by an hour; where they do not, somebody is told. */
  expects?: ExpectTerms
  /** Which documents it is for, by their canonical content: a condition as mapping rules have them. */
  when?: object
  /**
   * Which documents it takes by the receiver that they name: those that name this one (or none); also those that name the
   * operating company (`ours`), for which content says who gets them; or, as a copy, all that another agreement takes.
   */
  takes?: 'named' | 'ours' | 'copy'
  /** The control numbers of the interchanges that go to the receiver. */
  numbers?: NumberTerms
}

export interface ExpectTerms {
  /** `10:00`, as the clocks of the zone have it. */
  by: string
  /** 1 where it is absent. */
  atLeast?: number
  /** The sender's zone where it is absent. */
  timeZone?: string
  /** Monday to Friday where they are absent. */
  days?: readonly Weekday[]
  /** Days on which nothing is expected, `2026-12-25`. */
  holidays?: readonly string[]
}

/** What `resolve` asks of partners/. One per message. */
export interface ResolveQuestion {
  channel: Channel
  sender: WireIdentity | null
  receiver: WireIdentity | null
  env: Environment | null
  format: FormatName
  type: string
  guide: string
  at: Date
}

export type Resolution =
  | {
      kind: 'resolved'
      senderPartnerId: PartnerId
      senderIdentityId: IdentityId | null
      receiverPartnerId: PartnerId
      receiverIdentityId: IdentityId | null
      env: Environment
      profile: Profile
      /** One for each output; several where it fans out. */
      agreements: ResolvedAgreement[]
      candidates: Candidate[]
    }
  | {
      kind: 'unresolved'
      code:
        'senderUnknown' | 'receiverUnknown' | 'profileMissing' | 'agreementMissing' | 'environmentMismatch'
      senderPartnerId: PartnerId
      receiverPartnerId: PartnerId | null
      /** The sender's profile, where that much was found: its acknowledgement terms still hold. */
      profile: Profile | null
      candidates: Candidate[]
    }

export interface ResolvedAgreement extends Agreement {
  /** What goes on the wire as sender (the sender's identity, mirrored) and receiver. */
  wireSender: WireIdentity | null
  wireReceiver: WireIdentity | null
  channel: Channel
  /** For any receiver, where agreements with this very receiver have conditions: taken where none of those holds. */
  fallback?: boolean
  /** The message function to write, in place of the document's own: of one that is processed again. */
  messageFunction?: string
}

/** How a file is passed through unread. */
export interface OpaqueWay {
  /** Of the sender's profile. */
  guide: string
  /** Whether its name says so; otherwise it is passed through only if no format knows it. */
  named: boolean
}

/** An identity, a profile or an agreement that was looked at, and why it was not taken; null where it was. */
export interface Candidate {
  kind: 'identity' | 'profile' | 'agreement'
  key: string
  refused: Reason | null
}

/** The port of partners/ that process is handed. Snapshots are cached and renewed when the configuration changes. */
export interface Agreements {
  resolve(question: ResolveQuestion): Promise<Resolution>
  /**
   * The same question by the versions that a document was judged with, whatever is live now; null where one of them is not
   * there. Absent where there are no versions.
   */
  resolvePinned?(question: ResolveQuestion, pins: DocumentVersions): Promise<Resolution | null>
  /** Whether a file is passed through unread, by its channel and its name without a path. Absent where none ever is. */
  opaqueWay?(file: { channel: Channel; name: string | null; at: Date }): Promise<OpaqueWay | null>
  answerWay(profile: Profile): Promise<Channel | null>
  channel(id: Channel['id']): Promise<Channel | null>
}
