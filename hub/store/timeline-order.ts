import type { EntryType } from '#hub/model/entries.ts'

/** Entries of one transaction are this close to each other. */
const togetherMs = 1

/**
 * Entries in the order in which people expect to read them: by time, and those that were written together (one transaction
 * puts several, in any order) by what follows from what.
 */
export function inTellingOrder<Entry extends { type: EntryType; at: Date }>(
  entries: readonly Entry[],
): Entry[] {
  const groups: Entry[][] = []
  for (const entry of entries.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    const last = groups.at(-1)?.at(-1)
    if (last !== undefined && entry.at.getTime() - last.at.getTime() <= togetherMs) groups.at(-1)!.push(entry)
    else groups.push([entry])
  }
  return groups.flatMap((group) => group.toSorted((a, b) => rankOf(a.type) - rankOf(b.type)))
}

/** What comes first of things that happened at once; families by their first word. */
const ranks: readonly (EntryType | 'transmission' | 'document' | 'delivery')[] = [
  'transmission',
  'interchange.judged',
  'document',
  'output.bundled',
  'output.queued',
  'acknowledgement.owed',
  'delivery.attempted',
  'delivery',
  'document.delivered',
  'acknowledgement.received',
  'acknowledgement.overdue',
]

function rankOf(type: EntryType): number {
  const own = (ranks as readonly string[]).indexOf(type)
  return own >= 0 ? own : (ranks as readonly string[]).indexOf(type.split('.')[0]!)
}
