import type { Words } from '../words.ts'
import type { EntryOf, Line } from './entry-line.ts'

export type ReplayEntry =
  Extract<EntryOf<'document'>, { type: 'document.replayed' | 'document.reprocessed' }> | EntryOf<'numbers'>

/** What a person had done to a document once more, and what became of numbers taken for it. */
export function replayLine(entry: ReplayEntry, { t, code }: Words): Line {
  const band = 'process'
  switch (entry.type) {
    case 'document.replayed':
      return {
        band: entry.body.kind === 'as_new' ? 'deliver' : band,
        icon: 'rotate-clockwise',
        tone: 'none',
        title: t(entry.body.kind === 'as_new' ? 'entry.document.replayed' : 'entry.document.replaced'),
        detail: entry.body.reason,
        proof: entry.body.made,
      }
    case 'document.reprocessed':
      return {
        band,
        icon: 'rotate-clockwise',
        tone: 'none',
        title: t('entry.document.reprocessed'),
        detail: t('entry.document.reprocessed.detail', {
          step: t(`replay.from.${entry.body.from === 'resolve' ? 'resolve' : 'canonical'}`),
          mapping: t(`replay.mapping.${entry.body.mapping === 'pinned' ? 'pinned' : 'today'}`),
          reason: entry.body.reason,
        }),
        proof: entry.body.origin,
      }
    case 'numbers.skipped': {
      const { from, to } = entry.body
      const why =
        entry.body.code === null ? t('numbers.moved') : (code(entry.body.code)?.what ?? entry.body.code)
      return {
        band,
        icon: 'alert-triangle',
        tone: 'none',
        title: t('entry.numbers.skipped'),
        detail: t(from === to ? 'entry.numbers.one' : 'entry.numbers.many', { from, to, why }),
      }
    }
    case 'numbers.restarted':
      return {
        band,
        icon: 'rotate-clockwise',
        tone: 'none',
        title: t('entry.numbers.restarted'),
        detail: t('entry.numbers.restarted.detail', { at: entry.body.at, from: entry.body.from }),
      }
  }
}
