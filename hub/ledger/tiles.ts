import type { HashPiece, TileReader } from '#hub/store/ledger-tiles.ts'
import { emptyRoot, nodeHash, rootOf, type NodeReader } from './tree.ts'

/**
 * The layout of C2SP tlog-tiles: tile `n` of level `l` holds up to 256 hashes, each of a whole subtree of 256^l leaves.
 * What is partial today is filled up tomorrow; bytes once written stay.
 */
export const tileWidth = 256
const tileHeight = 8
const hashBytes = 32

/** The hashes of the last tile of each level where it is partial, from level 0; [] where it is full or there is none. */
export type Edge = Buffer[][]

/** Which tile of a level is partial in a tree of this size, and how many hashes it has; width 0 where none is. */
export function edgeTile(size: number, level: number): { n: number; width: number } {
  const hashes = Math.floor(size / tileWidth ** level)
  return { n: Math.floor(hashes / tileWidth), width: hashes % tileWidth }
}

/** How many levels a tree of this size has. */
export function levelsOf(size: number): number {
  let levels = 0
  for (let hashes = size; hashes > 0; hashes = Math.floor(hashes / tileWidth)) levels += 1
  return levels
}

/** The root of the tree whose right edge this is. */
export function edgeRoot(edge: Edge): Buffer {
  let cutShort: Buffer | null = null
  for (const hashes of edge) {
    const row: Buffer[] = cutShort === null ? hashes : [...hashes, cutShort]
    cutShort = row.length === 0 ? null : rootOf(row)
  }
  return cutShort ?? emptyRoot
}

/** Appends leaf hashes to a tree of `size`: the pieces of tiles to write, and the right edge afterwards. */
export function appendToTiles(
  edge: Edge,
  size: number,
  leaves: readonly Buffer[],
): { pieces: HashPiece[]; edge: Edge } {
  const next = edge.map((hashes) => [...hashes])
  const pieces: HashPiece[] = []
  let arriving = [...leaves]
  for (let level = 0; arriving.length > 0; level++) {
    const filled: Buffer[] = []
    const tile = (next[level] ??= [])
    let { n } = edgeTile(size, level)
    while (arriving.length > 0) {
      const start = tile.length
      const taken = arriving.splice(0, tileWidth - start)
      tile.push(...taken)
      pieces.push({ level, n, start, hashes: Buffer.concat(taken) })
      if (tile.length < tileWidth) break
      filled.push(rootOf(tile))
      tile.length = 0
      n += 1
    }
    arriving = filled
  }
  return { pieces, edge: next }
}

/** Cuts the bytes of a tile into its hashes. */
export function splitHashes(bytes: Buffer): Buffer[] {
  const hashes: Buffer[] = []
  for (let at = 0; at < bytes.length; at += hashBytes) hashes.push(bytes.subarray(at, at + hashBytes))
  return hashes
}

const tilesRemembered = 64

/** Reads nodes of the tree out of stored tiles, and remembers the last tiles it read. */
export function nodesOf(readTile: TileReader): NodeReader {
  const known = new Map<string, Promise<Buffer>>()
  const tile = (level: number, n: number): Promise<Buffer> => {
    const key = `${level}/${n}`
    const read = known.get(key) ?? readTile(level, n)
    known.delete(key)
    known.set(key, read)
    if (known.size > tilesRemembered) known.delete(known.keys().next().value!)
    return read
  }
  return async (height, index) => {
    const level = Math.floor(height / tileHeight)
    const span = 2 ** (height % tileHeight)
    const first = index * span
    const bytes = await tile(level, Math.floor(first / tileWidth))
    const at = (first % tileWidth) * hashBytes
    const hashes = splitHashes(bytes.subarray(at, at + span * hashBytes))
    if (hashes.length !== span)
      throw new RangeError(`tile ${level}/${Math.floor(first / tileWidth)} is too short`)
    return wholeRoot(hashes)
  }
}

/** The tiles out of which `work` reads nodes, each once: what it asks for does not depend on what it is given. */
export async function tilesRead(
  work: (read: NodeReader) => Promise<unknown>,
): Promise<{ level: number; n: number }[]> {
  const tiles = new Map<string, { level: number; n: number }>()
  await work(async (height, index) => {
    const level = Math.floor(height / tileHeight)
    const n = Math.floor((index * 2 ** (height % tileHeight)) / tileWidth)
    tiles.set(`${level}/${n}`, { level, n })
    return emptyRoot
  })
  return [...tiles.values()]
}

function wholeRoot(hashes: readonly Buffer[]): Buffer {
  let row = [...hashes]
  while (row.length > 1) {
    row = Array.from({ length: row.length / 2 }, (_, place) => nodeHash(row[place * 2]!, row[place * 2 + 1]!))
  }
  return row[0]!
}
