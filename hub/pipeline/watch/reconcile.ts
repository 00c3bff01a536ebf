import { limits } from '#hub/base/limits.ts'
import { judgeOutcome } from '#hub/pipeline/deliver/verdict.ts'
import { settleAttempts } from '#hub/pipeline/deliver/settle.ts'
import { goOnBehind } from '#hub/pipeline/process/behind.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Store } from '#hub/store/connect.ts'
import { findOutOfTheWay } from '#hub/store/hold-order.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { findLostDeliveries, findLostTransmissions, lockInterrupted } from '#hub/store/watch.ts'

/**
 * Takes up attempts whose lease ran out: the process that made them is gone, and the partner may have the document. Where
 * the peer drops repeats they are tried again, otherwise a person decides. Returns how many there were.
 */
export async function reconcileLeases(store: Store, queue: JobQueue): Promise<number> {
  return await inTransaction(store.worker, 'watch.leases', async (client) => {
    const interrupted = await lockInterrupted(client, limits.watchBatch)
    if (interrupted.length === 0) return 0
    await settleAttempts(
      client,
      queue,
      interrupted.map(({ peerDedupes, ...attempt }) => ({
        ...attempt,
        verdict: judgeOutcome(
          { kind: 'unknown', code: 'attemptInterrupted' },
          { attempt: attempt.attempt, peerDedupes },
        ),
        proof: {},
      })),
    )
    return interrupted.length
  })
}

/** Asks again for deliveries that are due and that no job will take up. Returns how many. */
export async function reconcileDeliveries(
  store: Store,
  queue: JobQueue,
  graceSeconds: number,
): Promise<number> {
  return await inTransaction(store.worker, 'watch.deliver', async (client) => {
    const lost = await findLostDeliveries(client, { graceSeconds, perChannel: limits.watchPerChannel })
    await queue.deliver(client, lost)
    return lost.length
  })
}

/** Asks again for transmissions in which something waits and that no job will take up. Returns how many. */
export async function reconcileTransmissions(
  store: Store,
  queue: JobQueue,
  terms: { graceSeconds: number; days: number; portions: boolean },
): Promise<number> {
  return await inTransaction(store.worker, 'watch.process', async (client) => {
    const lost = await findLostTransmissions(client, { ...terms, limit: limits.watchBatch })
    await queue.process(client, lost)
    return lost.length
  })
}

/**
 * Lets documents go on that were put on hold behind one just as that went on or ended, so that neither saw the other.
 * Returns how many.
 */
export async function reconcileBehind(store: Store, queue: JobQueue, days: number): Promise<number> {
  return await inTransaction(store.worker, 'watch.behind', async (client) =>
    goOnBehind(client, queue, await findOutOfTheWay(client, { days, limit: limits.watchBatch })),
  )
}
