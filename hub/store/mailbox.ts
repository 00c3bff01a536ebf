import { limits } from '#hub/base/limits.ts'
import { timeOf, type ChannelId, type DeliveryId, type PayloadId } from '#hub/model/ids.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { Mailbox, MailboxFile, SettleByReceipt } from '#hub/model/transport.ts'
import type { Queryable, Store } from './connect.ts'
import { readPayload } from './payload.ts'

/** The outbox of hosted mailboxes as the tables have it: a file is a delivery that is pending on that channel. */
export function storeMailbox(store: Store, sealer: Sealer, settle: SettleByReceipt): Mailbox {
  return {
    list: (channelId) => listPending(store.worker, channelId),
    read: async (channelId, deliveryId) => {
      const placed = await findPlaced(store.worker, channelId, deliveryId)
      return readPayload(store.worker, sealer, placed.payloadId)
    },
    collected: async (channelId, deliveryId, proof) => {
      const placed = await findPlaced(store.worker, channelId, deliveryId)
      await settle({
        deliveryId,
        outcome: { kind: 'taken', proof: { ...proof, sha256: placed.sha256.toString('hex') } },
        evidenceId: null,
      })
    },
  }
}

/** Deliveries that wait in a channel's outbox, oldest first. */
export async function listPending(db: Queryable, channelId: ChannelId): Promise<MailboxFile[]> {
  const { rows } = await db.query<{ id: DeliveryId; wire_id: string; size_bytes: string }>({
    name: 'mailbox_pending',
    text: `select d.id, d.wire_id, p.size_bytes
           from delivery d join payload p on p.id = d.payload_id
           where d.channel_id = $1 and d.state = 'pending'
           order by d.id limit $2`,
    values: [channelId, limits.mailboxListRows],
  })
  return rows.map((row) => ({
    deliveryId: row.id,
    name: row.wire_id,
    sizeBytes: Number(row.size_bytes),
    at: new Date(timeOf(row.id)),
  }))
}

interface Placed {
  payloadId: PayloadId
  sha256: Buffer
}

/** The payload of a delivery of this channel, also after it was collected. Throws where it is another channel's. */
async function findPlaced(db: Queryable, channelId: ChannelId, deliveryId: DeliveryId): Promise<Placed> {
  const { rows } = await db.query<{ payload_id: PayloadId; sha256: Buffer }>({
    name: 'mailbox_placed',
    text: `select d.payload_id, p.sha256
           from delivery d join payload p on p.id = d.payload_id
           where d.id = $2 and d.channel_id = $1`,
    values: [channelId, deliveryId],
  })
  const row = rows[0]
  if (row === undefined) throw new Error(`delivery ${deliveryId} is not on channel ${channelId}`)
  return { payloadId: row.payload_id, sha256: row.sha256 }
}
