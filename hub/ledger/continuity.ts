import type { Queryable } from '#hub/store/connect.ts'
import { HubError } from '#hub/model/errors.ts'
import type { LedgerEpoch, LedgerHead } from '#hub/store/ledger.ts'
import { readTiles, tileReader } from '#hub/store/ledger-tiles.ts'
import { readCheckpoint, type Checkpoint, type SigningKey } from './note.ts'
import { edgeRoot, edgeTile, levelsOf, nodesOf, splitHashes, type Edge } from './tiles.ts'
import { rangeHash } from './tree.ts'

/** Reads the right edge of a tree out of its tiles. Throws HubError `ledgerBehind` where hashes are missing. */
export async function readEdge(db: Queryable, epoch: number, size: number): Promise<Edge> {
  const wanted = Array.from({ length: levelsOf(size) }, (_, level) => ({ level, ...edgeTile(size, level) }))
  const tiles = wanted.length === 0 ? [] : await readTiles(db, epoch, wanted)
  return wanted.map(({ level, n, width }, place) => {
    const hashes = splitHashes(tiles[place]!)
    if (hashes.length !== width)
      throw new HubError(
        'ledgerBehind',
        `tile ${level}/${n} of epoch ${epoch} has ${hashes.length} hashes, not ${width}`,
      )
    return hashes
  })
}

/**
 * Throws HubError `ledgerBehind` where the tree in the database does not contain the tree that was signed last: it is
 * smaller, of an older epoch, or other leaves stand in it. `kept` is what the keeper has; null where nothing was signed.
 */
export async function assertGoesOn(
  db: Queryable,
  state: { head: LedgerHead; epochs: readonly LedgerEpoch[]; edge: Edge },
  kept: Checkpoint | null,
): Promise<void> {
  if (kept === null) return
  const { head, epochs, edge } = state
  const known = epochs.find(({ origin }) => origin === kept.origin)
  if (known === undefined)
    throw new HubError(
      'ledgerBehind',
      `signed last: ${kept.origin}, ${kept.size} entries; this database has no such ledger`,
    )
  if (known.epoch !== head.epoch) return assertDeclared(epochs, known, kept)
  if (head.size < kept.size)
    throw new HubError('ledgerBehind', `signed last: ${kept.size} entries; this database has ${head.size}`)
  const root =
    head.size === kept.size
      ? edgeRoot(edge)
      : await rangeHash(nodesOf(tileReader(db, known.epoch)), 0, kept.size).catch(() => null)
  if (root === null || !root.equals(kept.root))
    throw new HubError('ledgerBehind', `the first ${kept.size} entries are not those that were signed`)
}

/** A newer epoch took over: what was signed last must be contained in what its first leaf declares. */
function assertDeclared(epochs: readonly LedgerEpoch[], old: LedgerEpoch, kept: Checkpoint): void {
  const next = epochs.find(({ epoch }) => epoch > old.epoch)
  const previous = next?.previous ?? null
  const declared = previous === null ? null : readCheckpoint(previous)
  if (declared?.origin === kept.origin && declared.size >= kept.size) return
  throw new HubError(
    'ledgerBehind',
    `epoch ${next?.epoch} does not carry what was signed last: ${kept.size} entries of ${kept.origin}`,
  )
}

/** Throws HubError `ledgerKeyMissing` where the key is missing or is not that of the present epoch. */
export function assertOwnKey(key: SigningKey | null, epoch: LedgerEpoch): asserts key is SigningKey {
  if (key === null) throw new HubError('ledgerKeyMissing', `epoch ${epoch.epoch} has a key, and none is here`)
  if (!key.publicKey.equals(epoch.publicKey))
    throw new HubError('ledgerKeyMissing', `the key here is not the one of epoch ${epoch.epoch}`)
}
