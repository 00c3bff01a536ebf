import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PgBoss } from 'pg-boss'
import { createLog } from '#hub/base/log.ts'
import { newId, type ChannelId, type DeliveryId, type TransmissionId } from '#hub/model/ids.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { jobQueue, startBoss } from './boss.ts'
import { workDeliver } from './deliver.ts'
import { workProcess } from './process.ts'

const log = createLog('silent')
let database: TestDatabase
let boss: PgBoss
const handled = new Map<string, number>()
let waiting: { count: number; resolve: () => void } | null = null

beforeAll(async () => {
  database = await testDatabase()
  boss = await startBoss(database.url, log)
  const handle = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) handled.set(id, performance.now())
    if (waiting !== null && handled.size >= waiting.count) waiting.resolve()
  }
  await workProcess(boss, handle, log)
  await workDeliver(boss, handle, log)
})
afterAll(async () => {
  await boss.stop({ graceful: false })
  await database.drop()
})

test('a job reaches its handler milliseconds after its commit', async () => {
  const latencies: number[] = []
  for (let turn = 0; turn < 20; turn++) {
    const id = newId<TransmissionId>()
    const all = handledCount(handled.size + 1)
    await inTransaction(database.store.worker, 'test', (client) => jobQueue(boss).process(client, [id]))
    const committed = performance.now()
    await all
    latencies.push(handled.get(id)! - committed)
  }
  const median = latencies.toSorted((a, b) => a - b)[10]!
  expect(median).toBeLessThan(100)
})

test('a backlog of 500 drains without waiting for polls', async () => {
  const all = handledCount(handled.size + 500)
  const channelId = newId<ChannelId>()
  const jobs = Array.from({ length: 500 }, () => ({ deliveryId: newId<DeliveryId>(), channelId }))
  await inTransaction(database.store.worker, 'test', (client) => jobQueue(boss).deliver(client, jobs))
  const committed = performance.now()
  await all
  // ten polls of two seconds would be twenty seconds
  expect(performance.now() - committed).toBeLessThan(4_000)
})

test('a job that is not due yet waits', async () => {
  const id = newId<DeliveryId>()
  const later = new Date(Date.now() + 3_600_000)
  await inTransaction(database.store.worker, 'test', (client) =>
    jobQueue(boss).deliver(client, [{ deliveryId: id, channelId: newId(), startAfter: later }]),
  )
  const { rows } = await database.admin.query(
    `select state, start_after > now() + interval '59 minutes' as later from pgboss.job where data->>'deliveryId' = $1`,
    [id],
  )
  expect(rows).toEqual([{ state: 'created', later: true }])
})

function handledCount(count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  waiting = { count, resolve }
  return promise
}
