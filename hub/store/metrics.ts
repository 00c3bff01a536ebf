import { timeOf, type DeliveryId } from '#hub/model/ids.ts'
import type { DeliveryState, ProcessingState } from '#hub/model/states.ts'
import { inTransaction, limitStatements } from './transaction.ts'
import type { Client, Store } from './connect.ts'
import { ledgerDelay } from './ledger.ts'
import { countNotices } from './notice.ts'

/** What the database counts for `/metrics`. Ages are in seconds; 0 where nothing waits. */
export interface CountedWork {
  /** Of the last 24 hours. */
  documents: Partial<Record<ProcessingState, number>>
  /** Open ones of any age; delivered and stopped ones of the last 24 hours. */
  deliveries: Partial<Record<DeliveryState, number>>
  /** Holds that no person has decided. */
  holdsOpen: number
  /** Open notices of the hub's people, by kind. */
  notices: Record<string, number>
  acknowledgementsOverdue: { owed: number; expected: number }
  documentOldestWaitingSeconds: number
  deliveryOldestWaitingSeconds: number
  /** Age of the oldest entry without its place in the ledger. */
  ledgerDelaySeconds: number
  /** Jobs that no worker has taken up, by queue. */
  jobs: Record<string, number>
}

/**
 * Counts, within at most `timeoutMs`. Nothing reads a table whole: what is open stands in partial indexes
 * (document_waiting, delivery_order, hold_open, acknowledgement_due, pg-boss's own on jobs that wait), and what is done is
 * counted for 24 hours, a range of the primary key.
 */
export async function countWork(store: Store, now: Date, timeoutMs: number): Promise<CountedWork> {
  return inTransaction(store.worker, 'metrics', async (client) => {
    await limitStatements(client, timeoutMs)
    const documents = await byState<ProcessingState>(client, documentsStatement)
    const deliveries = await byState<DeliveryState>(client, deliveriesStatement)
    const open = await openWork(client, now)
    const { oldestSeconds } = await ledgerDelay(client)
    return {
      documents,
      deliveries,
      ...open,
      notices: await countNotices(client),
      ledgerDelaySeconds: oldestSeconds,
      jobs: await jobsQueued(client),
    }
  })
}

const documentsStatement = `select processing as state, count(*)::int as n from document
  where id >= id_floor(now() - interval '24 hours') group by processing`

const deliveriesStatement = `select state, count(*)::int as n from delivery
  where state not in ('delivered', 'stopped') group by state
  union all
  select state, count(*)::int from delivery
  where state in ('delivered', 'stopped') and id >= id_floor(now() - interval '24 hours') group by state`

async function byState<State extends string>(
  client: Client,
  statement: string,
): Promise<Partial<Record<State, number>>> {
  const { rows } = await client.query<{ state: State; n: number }>(statement)
  return Object.fromEntries(rows.map(({ state, n }) => [state, n])) as Partial<Record<State, number>>
}

async function openWork(
  client: Client,
  now: Date,
): Promise<Omit<CountedWork, 'documents' | 'deliveries' | 'notices' | 'ledgerDelaySeconds' | 'jobs'>> {
  const { rows } = await client.query<{
    holds: number
    owed: number
    expected: number
    document: Date | null
    delivery: DeliveryId | null
  }>(
    // as text, because min() of a uuid came with PostgreSQL 18 only
    `select (select count(*)::int from hold where decision is null) as holds,
            count(*) filter (where way = 'owed')::int as owed,
            count(*) filter (where way = 'expected')::int as expected,
            (select min(at) from document where processing = 'waiting') as document,
            (select min(id::text) from delivery where state = 'waiting') as delivery
     from acknowledgement where state = 'waiting' and due_at < now()`,
  )
  const { holds, owed, expected, document, delivery } = rows[0]!
  return {
    holdsOpen: holds,
    acknowledgementsOverdue: { owed, expected },
    documentOldestWaitingSeconds: document === null ? 0 : secondsSince(document.getTime(), now),
    deliveryOldestWaitingSeconds: delivery === null ? 0 : secondsSince(timeOf(delivery), now),
  }
}

/** The work of each queue that waits, also what is only due later. */
async function jobsQueued(client: Client): Promise<Record<string, number>> {
  const { rows } = await client.query<{ name: string; n: number }>(
    `select name, sum(jsonb_array_length(coalesce(data -> 'transmissionIds', data -> 'deliveryIds')))::int as n
     from pgboss.job where state < 'active' and name in ('process', 'process_large', 'deliver') group by name`,
  )
  const queued: Record<string, number> = { process: 0, process_large: 0, deliver: 0 }
  for (const { name, n } of rows) queued[name] = n
  return queued
}

function secondsSince(ms: number, now: Date): number {
  return Math.max(0, (now.getTime() - ms) / 1000)
}
