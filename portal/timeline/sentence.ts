import { retryDelaysSeconds } from '#hub/base/schedule.ts'
import type { DocumentRow } from '#hub/store/find.ts'
import type { DocumentTimeline, TimelineEntry } from '#hub/store/find-timeline.ts'
import { acknowledgementName, deliveryName, processingName } from '../statuses.ts'
import { isConflict, turnOf, type Side } from '../turn.ts'
import type { MessageKey, Words } from '../words.ts'

/** Attempts in all before a delivery is held: the first and one after each delay. */
export const attemptsMost = retryDelaysSeconds.length + 1

/** What of a timeline the sentence needs. */
type Told = Pick<DocumentTimeline, 'entries' | 'outputs'>

export interface SentenceContext {
  words: Words
  side: Side
  now: Date
}

/**
 * The one sentence that answers "where is order 345?": what became of it, when, and whose turn it is. The portal, the API and
 * the command line all say this one. Without a timeline (a line of a list) times are those of the row.
 */
export function sentenceOf(row: DocumentRow, context: SentenceContext, timeline: Told | null = null): string {
  const core =
    row.processing === 'processed'
      ? deliveryCore(row, context, timeline)
      : processingCore(row, context, timeline)
  const sentence = context.words.t(turnKey(row, context.side), { core, name: turnName(row, context.words) })
  return capital(sentence)
}

/** What people call the document: "Order 345"; for a file that could not be read, its name. */
export function titleOf(row: DocumentRow, words: Words): string {
  const name = nameOf(row)
  const doc = typeWord(row, words)
  return capital(name === null ? doc : words.t(`title.${name.by}`, { doc, name: name.text }))
}

/** The type in words: "Order", or the type on the wire where the hub has no word for it. */
export function typeWord(row: Pick<DocumentRow, 'type' | 'wireType'>, words: Words): string {
  if (isKnown(row.type)) return words.t(`type.${row.type}`)
  return row.wireType || row.type
}

/** The step in words at which it stopped or waits. */
export function stepWord(step: string | null, words: Words): string {
  return step !== null && isStep(step) ? words.t(`step.${step}`) : (step ?? '')
}

const knownTypes = ['order', 'acknowledgement', 'unread', 'opaque'] as const
const knownSteps = ['split', 'resolve', 'check', 'canonicalise', 'judge', 'map', 'write'] as const

function isKnown(type: string): type is (typeof knownTypes)[number] {
  return (knownTypes as readonly string[]).includes(type)
}

function isStep(step: string): step is (typeof knownSteps)[number] {
  return (knownSteps as readonly string[]).includes(step)
}

function processingCore(row: DocumentRow, context: SentenceContext, timeline: Told | null): string {
  const { words, now } = context
  const arrived = words.moment(row.at, now)
  const params = {
    doc: subject(row, words),
    e: ending(row, words),
    step: stepWord(row.stoppedAt ?? row.resumeAt, words),
  }
  switch (processingName(row)) {
    case 'received':
    case 'waiting':
    case 'processed':
      return words.t('sentence.received', { ...params, at: arrived })
    case 'held':
      return words.t('sentence.held', { ...params, at: arrived })
    case 'rejected':
      return words.t('sentence.rejected', {
        ...params,
        at: whenOf(timeline, ['document.rejected'], row, context),
      })
    case 'duplicate':
      return words.t(isConflict(row) ? 'sentence.conflict' : 'sentence.duplicate', { ...params, at: arrived })
  }
}

function deliveryCore(row: DocumentRow, context: SentenceContext, timeline: Told | null): string {
  const { words, now } = context
  const receiver = row.receiverName ?? words.t('sentence.receiver')
  const base = { doc: subject(row, words), inner: subject(row, words), e: ending(row, words), receiver }
  const processed = () => whenOf(timeline, ['document.processed'], row, context)
  switch (deliveryName(row)) {
    case 'none':
    case 'not_reached':
      return row.type === 'acknowledgement'
        ? words.t('sentence.matched', { ...base, at: processed() })
        : words.t('sentence.processed', { ...base, at: processed() })
    case 'waiting': {
      const bundle = row.outbound === null ? bundleOf(timeline) : null
      if (bundle === null) return words.t('sentence.queued', base)
      return words.t('sentence.bundled', { ...base, at: words.moment(bundle, now) })
    }
    case 'retrying': {
      const next = row.outbound?.nextAt ?? null
      const at = next === null ? '' : words.moment(next, now)
      return words.t('sentence.retrying', {
        ...base,
        n: (row.outbound?.attempt ?? 0) + 1,
        most: attemptsMost,
        at,
      })
    }
    case 'suspended':
      return words.t('sentence.suspended', base)
    case 'sending':
      return words.t('sentence.sending', base)
    case 'pending':
      // the sender sees no delivery: neither whether it is collected or sent, nor by which channel
      return words.t(row.outbound === null ? 'sentence.handed_over' : 'sentence.pending', base)
    case 'to_collect':
      return words.t('sentence.to_collect', base)
    case 'uncertain':
      return words.t('sentence.uncertain', base)
    case 'held':
      return words.t('sentence.delivery_held', base)
    case 'refused':
      return words.t('sentence.refused', base)
    case 'stopped':
      return words.t('sentence.stopped', base)
    case 'delivered': {
      const at = whenOf(timeline, ['delivery.delivered', 'document.delivered'], row, context)
      const said = { ...base, receiver: receiversOf(timeline, words) ?? receiver, at }
      return withAcknowledgement(row, words, words.t('sentence.delivered', said))
    }
  }
}

/** When the bundle leaves that it waits for. */
function bundleOf(timeline: Told | null): Date | null {
  const last = timeline?.entries.findLast(({ type }) => type === 'output.bundled' || type === 'output.queued')
  return last?.type === 'output.bundled' ? new Date(last.body.dueAt) : null
}

/** All who have it, where they are several; the row knows only whom the document was addressed to. */
function receiversOf(timeline: Told | null, words: Words): string | null {
  const told = timeline?.entries.filter((entry) => entry.type === 'document.delivered') ?? []
  const names = new Set([...(timeline?.outputs ?? []), ...told].flatMap((one) => one.receiverName ?? []))
  return names.size > 1 ? words.list([...names].toSorted()) : null
}

function withAcknowledgement(row: DocumentRow, words: Words, core: string): string {
  if (row.acknowledgement === 'none' || row.acknowledgement === 'waived') return core
  const name = acknowledgementName(row)
  switch (name) {
    case 'waiting':
    case 'overdue':
    case 'accepted':
    case 'with_errors':
    case 'partial':
    case 'rejected':
      return words.t(`sentence.ack.${name}`, { core })
    case 'none':
    case 'not_reached':
    case 'owed':
    case 'handed_over':
    case 'refusal_sent':
    case 'sent':
    case 'waived':
      return core
  }
}

/** When the last of these entries was written; without a timeline, when the document came. */
function whenOf(
  timeline: Told | null,
  types: readonly string[],
  row: DocumentRow,
  { words, now }: SentenceContext,
): string {
  const entry = timeline?.entries.findLast((one) => types.includes(one.type) && isOwn(one, timeline))
  if (entry) return words.moment(entry.at, now)
  return timeline === null ? '' : words.moment(row.at, now)
}

/** Not of an answer's delivery: only of the document itself or of what it became. */
function isOwn(entry: TimelineEntry, { outputs }: Told): boolean {
  return entry.deliveryId === null || outputs.some((output) => output.deliveryId === entry.deliveryId)
}

function turnKey(row: DocumentRow, side: Side): MessageKey {
  const turn = turnOf(row)
  if (turn === 'busy' || turn === 'done') return 'sentence.turn.nobody'
  if (turn === side) return side === 'hub' ? 'sentence.turn.us' : 'sentence.turn.you'
  return turn === 'hub' ? 'sentence.turn.us' : 'sentence.turn.partner'
}

function turnName(row: DocumentRow, words: Words): string {
  return turnOf(row) === 'receiver'
    ? (row.receiverName ?? words.t('sentence.receiver'))
    : (row.senderName ?? words.t('sentence.sender'))
}

/** As it stands within a sentence: "order 345", "la commande 345", "the order with reference 870". */
function subject(row: DocumentRow, words: Words): string {
  const word = isKnown(row.type)
    ? words.t(`type.${row.type}.the`)
    : words.t('type.other.the', { code: row.wireType || row.type })
  const name = nameOf(row)
  if (name === null) return words.t('subject.nameless', { doc: word })
  return words.t(`subject.${name.by}`, { doc: word, name: name.text })
}

/** By what a document is called: its own number (a file's own name), else the reference or the file that it came in. */
function nameOf(row: DocumentRow): { by: 'number' | 'reference' | 'file'; text: string } | null {
  const own = row.number || (row.type === 'unread' ? row.fileName : null)
  if (own) return { by: 'number', text: own }
  if (row.reference) return { by: 'reference', text: row.reference }
  return row.fileName ? { by: 'file', text: row.fileName } : null
}

function ending(row: DocumentRow, words: Words): string {
  return words.language === 'fr' && row.type === 'order' ? 'e' : ''
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
