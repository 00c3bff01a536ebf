import { expect, it } from 'vitest'
import { matchStructure } from './matcher.ts'
import { compileStructure, type GroupNode } from './tables/structure.ts'

/** Matches tags; gives the tree in brackets and what was wrong. */
function match(notation: string, text: string): { tree: string; faults: string[] } {
  const tags = text.split(' ').map((tag) => ({ tag }))
  const faults: string[] = []
  let tree = ''
  matchStructure(compileStructure('TEST', notation), tags, {
    open: (group) => (tree += `${group.name}(`),
    close: () => (tree = `${tree.trimEnd()}) `),
    place: (index) => (tree += `${tags[index]!.tag} `),
    unplaced: (index) => faults.push(`unplaced ${tags[index]!.tag} at ${index}`),
    missing: (node, { after, noticedAt }) =>
      faults.push(`missing ${node.tag} after ${after}, noticed at ${noticedAt}`),
    tooMany: (node, index) => faults.push(`too many ${node.tag} at ${index}`),
  })
  return { tree: tree.trim(), faults }
}

it('segments and groups are placed where the structure has them', () => {
  expect(
    match(
      'UNH! BGM! 1*9(RFF! DTM*5) 2*9(NAD! 3*5(CTA! COM)) UNT!',
      'UNH BGM RFF DTM RFF NAD CTA COM CTA NAD UNT',
    ),
  ).toEqual({
    tree: 'UNH BGM SG1(RFF DTM) SG1(RFF) SG2(NAD SG3(CTA COM) SG3(CTA)) SG2(NAD) UNT',
    faults: [],
  })
})

it('FORMATS 14 the same tag in and behind a group goes to the nearest position not used up', () => {
  const notation = 'UNH! 1*9(TDT! LOC*2) 5*99(LOC! GID) UNT!'
  expect(match(notation, 'UNH TDT LOC LOC LOC GID LOC UNT').tree).toBe(
    'UNH SG1(TDT LOC LOC) SG5(LOC GID) SG5(LOC) UNT',
  )
  expect(match('UNH! NAD*2 1*9(NAD! CTA) UNT!', 'UNH NAD NAD NAD CTA UNT').tree).toBe(
    'UNH NAD NAD SG1(NAD CTA) UNT',
  )
})

it('FORMATS 14 a section control segment decides between positions before and behind it', () => {
  const notation = 'UNH! 1*9(LIN! MOA) UNS! MOA UNT!'
  expect(match(notation, 'UNH LIN MOA UNS MOA UNT')).toEqual({
    tree: 'UNH SG1(LIN MOA) UNS MOA UNT',
    faults: [],
  })
})

it('FORMATS 15 a group of one segment closes when something else follows', () => {
  expect(match('UNH! 1*9(RFF!) 2*9(NAD!) UNT!', 'UNH RFF RFF NAD UNT').tree).toBe(
    'UNH SG1(RFF) SG1(RFF) SG2(NAD) UNT',
  )
})

it('FORMATS 20 what is missing is told with the last segment before the gap and the place it was noticed', () => {
  expect(match('UNH! BGM! DTM! NAD UNT!', 'UNH BGM NAD UNT').faults).toEqual([
    'missing DTM after 1, noticed at 2',
  ])
  expect(match('UNH! 1!(LIN! QTY!) UNT!', 'UNH UNT').faults).toEqual(['missing LIN after 0, noticed at 1'])
  expect(match('UNH! 1!*9(LIN! QTY!) UNT!', 'UNH LIN LIN QTY UNT').faults).toEqual([
    'missing QTY after 1, noticed at 2',
  ])
  expect(match('UNH! BGM! UNT!', 'UNH').faults).toEqual([
    'missing BGM after 0, noticed at 1',
    'missing UNT after 0, noticed at 1',
  ])
})

it('repetitions past the limit are reported one by one, and placed', () => {
  expect(match('UNH! DTM*2 UNT!', 'UNH DTM DTM DTM DTM UNT')).toEqual({
    tree: 'UNH DTM DTM DTM DTM UNT',
    faults: ['too many DTM at 3', 'too many DTM at 4'],
  })
  expect(match('UNH! 1*2(LIN! QTY) UNT!', 'UNH LIN QTY LIN LIN QTY UNT')).toEqual({
    tree: 'UNH SG1(LIN QTY) SG1(LIN) SG1(LIN QTY) UNT',
    faults: ['too many LIN at 4'],
  })
})

it('a segment that fits nowhere changes nothing for those behind it', () => {
  expect(match('UNH! BGM! 1*9(LIN! QTY) UNT!', 'UNH BGM LIN XYZ QTY BGM UNT')).toEqual({
    tree: 'UNH BGM SG1(LIN QTY) UNT',
    faults: ['unplaced XYZ at 3', 'unplaced BGM at 5'],
  })
})

it('E3 the cost grows with the segments alone, however the groups nest', () => {
  const structure = compileStructure(
    'TEST',
    'UNH! 1*9999999(LIN! 2*9(NAD! 3*9(RFF! 4*9(DTM! 5*9(LOC!)))) QTY) UNT!',
  )
  const lookUps = countLookUps(structure)
  const cost = (lines: number): number => {
    const tags = [{ tag: 'UNH' }]
    for (let line = 0; line < lines; line++)
      for (const tag of ['LIN', 'NAD', 'RFF', 'DTM', 'LOC', 'QTY', 'XYZ']) tags.push({ tag })
    const before = lookUps()
    matchStructure(structure, tags, {})
    return lookUps() - before
  }
  const [none, one] = [cost(1), cost(2)]
  expect(cost(10_000)).toBe(none + 9_999 * (one - none))
  // each of the seven segments is looked for in the five open groups and the root at most
  expect(one - none).toBeLessThanOrEqual(7 * 6)
})

it.each(['A(', 'UNH!)', '1(LIN', 'UNH!?', '1()'])('a faulty notation (%s) is refused', (notation) => {
  expect(() => compileStructure('TEST', notation)).toThrow(/structure/)
})

/** How often a tag was looked for in a group of this structure. */
function countLookUps(root: GroupNode): () => number {
  let count = 0
  const watch = (group: GroupNode): void => {
    const { positions } = group
    const find = positions.get.bind(positions)
    Object.assign(positions, {
      get: (tag: string) => {
        count++
        return find(tag)
      },
    })
    for (const child of group.children) if (child.kind === 'group') watch(child)
  }
  watch(root)
  return () => count
}
