import { PgBoss } from 'pg-boss'
import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import type { TransmissionId } from '#hub/model/ids.ts'
import type { JobClient, JobQueue } from '#hub/model/queue.ts'
import { deliverQueue } from './deliver.ts'
import { prepared } from './prepared.ts'
import { largeQueue, processQueue } from './process.ts'

/** The queues, each with its policy, one file a queue. */
const queues = [processQueue, largeQueue, deliverQueue] as const

/** Makes pg-boss's tables and our queues in a database that `migrate` prepared; safe to run again. */
export async function prepareQueues(url: string): Promise<void> {
  const boss = createBoss(url, { supervise: false, schedule: false, max: 2 })
  await boss.start()
  try {
    for (const queue of queues) {
      const { name, ...policy } = queue
      if ((await boss.getQueue(name)) === null) await boss.createQueue(name, policy)
      else await boss.updateQueue(name, policy)
    }
  } finally {
    await boss.stop({ graceful: false, close: true })
  }
}

/** Starts the queue of a running hub, with LISTEN/NOTIFY. */
export async function startBoss(url: string, log: Log): Promise<PgBoss> {
  const boss = createBoss(url, { supervise: true, schedule: false, max: 6, useListenNotify: true })
  boss.on('error', (error) => log.warn({ err: error }, 'queue'))
  await boss.start()
  return boss
}

/** Starts a queue that only puts jobs in: for a command that hands something to the hub and ends. */
export async function startSender(url: string, log: Log): Promise<PgBoss> {
  const boss = createBoss(url, { supervise: false, schedule: false, max: 2 })
  boss.on('error', (error) => log.warn({ err: error }, 'queue'))
  await boss.start()
  return boss
}

/** Puts jobs in the caller's transaction. */
export function jobQueue(boss: PgBoss): JobQueue {
  const putFiles = async (queue: string, client: JobClient, portions: readonly TransmissionId[][]) => {
    if (portions.length === 0) return
    const jobs = portions.map((ids) => ({ data: { transmissionIds: ids } }))
    await boss.insert(queue, jobs, { db: database(client) })
  }
  return {
    process: (client, ids) => putFiles(processQueue.name, client, portionsOf(ids)),
    processLarge: (client, ids) =>
      putFiles(
        largeQueue.name,
        client,
        ids.map((id) => [id]),
      ),
    deliver: async (client, deliveries) => {
      if (deliveries.length === 0) return
      const now = deliveries.filter(({ startAfter }) => startAfter === undefined)
      const later = deliveries.filter(({ startAfter }) => startAfter !== undefined)
      const jobs = [
        ...portionsOf(now.map(({ deliveryId }) => deliveryId)).map((ids) => ({ data: { deliveryIds: ids } })),
        ...later.map(({ deliveryId, startAfter }) => ({
          data: { deliveryIds: [deliveryId] },
          startAfter: startAfter!,
        })),
      ]
      await boss.insert(deliverQueue.name, jobs, { db: database(client) })
    },
  }
}

/** What is asked for in one transaction is one job, as long as that is not too much for one. */
function portionsOf<Id>(ids: readonly Id[]): Id[][] {
  const portions: Id[][] = []
  for (let at = 0; at < ids.length; at += limits.idsPerJob)
    portions.push(ids.slice(at, at + limits.idsPerJob))
  return portions
}

function createBoss(
  url: string,
  options: { supervise: boolean; schedule: boolean; max: number; useListenNotify?: boolean },
): PgBoss {
  return new PgBoss({
    connectionString: url,
    application_name: 'crossdock queue',
    options: '-c role=crossdock_worker',
    schema: 'pgboss',
    // the schema belongs to the worker's role and is made by migrate
    createSchema: false,
    ...options,
  })
}

function database(client: JobClient) {
  return {
    executeSql: async (text: string, values?: unknown[]) => {
      const { rows } = await client.query(prepared(text, values))
      return { rows: rows as never[] }
    },
  }
}
