import type { PgBoss } from 'pg-boss'
import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import type { DeliveryId } from '#hub/model/ids.ts'
import { logged } from './logged.ts'

/** Jobs `deliver(deliveryIds)`: one attempt of each. Retries are new jobs at the time the delivery's row says. */
export const deliverQueue = {
  name: 'deliver',
  notify: true,
  retryLimit: 3,
  retryDelay: 1,
  retryBackoff: true,
  expireInSeconds: 120,
  heartbeatSeconds: 30,
  retentionSeconds: 365 * 24 * 3600,
  deleteAfterSeconds: 3600,
} as const

/**
 * Takes jobs and hands their ids over. A job is done when its deliveries are in their channels' lanes: the row, its lease and watch take care of the
 * rest, and no slow partner holds up a batch. Returns when the loop runs; `boss.offWork` or `boss.stop` ends it.
 */
export async function workDeliver(
  boss: PgBoss,
  deliver: (ids: readonly DeliveryId[]) => Promise<void>,
  log: Log,
  pollSeconds: number = limits.queuePollSeconds,
): Promise<void> {
  await boss.work<{ deliveryIds: DeliveryId[] }>(
    deliverQueue.name,
    { batchSize: limits.jobsAtOnce, burstWhenBatchFull: true, notifyPollingIntervalSeconds: pollSeconds },
    logged(log, (jobs) => deliver(jobs.flatMap((job) => job.data.deliveryIds))),
  )
}
