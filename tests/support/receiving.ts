import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import express, { type Router } from 'express'
import { PgBoss } from 'pg-boss'
import { systemClock } from '#hub/base/clock.ts'
import { createLog } from '#hub/base/log.ts'
import { openSealer, type Sealer } from '#hub/keys/sealing.ts'
import { newId, type ChannelId, type PartnerId } from '#hub/model/ids.ts'
import type { Channel, Receive } from '#hub/model/transport.ts'
import { createReceive } from '#hub/pipeline/receive/index.ts'
import { jobQueue } from '#hub/queue/boss.ts'
import { testDatabase, type TestDatabase } from './database.ts'

export interface Receiving {
  database: TestDatabase
  sealer: Sealer
  receive: Receive
  /** Adds a partner with one channel of kind https; `settings` are the channel's. */
  channel(settings?: Record<string, unknown>): Promise<Channel>
  close(): Promise<void>
}

/** The real `receive` on a database and a queue of the test file's own. */
export async function startReceiving(): Promise<Receiving> {
  const database = await testDatabase()
  const masterKey = randomBytes(32).toString('base64')
  const sealer = await openSealer({ masterKey, dataFolder: tmpdir() })
  const boss = new PgBoss({
    connectionString: database.url,
    options: '-c role=crossdock_worker',
    supervise: false,
    schedule: false,
    max: 2,
    createSchema: false,
  })
  await boss.start()
  const receiver = createReceive({
    store: database.store,
    sealer,
    queue: jobQueue(boss),
    clock: systemClock,
    log: createLog('silent'),
  })
  return {
    database,
    sealer,
    receive: receiver.receive,
    channel: (settings = {}) => addChannel(database, settings),
    close: async () => {
      await receiver.close()
      await boss.stop({ graceful: false })
      await database.drop()
    },
  }
}

/** An HTTP server on a free port of the loopback, with these routes; close it by `close`. */
export async function listen(router: Router): Promise<{ url: string; port: number; close(): Promise<void> }> {
  const app = express()
  app.use(router)
  const server: Server = createServer({ noDelay: true }, app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function addChannel(database: TestDatabase, settings: Record<string, unknown>): Promise<Channel> {
  const partnerId = newId<PartnerId>()
  const id = newId<ChannelId>()
  const key = `partner-${partnerId}`
  await database.admin.query('insert into partner (id, key, name) values ($1, $2, $2)', [partnerId, key])
  await database.admin.query(
    `insert into channel (id, partner_id, key, kind, env, settings) values ($1, $2, 'api', 'https', 'live', $3)`,
    [id, partnerId, settings],
  )
  return { id, partnerId, key: 'api', kind: 'https', env: 'live', peerDedupes: false, settings }
}
