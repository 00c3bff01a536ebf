import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, type PartnerId } from '#hub/model/ids.ts'
import type { NumberRange, NumberTerms } from '#hub/model/numbers.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { takeNumbers, type TakenNumbers } from './numbers.ts'

let database: TestDatabase
let receiver = 0
const partnerId = newId<PartnerId>()

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(async () => {
  await database.drop()
})

function newRange(): (terms?: NumberTerms) => NumberRange {
  receiver += 1
  const range = { sender: 'gln:1', receiver: `gln:${receiver}`, kind: 'interchange', partnerId }
  return (terms) => ({ ...range, ...(terms && { terms }) })
}

/** Takes so many and gives out as many as there are; says what was given out and what the ledger is told. */
async function take(range: NumberRange, count: number, use = (_numbers: TakenNumbers) => {}) {
  return inTransaction(database.store.worker, 'test', async (client) => {
    const numbers = await takeNumbers(
      client,
      Array.from({ length: count }, () => range),
    )
    const given: number[] = []
    numbers.begin()
    while (given.length < count && numbers.suffice([range])) given.push(numbers.next(range))
    use(numbers)
    const told = numbers.explained().map(({ type, body }) => ({ type, ...(body as object) }))
    return { given, told }
  })
}

test('a range begins at its start, and one that has passed it goes on; what is passed over is told', async () => {
  const range = newRange()
  expect(await take(range({ start: 100 }), 2)).toEqual({ given: [100, 101], told: [] })
  expect((await take(range({ start: 50 }), 1)).given).toEqual([102])
  const raised = await take(range({ start: 500 }), 1)
  expect(raised.given).toEqual([500])
  expect(raised.told).toMatchObject([
    { type: 'numbers.skipped', from: 103, to: 499, why: 'moved', code: null },
  ])
})

test('at its end a range gives no more, and goes on when the end is moved', async () => {
  const range = newRange()
  expect(await take(range({ end: 3 }), 5)).toEqual({ given: [1, 2, 3], told: [] })
  expect(await take(range({ end: 3 }), 2)).toEqual({ given: [], told: [] })
  expect(await take(range({ end: 9 }), 2)).toEqual({ given: [4, 5], told: [] })
  expect((await take(range({ width: 1 }), 6)).given).toEqual([6, 7, 8, 9])
})

test('a range begins again where its agreement says so, and the ledger says when', async () => {
  const range = newRange()
  const terms = { start: 10, end: 12, atEnd: 'restart' } as const
  expect((await take(range(terms), 2)).given).toEqual([10, 11])
  const round = await take(range(terms), 3)
  expect(round.given).toEqual([12, 10, 11])
  expect(round.told).toMatchObject([{ type: 'numbers.restarted', at: 12, from: 10 }])
})

test('what is given out and not written is told with its reason, and a rollback leaves no gap', async () => {
  const range = newRange()
  const lost = await take(range(), 2, (numbers) => numbers.lose([range(), range()], { code: 'notWritable' }))
  expect(lost.told).toMatchObject([
    { type: 'numbers.skipped', from: 1, to: 1, why: 'not_written', code: 'CD-5004' },
    { type: 'numbers.skipped', from: 2, to: 2, why: 'not_written', code: 'CD-5004' },
  ])
  const failing = take(range(), 3, () => {
    throw new Error('the transaction fails on purpose')
  })
  await expect(failing).rejects.toThrow('on purpose')
  expect((await take(range(), 1)).given).toEqual([3])
})
