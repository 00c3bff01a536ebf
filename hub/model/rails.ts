/** What an agreement says of repeats and of limits: the terms `duplicates` and `rails`. */

/**
 * By what a repeat is known. `messageId`: the identity that the transport gave the transmission (Idempotency-Key, AS2
 * Message-ID); `reference`: the interchange reference; `payloadHash`: the interchange's own bytes; `businessKey`: sender,
 * receiver, type, number, message function and date of the document.
 */
export const duplicateDetectors = ['messageId', 'reference', 'payloadHash', 'businessKey'] as const
export type DuplicateDetector = (typeof duplicateDetectors)[number]

/**
 * What is done with a repeat, the mildest first. `ignore`: it goes no further, and its sender gets the acknowledgement of
 * the first once more.
 */
export const duplicateAnswers = ['accept', 'ignore', 'hold', 'reject'] as const
export type DuplicateAnswer = (typeof duplicateAnswers)[number]

export interface DuplicateTerm {
  answer: DuplicateAnswer
  /** How long the first is remembered, in days; by default `duplicateDays`. */
  days?: number
}

export type DuplicateTerms = Partial<Readonly<Record<DuplicateDetector, DuplicateTerm>>>

/** How long a first one is remembered where its agreement does not say: 13 months, and 90 days of its bytes. */
export const duplicateDays = {
  messageId: 396,
  reference: 396,
  payloadHash: 90,
  businessKey: 396,
} as const satisfies Record<DuplicateDetector, number>

/** Limits above which a document is held after its acknowledgement. Decimals are exact strings. */
export interface RailTerms {
  linesMax?: number
  quantityMax?: string
  amountMax?: string
  /** Of the message as received, in bytes. */
  sizeMax?: number
  /** What may go through by itself within a time that moves along. */
  windows?: readonly RailWindow[]
}

export interface RailWindow {
  minutes: number
  countMax?: number
  quantityMax?: string
  amountMax?: string
  sizeMax?: number
  /** Of a hundred documents that came in this time, how many may be repeats. */
  duplicatesMaxPercent?: number
}
