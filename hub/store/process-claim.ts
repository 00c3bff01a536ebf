import type { DeliveryId, DocumentId, InterchangeId, TransmissionId } from '#hub/model/ids.ts'
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

/** One interchange reference as its sender used it towards its receiver. */
export interface ReferenceClaim {
  scope: string
  key: string
  owner: InterchangeId
  sha256: Buffer
}

export interface ReferenceOwner {
  owner: InterchangeId
  /** Null where its row is not there (yet): it stands in the same transaction. */
  transmissionId: TransmissionId | null
  sha256: Buffer | null
}

/**
 * Claims interchange references for 13 months and says who owns each, in the order given: whoever came first. Asked
 * again by the same owner it is the owner still.
 */
export async function claimReferences(
  client: Queryable,
  claims: readonly ReferenceClaim[],
): Promise<ReferenceOwner[]> {
  if (claims.length === 0) return []
  const sorted = [...claims].sort((a, b) => (a.scope + a.key < b.scope + b.key ? -1 : 1))
  await client.query({
    name: 'process_claim_references',
    text: `insert into once (scope, key, owner_id, content_sha256, expires_at)
           select scope, key, owner_id, sha256, now() + interval '13 months'
           from unnest($1::text[], $2::bytea[], $3::uuid[], $4::bytea[]) with ordinality
             as c(scope, key, owner_id, sha256, place)
           order by place
           on conflict (scope, key) do nothing`,
    values: [
      sorted.map((claim) => claim.scope),
      sorted.map((claim) => Buffer.from(claim.key)),
      sorted.map((claim) => claim.owner),
      sorted.map((claim) => claim.sha256),
    ],
  })
  const { rows } = await client.query<{
    owner_id: InterchangeId
    transmission_id: TransmissionId | null
    content_sha256: Buffer | null
  }>({
    name: 'process_reference_owners',
    text: `select o.owner_id, o.content_sha256, i.transmission_id
           from unnest($1::text[], $2::bytea[]) with ordinality as c(scope, key, place)
           join once o using (scope, key)
           left join interchange i on i.id = o.owner_id
           order by c.place`,
    values: [claims.map((claim) => claim.scope), claims.map((claim) => Buffer.from(claim.key))],
  })
  return rows.map((row) => ({
    owner: row.owner_id,
    transmissionId: row.transmission_id,
    sha256: row.content_sha256,
  }))
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
