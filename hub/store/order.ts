import type { ChannelId, DeliveryId, PartnerId, TransmissionId } from '#hub/model/ids.ts'
import { idColumn, numberColumn } from './columns.ts'
import type { Queryable } from './connect.ts'

/*
 * Ordered flows: of the deliveries of one key only the head is sent, which is the one that was accepted first.
 */

/** That the delivery `d` is of no ordered flow, or the head of its key. */
export const isHead = `(d.order_key is null or (
  not exists (
    select from delivery e
    where e.order_key = d.order_key and e.state not in ('delivered', 'stopped')
      and (e.order_no, e.order_place, e.id) < (d.order_no, d.order_place, d.id))
  and not exists (select from unnest(d.order_behind) as b (id) where ${isUnread('b.id')})
  -- those files are read by now: what they held of this key may be on hold, and has no delivery yet
  and (d.order_behind is null or not exists (
    select from hold h join document x on x.id = h.document_id
    where h.order_keys @> array[d.order_key] and x.transmission_id = any(d.order_behind)
      and x.processing in ('held', 'waiting')))))`

/** That a file is not read to its end; only then is it known what it holds. */
function isUnread(id: string): string {
  return `exists (
    select from transmission t join payload p on p.id = coalesce(t.opened_id, t.raw_id)
    where t.id = ${id} and (t.split_to is null or t.split_to < p.size_bytes))`
}

/** A delivery of an ordered flow, as it is written. */
export interface OrderedDelivery {
  deliveryId: DeliveryId
  /** The file that its document came in; null for one that takes its place now, at the end. */
  transmissionId: TransmissionId | null
  sender: PartnerId
  /** Where in the file its message begins. */
  place: number
}

/**
 * Gives deliveries their place in the order of acceptance, in the transaction that wrote them: however late a file is
 * processed, its documents come before those of files accepted later. What is accepted before it and not yet read is noted.
 */
export async function placeInOrder(client: Queryable, ordered: readonly OrderedDelivery[]): Promise<void> {
  if (ordered.length === 0) return
  await client.query({
    name: 'place_in_order',
    text: `with placed as materialized (
             select v.id, v.place, v.sender, t.id as file, t.partner_id, coalesce(t.at, clock_timestamp()) as at
             from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[]) as v (id, transmission_id, sender, place)
             left join transmission t on t.id = v.transmission_id),
           files as materialized (select distinct file, partner_id, sender, at from placed where file is not null),
           at_work as materialized (
             select distinct t.id, t.at, t.partner_id
             from process_run r cross join unnest(r.transmissions) as w (id)
             join transmission t on t.id = w.id join payload p on p.id = coalesce(t.opened_id, t.raw_id)
             where t.direction = 'in' and t.kind = 'file' and t.split_to < p.size_bytes),
           behind as materialized (
             select f.file, f.sender, array_agg(b.id) as ids
             from files f
             cross join lateral (
               select e.id from transmission e
               where e.split_to is null and e.direction = 'in' and e.kind = 'file' and e.state = 'accepted'
                 and e.duplicate_of is null and e.partner_id in (f.partner_id, f.sender)
                 and (e.at, e.id) < (f.at, f.file)
                 -- ids go by the clocks of doors, times by the database's
                 and e.id between id_floor(f.at - interval '31 days') and id_floor(f.at + interval '5 minutes')
               union
               select w.id from at_work w
               where w.partner_id in (f.partner_id, f.sender) and (w.at, w.id) < (f.at, f.file)) b
             group by f.file, f.sender)
           update delivery d
           set order_no = (extract(epoch from p.at) * 1000000)::bigint, order_place = p.place, order_behind = b.ids
           from placed p left join behind b on b.file = p.file and b.sender = p.sender
           where d.id = any($1::uuid[]) and d.id = p.id and d.order_no is null`,
    values: [
      idColumn(ordered, ({ deliveryId }) => deliveryId),
      idColumn(ordered, ({ transmissionId }) => transmissionId),
      idColumn(ordered, ({ sender }) => sender),
      numberColumn(ordered, ({ place }) => place),
    ],
  })
}

/** Those of `ids` that wait only for files accepted before them to be read. */
export async function findBehindUnread(
  db: Queryable,
  ids: readonly DeliveryId[],
): Promise<{ deliveryId: DeliveryId; channelId: ChannelId }[]> {
  const { rows } = await db.query<{ id: DeliveryId; channel_id: ChannelId }>({
    name: 'find_behind_unread',
    text: `select d.id, d.channel_id from delivery d
           where d.id = any($1::uuid[]) and coalesce(d.state, '') = 'waiting' and d.order_behind is not null
             and exists (select from unnest(d.order_behind) as b (id) where ${isUnread('b.id')})`,
    values: [ids],
  })
  return rows.map((row) => ({ deliveryId: row.id, channelId: row.channel_id }))
}

/** The head of each ordered key, where it waits: what was before it is out of the way. */
export async function findHeads(
  client: Queryable,
  orderKeys: readonly string[],
): Promise<{ deliveryId: DeliveryId; channelId: ChannelId }[]> {
  if (orderKeys.length === 0) return []
  const { rows } = await client.query<{ id: DeliveryId; channel_id: ChannelId; state: string }>({
    name: 'find_heads',
    text: `select distinct on (order_key) id, channel_id, state from delivery
           where order_key = any($1::text[]) and state not in ('delivered', 'stopped')
           order by order_key, order_no, order_place, id`,
    values: [orderKeys],
  })
  return rows
    .filter(({ state }) => state === 'waiting')
    .map((row) => ({ deliveryId: row.id, channelId: row.channel_id }))
}
