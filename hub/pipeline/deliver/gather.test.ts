import { expect, test } from 'vitest'
import { gather, type GatherOptions } from './gather.ts'

/** Flushes that end when the test says so. */
function held(options: Partial<GatherOptions> = {}) {
  const flushes: { items: number[]; end(): void }[] = []
  const ask = gather<number, number>(
    (items) => {
      const gate = Promise.withResolvers<number[]>()
      flushes.push({ items, end: () => gate.resolve(items) })
      return gate.promise
    },
    { max: 4, inFlight: 1, ...options },
  )
  return { ask, flushes, seen: () => flushes.map(({ items }) => items) }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('what is asked for in one turn goes together, and what comes meanwhile waits for the next flush', async () => {
  const { ask, flushes, seen } = held()
  const first = [ask(1), ask(2)]
  await turn()
  const later = [ask(3), ask(4)]
  await turn()
  expect(seen()).toEqual([[1, 2]])
  flushes[0]!.end()
  expect(await Promise.all(first)).toEqual([1, 2])
  await turn()
  expect(seen()).toEqual([
    [1, 2],
    [3, 4],
  ])
  flushes[1]!.end()
  expect(await Promise.all(later)).toEqual([3, 4])
})

test('while more are expected than wait, a flush waits for them, though not for ever', async () => {
  let expected = 2
  const { ask, flushes, seen } = held({ expected: () => expected, patienceMs: 60_000 })
  const both = [ask(1)]
  await turn()
  expect(seen()).toEqual([])
  both.push(ask(2))
  await turn()
  expect(seen()).toEqual([[1, 2]])
  flushes[0]!.end()
  await Promise.all(both)

  expected = 100
  const impatient = held({ expected: () => expected, patienceMs: 5 })
  const alone = impatient.ask(3)
  const full = held({ expected: () => expected, patienceMs: 60_000 })
  const four = [1, 2, 3, 4].map((item) => full.ask(item))
  await turn()
  expect(full.seen()).toEqual([[1, 2, 3, 4]])
  full.flushes[0]!.end()
  await Promise.all(four)
  await expect.poll(() => impatient.seen()).toEqual([[3]])
  impatient.flushes[0]!.end()
  expect(await alone).toBe(3)
})
