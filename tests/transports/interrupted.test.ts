import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PgBoss } from 'pg-boss'
import { systemClock } from '#hub/base/clock.ts'
import { limits } from '#hub/base/limits.ts'
import { createLog } from '#hub/base/log.ts'
import { createWatch, type Watch } from '#hub/pipeline/watch/index.ts'
import { jobQueue, startSender } from '#hub/queue/boss.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { createTestTransport, pendingFor, positiveReceipt, taken } from './test-transport.ts'
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
  expect((await watch.runOnce()).broken).toEqual([])
  await boss.stop({ graceful: false })
  await database.drop()
})

test('a hub killed in mid-attempt: without dropped repeats a person decides, and the receipt that comes ends it', async () => {
  const made = await world.delivery(await world.channel(), { expected: true })
  await killedInAttempt(made)
  expect(await world.states(made)).toMatchObject({ delivery: 'sending', attempts: ['sending'] })
  expect((await watch.runOnce()).interrupted).toBe(0)
  await leaseRunsOut(made)
  expect((await watch.runOnce()).interrupted).toBe(1)
  expect((await watch.runOnce()).interrupted).toBe(0)
  expect(await world.states(made)).toMatchObject({
    delivery: 'held',
    code: 'CD-6009',
    attempts: ['unknown'],
    document: 'held',
    holds: 1,
  })
  const deliver = world.deliver(createTestTransport())
  const evidenceId = await world.receipt()
  await deliver.settleByReceipt({ deliveryId: made.deliveryId, outcome: positiveReceipt, evidenceId })
  expect(await world.states(made)).toMatchObject({ delivery: 'delivered', attempts: ['taken'], holds: 0 })
  await deliver.close()
})

test('a hub killed in mid-attempt: where the peer drops repeats it is sent again with the same identity and bytes', async () => {
  const made = await world.delivery(await world.channel({ peerDedupes: true }))
  const first = await killedInAttempt(made)
  await leaseRunsOut(made)
  expect((await watch.runOnce()).interrupted).toBe(1)
  expect(await world.states(made)).toMatchObject({ delivery: 'waiting', attempts: ['unknown'] })
  expect(await jobs(made)).toBe(1)
  const transport = createTestTransport()
  const deliver = world.deliver(transport)
  await world.due(made.deliveryId)
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(await world.states(made)).toMatchObject({ delivery: 'delivered', attempts: ['unknown', 'taken'] })
  expect(transport.seen[0]).toMatchObject({ wireId: first.wireId, sha256: first.sha256 })
  await deliver.close()
})

test('a process that stood still cannot move what another took up, but its proof counts', async () => {
  const made = await world.delivery(await world.channel({ peerDedupes: true }))
  const transport = createTestTransport(async () => {
    await leaseRunsOut(made)
    await watch.runOnce()
    return pendingFor(7_200_000)
  })
  const deliver = world.deliver(transport)
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(await world.states(made)).toMatchObject({ delivery: 'waiting', attempts: ['unknown'] })
  transport.behave(async () => {
    await leaseRunsOut(made)
    await watch.runOnce()
    return taken
  })
  await world.due(made.deliveryId)
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(await world.states(made)).toMatchObject({ delivery: 'delivered', attempts: ['unknown', 'taken'] })
  await deliver.close()
})

test('a crash is taken up within a minute: lease, pass of watch and first retry together', () => {
  expect(limits.deliveryLeaseRenewSeconds * 2).toBeLessThan(limits.deliveryLeaseSeconds)
  expect(limits.deliveryLeaseSeconds + limits.watchSeconds + 5).toBeLessThan(60)
})

async function killedInAttempt({ deliveryId }: Made): Promise<{ wireId: string; sha256: string }> {
  const program = fileURLToPath(new URL('killed-hub.ts', import.meta.url))
  const child = spawn(process.execPath, [program, database.url, world.masterKey, deliveryId], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const [line] = (await once(lines, 'line')) as [string]
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  const said = JSON.parse(line) as { sent: { wireId: string; sha256: string }[] }
  return said.sent[0]!
}

async function leaseRunsOut({ deliveryId }: Made): Promise<void> {
  await database.admin.query(
    `update delivery set lease_until = now() - interval '1 second' where id = $1 and state = 'sending'`,
    [deliveryId],
  )
}

async function jobs({ deliveryId }: Made): Promise<number> {
  const { rows } = await database.admin.query<{ n: number }>(
    `select count(*)::int as n from pgboss.job where name = 'deliver' and data->'deliveryIds' ? $1`,
    [deliveryId],
  )
  return rows[0]!.n
}
