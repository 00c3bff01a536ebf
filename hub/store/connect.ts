import pg from 'pg'
import { limits } from '#hub/base/limits.ts'
import { nothingRecent, type RecentPayloads } from './recent.ts'

/**
 * The hub's connections. `worker` is the role of gateway and workers; `portal` the role of portal and API, under forced
 * row-level security: it sees only what `asPartner` says. Both roles are made by `migrate`.
 */
export interface Store {
  readonly url: string
  readonly worker: pg.Pool
  readonly portal: pg.Pool
  /** What this process has just written, for its own next step. */
  readonly recent: RecentPayloads
  close(): Promise<void>
}

export type Client = pg.PoolClient

/** What statements need: a pool or a client inside a transaction. */
export interface Queryable {
  query: pg.Pool['query']
}

export interface StoreOptions {
  workerConnections?: number
  portalConnections?: number
  /** By default nothing is kept at hand, and everything is read from its row. */
  recent?: RecentPayloads
  /** Called with errors of idle connections, which otherwise would end the process. */
  onError?: (error: Error) => void
}

/** Opens the two pools; connections are made on first use. */
export function openStore(url: string, options: StoreOptions = {}): Store {
  const worker = pool(url, 'crossdock_worker', options.workerConnections ?? 12, options.onError)
  const portal = pool(url, 'crossdock_portal', options.portalConnections ?? 6, options.onError)
  return {
    url,
    worker,
    portal,
    recent: options.recent ?? nothingRecent,
    close: async () => {
      await Promise.all([worker.end(), portal.end()])
    },
  }
}

type Role = 'crossdock_worker' | 'crossdock_portal'

/**
 * The worker asks the same named statements all day, by keys: each is planned once a connection, because planning over
 * the partitions costs more than most of them; and never as the reading of a whole table, which a table that was empty
 * when it was planned would get. What people search for is planned by what they search for.
 */
const planning: Readonly<Record<Role, string>> = {
  crossdock_worker: '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off',
  crossdock_portal: '-c jit=off',
}

/**
 * Whoever holds a lock for long is an outage to those who wait: they are told so in bounded time. And from a process that
 * stands still within a transaction the server takes its locks, so that the others go on.
 */
const waits = `-c lock_timeout=${limits.lockWaitMs} -c idle_in_transaction_session_timeout=${limits.transactionIdleMs}`

function pool(url: string, role: Role, max: number, onError: (error: Error) => void = () => {}): pg.Pool {
  const made = new pg.Pool({
    connectionString: url,
    max,
    application_name: `crossdock ${role.slice('crossdock_'.length)}`,
    options: `-c role=${role} ${waits} ${planning[role]}`,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
  })
  made.on('error', onError)
  // the pool listens to idle connections only: one that is lost between two statements of a transaction would end
  // the process. Nothing is hidden: its next statement fails
  made.on('connect', (client) => client.on('error', () => {}))
  return made
}
