import { afterAll, beforeAll, expect, test } from 'vitest'
import { asId, newId, type ChannelId, type PartnerId, type TransmissionId } from '#hub/model/ids.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import type { Queryable } from './connect.ts'
import { onceHolders, sweepExpiredOnce, type OnceClaim } from './once.ts'
import { insertArrived, type Arrived } from './receive.ts'
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

async function takeIn(client: Queryable, claims: OnceClaim[]) {
  await insertArrived(client, claims.map(arrived))
  return onceHolders(client, claims)
}

/** A refused file, which has no bytes, under that identity. */
function arrived(once: OnceClaim): Arrived {
  const transmission = {
    id: asId<TransmissionId>(once.ownerId),
    partnerId: newId<PartnerId>(),
    channelId: newId<ChannelId>(),
    kind: 'file',
    state: 'refused',
    code: 'uploadBroken',
    name: null,
    rawId: null,
    openedId: null,
    answerId: null,
    evidence: {},
  } as const
  const about = { partnerId: transmission.partnerId, transmissionId: transmission.id, actor: 'hub' }
  const body = { code: 'CD-1001', channel: 'api' }
  return { transmission, payloads: [], once, entry: { ...about, type: 'transmission.refused', body } }
}

function take(claims: OnceClaim[]) {
  return inTransaction(database.store.worker, 'test', (client) => takeIn(client, claims))
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

test('of files with the same identity only the first is inserted, with its entry', async () => {
  const [first, second] = [claim('twice'), claim('twice')]
  await take([first, second])
  await take([claim('twice')])
  const { rows } = await database.admin.query(
    `select t.id from transmission t join entry e on e.transmission_id = t.id where t.id = any($1)`,
    [[first.ownerId, second.ownerId]],
  )
  expect(rows).toEqual([{ id: first.ownerId }])
})

test('what was rolled back is free again', async () => {
  const lost = inTransaction(database.store.worker, 'test', async (client) => {
    await takeIn(client, [claim('rolled back')])
    throw new RangeError('no')
  })
  await expect(lost).rejects.toThrow('no')
  const next = claim('rolled back')
  expect((await take([next]))[0]!.ownerId).toBe(next.ownerId)
})

test('many that claim the same keys in any order never block each other for good', async () => {
  const keys = Array.from({ length: 50 }, (_, at) => `busy ${at}`)
  const rounds = Array.from({ length: 8 }, (_, at) => {
    const order = at % 2 === 0 ? keys : keys.toReversed()
    return take(order.map((key) => claim(key)))
  })
  const all = await Promise.all(rounds)
  const inOrder = all.map((holders, at) => (at % 2 === 0 ? holders : holders.toReversed()))
  for (const holders of inOrder) expect(holders).toEqual(inOrder[0])
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
