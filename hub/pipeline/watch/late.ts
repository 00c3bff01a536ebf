import { limits } from '#hub/base/limits.ts'
import type { NewEntry } from '#hub/model/entries.ts'
import { namedId } from '#hub/model/ids.ts'
import type { NewNotice } from '#hub/model/notice.ts'
import type { Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { closeLate, markLateDeliveries, promisesTimes, type LateDelivery } from '#hub/store/late.ts'
import { raiseNotices } from '#hub/store/notice.ts'
import { inTransaction } from '#hub/store/transaction.ts'

/**
 * Says once of a delivery that is past the time its agreement promises that it is late, and tells the people of the hub once
 * for an agreement, until nothing late is open. Returns how many were marked.
 */
export async function watchLate(store: Store): Promise<number> {
  if (!(await promisesTimes(store.worker))) return 0
  return await inTransaction(store.worker, 'watch.late', async (client) => {
    const late = await markLateDeliveries(client, limits.watchBatch)
    await raiseNotices(client, late.map(noticeOf))
    await appendEntries(client, late.map(entryOf))
    await closeLate(client)
    return late.length
  })
}

function noticeOf({ agreement, sender, type, dueAt }: LateDelivery): NewNotice {
  return {
    kind: 'late',
    cause: namedId('late', agreement),
    partnerId: null,
    code: 'deliveryLate',
    facts: { agreement, sender, type, dueAt: dueAt.toISOString() },
    count: 1,
  }
}

function entryOf({ id, partnerId, documentId, dueAt }: LateDelivery): NewEntry {
  return {
    type: 'delivery.late',
    body: { dueAt: dueAt.toISOString() },
    partnerId,
    documentId,
    deliveryId: id,
    actor: 'hub',
  }
}
