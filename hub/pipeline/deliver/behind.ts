import type { Clock } from '#hub/base/clock.ts'
import { limits } from '#hub/base/limits.ts'
import type { DeliveryId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Store } from '#hub/store/connect.ts'
import { findBehindUnread } from '#hub/store/order.ts'
import { inTransaction } from '#hub/store/transaction.ts'

/**
 * Asks again, a moment later, for deliveries that could not be claimed because a file accepted before them is not read yet.
 * Those behind another delivery of their key need not be asked for: its end asks for the next.
 */
export async function askAgain(
  { store, queue, clock }: { store: Store; queue: JobQueue; clock: Pick<Clock, 'now'> },
  ids: readonly DeliveryId[],
): Promise<void> {
  if (ids.length === 0) return
  const behind = await findBehindUnread(store.worker, ids)
  if (behind.length === 0) return
  const startAfter = new Date(clock.now().getTime() + limits.orderLookMs)
  await inTransaction(store.worker, 'deliver.behind', (client) =>
    queue.deliver(
      client,
      behind.map((job) => ({ ...job, startAfter })),
    ),
  )
}
