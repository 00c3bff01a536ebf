import type { Queryable } from '#hub/store/connect.ts'
import { readLedgerRows, type LedgerRow } from '#hub/store/ledger-export.ts'
import { readCheckpoints, readEpochs, type LedgerEpoch } from '#hub/store/ledger.ts'
import { readBundle, tileReader } from '#hub/store/ledger-tiles.ts'
import { leafText, readLeaf } from './leaf.ts'
import { verifierKey, type Checkpoint } from './note.ts'
import { nodesOf, splitHashes, tileWidth } from './tiles.ts'
import { consistencyProof, inclusionProof } from './tree.ts'

export const exportFormat = 'crossdock-ledger-export'

export interface ExportTerms {
  /** Only this partner's entries, each with its inclusion proof; null for the whole ledger. */
  partnerId: string | null
  /** A checkpoint somebody kept: a partner's export then proves that the tree goes on from it. */
  kept: Checkpoint | null
}

/**
 * The ledger as lines of JSON (docs/ledger.md), up to the last checkpoint of each epoch. Leaves are written anew out of
 * today's rows, their hashes come out of the tiles: where somebody changed a row, the two do not agree.
 */
export async function* exportLedger(db: Queryable, terms: ExportTerms): AsyncGenerator<string> {
  const epochs = await signedEpochs(db)
  yield JSON.stringify({ format: exportFormat, version: 1, partner: terms.partnerId })
  const count = { entries: 0 }
  for (const epoch of epochs) {
    const { epoch: number, firstIdx, origin, publicKey, size } = epoch
    yield JSON.stringify({ epoch: number, first: firstIdx, size, key: verifierKey(origin, publicKey) })
    yield* terms.partnerId === null ? wholeEpoch(db, epoch, count) : partnerEpoch(db, { epoch, terms, count })
  }
  yield JSON.stringify({ end: count.entries })
}

interface SignedEpoch extends LedgerEpoch {
  size: number
  notes: Map<number, string>
}

async function signedEpochs(db: Queryable): Promise<SignedEpoch[]> {
  const signed: SignedEpoch[] = []
  for (const epoch of await readEpochs(db)) {
    const checkpoints = await readCheckpoints(db, epoch.epoch)
    const last = checkpoints.at(-1)
    if (last === undefined) continue
    signed.push({
      ...epoch,
      size: last.size,
      notes: new Map(checkpoints.map(({ size, note }) => [size, note])),
    })
  }
  return signed
}

async function* wholeEpoch(
  db: Queryable,
  epoch: SignedEpoch,
  count: { entries: number },
): AsyncGenerator<string> {
  const readTile = tileReader(db, epoch.epoch)
  for (let n = 0; n * tileWidth < epoch.size; n++) {
    const leaves = (await readBundle(db, epoch.epoch, n).catch(damaged)).map((leaf) => leaf.toString())
    const hashes = splitHashes(await readTile(0, n).catch(() => Buffer.alloc(0)))
    const ids = leaves.flatMap((leaf) => readLeaf(leaf)?.id ?? [])
    const rows = await readLedgerRows(db, ids, indexesOf(epoch, n))
    const most = Math.min(tileWidth, epoch.size - n * tileWidth)
    for (let place = 0; place < most; place++) {
      const local = n * tileWidth + place
      const hash = hashes[place]?.toString('hex') ?? noHash
      yield JSON.stringify({ index: epoch.firstIdx + local, hash, ...vouchedFor(leaves[place], rows) })
      count.entries += 1
      const note = epoch.notes.get(local + 1)
      if (note !== undefined) yield JSON.stringify({ checkpoint: note })
    }
  }
}

/** The indexes of the entries of bundle `n`. */
function indexesOf({ firstIdx }: LedgerEpoch, n: number): { firstIdx: number; lastIdx: number } {
  return { firstIdx: firstIdx + n * tileWidth, lastIdx: firstIdx + (n + 1) * tileWidth - 1 }
}

const noHash = '0'.repeat(64)

/** What cannot be read is missing in the export, and its verifier says so. */
function damaged(error: unknown): Buffer[] {
  if (error instanceof RangeError) return []
  throw error
}

/** The leaf of the row as it stands today; only its link to the leaf before comes from the bundle. */
function vouchedFor(
  stored: string | undefined,
  rows: Map<string, LedgerRow>,
): { leaf: string | null; body: string | null } {
  const leaf = stored === undefined ? null : readLeaf(stored)
  const row = leaf === null ? undefined : rows.get(leaf.id)
  if (leaf === null || row === undefined) return { leaf: null, body: null }
  return { leaf: leafText({ ...row, pprev: leaf.pprev }), body: row.body.toString() }
}

interface PartnerEpoch {
  epoch: SignedEpoch
  terms: ExportTerms
  count: { entries: number }
}

/** Goes through all bundles once, and takes what is the partner's: no index has to be kept for it. */
async function* partnerEpoch(db: Queryable, { epoch, terms, count }: PartnerEpoch): AsyncGenerator<string> {
  const nodes = nodesOf(tileReader(db, epoch.epoch))
  const { kept, partnerId } = terms
  yield JSON.stringify({ checkpoint: epoch.notes.get(epoch.size)! })
  if (kept !== null && kept.origin === epoch.origin && kept.size < epoch.size) {
    const proof = hexes(await consistencyProof(nodes, kept.size, epoch.size))
    yield JSON.stringify({ consistency: { size: kept.size, proof } })
  }
  const own = `"partner":"${partnerId}"`
  for (let n = 0; n * tileWidth < epoch.size; n++) {
    const leaves = (await readBundle(db, epoch.epoch, n).catch(damaged)).map((leaf) => leaf.toString())
    const found = [...leaves.entries()].filter(([, leaf]) => leaf.includes(own))
    const rows = await readLedgerRows(
      db,
      found.flatMap(([, leaf]) => readLeaf(leaf)?.id ?? []),
      indexesOf(epoch, n),
    )
    for (const [place, leaf] of found) {
      const index = n * tileWidth + place
      if (index >= epoch.size) break
      const hash = (await nodes(0, index)).toString('hex')
      const proof = hexes(await inclusionProof(nodes, index, epoch.size))
      yield JSON.stringify({ index: epoch.firstIdx + index, hash, ...vouchedFor(leaf, rows), proof })
      count.entries += 1
    }
  }
}

function hexes(hashes: readonly Buffer[]): string[] {
  return hashes.map((hash) => hash.toString('hex'))
}
