import { expect, it } from 'vitest'
import { limits } from '#hub/base/limits.ts'
import { fitOf, nowhere } from './fit.ts'
import { compileStructure } from './tables/structure.ts'
import { segment } from './tree.ts'

const structure = compileStructure('TOY', 'UNH! BGM! 1*9(LIN! QTY) UNT!')
const message = (tags: string) => tags.split(' ').map((tag) => segment(tag))

it('says of each segment what it closes and opens, and what does not fit', () => {
  const fit = fitOf(structure, message('UNH LIN QTY XYZ LIN UNT'))
  expect([...fit.closes]).toEqual([0, 0, 0, nowhere, 1, 1])
  expect(fit.opens.map((group) => group?.name ?? '')).toEqual(['', 'SG1', '', '', 'SG1', ''])
  expect(fit.faults).toMatchObject([
    { kind: 'missing', node: { tag: 'BGM' }, after: 0, noticedAt: 1 },
    { kind: 'unplaced', index: 3 },
  ])
})

it('runs once for a message, and again for another structure', () => {
  const segments = message('UNH BGM UNT')
  expect(fitOf(structure, segments)).toBe(fitOf(structure, segments))
  expect(fitOf(compileStructure('OTHER', 'UNH! UNT!'), segments).faults).toHaveLength(1)
})

it('keeps as many faults as are shown, and one that says there are more', () => {
  const segments = message(`UNH BGM ${'XYZ '.repeat(5_000)}UNT`)
  expect(fitOf(structure, segments).faults).toHaveLength(limits.findingsKept + 1)
})
