import { limits } from '#hub/base/limits.ts'
import type { NewEntry } from '#hub/model/entries.ts'
import type { Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import {
  markOverdueAcknowledgements,
  markOverdueDeliveries,
  type OverdueAcknowledgement,
  type OverdueDelivery,
} from '#hub/store/watch.ts'

/**
 * Says once of what is owed and did not come in time that it is overdue. It changes no state: a late proof or a late
 * answer still counts. Returns how many were marked.
 */
export async function watchDeadlines(store: Store): Promise<number> {
  return await inTransaction(store.worker, 'watch.deadlines', async (client) => {
    const deliveries = await markOverdueDeliveries(client, limits.watchBatch)
    const acknowledgements = await markOverdueAcknowledgements(client, limits.watchBatch)
    await appendEntries(client, [
      ...deliveries.map(overdueDelivery),
      ...acknowledgements.map(overdueAcknowledgement),
    ])
    return deliveries.length + acknowledgements.length
  })
}

function overdueDelivery({ id, partnerId, dueAt }: OverdueDelivery): NewEntry {
  return {
    type: 'delivery.overdue',
    body: { dueAt: dueAt.toISOString() },
    partnerId,
    deliveryId: id,
    actor: 'hub',
  }
}

function overdueAcknowledgement(overdue: OverdueAcknowledgement): NewEntry {
  return {
    type: 'acknowledgement.overdue',
    body: { level: overdue.level, dueAt: overdue.dueAt.toISOString() },
    partnerId: overdue.partnerId,
    deliveryId: overdue.deliveryId,
    documentId: overdue.documentId,
    actor: 'hub',
  }
}
