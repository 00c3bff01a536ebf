import type { Queryable } from '#hub/store/connect.ts'
import { readLedgerRows, readPartnerRows, type LedgerRow } from '#hub/store/ledger-export.ts'
import { readCheckpoints, readEpochs, type LedgerEpoch } from '#hub/store/ledger.ts'
import { readBundle, tileReader } from '#hub/store/ledger-tiles.ts'
import { leafText, readLeaf } from './leaf.ts'
import { readCheckpoint, verifierKey, type Checkpoint } from './note.ts'
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
  const partner = terms.partnerId === null ? null : partnerWalk(db, terms.partnerId)
  for (const epoch of epochs) {
    const { epoch: number, firstIdx, origin, publicKey, size } = epoch
    yield JSON.stringify({ epoch: number, first: firstIdx, size, key: verifierKey(origin, publicKey) })
    yield* partner === null
      ? wholeEpoch(db, epoch, count)
      : partnerEpoch(db, { epoch, walk: partner, kept: terms.kept, count })
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
    const rows = await readLedgerRows(db, ids)
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
  walk: PartnerWalk
  kept: Checkpoint | null
  count: { entries: number }
}

async function* partnerEpoch(
  db: Queryable,
  { epoch, walk, kept, count }: PartnerEpoch,
): AsyncGenerator<string> {
  const nodes = nodesOf(tileReader(db, epoch.epoch))
  const note = epoch.notes.get(epoch.size)!
  yield JSON.stringify({ checkpoint: note })
  if (kept !== null && kept.origin === epoch.origin && kept.size < epoch.size) {
    const proof = hexes(await consistencyProof(nodes, kept.size, readCheckpoint(note)!.size))
    yield JSON.stringify({ consistency: { size: kept.size, proof } })
  }
  for await (const row of walk.until(epoch.firstIdx + epoch.size)) {
    const index = row.idx - epoch.firstIdx
    const hash = (await nodes(0, index)).toString('hex')
    const leaf = leafText({ ...row, pprev: walk.before(hash) })
    const proof = hexes(await inclusionProof(nodes, index, epoch.size))
    yield JSON.stringify({ index: row.idx, hash, leaf, body: row.body.toString(), proof })
    count.entries += 1
  }
}

interface PartnerWalk {
  /** Rows up to an idx, each once, in the partner's order. */
  until(idx: number): AsyncGenerator<LedgerRow>
  /** The hash of the leaf before, and remembers this one. */
  before(hash: string): string | null
}

const pageRows = 500

function partnerWalk(db: Queryable, partnerId: string): PartnerWalk {
  let page: LedgerRow[] = []
  let after = 0
  let last: string | null = null
  return {
    until: async function* (idx) {
      for (;;) {
        if (page.length === 0) page = await readPartnerRows(db, partnerId, { after, limit: pageRows })
        const row = page[0]
        if (row === undefined || row.idx >= idx) return
        page.shift()
        after = row.pseq!
        yield row
      }
    },
    before: (hash) => {
      const before = last
      last = hash
      return before
    },
  }
}

function hexes(hashes: readonly Buffer[]): string[] {
  return hashes.map((hash) => hash.toString('hex'))
}
