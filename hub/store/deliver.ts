import type {
  ChannelId,
  DeliveryId,
  InterchangeId,
  PartnerId,
  PayloadId,
  TransmissionId,
} from '#hub/model/ids.ts'
import { newId } from '#hub/model/ids.ts'
import type { DeliveryState } from '#hub/model/states.ts'
import type { ChannelKind } from '#hub/model/transport.ts'
import { idColumn } from './columns.ts'
import type { Queryable } from './connect.ts'
import { isHead } from './order.ts'

/** A delivery whose attempt was claimed: what `send` needs to know of it. */
export interface ClaimedDelivery {
  id: DeliveryId
  partnerId: PartnerId
  channelId: ChannelId
  channelKey: string
  /** Null for a receipt. */
  interchangeId: InterchangeId | null
  payloadId: PayloadId
  mediaType: string
  wireId: string
  /** Of a file that was passed through, its own name. */
  name: string | null
  attempt: number
}

/** Said so that rows named by their keys are looked up by them: an index of all that wait would seem shorter, and is not. */
export function isState(state: DeliveryState): string {
  return `coalesce(d.state, '') = '${state}'`
}

/** A claimed delivery with its attempt: the outbound transmission, `sending`, named by the wire identity. */
export type ClaimedAttempt = ClaimedDelivery & { transmissionId: TransmissionId }

/**
 * Takes those of `ids` that wait and are due, and begins an attempt of each: state `sending`, attempt + 1, a lease by the
 * database's clock, and its transmission. Of an ordered key only the head is taken; of a suspended channel nothing. What another worker holds at this moment is
 * left to it.
 */
export async function claimDeliveries(
  client: Queryable,
  ids: readonly DeliveryId[],
  leaseSeconds: number,
): Promise<ClaimedAttempt[]> {
  const { rows } = await client.query<ClaimedRow>({
    name: 'claim_deliveries',
    text: `with due as (
             select d.id, c.key
             from delivery d join channel c on c.id = d.channel_id
             where d.id = any($1::uuid[]) and ${isState('waiting')} and d.next_at <= now() and c.suspended_at is null
               and ${isHead}
             order by d.id
             for update of d skip locked),
           claimed as (
             update delivery d
             set state = 'sending', attempt = d.attempt + 1, lease_until = now() + make_interval(secs => $2), next_at = null
             from due where d.id = due.id
             returning d.id, d.partner_id, d.channel_id, due.key as channel_key, d.interchange_id, d.payload_id,
                       d.media_type, d.wire_id, d.name, d.attempt, ($3::uuid[])[array_position($1::uuid[], d.id)] as transmission_id),
           attempts as (
             insert into transmission (id, partner_id, channel_id, direction, kind, state, name, raw_id, delivery_id, attempt)
             select transmission_id, partner_id, channel_id, 'out',
                    case when interchange_id is null then 'receipt' else 'file' end, 'sending', left(wire_id, 255),
                    payload_id, id, attempt
             from claimed)
           select * from claimed`,
    values: [
      idColumn(ids, (id) => id),
      leaseSeconds,
      // the attempts' own ids, for as many as may be claimed
      idColumn(ids, () => newId<TransmissionId>()),
    ],
  })
  return rows.map((row) => ({
    id: row.id,
    partnerId: row.partner_id,
    channelId: row.channel_id,
    channelKey: row.channel_key,
    interchangeId: row.interchange_id,
    payloadId: row.payload_id,
    mediaType: row.media_type,
    wireId: row.wire_id,
    name: row.name,
    attempt: row.attempt,
    transmissionId: row.transmission_id,
  }))
}

/** Prolongs the leases of attempts that are still under way; returns the ids of those that were still held. */
export async function renewLeases(
  db: Queryable,
  attempts: readonly { id: DeliveryId; attempt: number }[],
  leaseSeconds: number,
): Promise<DeliveryId[]> {
  const { rows } = await db.query<{ id: DeliveryId }>({
    name: 'renew_leases',
    text: `update delivery d set lease_until = now() + make_interval(secs => $3)
           from unnest($1::uuid[], $2::int[]) as v (id, attempt)
           where d.id = any($1::uuid[]) and d.id = v.id and ${isState('sending')} and d.attempt = v.attempt
           returning d.id`,
    values: [attempts.map(({ id }) => id), attempts.map(({ attempt }) => attempt), leaseSeconds],
  })
  return rows.map(({ id }) => id)
}

/** The channels of those of `ids` that wait and are due, so that each goes to its channel's lane. */
export async function findDue(
  db: Queryable,
  ids: readonly DeliveryId[],
): Promise<{ id: DeliveryId; channelId: ChannelId; kind: ChannelKind }[]> {
  const { rows } = await db.query<{ id: DeliveryId; channel_id: ChannelId; kind: ChannelKind }>({
    name: 'find_due',
    text: `select d.id, d.channel_id, c.kind from delivery d join channel c on c.id = d.channel_id
           where d.id = any($1::uuid[]) and ${isState('waiting')} and d.next_at <= now() order by d.id`,
    values: [ids],
  })
  return rows.map((row) => ({ id: row.id, channelId: row.channel_id, kind: row.kind }))
}

/** The oldest deliveries of a channel that wait and are due. */
export async function findDueOfChannel(
  db: Queryable,
  channelId: ChannelId,
  limit: number,
): Promise<DeliveryId[]> {
  const { rows } = await db.query<{ id: DeliveryId }>({
    name: 'find_due_of_channel',
    text: `select id from delivery
           where channel_id = $1 and state = 'waiting' and next_at <= now() order by id limit $2`,
    values: [channelId, limit],
  })
  return rows.map(({ id }) => id)
}

interface ClaimedRow {
  id: DeliveryId
  partner_id: PartnerId
  channel_id: ChannelId
  channel_key: string
  interchange_id: InterchangeId | null
  payload_id: PayloadId
  media_type: string
  wire_id: string
  name: string | null
  attempt: number
  transmission_id: TransmissionId
}
