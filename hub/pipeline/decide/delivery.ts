import type { NewEntry } from '#hub/model/entries.ts'
import { assert } from '#hub/model/errors.ts'
import type { DeliveryId, PersonId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import { interchangesOf } from '#hub/pipeline/deliver/claim.ts'
import { match } from '#hub/pipeline/deliver/match.ts'
import { nextInOrder } from '#hub/pipeline/deliver/settle.ts'
import type { Client, Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { releaseDelivery, stopDelivery } from '#hub/store/settle-decision.ts'
import { rollUpDocuments } from '#hub/store/settle-documents.ts'
import { closeHold } from '#hub/store/settle-receipt.ts'
import type { SettledDelivery } from '#hub/store/settle.ts'
import { inTransaction } from '#hub/store/transaction.ts'

interface DeliveryDecision {
  deliveryId: DeliveryId
  /**
   * - `release`: tried again at once, with the same identity and the same bytes.
   * - `stop`: never tried again.
   * - `confirm`: the partner said that it has the document; the person's word is the proof.
   */
  decision: 'release' | 'stop' | 'confirm'
  person: PersonId
  /** Why, in the person's words; not empty. */
  reason: string
}

interface DecideDeps {
  store: Store
  queue: JobQueue
}

/**
 * Carries out what a person decided about a delivery, exactly once. `not_open`: there was nothing to decide, because it
 * is under way, delivered, stopped, or somebody else was first.
 */
export async function decideDelivery(
  { store, queue }: DecideDeps,
  decision: DeliveryDecision,
): Promise<'decided' | 'not_open'> {
  assert(decision.reason.trim() !== '', 'a decision has a reason')
  return await inTransaction(store.worker, 'decide.delivery', async (client) => {
    switch (decision.decision) {
      case 'release':
        return await release(client, queue, decision)
      case 'stop':
        return await stop(client, queue, decision)
      case 'confirm':
        return await confirm(client, queue, decision)
    }
  })
}

async function release(client: Client, queue: JobQueue, decision: DeliveryDecision) {
  const delivery = await releaseDelivery(client, decision.deliveryId)
  if (delivery === null) return 'not_open'
  await record(client, delivery, decision, 'released')
  await queue.deliver(client, [{ deliveryId: delivery.id, channelId: delivery.channelId }])
  return 'decided'
}

async function stop(client: Client, queue: JobQueue, decision: DeliveryDecision) {
  const delivery = await stopDelivery(client, decision.deliveryId)
  if (delivery === null) return 'not_open'
  await record(client, delivery, decision, 'rejected')
  await queue.deliver(client, await nextInOrder(client, [{ delivery }]))
  return 'decided'
}

async function confirm(client: Client, queue: JobQueue, decision: DeliveryDecision) {
  const { person, reason } = decision
  const end = await match(client, queue, {
    deliveryId: decision.deliveryId,
    outcome: { kind: 'taken', proof: { confirmedBy: actorOf(person), reason } },
    evidenceId: null,
    actor: actorOf(person),
  })
  return end === 'settled' ? 'decided' : 'not_open'
}

async function record(
  client: Client,
  delivery: SettledDelivery,
  { person, reason }: DeliveryDecision,
  decision: 'released' | 'rejected',
): Promise<void> {
  await closeHold(client, delivery.id, { decision, by: actorOf(person), reason })
  await rollUpDocuments(client, interchangesOf([delivery]))
  const entry: NewEntry = {
    type: decision === 'released' ? 'delivery.released' : 'delivery.stopped',
    body: { reason },
    partnerId: delivery.partnerId,
    deliveryId: delivery.id,
    actor: actorOf(person),
  }
  await appendEntries(client, [entry])
}

function actorOf(person: PersonId): string {
  return `person:${person}`
}
