import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import {
  answerLost,
  createTestTransport,
  negativeReceipt,
  pendingFor,
  positiveReceipt,
  refused,
  taken,
  unreachable,
} from './test-transport.ts'
import { makeWorld, type World } from './world.ts'

let database: TestDatabase
let world: World

beforeAll(async () => {
  database = await testDatabase()
  world = await makeWorld(database)
})
afterAll(async () => {
  await database.drop()
})

test('a delivery that is taken is delivered, with its proof, its roll-up and an entry for both parties', async () => {
  const transport = createTestTransport()
  const deliver = world.deliver(transport)
  const made = await world.delivery(await world.channel(), { documents: 2 })
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(await world.states(made)).toMatchObject({
    delivery: 'delivered',
    code: null,
    attempt: 1,
    attempts: ['taken'],
    document: 'delivered',
    holds: 0,
  })
  expect(await world.entries(made)).toEqual([
    'delivery.attempted',
    'delivery.delivered',
    'document.delivered',
    'document.delivered',
  ])
  expect(transport.seen).toHaveLength(1)
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(transport.seen).toHaveLength(1)
  await deliver.close()
})

test('a retry keeps the wire identity and the bytes, and waits as the schedule and the peer say', async () => {
  const transport = createTestTransport(() => unreachable)
  const deliver = world.deliver(transport)
  const made = await world.delivery(await world.channel())
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(await world.states(made)).toMatchObject({
    delivery: 'waiting',
    code: 'CD-6001',
    document: 'waiting',
  })
  expect(await secondsToNext(made.deliveryId)).toBeCloseTo(5, 0)
  transport.behave(() => ({ kind: 'not_taken', code: 'peerBusy', retry: 'later', retryAfterMs: 900_000 }))
  await world.due(made.deliveryId)
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(await secondsToNext(made.deliveryId)).toBeCloseTo(900, -1)
  transport.behave(() => taken)
  await world.due(made.deliveryId)
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(await world.states(made)).toMatchObject({
    delivery: 'delivered',
    attempt: 3,
    attempts: ['not_taken', 'not_taken', 'taken'],
  })
  expect(new Set(transport.seen.map(({ wireId, sha256 }) => `${wireId} ${sha256}`)).size).toBe(1)
  await deliver.close()
})

test('when every attempt of the schedule failed the delivery is held, never dropped', async () => {
  const transport = createTestTransport(() => unreachable)
  const deliver = world.deliver(transport)
  const made = await world.delivery(await world.channel())
  for (let attempt = 1; attempt <= 10; attempt++) {
    await world.due(made.deliveryId)
    await deliver.deliver([made.deliveryId])
    await deliver.idle()
  }
  expect(await world.states(made)).toMatchObject({
    delivery: 'held',
    code: 'CD-6008',
    attempt: 10,
    document: 'held',
    holds: 1,
  })
  await deliver.close()
})

test('a refusal is refused until a person acts', async () => {
  const deliver = world.deliver(createTestTransport(() => refused))
  const made = await world.delivery(await world.channel())
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(await world.states(made)).toMatchObject({
    delivery: 'refused',
    code: 'CD-6003',
    attempts: ['not_taken'],
    document: 'refused',
  })
  await deliver.close()
})

test('a swallowed answer is held where the peer does not drop repeats, and tried again where it does', async () => {
  const deliver = world.deliver(createTestTransport(() => answerLost))
  const held = await world.delivery(await world.channel())
  const again = await world.delivery(await world.channel({ peerDedupes: true }))
  await deliver.deliver([held.deliveryId, again.deliveryId])
  await deliver.idle()
  expect(await world.states(held)).toMatchObject({
    delivery: 'held',
    code: 'CD-6002',
    attempts: ['unknown'],
    holds: 1,
  })
  expect(await world.states(again)).toMatchObject({
    delivery: 'waiting',
    code: 'CD-6002',
    attempts: ['unknown'],
    holds: 0,
  })
  await deliver.close()
})

test('a transport that throws has left the end unknown', async () => {
  const deliver = world.deliver(
    createTestTransport(() => {
      throw new Error('a fault of our own')
    }),
  )
  const channel = await world.channel()
  const made = await Promise.all(Array.from({ length: 20 }, () => world.delivery(channel)))
  await deliver.deliver(made.map(({ deliveryId }) => deliveryId))
  await deliver.idle()
  for (const one of made) {
    expect(await world.states(one)).toMatchObject({
      delivery: 'held',
      code: 'CD-6010',
      attempts: ['unknown'],
    })
  }
  await deliver.close()
})

test('walk 2: a negative receipt overtakes our settling, which then changes nothing', async () => {
  const transport = createTestTransport()
  const deliver = world.deliver(transport)
  const made = await world.delivery(await world.channel(), { expected: true })
  transport.behave(async (delivery) => {
    const evidenceId = await world.receipt()
    expect(
      await deliver.settleByReceipt({ deliveryId: delivery.id, outcome: negativeReceipt, evidenceId }),
    ).toBe('settled')
    return pendingFor(7_200_000)
  })
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(await world.states(made)).toMatchObject({
    delivery: 'refused',
    code: 'CD-7004',
    attempts: ['not_taken'],
    document: 'refused',
    acknowledgement: 'rejected',
  })
  await deliver.close()
})

test('a receipt that is late, positive and comes twice settles once', async () => {
  const deliver = world.deliver(createTestTransport(() => pendingFor(7_200_000)))
  const made = await world.delivery(await world.channel(), { expected: true })
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(await world.states(made)).toMatchObject({
    delivery: 'pending',
    attempts: ['pending'],
    document: 'pending',
  })
  const settle = async () =>
    deliver.settleByReceipt({
      deliveryId: made.deliveryId,
      outcome: positiveReceipt,
      evidenceId: await world.receipt(),
    })
  const ends = await Promise.all([settle(), settle()])
  expect(ends.toSorted()).toEqual(['already', 'settled'])
  expect(await world.states(made)).toMatchObject({
    delivery: 'delivered',
    attempts: ['taken'],
    document: 'delivered',
    acknowledgement: 'accepted',
  })
  const entries = await world.entries(made)
  expect(entries.filter((type) => type === 'delivery.delivered')).toHaveLength(1)
  await deliver.close()
})

async function secondsToNext(deliveryId: string): Promise<number> {
  const { rows } = await database.admin.query<{ s: number }>(
    `select extract(epoch from next_at - now())::float8 as s from delivery where id = $1`,
    [deliveryId],
  )
  return rows[0]!.s
}
