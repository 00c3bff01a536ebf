import type { Weekday } from '#hub/base/calendar.ts'
import type { FormatName, WireIdentity, WriteTerms } from './format.ts'
import type { ChannelId } from './ids.ts'
import type { NumberRange } from './numbers.ts'

/** When the documents for a receiver leave, which go together as one interchange. */
export interface BundleTerms {
  /** From the first one on that waits. */
  everyMinutes?: number
  /** Times of the day, `18:00`, as the clocks of the zone have it; in place of `everyMinutes`. */
  at?: readonly string[]
  /** The receiver's zone where it is absent. */
  timeZone?: string
  /** Monday to Friday where they are absent. */
  days?: readonly Weekday[]
  /** Days on which none leaves, `2026-12-25`. */
  holidays?: readonly string[]
  /** It leaves at once when it is as full as this. */
  maxDocuments?: number
  maxBytes?: number
}

/** Formats of which several messages make one interchange. */
export const bundledFormats = ['edifact', 'json'] as const satisfies readonly FormatName[]

/** By what a bundle is written: the same for all that is in it, as it was when it was opened. */
export interface BundleFacts {
  channel: { id: ChannelId; key: string }
  sender: WireIdentity | null
  receiver: WireIdentity | null
  format: FormatName
  wireType: string
  write: WriteTerms
  ranges: { interchange: NumberRange; message: NumberRange; file: NumberRange | null }
  /** How long an acknowledgement of it is waited for. */
  expectSyntaxWithinMinutes: number | null
  /** The key of the ordered flow that bundles of this kind leave in. */
  orderKey: string | null
}

/** Messages that are put together into one interchange. */
export interface BundledInterchange {
  reference: string
  /** Of each message, in their order. */
  messageReferences: readonly string[]
  /** Date and time of preparation, UTC. */
  at: Date
}
