import { limits } from '#hub/base/limits.ts'
import { readCheckpoint } from '#hub/ledger/note.ts'
import type { Store } from '#hub/store/connect.ts'
import { lastCheckpoint } from '#hub/store/ledger.ts'

/** The last checkpoint of the ledger, as pages and API show it. */
export interface ShownCheckpoint {
  /** The signed note (C2SP tlog-checkpoint), byte for byte. */
  note: string
  /** Entries of the present epoch's tree. */
  size: number
  /** The root in base64, as the note has it. */
  root: string
}

/** Gives the last checkpoint, at most `checkpointHeldMs` old; null where nothing is signed yet or the database is away. */
export type LatestCheckpoint = () => Promise<ShownCheckpoint | null>

/** Every page shows it, so it is kept for a moment, and a page never fails for want of it. */
export function createLatestCheckpoint(store: Store): LatestCheckpoint {
  let held: { at: number; found: Promise<ShownCheckpoint | null> } | null = null
  return () => {
    const now = performance.now()
    if (held === null || now - held.at > limits.checkpointHeldMs)
      held = { at: now, found: find(store).catch(() => null) }
    return held.found
  }
}

async function find(store: Store): Promise<ShownCheckpoint | null> {
  const last = await lastCheckpoint(store.portal)
  const signed = last === null ? null : readCheckpoint(last.note)
  if (last === null || signed === null) return null
  return { note: last.note, size: signed.size, root: signed.root.toString('base64') }
}
