import { expect, test } from 'vitest'
import { createGroup } from './group.ts'

const limits = { documents: 4, bytes: 100, inFlight: 2, beside: 2, waitingBytes: 1000 }

/** A group whose runs end when the test says so. */
function held(more: Partial<typeof limits> = {}) {
  const runs: { items: number[]; end(): void; fail(): void }[] = []
  const group = createGroup<number, number>({ ...limits, ...more }, (items) => {
    const gate = Promise.withResolvers<PromiseSettledResult<number>[]>()
    const done = items.map((value) =>
      value < 0
        ? { status: 'rejected' as const, reason: new Error(`${value}`) }
        : { status: 'fulfilled' as const, value },
    )
    runs.push({ items, end: () => gate.resolve(done), fail: () => gate.reject(new Error('all')) })
    return gate.promise
  })
  return { group, runs }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('a run begins at once, those that come meanwhile share the next one, and many do not wait for it', async () => {
  const { group, runs } = held()
  const results = [1, 2, 3, 4, 5].map((item) => group.join(item, 1))
  expect(runs.map((run) => run.items)).toEqual([[1], [2, 3]])
  runs[0]!.end()
  expect(await results[0]).toBe(1)
  await turn()
  expect(runs.map((run) => run.items)).toEqual([[1], [2, 3], [4, 5]])
  runs[1]!.end()
  runs[2]!.end()
  expect(await Promise.all(results)).toEqual([1, 2, 3, 4, 5])
})

test('a run takes no more than its documents and bytes, but at least one', async () => {
  const { group, runs } = held({ inFlight: 1 })
  const sizes = [1, 60, 40, 1, 500, 1, 1, 1, 1, 1]
  const all = Promise.all(sizes.map((bytes, item) => group.join(item, bytes)))
  for (let at = 0; at < 5; at++) {
    runs[at]!.end()
    await turn()
  }
  expect(runs.map((run) => run.items)).toEqual([[0], [1, 2], [3], [4], [5, 6, 7, 8], [9]])
  runs[5]!.end()
  await all
})

test('one that fails does so alone; a run that fails as a whole fails for all in it', async () => {
  const { group, runs } = held({ inFlight: 1 })
  const first = group.join(0, 1)
  const results = Promise.allSettled([group.join(1, 1), group.join(-2, 1)])
  runs[0]!.end()
  await first
  await turn()
  runs[1]!.end()
  expect(await results).toMatchObject([{ value: 1 }, { reason: { message: '-2' } }])
  const together = Promise.allSettled([group.join(3, 1)])
  runs[2]!.fail()
  expect(await together).toMatchObject([{ reason: { message: 'all' } }])
})

test('it is full above its waiting bytes, and idle when all is done', async () => {
  const { group, runs } = held({ inFlight: 1 })
  await group.idle()
  const results = [group.join(0, 1), group.join(1, 1000)]
  expect(group.full()).toBe(false)
  results.push(group.join(2, 1))
  expect(group.full()).toBe(true)
  let idle = false
  const whenIdle = group.idle().then(() => (idle = true))
  for (let at = 0; at < 3; at++) {
    expect(idle).toBe(false)
    runs[at]!.end()
    await turn()
  }
  await Promise.all([...results, whenIdle])
  expect(group.full()).toBe(false)
})
