import { hash } from 'node:crypto'

/**
 * The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1): hashes, and what proves that a leaf is in a tree and that a tree
 * goes on from an older one. Pure; hashes are Buffers of 32 bytes, sizes and indexes whole numbers from 0.
 */

/** The hash of a leaf: SHA-256 over a zero byte and the leaf's text in UTF-8. */
export function leafHash(leaf: string): Buffer {
  return hash('sha256', `\0${leaf}`, 'buffer')
}

/** The hash of a node: SHA-256 over a one byte and the hashes of its two children. */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  left.copy(nodeBytes, 1)
  right.copy(nodeBytes, 33)
  return hash('sha256', nodeBytes, 'buffer')
}

// written over by each call: a hash is computed before the next one begins
const nodeBytes = Buffer.alloc(65, 1)

/** The root of a tree without leaves: SHA-256 over nothing. */
export const emptyRoot: Buffer = hash('sha256', '', 'buffer')

/** The root over these leaf hashes, or over the hashes of equal, whole subtrees of which the last may be cut short. */
export function rootOf(hashes: readonly Buffer[]): Buffer {
  const range = createRange()
  for (const each of hashes) range.push(each)
  return range.root()
}

/** A tree that grows at its right edge and remembers only the roots of its whole subtrees. */
export interface Range {
  push(leaf: Buffer): void
  size(): number
  root(): Buffer
}

/** An empty range: linear time for any number of leaves, memory for some fifty hashes. */
export function createRange(): Range {
  // by height; null where there is no whole subtree of that height
  const whole: (Buffer | null)[] = []
  let size = 0
  return {
    push: (leaf) => {
      let carried = leaf
      let height = 0
      for (let left = whole[0] ?? null; left !== null; left = whole[height] ?? null) {
        carried = nodeHash(left, carried)
        whole[height] = null
        height += 1
      }
      whole[height] = carried
      size += 1
    },
    size: () => size,
    root: () => {
      let root: Buffer | null = null
      for (const subtree of whole) {
        if (subtree !== null) root = root === null ? subtree : nodeHash(subtree, root)
      }
      return root ?? emptyRoot
    },
  }
}

/** Gives the hash of the whole subtree `index` of 2^`height` leaves. */
export type NodeReader = (height: number, index: number) => Promise<Buffer>

/** The root over the leaves from `start` to before `end`, where `start` is a place at which RFC 6962 cuts. */
export async function rangeHash(read: NodeReader, start: number, end: number): Promise<Buffer> {
  const count = end - start
  if (count === 0) return emptyRoot
  const height = Math.log2(count)
  if (Number.isInteger(height)) return read(height, start / count)
  const cut = start + powerBelow(count)
  return nodeHash(await rangeHash(read, start, cut), await rangeHash(read, cut, end))
}

/** The inclusion proof of leaf `index` in the tree of `size` leaves (RFC 9162 §2.1.3.1), lowest hash first. */
export async function inclusionProof(read: NodeReader, index: number, size: number): Promise<Buffer[]> {
  const path = async (start: number, end: number): Promise<Buffer[]> => {
    if (end - start <= 1) return []
    const cut = start + powerBelow(end - start)
    return index < cut
      ? [...(await path(start, cut)), await rangeHash(read, cut, end)]
      : [...(await path(cut, end)), await rangeHash(read, start, cut)]
  }
  return path(0, size)
}

/** Proves that the tree of `size` leaves goes on from that of `oldSize` (RFC 9162 §2.1.4.1). */
export async function consistencyProof(read: NodeReader, oldSize: number, size: number): Promise<Buffer[]> {
  const path = async (start: number, end: number, known: boolean): Promise<Buffer[]> => {
    if (oldSize === end) return known ? [] : [await rangeHash(read, start, end)]
    const cut = start + powerBelow(end - start)
    return oldSize <= cut
      ? [...(await path(start, cut, known)), await rangeHash(read, cut, end)]
      : [...(await path(cut, end, false)), await rangeHash(read, start, cut)]
  }
  return oldSize === 0 || oldSize === size ? [] : path(0, size, true)
}

/** The root that an inclusion proof leads to (RFC 9162 §2.1.3.2), or null where it has not the right length. */
export function rootFromInclusion(
  leaf: Buffer,
  { index, size, proof }: { index: number; size: number; proof: readonly Buffer[] },
): Buffer | null {
  if (index >= size) return null
  let place = index
  let last = size - 1
  let root = leaf
  for (const each of proof) {
    if (last === 0) return null
    if (place % 2 === 1 || place === last) {
      root = nodeHash(each, root)
      while (place % 2 === 0 && place !== 0) {
        place /= 2
        last = Math.floor(last / 2)
      }
    } else {
      root = nodeHash(root, each)
    }
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? root : null
}

/** Whether the tree of `size` with `root` goes on from that of `oldSize` with `oldRoot` (RFC 9162 §2.1.4.2). */
export function goesOnFrom(
  old: { size: number; root: Buffer },
  now: { size: number; root: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (old.size > now.size) return false
  if (old.size === now.size) return proof.length === 0 && old.root.equals(now.root)
  if (old.size === 0) return proof.length === 0 && old.root.equals(emptyRoot)
  const path = Number.isInteger(Math.log2(old.size)) ? [old.root, ...proof] : [...proof]
  const first = path.shift()
  if (first === undefined) return false
  let place = old.size - 1
  let last = now.size - 1
  while (place % 2 === 1) {
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  let oldRoot = first
  let root = first
  for (const each of path) {
    if (last === 0) return false
    if (place % 2 === 1 || place === last) {
      oldRoot = nodeHash(each, oldRoot)
      root = nodeHash(each, root)
      while (place % 2 === 0 && place !== 0) {
        place /= 2
        last = Math.floor(last / 2)
      }
    } else {
      root = nodeHash(root, each)
    }
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && oldRoot.equals(old.root) && root.equals(now.root)
}

/** The largest power of two below a count above 1. */
function powerBelow(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}
