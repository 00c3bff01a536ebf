import type { DocumentEntry } from '#hub/model/entries.ts'
import type { Words } from '../words.ts'
import type { EntryOf, Line } from './entry-line.ts'
import { partedLine } from './part-text.ts'
import { stepWord } from './sentence.ts'

type ProcessEntry =
  | Exclude<
      EntryOf<'document'>,
      { type: 'document.delivered' | 'document.replayed' | 'document.reprocessed' }
    >
  | EntryOf<'interchange'>

/** What the steps of process, and people who decide about them, have to say of a document. */
export function processLine(entry: ProcessEntry, words: Words): Line {
  const { t } = words
  const band = 'process'
  switch (entry.type) {
    case 'interchange.judged':
      return judgedLine(entry, words)
    case 'document.processed': {
      const total = Object.values(entry.body.stepsMs).reduce((sum, ms) => sum + ms, 0)
      const { outputs, findings } = entry.body
      return {
        band,
        title: t('entry.document.processed'),
        detail: andRepeat(
          t('entry.document.processed.detail', { duration: words.duration(total), outputs, findings }),
          entry.body,
          words,
        ),
      }
    }
    case 'document.rejected': {
      const { code, step, findings } = entry.body
      return {
        band,
        icon: 'circle-x',
        tone: 'bad',
        title: t('entry.document.rejected', { step: stepWord(step, words) }),
        detail: andRepeat(t('entry.document.rejected.detail', { findings }), entry.body, words),
        proof: code,
      }
    }
    case 'document.parted':
      return partedLine(entry, words)
    case 'document.held':
      return {
        band,
        icon: 'player-pause',
        tone: 'wait',
        title: t('entry.document.held', { step: stepWord(entry.body.step, words) }),
        detail: andRepeat(t('entry.document.held.detail', { rule: entry.body.rule }), entry.body, words),
        proof: entry.body.code,
      }
    case 'document.duplicate':
      return {
        band,
        icon: 'copy',
        tone: 'none',
        title: t('entry.document.duplicate'),
        detail: andRepeat(t('entry.document.duplicate.detail'), entry.body, words),
      }
    case 'document.released':
      return {
        band,
        title: t('entry.document.released', { decision: t(`decision.${entry.body.decision}`) }),
        detail:
          entry.actor === 'hub' && entry.body.reason === 'behind'
            ? t('entry.document.released.behind')
            : t(entry.body.today ? 'entry.document.released.today' : 'entry.document.released.detail', {
                reason: entry.body.reason,
              }),
      }
    case 'document.matched':
      return {
        band,
        title: t('entry.document.matched'),
        detail: t('entry.document.matched.detail', {
          level: t(`level.${entry.body.level}`),
          state: t(`ack.${entry.body.state}`),
        }),
      }
  }
}

function judgedLine(entry: EntryOf<'interchange'>, { t }: Words): Line {
  const { reference, accepted, documents, state } = entry.body
  const key = reference === '' ? 'entry.interchange.judged.plain' : 'entry.interchange.judged.detail'
  const bad = state === 'rejected'
  return {
    band: 'process',
    icon: bad ? 'circle-x' : state === 'partial' ? 'alert-triangle' : 'circle-check',
    tone: bad ? 'bad' : state === 'partial' ? 'wait' : 'good',
    title: t('entry.interchange.judged'),
    detail: t(key, { reference, accepted, documents }),
  }
}

/** With what is known of the first one, where the same came before. */
function andRepeat(said: string, { repeat }: DocumentEntry, { t }: Words): string {
  if (repeat === undefined) return said
  return t('entry.repeat', { said, by: t(`detector.${repeat.by}`), of: repeat.of })
}
