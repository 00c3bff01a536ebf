import type { DocumentTimeline, TimelineEntry } from '#hub/store/find-timeline.ts'
import type { Words } from '../words.ts'
import type { EntryOf, EntryText, Line } from './entry-line.ts'
import { processLine } from './process-line.ts'
import { replayLine } from './replay-line.ts'
import { attemptsMost } from './sentence.ts'

export type { EntryText } from './entry-line.ts'

export interface EntryContext {
  words: Words
  now: Date
  /** Whether a delivery brings an answer to the sender, and not the document. */
  isAnswer(deliveryId: string | null): boolean
  /** Whether the document goes to several receivers, so that each of their lines has to name its own. */
  several: boolean
}

/** What the lines of one timeline have in common. */
export function entryContext(
  { answers, outputs, entries }: Pick<DocumentTimeline, 'answers' | 'outputs' | 'entries'>,
  { words, now }: Pick<EntryContext, 'words' | 'now'>,
): EntryContext {
  const owed = new Set<string | null>(
    answers.filter((one) => one.way === 'owed').map((one) => one.deliveryId),
  )
  const isAnswer = (id: string | null) => id !== null && owed.has(id)
  const receivers = [...outputs, ...entries.filter((entry) => !isAnswer(entry.deliveryId))]
  const several = new Set(receivers.map((one) => one.receiverName).filter((name) => name !== null)).size > 1
  return { words, now, isAnswer, several }
}

/** The text of a ledger entry, for every type there is. */
export function entryText(entry: TimelineEntry, context: EntryContext): EntryText {
  const line = lineOf(entry, context)
  return { icon: 'circle-check', tone: 'good', proof: null, ...line }
}

function lineOf(entry: TimelineEntry, context: EntryContext): Line {
  const { words } = context
  const { t } = words
  if (isOfTheHub(entry)) {
    const person = entry.type.startsWith('person.')
    return { band: 'process', title: t(person ? 'entry.person' : 'entry.configuration'), detail: '' }
  }
  switch (entry.type) {
    case 'transmission.accepted':
    case 'transmission.refused':
    case 'transmission.duplicate':
    case 'transmission.conflict':
      return receiveLine(entry, words)
    case 'interchange.judged':
    case 'document.processed':
    case 'document.rejected':
    case 'document.held':
    case 'document.duplicate':
    case 'document.released':
    case 'document.matched':
    case 'document.parted':
      return processLine(entry, words)
    case 'document.replayed':
    case 'document.reprocessed':
    case 'numbers.skipped':
    case 'numbers.restarted':
      return replayLine(entry, words)
    case 'output.bundled': {
      const at = words.moment(new Date(entry.body.dueAt), context.now)
      return {
        band: 'deliver',
        icon: 'hourglass',
        tone: 'wait',
        title: t('entry.output.bundled', { at }),
        detail: t('entry.output.bundled.detail'),
      }
    }
    case 'output.queued':
      return queuedLine(entry, context)
    case 'document.delivered':
      return {
        band: 'deliver',
        title: t('entry.document.delivered'),
        detail: t('entry.document.delivered.detail', {
          receiver: entry.receiverName ?? t('sentence.receiver'),
        }),
      }
    case 'delivery.attempted':
    case 'delivery.pending':
    case 'delivery.delivered':
    case 'delivery.retrying':
    case 'delivery.refused':
    case 'delivery.held':
    case 'delivery.stopped':
    case 'delivery.released':
    case 'delivery.repeated':
    case 'delivery.contradicted':
    case 'delivery.overdue':
    case 'delivery.late':
      return deliveryLine(entry, context)
    case 'acknowledgement.owed':
    case 'acknowledgement.received':
    case 'acknowledgement.overdue':
      return acknowledgementLine(entry, context)
  }
}

/** What is about the hub and its people: never in the timeline of a document. */
function isOfTheHub(
  entry: TimelineEntry,
): entry is EntryOf<
  'person' | 'config' | 'credential' | 'ledger' | 'key' | 'hub' | 'partner' | 'replay' | 'silence'
> {
  return /^(person|config|credential|ledger|key|hub|partner|replay|silence)\./.test(entry.type)
}

function receiveLine(entry: EntryOf<'transmission'>, words: Words): Line {
  const { t, size, code } = words
  const title = t(`entry.${entry.type}`)
  switch (entry.type) {
    case 'transmission.accepted':
      return {
        band: 'receive',
        title,
        detail: t('entry.transmission.accepted.detail', {
          size: size(entry.body.sizeBytes),
          channel: words.channelWithin(entry.channelKind, entry.body.channel),
        }),
        proof: `SHA-256 ${shortHash(entry.body.sha256)}`,
      }
    case 'transmission.refused':
      return {
        band: 'receive',
        icon: 'circle-x',
        tone: 'bad',
        title,
        detail: t('entry.transmission.refused.detail', {
          code: `${entry.body.code} ${code(entry.body.code)?.what ?? ''}`,
        }),
      }
    case 'transmission.duplicate':
    case 'transmission.conflict':
      return { band: 'receive', icon: 'copy', tone: 'none', title, detail: t(`entry.${entry.type}.detail`) }
  }
}

function queuedLine(
  entry: Extract<TimelineEntry, { type: 'output.queued' }>,
  { words, several }: EntryContext,
): Line {
  const { t } = words
  const { format, sizeBytes, channel, wireId } = entry.body
  const size = words.size(sizeBytes)
  const by = words.channelWithin(entry.channelKind, channel)
  const said =
    format === ''
      ? t('entry.output.queued.sender')
      : t('entry.output.queued.detail', { format: words.format(format), size, channel: by })
  return {
    band: 'deliver',
    title: t('entry.output.queued'),
    detail:
      several && entry.receiverName !== null ? t('entry.to', { said, receiver: entry.receiverName }) : said,
    proof: wireId || null,
  }
}

function deliveryLine(entry: EntryOf<'delivery'>, context: EntryContext): Line {
  const line = deliveryOf(entry, context)
  const named = context.several && line.band === 'deliver' && entry.receiverName !== null
  if (!named) return line
  return {
    ...line,
    detail: context.words.t('entry.to', { said: line.detail, receiver: entry.receiverName ?? '' }),
  }
}

function deliveryOf(entry: EntryOf<'delivery'>, { words, now, isAnswer }: EntryContext): Line {
  const { t } = words
  const answer = isAnswer(entry.deliveryId)
  const band = answer ? 'acknowledge' : 'deliver'
  const title = t(`entry.${entry.type}`, { n: 'attempt' in entry.body ? entry.body.attempt : '' })
  switch (entry.type) {
    case 'delivery.attempted':
      return {
        band,
        icon: 'send',
        tone: 'busy',
        title: answer ? t('entry.answer.attempted', { n: entry.body.attempt }) : title,
        detail: t('entry.delivery.attempted.detail', {
          channel: words.channelWithin(entry.channelKind, entry.body.channel),
        }),
      }
    case 'delivery.pending':
      return {
        band,
        icon: 'hourglass',
        tone: 'busy',
        ...pendingText(entry.channelKind, answer, words.moment(new Date(entry.body.dueAt), now), words),
      }
    case 'delivery.delivered': {
      const key = entry.body.late ? 'entry.delivery.delivered.late' : 'entry.delivery.delivered.detail'
      return {
        band,
        title: answer ? t('entry.answer.delivered') : title,
        detail: t(key, { n: entry.body.attempt }),
      }
    }
    case 'delivery.retrying':
      return {
        band,
        icon: 'rotate-clockwise',
        tone: 'wait',
        title,
        detail: t('entry.delivery.retrying.detail', {
          n: `${entry.body.attempt}/${attemptsMost}`,
          at: words.moment(new Date(entry.body.nextAt), now),
        }),
        proof: withWhat(entry.body.code, words),
      }
    case 'delivery.refused':
    case 'delivery.held':
      return {
        band,
        icon: entry.type === 'delivery.refused' ? 'circle-x' : 'player-pause',
        tone: entry.type === 'delivery.refused' ? 'bad' : 'wait',
        title,
        detail: t(`entry.${entry.type}.detail`, { n: entry.body.attempt }),
        proof: withWhat(entry.body.code, words),
      }
    case 'delivery.stopped':
    case 'delivery.released':
    case 'delivery.repeated':
    case 'delivery.contradicted':
    case 'delivery.overdue':
    case 'delivery.late':
      return { band, title, ...remarkLine(entry, words, now) }
  }
}

/** What lies in a mailbox is collected; anything else was handed over. */
function pendingText(
  kind: string | null,
  answer: boolean,
  at: string,
  { t }: Words,
): Pick<Line, 'title' | 'detail'> {
  if (kind === 'mailbox')
    return {
      title: t(answer ? 'entry.answer.laid' : 'entry.delivery.laid'),
      detail: t('entry.delivery.laid.detail', { at }),
    }
  return {
    title: t(answer ? 'entry.answer.pending' : 'entry.delivery.pending'),
    detail: t('entry.delivery.pending.detail', { at }),
  }
}

type Remark = Extract<
  TimelineEntry,
  {
    type:
      | 'delivery.stopped'
      | 'delivery.released'
      | 'delivery.repeated'
      | 'delivery.contradicted'
      | 'delivery.overdue'
      | 'delivery.late'
  }
>

/** What people, receipts and the clock have to say of a delivery. */
function remarkLine(entry: Remark, words: Words, now: Date): Omit<Line, 'band' | 'title'> {
  const { t } = words
  switch (entry.type) {
    case 'delivery.stopped':
      return {
        icon: 'ban',
        tone: 'none',
        detail: t('entry.delivery.stopped.detail', { reason: entry.body.reason }),
      }
    case 'delivery.released':
    case 'delivery.repeated':
      return { detail: t(`entry.${entry.type}.detail`, { reason: entry.body.reason }) }
    case 'delivery.contradicted': {
      const code = withWhat(entry.body.code, words)
      return {
        icon: 'alert-triangle',
        tone: 'wait',
        detail: t('entry.delivery.contradicted.detail', { code }),
      }
    }
    case 'delivery.overdue':
    case 'delivery.late': {
      const at = words.moment(new Date(entry.body.dueAt), now)
      return { icon: 'clock-exclamation', tone: 'bad', detail: t(`entry.${entry.type}.detail`, { at }) }
    }
  }
}

function acknowledgementLine(entry: EntryOf<'acknowledgement'>, { words, now }: EntryContext): Line {
  const { t } = words
  const band = 'acknowledge'
  const level = t(`level.${entry.body.level}`)
  switch (entry.type) {
    case 'acknowledgement.owed': {
      const refusal = entry.body.state === 'rejected' || entry.body.state === 'partial'
      return {
        band,
        icon: refusal ? 'arrow-back-up' : 'circle-check',
        tone: refusal ? 'sent' : 'good',
        title: t(
          entry.body.again === undefined ? 'entry.acknowledgement.owed' : 'entry.acknowledgement.again',
        ),
        detail: t('entry.acknowledgement.owed.detail', { level, state: t(`ack.${entry.body.state}`) }),
        proof: entry.body.wireId || null,
      }
    }
    case 'acknowledgement.received': {
      const bad = entry.body.state === 'rejected'
      const some = entry.body.state === 'partial' || entry.body.state === 'with_errors'
      return {
        band,
        icon: bad ? 'circle-x' : some ? 'alert-triangle' : 'circle-check',
        tone: bad ? 'bad' : some ? 'wait' : 'good',
        title: t('entry.acknowledgement.received'),
        detail: t('entry.acknowledgement.received.detail', { level, state: t(`ack.${entry.body.state}`) }),
        proof: entry.body.code === null ? null : withWhat(entry.body.code, words),
      }
    }
    case 'acknowledgement.overdue':
      return {
        band,
        icon: 'clock-exclamation',
        tone: 'bad',
        title: t('entry.acknowledgement.overdue'),
        detail: t('entry.acknowledgement.overdue.detail', {
          level,
          at: words.moment(new Date(entry.body.dueAt), now),
        }),
      }
  }
}

function withWhat(code: string, words: Words): string {
  const known = words.code(code)
  return known === null ? code : `${code} ${known.what}`
}

function shortHash(hex: string): string {
  return hex.length <= 24 ? hex : `${hex.slice(0, 12)}…${hex.slice(-8)}`
}
