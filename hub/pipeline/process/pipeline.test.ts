import { expect, test } from 'vitest'
import { processSteps } from '#hub/model/states.ts'
import { canonicalise } from './canonicalise.ts'
import { check } from './check.ts'
import { judge } from './judge.ts'
import { map } from './map.ts'
import { computingSteps, inOrder, pipeline } from './pipeline.ts'
import { resolve } from './resolve.ts'
import { split } from './split.ts'
import { write } from './write.ts'

test('the steps stand in the order that rows and ledger know', () => {
  expect(pipeline.map((step) => step.name)).toEqual(processSteps)
  expect(computingSteps('judge').map((step) => step.name)).toEqual(['judge', 'map'])
})

test('a list in another order does not compile', () => {
  // @ts-expect-error check needs what resolve gives
  expect(inOrder(split, check, resolve, canonicalise, judge, map, write)).toHaveLength(7)
  // @ts-expect-error map needs a document that judge let pass
  expect(inOrder(split, resolve, check, canonicalise, map, judge, write)).toHaveLength(7)
  // @ts-expect-error canonicalise needs a checked message
  expect(inOrder(split, resolve, canonicalise, check, judge, map, write)).toHaveLength(7)
})
