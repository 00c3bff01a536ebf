import { faultPoint } from '#hub/base/fault.ts'
import type { Client } from '#hub/store/connect.ts'
import {
  insertCheckpoint,
  insertPlaces,
  readPartnerPlaces,
  writePartnerPlaces,
  type LedgerEpoch,
  type PartnerPlace,
  type UnsequencedEntry,
} from '#hub/store/ledger.ts'
import { insertBundlePieces, insertHashPieces, type BundlePiece } from '#hub/store/ledger-tiles.ts'
import { leafText } from './leaf.ts'
import { signCheckpoint, type SigningKey } from './note.ts'
import { appendToTiles, edgeRoot, tileWidth, type Edge } from './tiles.ts'
import { leafHash } from './tree.ts'

/** A tree at its right edge, and the key that signs what it becomes. */
export interface Growing {
  epoch: LedgerEpoch
  size: number
  edge: Edge
  key: SigningKey
}

/**
 * Gives entries their places at the end of the tree, in this transaction: index, number in the partner's history and the
 * hash before it, tiles, bundle, signed checkpoint. Returns the checkpoint's note and the tree as it is then.
 */
export async function appendToLedger(
  client: Client,
  { epoch, size, edge, key }: Growing,
  entries: readonly UnsequencedEntry[],
): Promise<{ note: string; size: number; root: Buffer }> {
  const { leaves, hashes, pseqs, partners } = await chain(client, entries)
  await insertPlaces(client, { firstIdx: epoch.firstIdx + size, ids: entries.map(({ id }) => id), pseqs })
  if (partners.length > 0) await writePartnerPlaces(client, partners)
  await faultPoint('ledger.append:placed')
  const grown = appendToTiles(edge, size, hashes)
  await insertHashPieces(client, epoch.epoch, grown.pieces)
  await insertBundlePieces(client, epoch.epoch, bundlePieces(size, leaves))
  await faultPoint('ledger.append:tiles')
  const root = edgeRoot(grown.edge)
  const grownSize = size + leaves.length
  const note = signCheckpoint({ origin: epoch.origin, size: grownSize, root }, key)
  await insertCheckpoint(client, { epoch: epoch.epoch, size: grownSize, note })
  return { note, size: grownSize, root }
}

interface Chained {
  leaves: string[]
  hashes: Buffer[]
  /** The number of each in its partner's history. */
  pseqs: (number | null)[]
  partners: PartnerPlace[]
}

/** Makes the leaves: each bears its number in its partner's history and the hash of the leaf before it there. */
async function chain(client: Client, entries: readonly UnsequencedEntry[]): Promise<Chained> {
  const ids = [...new Set(entries.flatMap(({ partner }) => partner ?? []))].sort()
  const known = ids.length === 0 ? [] : await readPartnerPlaces(client, ids)
  const partners = new Map(known.map((place) => [place.partnerId, place]))
  const leaves: string[] = []
  const hashes: Buffer[] = []
  const pseqs: Chained['pseqs'] = []
  for (const entry of entries) {
    const before = entry.partner === null ? undefined : partners.get(entry.partner)
    const pseq = entry.partner === null ? null : (before?.pseq ?? 0) + 1
    const leaf = leafText({ ...entry, pseq, pprev: before?.leaf.toString('hex') ?? null })
    const hash = leafHash(leaf)
    leaves.push(leaf)
    hashes.push(hash)
    pseqs.push(pseq)
    if (entry.partner !== null)
      partners.set(entry.partner, { partnerId: entry.partner, pseq: pseq!, leaf: hash })
  }
  return { leaves, hashes, pseqs, partners: [...partners.values()] }
}

function bundlePieces(size: number, leaves: readonly string[]): BundlePiece[] {
  const pieces: BundlePiece[] = []
  for (let done = 0; done < leaves.length;) {
    const at = size + done
    const start = at % tileWidth
    const taken = leaves.slice(done, done + tileWidth - start)
    pieces.push({ n: Math.floor(at / tileWidth), start, leaves: taken })
    done += taken.length
  }
  return pieces
}
