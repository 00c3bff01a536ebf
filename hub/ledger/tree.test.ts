import { describe, expect, test } from 'vitest'
import { appendToTiles, edgeRoot, nodesOf, type Edge } from './tiles.ts'
import {
  consistencyProof,
  createRange,
  emptyRoot,
  goesOnFrom,
  inclusionProof,
  leafHash,
  rootFromInclusion,
  rootOf,
} from './tree.ts'

// the leaves that Certificate Transparency's own implementations test with
const known = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const leaves = Array.from({ length: 1_200 }, (_, number) => leafHash(`leaf ${number}`))

test('roots are those of RFC 6962', () => {
  expect(emptyRoot.toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  const hashes = known.map((hex) => leafHash(Buffer.from(hex, 'hex').toString()))
  expect(hashes[0]!.toString('hex')).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
  expect(rootOf(hashes).toString('hex')).toBe(
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  )
})

test('tiles written piece by piece hold the tree, whatever the pieces', () => {
  for (const step of [1, 3, 255, 256, 257, 600]) {
    const { edge, tiles } = grow(step)
    expect(edgeRoot(edge)).toEqual(rootOf(leaves))
    expect(tiles.get('0/0')!.length).toBe(256 * 32)
    expect(tiles.get('0/4')!.length).toBe((1_200 - 4 * 256) * 32)
    expect(tiles.get('1/0')!.length).toBe(4 * 32)
  }
})

describe('proofs out of tiles', () => {
  const nodes = nodesOf(async (level, n) => grow(100).tiles.get(`${level}/${n}`)!)
  const sizes = [1, 2, 3, 7, 8, 255, 256, 257, 512, 513, 1_000, 1_200]
  const rootAt = (size: number): Buffer => rootOf(leaves.slice(0, size))

  test('each leaf is proven to be in each tree, and no other is', async () => {
    for (const size of sizes) {
      const root = rootAt(size)
      for (const index of [0, 1, 2, 6, 255, 256, 511, 999, size - 1].filter((each) => each < size)) {
        const proof = await inclusionProof(nodes, index, size)
        expect(rootFromInclusion(leaves[index]!, { index, size, proof })).toEqual(root)
        expect(rootFromInclusion(leaves[1_199 - index]!, { index, size, proof })).not.toEqual(root)
        expect(rootFromInclusion(leaves[index]!, { index, size, proof: [...proof, root] })).toBeNull()
      }
    }
  })

  test('each tree is proven to go on from each older one, and from no other', async () => {
    for (const oldSize of sizes) {
      for (const size of sizes.filter((each) => each >= oldSize)) {
        const proof = await consistencyProof(nodes, oldSize, size)
        const now = { size, root: rootAt(size) }
        expect(goesOnFrom({ size: oldSize, root: rootAt(oldSize) }, now, proof)).toBe(true)
        expect(goesOnFrom({ size: oldSize, root: leaves[0]! }, now, proof)).toBe(oldSize === 1)
        expect(
          goesOnFrom({ size: oldSize, root: rootAt(oldSize) }, { ...now, root: leaves[5]! }, proof),
        ).toBe(false)
      }
    }
  })
})

test('a range needs memory for its whole subtrees alone', () => {
  const range = createRange()
  for (const leaf of leaves) range.push(leaf)
  expect(range.size()).toBe(1_200)
  expect(range.root()).toEqual(rootOf(leaves))
})

function grow(step: number): { edge: Edge; tiles: Map<string, Buffer> } {
  const tiles = new Map<string, Buffer>()
  let edge: Edge = []
  for (let size = 0; size < leaves.length; size += step) {
    const grown = appendToTiles(edge, size, leaves.slice(size, size + step))
    edge = grown.edge
    for (const { level, n, start, hashes } of grown.pieces) {
      const before = tiles.get(`${level}/${n}`) ?? Buffer.alloc(0)
      expect(before.length).toBe(start * 32)
      tiles.set(`${level}/${n}`, Buffer.concat([before, hashes]))
    }
  }
  return { edge, tiles }
}
