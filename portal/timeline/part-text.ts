import type { Words } from '../words.ts'
import type { EntryOf, Line } from './entry-line.ts'

/** Says that a receiver's output went apart from the others: it is held or failed, and they are on their way. */
export function partedLine(
  entry: Extract<EntryOf<'document'>, { type: 'document.parted' }>,
  { t }: Words,
): Line {
  const { state, code } = entry.body
  return {
    band: 'process',
    icon: 'player-pause',
    tone: 'wait',
    title: t('entry.document.parted'),
    detail: t(state === 'held' ? 'entry.document.parted.held' : 'entry.document.parted.rejected'),
    proof: code,
  }
}
