import type { DeliveryId } from '#hub/model/ids.ts'
import { interchangesOf } from '#hub/pipeline/deliver/claim.ts'
import { appendEntries } from '#hub/store/entry.ts'
import type { ItemEnd } from '#hub/store/replay.ts'
import { repeatDelivery } from '#hub/store/replay-work.ts'
import { rollUpDocuments } from '#hub/store/settle-documents.ts'
import { closeHold } from '#hub/store/settle-receipt.ts'
import type { ReplayWork } from './execute.ts'

/** Has a delivery tried again at once, with the identity and the bytes it has had from the beginning. */
export async function repeat(
  { client, replay, jobs, actor }: Omit<ReplayWork, 'item'>,
  deliveryId: DeliveryId,
): Promise<ItemEnd> {
  const delivery = await repeatDelivery(client, deliveryId)
  if (delivery === null) return { outcome: 'skipped', code: 'replayNotOpen' }
  const { reason, id } = replay
  await closeHold(client, deliveryId, { decision: 'released', by: actor, reason })
  await rollUpDocuments(client, interchangesOf([delivery]))
  await appendEntries(client, [
    {
      type: 'delivery.repeated',
      body: { replay: id, reason },
      partnerId: delivery.partnerId,
      deliveryId,
      actor,
    },
  ])
  jobs.deliver.push({ deliveryId, channelId: delivery.channelId })
  return { outcome: 'done', madeId: deliveryId }
}
