import type { DeliveryId, DocumentId, TransmissionId } from '#hub/model/ids.ts'
import type { ChannelId } from '#hub/model/ids.ts'
import type { Queryable } from './connect.ts'

/**
 * Locks transmissions until the transaction ends, in the order of their ids, and says how far each is split: two workers
 * that were sent the same one go one after the other, and the second finds nothing left to do.
 */
export async function lockTransmissions(
  client: Queryable,
  ids: readonly TransmissionId[],
): Promise<Map<TransmissionId, number | null>> {
  const { rows } = await client.query<{ id: TransmissionId; split_to: string | null }>({
    name: 'process_lock_transmissions',
    text: 'select id, split_to from transmission where id = any($1::uuid[]) order by id for update',
    values: [ids],
  })
  return new Map(rows.map((row) => [row.id, row.split_to === null ? null : Number(row.split_to)]))
}

/** Those of the documents that still wait, locked in the order of their ids. */
export async function lockWaitingDocuments(
  client: Queryable,
  ids: readonly DocumentId[],
): Promise<Set<DocumentId>> {
  if (ids.length === 0) return new Set()
  const { rows } = await client.query<{ id: DocumentId }>({
    name: 'process_lock_waiting',
    // coalesce: by the keys, not by the index of all that wait
    text: `select id from document where id = any($1::uuid[]) and coalesce(processing, '') = 'waiting' order by id for update`,
    values: [ids],
  })
  return new Set(rows.map((row) => row.id))
}

/** Records how far files are split, in bytes. */
export async function setSplitTo(
  client: Queryable,
  done: readonly { transmissionId: TransmissionId; splitTo: number }[],
): Promise<void> {
  if (done.length === 0) return
  await client.query({
    name: 'process_set_split_to',
    text: `update transmission t set split_to = d.split_to
           from unnest($1::uuid[], $2::bigint[]) as d(id, split_to)
           where t.id = d.id and t.id = any($1::uuid[])`,
    values: [done.map((each) => each.transmissionId), done.map((each) => each.splitTo)],
  })
}

/** Records identities on the wire for ever; throws (23505) where one was given to another delivery of that channel. */
export async function insertWireIds(
  client: Queryable,
  wireIds: readonly { channelId: ChannelId; wireId: string; deliveryId: DeliveryId }[],
): Promise<void> {
  if (wireIds.length === 0) return
  await client.query({
    name: 'process_insert_wire_ids',
    text: `insert into once (scope, key, owner_id)
           select 'wire:' || channel_id, key, delivery_id
           from unnest($1::text[], $2::bytea[], $3::uuid[]) as w(channel_id, key, delivery_id)
           order by channel_id, key`,
    values: [
      wireIds.map((each) => each.channelId),
      wireIds.map((each) => Buffer.from(each.wireId)),
      wireIds.map((each) => each.deliveryId),
    ],
  })
}
