import { hash as digest } from 'node:crypto'
import type { Queryable } from '#hub/store/connect.ts'
import { findPlaced } from '#hub/store/ledger-export.ts'
import { readPath } from '#hub/store/ledger-tiles.ts'
import { leafText, readLeaf } from './leaf.ts'
import { openCheckpoint, readVerifierKey, verifierKey } from './note.ts'
import { nodesOf, tilesRead, tileWidth } from './tiles.ts'
import { inclusionProof, leafHash, rootFromInclusion, type NodeReader } from './tree.ts'

/** One entry with all that proves it: whoever has the key in verifier form needs nothing else. */
export interface EntryProof {
  format: 'crossdock-ledger-proof'
  version: 1
  /** The leaf's text, and the body whose hash it bears. */
  leaf: string
  body: string
  /** The key in verifier form; its name is the checkpoint's origin. */
  key: string
  /** C2SP tlog-proof: index, inclusion hashes and the signed checkpoint, as one text. */
  proof: string
}

const proofHead = 'c2sp.org/tlog-proof@v1'

/**
 * Proves that an entry is in the ledger, up to its epoch's last checkpoint, in two statements whatever the size of the tree.
 * Null where it has no place there yet.
 */
export async function proveEntry(db: Queryable, entryId: string): Promise<EntryProof | null> {
  const placed = await findPlaced(db, entryId)
  if (placed === null) return null
  const { idx, row, epoch, checkpoint } = placed
  const index = idx - epoch.firstIdx
  if (index >= checkpoint.size) return null
  const path = (read: NodeReader) => inclusionProof(read, index, checkpoint.size)
  const { readTile, leaves } = await readPath(db, epoch.epoch, {
    tiles: await tilesRead(path),
    bundle: Math.floor(index / tileWidth),
  })
  const stored = readLeaf(leaves[index % tileWidth]?.toString() ?? '')
  if (stored === null) return null
  const hashes = await path(nodesOf(readTile))
  const lines = [proofHead, `index ${index}`, ...hashes.map((hash) => hash.toString('base64'))]
  return {
    format: 'crossdock-ledger-proof',
    version: 1,
    leaf: leafText({ ...row, pprev: stored.pprev }),
    body: row.body.toString(),
    key: verifierKey(epoch.origin, epoch.publicKey),
    proof: `${lines.join('\n')}\n\n${checkpoint.note}`,
  }
}

/** Whether a proof holds: body, leaf, place in the tree and signature. Whether its key is the right one, the reader knows. */
export function proofHolds({ leaf, body, key, proof }: EntryProof): boolean {
  const named = readVerifierKey(key)
  const cut = proof.indexOf('\n\n')
  const [head, indexLine = '', ...hashes] = proof.slice(0, cut).split('\n')
  const index = Number(/^index (0|[1-9][0-9]{0,15})$/.exec(indexLine)?.[1] ?? Number.NaN)
  if (named === null || head !== proofHead || Number.isNaN(index)) return false
  const signed = openCheckpoint(proof.slice(cut + 2), named.publicKey)
  if (signed === null || signed.origin !== named.name) return false
  if (readLeaf(leaf)?.bodySha256 !== digest('sha256', body)) return false
  const path = hashes.map((hash) => Buffer.from(hash, 'base64'))
  const root = rootFromInclusion(leafHash(leaf), { index, size: signed.size, proof: path })
  return root?.equals(signed.root) === true
}
