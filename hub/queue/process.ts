import type { PgBoss } from 'pg-boss'
import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import type { TransmissionId } from '#hub/model/ids.ts'
import { logged } from './logged.ts'

/** Jobs `process(transmissionIds)`. The tables are the truth; the reconciler asks again for what waits without a job. */
export const processQueue = {
  name: 'process',
  notify: true,
  retryLimit: 3,
  retryDelay: 1,
  retryBackoff: true,
  expireInSeconds: 120,
  heartbeatSeconds: 30,
  retentionSeconds: 365 * 24 * 3600,
  deleteAfterSeconds: 3600,
} as const

/** Jobs `process(transmissionIds)` for large files, taken one at a time beside the others. A large file may take many minutes. */
export const largeQueue = { ...processQueue, name: 'process_large', expireInSeconds: 3600 } as const

/** Takes jobs in batches and processes their transmissions. Returns when the loop runs; `boss.stop` ends it. */
export async function workProcess(
  boss: PgBoss,
  process: (ids: readonly TransmissionId[]) => Promise<void>,
  log: Log,
  pollSeconds: number = limits.queuePollSeconds,
): Promise<void> {
  await boss.work<{ transmissionIds: TransmissionId[] }>(
    processQueue.name,
    { batchSize: limits.jobsAtOnce, burstWhenBatchFull: true, notifyPollingIntervalSeconds: pollSeconds },
    logged(log, (jobs) => process([...new Set(jobs.flatMap((job) => job.data.transmissionIds))])),
  )
}

/** Takes jobs of large files, one after the other. Returns when the loop runs; `boss.stop` ends it. */
export async function workLarge(
  boss: PgBoss,
  process: (ids: readonly TransmissionId[]) => Promise<void>,
  log: Log,
): Promise<void> {
  await boss.work<{ transmissionIds: TransmissionId[] }>(
    largeQueue.name,
    { batchSize: 1, notifyPollingIntervalSeconds: limits.queuePollSeconds },
    logged(log, (jobs) => process(jobs.flatMap((job) => job.data.transmissionIds))),
  )
}
