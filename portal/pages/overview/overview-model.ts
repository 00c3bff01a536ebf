import { limits } from '#hub/base/limits.ts'
import type { ChannelHealth, Durations, TypeCount } from '#hub/store/overview.ts'
import type { DocumentId } from '#hub/model/ids.ts'
import { typeWord } from '../../timeline/sentence.ts'
import type { MessageKey, Words } from '../../words.ts'
import type { RowContext } from '../documents/row-model.ts'
import { listAddress, type Asked, type Figure, type FigureName } from './figures.ts'

export interface Counted {
  n: number
}

export interface OverviewFound {
  answeredMs: number
  figures: ReadonlyMap<FigureName, Figure & Counted>
  senders: (TypeCount & Asked & Counted)[]
  codes: ({ code: string } & Asked & Counted)[]
  /** With how many documents an attempt on it failed within the hour. */
  channels: (ChannelHealth & Asked & Counted)[]
  durations: Durations
  oldest: { id: DocumentId; at: Date } | null
  checkpoint: Date | null
  /** Age of the oldest entry that has no place in the ledger; 0 where none waits. */
  ledgerDelaySeconds: number
  jobs: number
}

/** A question with its answer: a figure that opens a list, or a fact. */
export interface CardModel {
  label: string
  tone: string
  icon: string
  value: string
  href: string | null
  sub: string
}

/** The overview as its view shows it: three bands of questions. */
export function overviewModel(found: OverviewFound, context: RowContext) {
  const { words, now } = context
  const { t } = words
  const n = (name: FigureName) => found.figures.get(name)!.n
  const waiting = n('held') + n('delivery_held') + n('refused')
  const cards = (...names: FigureName[]) => names.map((name) => figureCard(found.figures.get(name)!, words))
  return {
    title: t(waiting === 0 ? 'ops.waits.none' : waiting === 1 ? 'ops.waits.one' : 'ops.waits.many', {
      n: words.number(waiting),
    }),
    lead: t('ops.lead', { at: words.time(now), zone: words.zoneName(now) }),
    bands: [
      { id: 'availability', title: t('ops.availability'), cards: availability(found, context) },
      {
        id: 'performance',
        title: t('ops.performance'),
        cards: [
          ...cards('hour', 'day'),
          durationCard(
            'ops.to_processed',
            found.durations.processedMedianMs,
            found.durations.processedP95Ms,
            words,
          ),
          durationCard(
            'ops.to_delivered',
            found.durations.deliveredMedianMs,
            found.durations.deliveredP95Ms,
            words,
          ),
          ...cards('waiting'),
          oldestCard(found, context),
        ],
      },
      {
        id: 'usage',
        title: t('ops.usage'),
        cards: cards('held', 'delivery_held', 'refused', 'overdue', 'unrouted', 'rejected', 'today'),
      },
    ],
    channels: found.channels.map((channel) => channelLine(channel, context)),
    senders: found.senders.map((one) => ({
      label: `${typeWord({ type: one.type, wireType: '' }, words)} · ${one.senderName}`,
      href: listAddress(one),
      value: documentsText(one.n, words),
    })),
    codes: found.codes.map((one) => ({
      label: one.code,
      what: words.code(one.code)?.what ?? '',
      href: listAddress(one),
      value: documentsText(one.n, words),
    })),
  }
}

function availability(found: OverviewFound, { words, now }: RowContext): CardModel[] {
  const { t } = words
  const failing = found.channels.filter((channel) => channel.n > 0).length
  return [
    fact(
      t('ops.database'),
      t('ops.database.yes', { duration: words.duration(Math.max(1, found.answeredMs)) }),
      'good',
    ),
    found.jobs === 0
      ? fact(t('ops.jobs'), t('ops.jobs.none'), 'good')
      : fact(t('ops.jobs'), t('ops.jobs.some', { n: words.number(found.jobs) }), 'busy', t('ops.jobs.sub')),
    ledgerCard(found, { words, now }),
    fact(
      t('ops.channels'),
      failing === 0 ? t('ops.channels.none') : words.number(failing),
      failing === 0 ? 'good' : 'bad',
      failing === 0 ? '' : t('ops.channels.sub'),
    ),
  ]
}

function ledgerCard(found: OverviewFound, { words, now }: Pick<RowContext, 'words' | 'now'>): CardModel {
  const { checkpoint, ledgerDelaySeconds } = found
  const value = checkpoint === null ? words.t('ops.checkpoint.none') : words.brief(checkpoint, now)
  if (ledgerDelaySeconds <= limits.ledgerDelaySeconds)
    return fact(words.t('ops.checkpoint'), value, checkpoint === null ? 'none' : 'good')
  const duration = words.duration(ledgerDelaySeconds * 1000)
  return fact(words.t('ops.checkpoint'), value, 'bad', words.t('ops.checkpoint.late', { duration }))
}

const icons: Readonly<Record<string, string>> = {
  good: 'check',
  busy: 'loader',
  wait: 'alert-triangle',
  bad: 'alert-triangle',
  none: 'minus',
}

function fact(label: string, value: string, tone: string, sub = ''): CardModel {
  return { label, tone, icon: icons[tone]!, value, href: null, sub }
}

function figureCard(figure: Figure & Counted, words: Words): CardModel {
  const calm = figure.tone === 'none' ? 'none' : 'good'
  const tone = figure.n === 0 ? calm : figure.tone
  return {
    label: words.t(figure.label),
    tone,
    icon: figure.tone === 'none' ? '' : icons[tone]!,
    value: documentsText(figure.n, words),
    href: listAddress(figure),
    sub: '',
  }
}

function documentsText(n: number, words: Words): string {
  const singular = words.language === 'fr' ? n < 2 : n === 1
  return words.t(singular ? 'documents.shown.one' : 'documents.shown.many', { n: words.number(n) })
}

function durationCard(label: MessageKey, median: number | null, p95: number | null, words: Words): CardModel {
  if (median === null || p95 === null)
    return { ...fact(words.t(label), words.t('ops.unknown'), 'none'), icon: '' }
  return {
    ...fact(words.t(label), words.duration(median), 'none'),
    icon: '',
    sub: words.t('ops.p95', { duration: words.duration(p95), n: words.number(limits.overviewSample) }),
  }
}

function oldestCard({ oldest }: OverviewFound, { words, now }: RowContext): CardModel {
  const label = words.t('ops.oldest')
  if (oldest === null) return { ...fact(label, words.t('ops.oldest.none'), 'good') }
  const age = Math.max(0, now.getTime() - oldest.at.getTime())
  return {
    ...fact(label, words.duration(age), 'busy'),
    href: `/p/documents/${oldest.id}`,
    sub: words.t('ops.oldest.sub'),
  }
}

function channelLine(channel: OverviewFound['channels'][number], { words, now }: RowContext) {
  const { t } = words
  const state = channel.n > 0 || channel.failed > 0 ? 'failing' : channel.suspended ? 'suspended' : 'good'
  const tones = { failing: 'bad', suspended: 'wait', good: 'good' } as const
  const shown = { failing: 'alert-triangle', suspended: 'player-pause', good: 'check' } as const
  return {
    name: words.channelNamed(channel.kind, channel.key),
    partner: channel.partnerName,
    state: { tone: tones[state], icon: shown[state], word: t(`ops.channel.${state}`) },
    href: channel.n === 0 ? null : listAddress(channel),
    failed: documentsText(channel.n, words),
    last: channel.lastSuccess === null ? t('ops.channel.never') : words.brief(channel.lastSuccess, now),
  }
}
