import type { DocumentRow } from '#hub/store/find.ts'
import type { DocumentTimeline, TimelineEntry } from '#hub/store/find-timeline.ts'
import type { RowContext, TurnModel } from '../pages/documents/row-model.ts'
import { statesOf, turnModel } from '../pages/documents/row-model.ts'
import { sideOf, turnOf, type Turn } from '../turn.ts'
import type { Words } from '../words.ts'
import { entryContext, entryText, type EntryText } from './entry-text.ts'
import type { FindingModel } from './findings.ts'
import { attemptsMost, stepWord } from './sentence.ts'

export interface StepModel {
  tone: string
  icon: string
  iso: string | null
  time: string | null
  title: string
  detail: string
  proof: string | null
  stop: StopModel | null
}

export interface StopModel {
  title: string
  turn: TurnModel | null
  facts: StopFact[]
}

export interface StopFact {
  label: string
  value: string
  mono: boolean
  /** More of it in English, whatever the language of the page. */
  english: string
}

export interface BandModel {
  label: string
  note: string
  off: boolean
  steps: StepModel[]
}

const bands = ['receive', 'process', 'deliver', 'acknowledge'] as const
type Band = (typeof bands)[number]

/** The timeline in its four bands, with the stop as a card and what was not reached as dashed steps. */
export function bandModels(
  timeline: DocumentTimeline,
  findings: readonly FindingModel[],
  context: RowContext,
): BandModel[] {
  const { words, now } = context
  const each = entryContext(timeline, { words, now })
  const lines = shownEntries(timeline).map((entry) => ({ entry, text: entryText(entry, each) }))
  const stopAt = stopEntry(timeline)
  return bands
    .map((band) => {
      const own = lines.filter((line) => line.text.band === band)
      const steps = own.map((line) =>
        stepModel(
          line.entry,
          line.text,
          words,
          line.entry === stopAt ? stopModel(line.entry, timeline.document, findings, context) : null,
        ),
      )
      const reached = steps.length > 0
      if (!reached) steps.push(...todo(band, timeline.document, words))
      return {
        label: words.t(`band.${band}`),
        note: reached
          ? spanText(
              own.map((line) => line.entry),
              words,
            )
          : words.t('band.not_reached'),
        off: !reached,
        steps,
      }
    })
    .filter((band) => band.steps.length > 0)
}

/** The entries worth a line: who sees the delivery itself need not read the note of it for the sender. */
export function shownEntries({
  entries,
  outputs,
}: Pick<DocumentTimeline, 'entries' | 'outputs'>): TimelineEntry[] {
  return outputs.length === 0 ? entries : entries.filter((entry) => entry.type !== 'document.delivered')
}

/** Received, Processing, Delivery, Acknowledgement: the strip that says where it is and stands. */
export function routeModel(row: DocumentRow, context: RowContext) {
  const { words, viewer, now } = context
  const states = statesOf(row, context)
  const turn = turnOf(row)
  const side = sideOf(row, viewer)
  const here = standsAt(row, turn)
  const received = {
    label: words.t('route.received'),
    tone: 'good',
    icon: 'check',
    word: words.moment(row.at, now),
    detail: row.inbound === null ? '' : words.channel(row.inbound.channelKind),
  }
  const stations = (['processing', 'delivery', 'acknowledgement'] as const).map((name) => ({
    label: words.t(`column.${name}`),
    tone: states[name].tone,
    icon: states[name].icon,
    word: states[name].word,
    detail: states[name].sub,
    here: here === name,
    turn: here === name ? turnModel(turn, side, words) : null,
  }))
  return [{ ...received, word: capital(received.word), here: false, turn: null }, ...stations]
}

function standsAt(row: DocumentRow, turn: Turn): 'processing' | 'delivery' | 'acknowledgement' | null {
  if (turn === 'done' && row.processing === 'processed') return null
  if (row.processing !== 'processed') return 'processing'
  if (row.delivery !== 'delivered' && row.delivery !== 'none') return 'delivery'
  return 'acknowledgement'
}

/** The entry at which it stands still now: only the newest such, and only while the document is still stopped. */
function stopEntry({ document, entries }: DocumentTimeline): TimelineEntry | null {
  const wanted = stopTypes(document)
  return entries.findLast((entry) => wanted.includes(entry.type)) ?? null
}

function stopTypes(row: DocumentRow): readonly string[] {
  if (row.processing === 'rejected') return ['document.rejected']
  if (row.processing === 'held') return ['document.held']
  if (row.delivery === 'refused') return ['delivery.refused']
  if (row.delivery === 'held') return ['delivery.held']
  if (row.delivery === 'waiting') return ['delivery.retrying']
  if (row.acknowledgement === 'rejected') return ['acknowledgement.received']
  return []
}

function stopModel(
  entry: TimelineEntry,
  row: DocumentRow,
  findings: readonly FindingModel[],
  { words, viewer, now }: RowContext,
): StopModel {
  const code = 'code' in entry.body && typeof entry.body.code === 'string' ? entry.body.code : null
  const known = code === null ? null : words.code(code)
  const finding = entry.type.startsWith('document.')
    ? findings.find((one) => one.severity === 'error')
    : undefined
  const next = row.outbound?.nextAt ?? null
  const facts = [
    fact(words.t('stop.what'), known?.what ?? ''),
    foundFact(finding, code, words),
    fact(words.t('stop.where'), finding?.where ?? ''),
    fact(words.t('stop.fix'), finding?.fix || (known?.fix ?? '')),
    fact(
      words.t('stop.next'),
      entry.type === 'delivery.retrying' && next !== null
        ? words.t('stop.next.text', {
            n: entry.body.attempt + 1,
            most: attemptsMost,
            at: words.moment(next, now),
          })
        : '',
    ),
    {
      label: words.t('stop.code'),
      value: [code, finding?.code].filter(unique).join(' · '),
      mono: true,
      english: '',
    },
  ]
  return {
    title: stopTitle(entry, words),
    turn: turnModel(turnOf(row), sideOf(row, viewer), words),
    facts: facts.filter((one) => one.value !== '' || one.english !== ''),
  }
}

function stopTitle(entry: TimelineEntry, words: Words): string {
  if (entry.type === 'document.rejected')
    return words.t('stop.processing', { step: stepWord(entry.body.step, words) })
  if (entry.type === 'document.held') return words.t('stop.held', { step: stepWord(entry.body.step, words) })
  if (entry.type === 'delivery.retrying') return words.t('stop.retrying', { n: entry.body.attempt })
  return words.t('stop.delivery')
}

/** What was found: the code's text in the reader's language, unless it was just said, and the precise message beside it. */
function foundFact(finding: FindingModel | undefined, code: string | null, words: Words): StopFact {
  const said =
    finding === undefined || finding.code === code || (words.language === 'en' && finding.message !== '')
  return { ...fact(words.t('stop.found'), said ? '' : finding.what), english: finding?.message ?? '' }
}

function fact(label: string, value: string): StopFact {
  return { label, value, mono: false, english: '' }
}

function unique(
  value: string | null | undefined,
  index: number,
  all: (string | null | undefined)[],
): boolean {
  return value !== null && value !== undefined && all.indexOf(value) === index
}

function stepModel(entry: TimelineEntry, text: EntryText, words: Words, stop: StopModel | null): StepModel {
  return {
    tone: text.tone,
    icon: text.icon,
    iso: entry.at.toISOString(),
    time: words.exactTime(entry.at),
    title: text.title,
    detail: text.detail,
    proof: text.proof,
    stop,
  }
}

/** What would come next; nothing where nothing is due any more. */
function todo(band: Band, row: DocumentRow, words: Words): StepModel[] {
  const open = row.processing === 'waiting' || row.processing === 'held'
  const due = band === 'process' ? open : band === 'deliver' && (open || row.processing === 'rejected')
  if (!due || row.type === 'acknowledgement') return []
  return [
    {
      tone: 'todo',
      icon: 'circle-dashed',
      iso: null,
      time: null,
      title: words.t(band === 'process' ? 'band.processed' : 'band.delivered'),
      detail: words.t('band.not_reached'),
      proof: null,
      stop: null,
    },
  ]
}

function spanText(entries: readonly TimelineEntry[], words: Words): string {
  const first = entries[0]!.at.getTime()
  const last = entries.at(-1)!.at.getTime()
  return last === first ? '' : words.duration(last - first)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
