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
const handled = new Set<string>()
/** So seldom that a test which needs a poll does not end in its time. */
const pollSeconds = 600
let waiting: { count: number; resolve: () => void } | null = null

beforeAll(async () => {
  database = await testDatabase()
  boss = await startBoss(database.url, log)
  const handle = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) handled.add(id)
    if (waiting !== null && handled.size >= waiting.count) waiting.resolve()
  }
  await workProcess(boss, handle, log, pollSeconds)
  await workDeliver(boss, handle, log, pollSeconds)
})
afterAll(async () => {
  await boss.stop({ graceful: false })
  await database.drop()
})

test('a job reaches its handler by its commit, without a poll', async () => {
  for (let turn = 0; turn < 5; turn++) {
    const id = newId<TransmissionId>()
    const all = handledCount(handled.size + 1)
    await inTransaction(database.store.worker, 'test', (client) => jobQueue(boss).process(client, [id]))
    await all
    expect(handled).toContain(id)
  }
})

test('a backlog of 500 drains without a poll', async () => {
  const all = handledCount(handled.size + 500)
  const channelId = newId<ChannelId>()
  const jobs = Array.from({ length: 500 }, () => ({ deliveryId: newId<DeliveryId>(), channelId }))
  await inTransaction(database.store.worker, 'test', (client) => jobQueue(boss).deliver(client, jobs))
  await all
  expect(jobs.every(({ deliveryId }) => handled.has(deliveryId))).toBe(true)
})

test('jobs of a transaction that is undone are never handled', async () => {
  const [undone, kept] = [newId<TransmissionId>(), newId<TransmissionId>()]
  const all = handledCount(handled.size + 1)
  const work = inTransaction(database.store.worker, 'test', async (client) => {
    await jobQueue(boss).process(client, [undone])
    throw new Error('undone on purpose')
  })
  await expect(work).rejects.toThrow('undone on purpose')
  await inTransaction(database.store.worker, 'test', (client) => jobQueue(boss).process(client, [kept]))
  await all
  expect(handled).not.toContain(undone)
})

test('jobs are put in by a statement that is planned once per connection', async () => {
  const names = await inTransaction(database.store.worker, 'test', async (client) => {
    for (let turn = 0; turn < 3; turn++) await jobQueue(boss).process(client, [newId()])
    const { rows } = await client.query<{ calls: number }>(
      `select (generic_plans + custom_plans)::int calls from pg_prepared_statements where name like 'queue\\_%'`,
    )
    return rows
  })
  expect(names.some(({ calls }) => calls >= 3)).toBe(true)
})

test('a job that is not due yet waits', async () => {
  const id = newId<DeliveryId>()
  const later = new Date(Date.now() + 3_600_000)
  await inTransaction(database.store.worker, 'test', (client) =>
    jobQueue(boss).deliver(client, [{ deliveryId: id, channelId: newId(), startAfter: later }]),
  )
  const { rows } = await database.admin.query(
    `select state, start_after > now() + interval '59 minutes' as later from pgboss.job where data->'deliveryIds' ? $1`,
    [id],
  )
  expect(rows).toEqual([{ state: 'created', later: true }])
})

function handledCount(count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  waiting = { count, resolve }
  return promise
}
