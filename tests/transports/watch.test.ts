import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PgBoss } from 'pg-boss'
import { systemClock } from '#hub/base/clock.ts'
import { createLog } from '#hub/base/log.ts'
import { createWatch, type Watch } from '#hub/pipeline/watch/index.ts'
import { jobQueue, startSender } from '#hub/queue/boss.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { createTestTransport, pendingFor, positiveReceipt } from './test-transport.ts'
import { makeWorld, type Made, type World } from './world.ts'

const log = createLog('silent')
let database: TestDatabase
let world: World
let boss: PgBoss
let watch: Watch

beforeAll(async () => {
  database = await testDatabase()
  world = await makeWorld(database)
  boss = await startSender(database.url, log)
  watch = createWatch({ store: database.store, queue: jobQueue(boss), clock: systemClock, log })
})
afterAll(async () => {
  await boss.stop({ graceful: false })
  await database.drop()
})

test('a proof that does not come is overdue once, its state stays, and a late one still counts', async () => {
  const deliver = world.deliver(createTestTransport(() => pendingFor(-1_000)))
  const made = await world.delivery(await world.channel(), { expected: true })
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect((await watch.runOnce()).overdue).toBe(2)
  expect((await watch.runOnce()).overdue).toBe(0)
  expect(await world.states(made)).toMatchObject({ delivery: 'pending', acknowledgement: 'waiting' })
  expect(await world.entries(made)).toEqual([
    'delivery.attempted',
    'delivery.pending',
    'delivery.overdue',
    'acknowledgement.overdue',
  ])
  const evidenceId = await world.receipt()
  await deliver.settleByReceipt({ deliveryId: made.deliveryId, outcome: positiveReceipt, evidenceId })
  expect(await world.states(made)).toMatchObject({ delivery: 'delivered', acknowledgement: 'accepted' })
  const { rows } = await database.admin.query(
    `select convert_from(body, 'UTF8') as body from entry where delivery_id = $1 and type = 'delivery.delivered'`,
    [made.deliveryId],
  )
  expect(rows).toEqual([{ body: '{"attempt":1,"late":true}' }])
  await deliver.close()
})

test('a due delivery that no job will take up gets one, and only one', async () => {
  const made = await world.delivery(await world.channel())
  expect((await watch.runOnce()).deliverJobs).toBe(1)
  expect((await watch.runOnce()).deliverJobs).toBe(0)
  expect(await jobs(made)).toBe(1)
})

test('a job whose worker died counts for nothing, one whose worker beats counts', async () => {
  const made = await world.delivery(await world.channel())
  await watch.runOnce()
  const beat = (interval: string) =>
    database.admin.query(
      `update pgboss.job set state = 'active', started_on = now() - interval '5 minutes', heartbeat_on = now() - $2::interval
       where data->'deliveryIds' ? $1`,
      [made.deliveryId, interval],
    )
  await beat('5 seconds')
  expect((await watch.runOnce()).deliverJobs).toBe(0)
  await beat('40 seconds')
  expect((await watch.runOnce()).deliverJobs).toBe(1)
  expect(await jobs(made)).toBe(2)
})

test('an accepted file that came to nothing gets a job, and a receipt does not', async () => {
  const before = await watch.runOnce()
  expect(before.ran).toBe(true)
  const id = await world.file()
  await world.receipt()
  expect((await watch.runOnce()).processJobs).toBe(1)
  expect((await watch.runOnce()).processJobs).toBe(0)
  const { rows } = await database.admin.query(
    `select count(*)::int as n from pgboss.job where data->'transmissionIds' ? $1`,
    [id],
  )
  expect(rows).toEqual([{ n: 1 }])
})

test('two watchers at once: one runs, the other passes', async () => {
  const other = createWatch({ store: database.store, queue: jobQueue(boss), clock: systemClock, log })
  const reports = await Promise.all([watch.runOnce(), other.runOnce(), watch.runOnce(), other.runOnce()])
  expect(reports.filter(({ ran }) => ran).length).toBeGreaterThanOrEqual(1)
  expect(reports.every(({ broken }) => broken.length === 0)).toBe(true)
})

async function jobs({ deliveryId }: Made): Promise<number> {
  const { rows } = await database.admin.query<{ n: number }>(
    `select count(*)::int as n from pgboss.job where name = 'deliver' and data->'deliveryIds' ? $1`,
    [deliveryId],
  )
  return rows[0]!.n
}
