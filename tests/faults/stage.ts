import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store } from '#hub/store/connect.ts'
import pg from 'pg'
import { testDatabase } from '../support/database.ts'
import { startHubProcess, type HubProcess, type HubProcessOptions } from '../support/hub-process.ts'
import { wrongs } from './checker.ts'
import { collectUntilDone, sendUntilYes } from './exchange.ts'
import { makeOrder, orderKinds, type Order, type OrderKind } from './orders.ts'
import { setScene, type Scene } from './scene.ts'

/** A hub in a process of its own between two partners, with the logs G and A, for one test. */
export interface Stage {
  folder: string
  url: string
  store: Store
  admin: pg.Pool
  scene: Scene
  generated: Order[]
  accepted: Set<Order>
  /** Makes orders that nobody sent before; all kinds in turn, or one. */
  orders(count: number, kind?: OrderKind): Order[]
  /** Starts a hub on the stage; all of them end with it. */
  start(env?: Record<string, string>, more?: Pick<HubProcessOptions, 'role' | 'logTo'>): Promise<HubProcess>
  /** Sends orders until the hub says yes to each, then waits until all that was sent is done and fetched. */
  exchange(hub: HubProcess, orders: readonly Order[], mostMs?: number): Promise<void>
  /** What is wrong by the checker (checker.ts); empty is good. */
  wrongs(): Promise<string[]>
  close(): Promise<void>
}

export interface StageTerms {
  /** The database to use, migrated by the first hub that starts; without it, one of the test run's. */
  url?: string
  limits?: Readonly<Record<string, number>>
  /** The data folder of the hubs; without it, one of the stage's own. */
  dataFolder?: string
}

/** Waits that tests can live with; everything else is as it stands. */
export const quick = {
  deliveryLeaseSeconds: 2,
  deliveryLeaseRenewSeconds: 1,
  watchSeconds: 1,
  watchGraceSeconds: 1,
  jobSilenceSeconds: 2,
}

let serial = 50_000

export async function setStage(terms: StageTerms = {}): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'crossdock-fault-'))
  const dataFolder = terms.dataFolder ?? join(folder, 'data')
  const database = terms.url === undefined ? await testDatabase() : await ownDatabase(terms.url)
  const { url, store, admin } = database
  const scene = await setScene(store, dataFolder)
  const hubs: HubProcess[] = []
  const limits = Object.entries({ ...quick, ...terms.limits }).map(([name, value]) => `${name}=${value}`)
  const generated: Order[] = []
  const accepted = new Set<Order>()
  return {
    folder,
    url,
    store,
    admin,
    scene,
    generated,
    accepted,
    orders: (count, kind) => {
      const made = Array.from({ length: count }, (_, place) => {
        serial += 1
        return makeOrder(kind ?? orderKinds[place % orderKinds.length]!, serial)
      })
      generated.push(...made)
      return made
    },
    start: async (env = {}, more = {}) => {
      const options = {
        ...more,
        databaseUrl: url,
        dataFolder,
        env: { CROSSDOCK_LIMITS: limits.join(), CROSSDOCK_LOG_LEVEL: 'info', ...env },
      }
      const hub = await startHubProcess(options)
      hubs.push(hub)
      return hub
    },
    exchange: async (hub, orders, mostMs) => {
      await sendUntilYes(hub, scene, orders, accepted)
      await collectUntilDone(hub, scene, { admin, documents: accepted.size, ...(mostMs ? { mostMs } : {}) })
    },
    wrongs: () => wrongs({ generated, accepted, receipts: scene.receipts, store, sealer: scene.sealer }),
    close: async () => {
      for (const hub of hubs) await hub.stop()
      await scene.close()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A database of a server that the test runs itself; it ends with that server. */
async function ownDatabase(url: string) {
  const store = openStore(url, { workerConnections: 4, portalConnections: 2 })
  const admin = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 5_000 })
  for (const pool of [store.worker, store.portal, admin]) {
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
  }
  const drop = async (): Promise<void> => {
    await store.close()
    await admin.end()
  }
  return { url, store, admin, drop }
}
