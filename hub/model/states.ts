/**
 * States and the legal moves between them, as data. The tables' CHECKs, the diagram in docs/states.md and the
 * portal's words are held against this file by tests. `new` is where a row may begin.
 */
type Moves = Readonly<Record<string, readonly string[]>>

export const transmissionInMoves = {
  new: ['staged', 'accepted', 'refused'],
  staged: ['accepted', 'discarded'],
  accepted: [],
  refused: [],
  discarded: [],
} as const satisfies Moves

/** A verified positive receipt beats any negative one: that is the move from `not_taken`. */
export const transmissionOutMoves = {
  new: ['sending'],
  sending: ['taken', 'not_taken', 'pending', 'unknown'],
  pending: ['taken', 'not_taken'],
  unknown: ['taken', 'not_taken'],
  taken: [],
  not_taken: ['taken'],
} as const satisfies Moves

export const interchangeMoves = {
  new: ['open', 'accepted', 'partial', 'rejected'],
  open: ['accepted', 'partial', 'rejected'],
  accepted: [],
  partial: [],
  rejected: [],
} as const satisfies Moves

export const documentMoves = {
  new: ['waiting', 'processed', 'held', 'rejected', 'duplicate'],
  waiting: ['processed', 'held', 'rejected', 'duplicate'],
  held: ['waiting', 'rejected'],
  processed: [],
  rejected: [],
  duplicate: [],
} as const satisfies Moves

/**
 * A receipt may come at any time after the first attempt: a positive one delivers what waits, is held or was refused; a
 * negative one closes an attempt whose end was unknown. What was delivered is sent once more only where a named person asks for it.
 */
export const deliveryMoves = {
  new: ['waiting', 'pending', 'held'],
  waiting: ['sending', 'held', 'stopped', 'delivered', 'refused'],
  sending: ['delivered', 'pending', 'waiting', 'held', 'refused'],
  pending: ['delivered', 'refused', 'waiting', 'held'],
  held: ['waiting', 'stopped', 'delivered', 'refused'],
  refused: ['waiting', 'stopped', 'delivered'],
  delivered: ['waiting'],
  stopped: [],
} as const satisfies Moves

export const acknowledgementStates = [
  'waiting',
  'accepted',
  'with_errors',
  'partial',
  'rejected',
  'waived',
] as const

type StateOf<M> = Exclude<keyof M, 'new'>

export type TransmissionOutState = StateOf<typeof transmissionOutMoves>
export type InterchangeState = StateOf<typeof interchangeMoves>
export type ProcessingState = StateOf<typeof documentMoves>
export type DeliveryState = StateOf<typeof deliveryMoves>
/** The roll-up on the document: the delivery's state, or `none` where nothing is due. */
export type DeliveryStatus = DeliveryState | 'none'
export type AcknowledgementState = (typeof acknowledgementStates)[number]
export type AcknowledgementStatus = AcknowledgementState | 'none'

export const acknowledgementLevels = ['transport', 'syntax', 'business', 'host'] as const
export type AcknowledgementLevel = (typeof acknowledgementLevels)[number]
export type AcknowledgementWay = 'owed' | 'expected'

/** Test and live never mix (DESIGN §8). */
export type Environment = 'test' | 'live'

/** The steps of process, in order; `document.resume_at` holds one of them. */
export const processSteps = ['split', 'resolve', 'check', 'canonicalise', 'judge', 'map', 'write'] as const
export type ProcessStep = (typeof processSteps)[number]

/** Whether a move is legal in one of the tables above. */
export function mayMove(moves: Moves, from: string, to: string): boolean {
  return moves[from]?.includes(to) ?? false
}
