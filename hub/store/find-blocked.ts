import type { ChannelId, DeliveryId, DocumentId } from '#hub/model/ids.ts'
import type { DeliveryState } from '#hub/model/states.ts'
import type { Queryable } from './connect.ts'

/** A delivery of an ordered flow that keeps others of its key waiting, because it failed, is held, was refused or waits for its proof. */
export interface BlockingDelivery {
  deliveryId: DeliveryId
  state: DeliveryState
  code: string | null
  attempt: number
  nextAt: Date | null
  dueAt: Date | null
  channelId: ChannelId
  channel: string
  partner: string
  documentId: DocumentId | null
  number: string | null
  /** How many of its key wait behind it. */
  behind: number
}

const open = `state not in ('delivered', 'stopped')`

/** What blocks a key, the one with the most behind it first. */
export async function findBlocking(db: Queryable, limit: number): Promise<BlockingDelivery[]> {
  const { rows } = await db.query<BlockingDelivery>(
    `with keys as (
       select order_key, count(*)::int - 1 as behind from delivery
       where order_key is not null and ${open} group by order_key having count(*) > 1),
     heads as (
       select distinct on (d.order_key) d.*, k.behind
       from keys k join delivery d on d.order_key = k.order_key and d.${open}
       order by d.order_key, d.order_no, d.order_place, d.id)
     select h.id as "deliveryId", h.state, h.code, h.attempt, h.next_at as "nextAt", h.due_at as "dueAt",
       h.channel_id as "channelId", c.key as channel, p.key as partner, o.document_id as "documentId", x.number, h.behind
     from heads h join channel c on c.id = h.channel_id join partner p on p.id = h.partner_id
     left join lateral (
       select document_id from output where interchange_id = h.interchange_id order by position limit 1) o on true
     left join document x on x.id = o.document_id
     where h.state in ('held', 'refused', 'pending') or h.state = 'waiting' and h.code is not null
     order by h.behind desc, h.id limit $1`,
    [limit],
  )
  return rows
}

/** What stands in front of a delivery that waits in an ordered flow. */
export interface InFront {
  deliveryId: DeliveryId
  state: DeliveryState
  code: string | null
  documentId: DocumentId | null
  number: string | null
}

/** The head of the key in which one of these deliveries waits, or null where none of them waits behind another. */
export async function findInFrontOf(db: Queryable, ids: readonly DeliveryId[]): Promise<InFront | null> {
  if (ids.length === 0) return null
  const { rows } = await db.query<InFront>(
    `select e.id as "deliveryId", e.state, e.code, o.document_id as "documentId", x.number
     from delivery d
     join delivery e on e.order_key = d.order_key and e.state not in ('delivered', 'stopped')
       and (e.order_no, e.order_place, e.id) < (d.order_no, d.order_place, d.id)
     left join lateral (
       select document_id from output where interchange_id = e.interchange_id order by position limit 1) o on true
     left join document x on x.id = o.document_id
     where d.id = any($1::uuid[]) and d.state = 'waiting' and d.order_key is not null
     order by e.order_no, e.order_place, e.id limit 1`,
    [ids],
  )
  return rows[0] ?? null
}

/** The state of a delivery, or null. */
export async function findDeliveryState(db: Queryable, id: DeliveryId): Promise<DeliveryState | null> {
  const { rows } = await db.query<{ state: DeliveryState }>('select state from delivery where id = $1', [id])
  return rows[0]?.state ?? null
}
