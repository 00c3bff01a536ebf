import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '#hub/base/limits.ts'
import type { DeliverJob, JobQueue } from '#hub/model/queue.ts'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { createTestTransport, taken, unreachable } from './test-transport.ts'
import { makeWorld, type Made, type World } from './world.ts'

let database: TestDatabase
let world: World

beforeAll(async () => {
  database = await testDatabase()
  world = await makeWorld(database)
})
afterAll(async () => {
  expect(await findBrokenFacts(database.store.worker, null)).toEqual([])
  await database.drop()
})

test('two workers at once on the same deliveries make one attempt of each', async () => {
  const transport = createTestTransport()
  const workers = [world.deliver(transport), world.deliver(transport), world.deliver(transport)]
  const channels = await Promise.all([world.channel(), world.channel(), world.channel()])
  const made = await Promise.all(
    Array.from({ length: 60 }, (_, index) => world.delivery(channels[index % 3]!, { documents: 2 })),
  )
  const ids = made.map(({ deliveryId }) => deliveryId)
  await Promise.all(workers.map((worker) => worker.deliver(ids)))
  await Promise.all(workers.map((worker) => worker.idle()))
  expect(transport.seen).toHaveLength(60)
  expect(new Set(transport.seen.map(({ deliveryId }) => deliveryId)).size).toBe(60)
  for (const one of made) {
    expect(await world.states(one)).toMatchObject({
      delivery: 'delivered',
      attempt: 1,
      document: 'delivered',
    })
  }
  await Promise.all(workers.map((worker) => worker.close()))
})

test('a slow channel delays no other, and has no more than its share under way', async () => {
  const gate = Promise.withResolvers<void>()
  const slow = await world.channel()
  const fast = await world.channel()
  const transport = createTestTransport(async ({ channel }) => {
    if (channel.id === slow) await gate.promise
    return taken
  })
  const deliver = world.deliver(transport)
  const stuck = await Promise.all(Array.from({ length: 40 }, () => world.delivery(slow)))
  const quick = await Promise.all(Array.from({ length: 40 }, () => world.delivery(fast)))
  await deliver.deliver([...stuck, ...quick].map(({ deliveryId }) => deliveryId))
  await expect.poll(() => states(quick), { timeout: 10_000, interval: 20 }).toEqual(['delivered'])
  expect(transport.underWay().now).toBe(limits.deliveriesInFlightPerChannel)
  expect((await states(stuck)).toSorted()).toEqual(['sending', 'waiting'])
  gate.resolve()
  await deliver.idle()
  expect(await states(stuck)).toEqual(['delivered'])
  await deliver.close()
})

test('a lane takes from its table what it could not keep in mind', async () => {
  const channel = await world.channel()
  const gate = Promise.withResolvers<void>()
  const peer = createTestTransport(async () => {
    await gate.promise
    return taken
  })
  const transport = { ...peer, attemptsAtOnce: 32 }
  const deliver = world.deliver(transport)
  const first = await world.delivery(channel)
  const ids = await world.copies(first, limits.deliveriesQueuedPerChannel + 40)
  await deliver.deliver(ids)
  gate.resolve()
  await deliver.idle()
  expect(transport.seen).toHaveLength(ids.length)
  expect(new Set(transport.seen.map(({ deliveryId }) => deliveryId))).toEqual(new Set(ids))
  await deliver.close()
})

test('a channel that is down is tried with one attempt at a time until one goes well', async () => {
  const channel = await world.channel()
  const transport = createTestTransport(async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return unreachable
  })
  const deliver = world.deliver(transport)
  const first = await Promise.all(Array.from({ length: 4 }, () => world.delivery(channel)))
  await deliver.deliver(first.map(({ deliveryId }) => deliveryId))
  await deliver.idle()
  const gate = Promise.withResolvers<void>()
  transport.behave(async () => {
    await gate.promise
    return taken
  })
  const more = await Promise.all(Array.from({ length: 8 }, () => world.delivery(channel)))
  await deliver.deliver(more.map(({ deliveryId }) => deliveryId))
  await expect.poll(() => transport.underWay().now).toBe(1)
  expect((await states(more)).toSorted()).toEqual(['sending', 'waiting'])
  gate.resolve()
  await deliver.idle()
  expect(await states(more)).toEqual(['delivered'])
  await deliver.close()
})

test('of an ordered key only the head is sent; what is behind follows when it is delivered', async () => {
  const asked: DeliverJob[] = []
  const queue: JobQueue = {
    process: async () => {},
    processLarge: async () => {},
    deliver: async (_client, jobs) => {
      asked.push(...jobs)
    },
  }
  const channel = await world.channel()
  const transport = createTestTransport(() => unreachable)
  const deliver = world.deliver(transport, queue)
  const key = 'order 345'
  const first = await world.delivery(channel, { order: { key, no: 1 } })
  const second = await world.delivery(channel, { order: { key, no: 2 } })
  const other = await world.delivery(channel, { order: { key: 'order 346', no: 1 } })
  const ids = [second, first, other].map(({ deliveryId }) => deliveryId)
  await deliver.deliver(ids)
  await deliver.idle()
  expect(transport.seen.map(({ deliveryId }) => deliveryId).toSorted()).toEqual(
    [first.deliveryId, other.deliveryId].toSorted(),
  )
  transport.behave(() => taken)
  await world.due(first.deliveryId)
  asked.length = 0
  await deliver.deliver(ids)
  await deliver.idle()
  expect(asked).toEqual([{ deliveryId: second.deliveryId, channelId: channel }])
  await deliver.deliver(asked.map(({ deliveryId }) => deliveryId))
  await deliver.idle()
  expect(await states([first, second])).toEqual(['delivered'])
  await deliver.close()
})

test('a suspended channel sends nothing', async () => {
  const channel = await world.channel()
  await database.admin.query('update channel set suspended_at = now() where id = $1', [channel])
  const transport = createTestTransport()
  const deliver = world.deliver(transport)
  const made = await world.delivery(channel)
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(transport.seen).toEqual([])
  expect(await world.states(made)).toMatchObject({ delivery: 'waiting', attempt: 0 })
  await deliver.close()
})

test('a payload that is damaged is known not to have been sent', async () => {
  const transport = createTestTransport()
  const deliver = world.deliver(transport)
  const made = await world.delivery(await world.channel())
  await database.admin.query(
    `update payload p set bytes = set_byte(p.bytes, 3, (get_byte(p.bytes, 3) + 1) % 256)
     from delivery d where d.id = $1 and p.id = d.payload_id`,
    [made.deliveryId],
  )
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(transport.seen).toEqual([])
  expect(await world.states(made)).toMatchObject({
    delivery: 'held',
    code: 'CD-9004',
    attempts: ['not_taken'],
  })
  await deliver.close()
})

test('a channel of a kind that this hub does not run holds its deliveries', async () => {
  const channel = await world.channel()
  await database.admin.query(`update channel set kind = 'carrier-pigeon' where id = $1`, [channel])
  const deliver = world.deliver(createTestTransport())
  const made = await world.delivery(channel)
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(await world.states(made)).toMatchObject({ delivery: 'held', code: 'CD-6012' })
  await deliver.close()
})

async function states(made: readonly Made[]): Promise<string[]> {
  const { rows } = await database.admin.query<{ state: string }>(
    `select distinct state from delivery where id = any($1)`,
    [made.map(({ deliveryId }) => deliveryId)],
  )
  return rows.map(({ state }) => state)
}
