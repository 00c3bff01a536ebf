import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#hub/model/ids.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { claimOnce, sweepExpiredOnce, type OnceClaim } from './once.ts'
import { inTransaction } from './transaction.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(async () => {
  await database.drop()
})

function claim(key: string, ownerId: string = newId()): OnceClaim {
  return { scope: 'test', key, ownerId, contentSha256: Buffer.from(key) }
}

function take(claims: OnceClaim[]) {
  return inTransaction(database.store.worker, 'test', (client) => claimOnce(client, claims))
}

test('the first to claim has it, in one call and later, and holders come in the order of the claims', async () => {
  const [a, b, againA, c] = [claim('a'), claim('b'), claim('a'), claim('c')]
  const holders = await take([c, a, againA, b])
  expect(holders.map((holder) => holder.ownerId)).toEqual([c.ownerId, a.ownerId, a.ownerId, b.ownerId])
  const later = await take([claim('b'), claim('a'), claim('d')])
  expect(later.slice(0, 2)).toEqual([
    { ownerId: b.ownerId, contentSha256: Buffer.from('b') },
    { ownerId: a.ownerId, contentSha256: Buffer.from('a') },
  ])
})

test('an owner that claims again keeps what it has', async () => {
  const mine = claim('mine')
  await take([mine])
  expect(await take([mine])).toEqual([{ ownerId: mine.ownerId, contentSha256: Buffer.from('mine') }])
})

test('what was rolled back is free again', async () => {
  const lost = inTransaction(database.store.worker, 'test', async (client) => {
    await claimOnce(client, [claim('rolled back')])
    throw new RangeError('no')
  })
  await expect(lost).rejects.toThrow('no')
  const next = claim('rolled back')
  expect((await take([next]))[0]!.ownerId).toBe(next.ownerId)
})

test('many that claim the same keys in any order never block each other for good', async () => {
  const keys = Array.from({ length: 50 }, (_, at) => `busy ${at}`)
  const rounds = Array.from({ length: 8 }, (_, at) => {
    const own = newId()
    const order = at % 2 === 0 ? keys : keys.toReversed()
    return take(order.map((key) => claim(key, own)))
  })
  const all = await Promise.all(rounds)
  const owners = new Set(all.flat().map((holder) => holder.ownerId))
  expect(owners.size).toBe(1)
})

test('the sweep forgets what is over for an hour, and nothing else', async () => {
  await database.admin.query(
    `insert into once (scope, key, owner_id, expires_at)
     select 'sweep', n::text::bytea, $1, now() + make_interval(mins => n) from generate_series(-180, 60, 30) n`,
    [newId()],
  )
  await take([claim('for ever')])
  expect(await sweepExpiredOnce(database.store.worker, 2)).toBe(2)
  expect(await sweepExpiredOnce(database.store.worker)).toBe(3)
  expect(await sweepExpiredOnce(database.store.worker)).toBe(0)
  const { rows } = await database.admin.query(`select count(*)::int n from once where scope = 'sweep'`)
  expect(rows).toEqual([{ n: 4 }])
})
