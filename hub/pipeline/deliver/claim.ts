import { limits } from '#hub/base/limits.ts'
import type { NewEntry } from '#hub/model/entries.ts'
import type { DeliveryId, InterchangeId } from '#hub/model/ids.ts'
import type { Store } from '#hub/store/connect.ts'
import { claimDeliveries, type ClaimedAttempt } from '#hub/store/deliver.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { rollUpMoves } from '#hub/store/settle-documents.ts'
import { inTransaction } from '#hub/store/transaction.ts'

/**
 * Claims an attempt of each delivery that waits and is due, in one transaction, before any socket opens: whoever comes
 * second gets nothing. Ids that are not due, held by another worker, or behind the head of their ordered key are left out of what it returns.
 */
export async function claim(store: Store, ids: readonly DeliveryId[]): Promise<ClaimedAttempt[]> {
  return await inTransaction(store.worker, 'deliver.claim', async (client) => {
    const attempts = await claimDeliveries(client, ids, limits.deliveryLeaseSeconds)
    if (attempts.length === 0) return []
    await rollUpMoves(
      client,
      attempts.map(({ interchangeId }) => ({ interchangeId, state: 'sending' })),
    )
    await appendEntries(client, attempts.map(attempted))
    return attempts
  })
}

/** The interchanges of deliveries that have one, each once. */
export function interchangesOf(
  deliveries: readonly { interchangeId: InterchangeId | null }[],
): InterchangeId[] {
  return [...new Set(deliveries.flatMap(({ interchangeId }) => interchangeId ?? []))]
}

function attempted(attempt: ClaimedAttempt): NewEntry {
  return {
    type: 'delivery.attempted',
    body: { attempt: attempt.attempt, channel: attempt.channelKey },
    partnerId: attempt.partnerId,
    transmissionId: attempt.transmissionId,
    deliveryId: attempt.id,
    actor: 'hub',
  }
}
