import type { DocumentRow, Viewer } from '#hub/store/find.ts'
import {
  acknowledgementName,
  acknowledgementStatuses,
  deliveryName,
  deliveryStatuses,
  processingName,
  processingStatuses,
  type StatusWords,
} from '../../statuses.ts'
import { attemptsMost, typeWord } from '../../timeline/sentence.ts'
import { sideOf, turnOf, type Side, type Turn } from '../../turn.ts'
import type { Words } from '../../words.ts'

export interface StateModel {
  icon: string
  tone: string
  word: string
  sub: string
}

export interface TurnModel {
  icon: string
  word: string
  /** The reader's own turn: the only thing that is yellow. */
  you: boolean
}

export interface RowContext {
  viewer: Viewer
  words: Words
  now: Date
}

/** A line of the list as its view shows it; `day` only where a new day begins. */
export function rowModel(row: DocumentRow, before: DocumentRow | undefined, context: RowContext) {
  const { words, viewer } = context
  const day = words.day(row.at)
  return {
    href: `/p/documents/${row.id}`,
    iso: row.at.toISOString(),
    time: words.time(row.at),
    day: before === undefined || words.day(before.at) !== day ? day : null,
    direction: directionOf(row, context),
    typeWord: typeWord(row, words),
    wire: wireOf(row),
    key: row.number ?? row.fileName ?? row.reference ?? row.id.slice(-12),
    reference: referenceOf(row),
    ...partnerOf(row, sideOf(row, viewer), words),
    test: row.env === 'test',
    ...statesOf(row, context),
    turn: turnModel(turnOf(row), sideOf(row, viewer), words),
  }
}

/** The three statuses with their second lines. */
export function statesOf(row: DocumentRow, { words, now }: RowContext) {
  const state = (status: StatusWords, sub: string): StateModel => ({
    icon: status.icon,
    tone: status.tone,
    word: status[words.language],
    sub,
  })
  return {
    processing: state(processingStatuses[processingName(row)], row.code ?? ''),
    delivery: state(deliveryStatuses[deliveryName(row)], deliverySub(row, words, now)),
    acknowledgement: state(
      acknowledgementStatuses[acknowledgementName(row)],
      acknowledgementSub(row, words, now),
    ),
  }
}

/** Whose turn, as the reader of the page is told it; null where all is done. */
export function turnModel(turn: Turn, side: Side, words: Words): TurnModel | null {
  if (turn === 'done') return null
  if (turn === 'busy') return { icon: 'loader', word: words.t('turn.busy'), you: false }
  if (turn === side)
    return { icon: 'flag-3', word: words.t(side === 'hub' ? 'turn.us' : 'turn.you'), you: true }
  return { icon: 'flag-3', word: words.t(turn === 'hub' ? 'turn.us' : 'turn.partner'), you: false }
}

function directionOf(row: DocumentRow, { viewer, words }: RowContext): { icon: string; word: string } {
  const incoming = { icon: 'arrow-down-left', word: words.t('direction.in') }
  const outgoing = { icon: 'arrow-up-right', word: words.t('direction.out') }
  const side = sideOf(row, viewer)
  if (side === 'hub') return row.senderOurs ? outgoing : incoming
  return side === 'sender'
    ? { ...outgoing, word: words.t('direction.sent') }
    : { ...incoming, word: words.t('direction.got') }
}

function wireOf(row: DocumentRow): string {
  const format = row.format === null ? '' : row.format.toUpperCase()
  return [row.wireType, format].filter((part) => part !== '').join(' · ')
}

function referenceOf(row: DocumentRow): string {
  const shownAsKey = row.number === null
  return row.reference ?? (shownAsKey ? '' : (row.fileName ?? ''))
}

function partnerOf(row: DocumentRow, side: Side, words: Words): { partner: string; partnerSub: string } {
  const sender = row.senderName ?? words.t('partner.unknown')
  const receiver =
    row.receiverName ?? words.t(row.receiverId === null ? 'partner.no_receiver' : 'partner.unknown')
  const channel = row.inbound === null ? '' : words.channel(row.inbound.channelKind)
  if (side === 'sender') return { partner: receiver, partnerSub: channel }
  if (side === 'receiver')
    return { partner: sender, partnerSub: words.channel(row.outbound?.channelKind ?? '') }
  const to = row.receiverId === null ? '' : words.t('partner.to', { name: receiver })
  return { partner: sender, partnerSub: [to, channel].filter((part) => part !== '').join(' · ') }
}

function deliverySub(row: DocumentRow, words: Words, now: Date): string {
  const { outbound } = row
  if (outbound === null) return ''
  if (deliveryName(row) === 'retrying' && outbound.nextAt !== null) {
    const n = outbound.attempt + 1
    return words.t('route.attempts', { n, most: attemptsMost, at: words.brief(outbound.nextAt, now) })
  }
  if (outbound.state === 'pending' && outbound.dueAt !== null) {
    return words.t('route.due', { at: words.brief(outbound.dueAt, now) })
  }
  return outbound.state === 'refused' || outbound.state === 'held' ? (outbound.code ?? '') : ''
}

function acknowledgementSub(row: DocumentRow, words: Words, now: Date): string {
  if (row.acknowledgement !== 'waiting' || row.awaited === null) return ''
  return words.t('route.due', { at: words.brief(row.awaited.dueAt, now) })
}
