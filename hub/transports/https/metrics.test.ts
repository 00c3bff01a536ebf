import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '#hub/base/clock.ts'
import { createLog } from '#hub/base/log.ts'
import { openStore, type Store } from '#hub/store/connect.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { seedPortal } from '#tests/support/seed-portal.ts'
import { metricsRoutes } from './metrics.ts'

let database: TestDatabase
const servers: Server[] = []

beforeAll(async () => {
  database = await testDatabase()
  await seedPortal(database)
})
afterAll(async () => {
  for (const server of servers) server.close()
  await database.drop()
})

async function serve(store: Store, token: string | null): Promise<number> {
  const app = express()
  app.use(metricsRoutes({ store, clock: systemClock, log: createLog('silent'), token }))
  const server = createServer(app)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** Asks as any client may: also with a Host that is not the address. */
function ask(port: number, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ port, host: '127.0.0.1', path: '/metrics', headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

test('the work of the hub, the process and its event loop are there as text for Prometheus', async () => {
  const { status, text } = await ask(await serve(database.store, null))
  expect(status).toBe(200)
  const value = (name: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    )
  const counted = async (statement: string) =>
    Number((await database.admin.query<{ n: string }>(statement)).rows[0]!.n)
  expect(value('crossdock_database_up')).toBe(1)
  for (const state of ['processed', 'held', 'rejected', 'duplicate', 'waiting']) {
    const there = await counted(`select count(*) n from document where processing = '${state}'`)
    expect([state, value(`crossdock_documents{state="${state}"}`)]).toEqual([state, there])
  }
  for (const state of ['waiting', 'sending', 'pending', 'delivered', 'refused', 'held', 'stopped']) {
    const there = await counted(`select count(*) n from delivery where state = '${state}'`)
    expect([state, value(`crossdock_deliveries{state="${state}"}`)]).toEqual([state, there])
  }
  expect(value('crossdock_acknowledgements_overdue{way="expected"}')).toBe(1)
  expect(value('crossdock_oldest_waiting_seconds{what="delivery"}')).toBeGreaterThan(1_100)
  expect(value('crossdock_oldest_waiting_seconds{what="document"}')).toBe(0)
  expect(value('crossdock_holds_open')).toBe(1)
  // nobody leads the ledger here: what was seeded waits
  expect(value('crossdock_ledger_delay_seconds')).toBeGreaterThan(0)
  expect(value('crossdock_jobs_queued{queue="deliver"}')).toBe(0)
  expect(value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0)
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(0)
})

test('without a token only this machine may ask, and nobody through a proxy', async () => {
  const port = await serve(database.store, null)
  expect((await ask(port, { host: 'localhost:8080' })).status).toBe(200)
  expect((await ask(port, { host: 'hub.example.com' })).status).toBe(404)
  expect((await ask(port, { 'x-forwarded-for': '203.0.113.9' })).status).toBe(404)
  expect((await ask(port, { via: '1.1 proxy' })).status).toBe(404)
})

test('with a token whoever bears it may ask, and nobody else', async () => {
  const port = await serve(database.store, 'metrics-token-of-the-hub')
  expect((await ask(port)).status).toBe(404)
  expect((await ask(port, { authorization: 'Bearer wrong' })).status).toBe(404)
  const headers = { host: 'hub.example.com', authorization: 'Bearer metrics-token-of-the-hub' }
  expect((await ask(port, headers)).status).toBe(200)
})

test('while the database is away the process still speaks for itself', async () => {
  const nowhere = openStore('postgres://nobody@127.0.0.1:1/none')
  const { status, text } = await ask(await serve(nowhere, null))
  expect(status).toBe(200)
  expect(text).toMatch(/^crossdock_database_up 0$/m)
  expect(text).not.toMatch(/^crossdock_(documents|holds_open)\b/m)
  expect(text).toMatch(/^process_cpu_seconds_total /m)
  await nowhere.close()
})
