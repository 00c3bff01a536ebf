import { limits } from '#hub/base/limits.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import { stableCode } from '#hub/model/codes/index.ts'
import type { ChannelId, DeliveryId, DocumentId, PartnerId, TransmissionId } from '#hub/model/ids.ts'
import type { AcknowledgementLevel } from '#hub/model/states.ts'
import { kindsThatDropRepeats } from '#hub/model/transport.ts'
import type { Client, Queryable, Store } from './connect.ts'
import { isHead } from './order.ts'

/**
 * Runs `work` unless another process is at it: one watcher at a time. Returns null where it was not our turn. The lock is
 * a transaction's, kept awake for as long as the work lasts: from a process that stands still the server takes it back.
 */
export async function aloneInWatch<Result>(
  store: Store,
  work: () => Promise<Result>,
): Promise<Result | null> {
  const client = await store.worker.connect()
  let broken: Error | boolean = false
  try {
    await client.query('begin')
    const { rows } = await client.query<{ mine: boolean }>(
      `select pg_try_advisory_xact_lock(hashtext('crossdock.watch')) as mine`,
    )
    if (rows[0]?.mine !== true) return null
    const awake = setInterval(
      () => void client.query('select 1').catch(() => {}),
      limits.transactionIdleMs / 3,
    )
    try {
      return await work()
    } finally {
      clearInterval(awake)
    }
  } finally {
    await client.query('commit').catch((error: Error) => {
      broken = error
    })
    client.release(broken)
  }
}

export interface InterruptedAttempt {
  deliveryId: DeliveryId
  transmissionId: TransmissionId
  attempt: number
  peerDedupes: boolean
}

/** Locks attempts whose lease ran out: the process that made them is gone, or stood still. */
export async function lockInterrupted(client: Client, limit: number): Promise<InterruptedAttempt[]> {
  const { rows } = await client.query<{
    id: DeliveryId
    transmission_id: TransmissionId
    attempt: number
    peer_dedupes: boolean
  }>({
    name: 'lock_interrupted',
    text: `select d.id, t.id as transmission_id, d.attempt, coalesce(c.peer_dedupes or c.kind = any($2::text[]), false) as peer_dedupes
           from delivery d
           join transmission t on t.delivery_id = d.id and t.attempt = d.attempt
           left join channel c on c.id = d.channel_id
           where d.state = 'sending' and d.lease_until < now()
           order by d.id limit $1 for update of d skip locked`,
    values: [limit, kindsThatDropRepeats],
  })
  return rows.map((row) => ({
    deliveryId: row.id,
    transmissionId: row.transmission_id,
    attempt: row.attempt,
    peerDedupes: row.peer_dedupes,
  }))
}

// a job whose worker stopped beating is nobody's, whatever its state says
const live = `j.state <= 'active'
  and (j.state <> 'active'
    or coalesce(j.heartbeat_on, j.started_on) > now() - interval '${limits.jobSilenceSeconds} seconds')`

/** The ids that jobs carry which somebody will take up, or is at. */
function idsOfJobs(queues: string, member: 'transmissionIds' | 'deliveryIds'): string {
  return `select jsonb_array_elements_text(j.data -> '${member}')::uuid as id from pgboss.job j
          where j.name in (${queues}) and ${live}`
}

/** Deliveries that are due for longer than the grace and that no job will take up; at most `perChannel` of each channel. */
export async function findLostDeliveries(
  db: Queryable,
  terms: { graceSeconds: number; perChannel: number },
): Promise<{ deliveryId: DeliveryId; channelId: ChannelId }[]> {
  const { rows } = await db.query<{ id: DeliveryId; channel_id: ChannelId }>({
    name: 'find_lost_deliveries',
    text: `with taken as materialized (${idsOfJobs(`'deliver'`, 'deliveryIds')})
           select id, channel_id from (
             select d.id, d.channel_id, row_number() over (partition by d.channel_id order by d.next_at, d.id) as place
             from delivery d join channel c on c.id = d.channel_id
             where d.state = 'waiting' and d.next_at <= now() - make_interval(secs => $1) and c.suspended_at is null
               and ${isHead}
               and not exists (select from taken where taken.id = d.id)) lost
           where place <= $2`,
    values: [terms.graceSeconds, terms.perChannel],
  })
  return rows.map((row) => ({ deliveryId: row.id, channelId: row.channel_id }))
}

/**
 * Transmissions in which something waits for process for longer than the grace and that no job will take up: accepted
 * files (of the last `days`) that nobody has begun, those with documents that wait, and with `portions`, which means
 * reading all of these days, large files that are not split to their end.
 */
export async function findLostTransmissions(
  db: Queryable,
  terms: { graceSeconds: number; days: number; portions: boolean; limit: number },
): Promise<TransmissionId[]> {
  const { rows } = await db.query<{ id: TransmissionId }>({
    name: 'find_lost_transmissions',
    text: `with taken as materialized (${idsOfJobs(`'process', 'process_large'`, 'transmissionIds')}),
           waiting as (
             select t.id from transmission t
             where t.split_to is null and t.direction = 'in' and t.kind = 'file'
               and t.id >= id_floor(now() - make_interval(days => $2)) and t.state = 'accepted'
               and t.duplicate_of is null and t.at <= now() - make_interval(secs => $1)
             union
             -- a large file is split in portions, and this one not to its end
             select t.id from transmission t join payload p on p.id = coalesce(t.opened_id, t.raw_id)
             where $4 and t.id >= id_floor(now() - make_interval(days => $2)) and t.direction = 'in'
               and t.state = 'accepted' and t.kind = 'file' and t.duplicate_of is null
               and t.at <= now() - make_interval(secs => $1) and t.split_to < p.size_bytes
             union
             select d.transmission_id from document d
             where d.processing = 'waiting' and d.at <= now() - make_interval(secs => $1))
           select w.id from waiting w
           where not exists (select from taken where taken.id = w.id)
           order by w.id limit $3`,
    values: [terms.graceSeconds, terms.days, terms.limit, terms.portions],
  })
  return rows.map(({ id }) => id)
}

export interface OverdueDelivery {
  id: DeliveryId
  partnerId: PartnerId
  dueAt: Date
}

/** Marks deliveries whose proof did not come in time, once; their state stays. */
export async function markOverdueDeliveries(client: Client, limit: number): Promise<OverdueDelivery[]> {
  const { rows } = await client.query<{ id: DeliveryId; partner_id: PartnerId; due_at: Date }>({
    name: 'mark_overdue_deliveries',
    text: `with late as (
             select id from delivery
             where state = 'pending' and due_at < now() and overdue_at is null
             order by id limit $1 for update skip locked)
           update delivery d set overdue_at = now() from late
           where d.id = late.id returning d.id, d.partner_id, d.due_at`,
    values: [limit],
  })
  return rows.map((row) => ({ id: row.id, partnerId: row.partner_id, dueAt: row.due_at }))
}

export interface OverdueAcknowledgement {
  partnerId: PartnerId
  level: AcknowledgementLevel
  dueAt: Date
  /** Where it shows: the delivery, or the document, that it is about. */
  deliveryId: DeliveryId | null
  documentId: DocumentId | null
}

/** Marks acknowledgements that did not come in time, once; their state stays, for a late answer still counts. */
export async function markOverdueAcknowledgements(
  client: Client,
  limit: number,
): Promise<OverdueAcknowledgement[]> {
  const { rows } = await client.query<{
    partner_id: PartnerId
    level: AcknowledgementLevel
    due_at: Date
    delivery_id: DeliveryId | null
    document_id: DocumentId | null
  }>({
    name: 'mark_overdue_acknowledgements',
    text: `with late as (
             select about_id, level, way from acknowledgement
             where state = 'waiting' and due_at < now() and overdue_at is null
             order by about_id, level, way limit $1 for update skip locked)
           update acknowledgement a set overdue_at = now(), code = $2 from late
           where a.about_id = late.about_id and a.level = late.level and a.way = late.way
           returning a.partner_id, a.level, a.due_at,
             coalesce((select d.id from delivery d where d.id = a.about_id),
                      (select d.id from delivery d where d.interchange_id = a.about_id limit 1)) as delivery_id,
             (select o.id from document o where o.id = a.about_id) as document_id`,
    values: [limit, stableCode('acknowledgementOverdue' satisfies CodeName)],
  })
  return rows.map((row) => ({
    partnerId: row.partner_id,
    level: row.level,
    dueAt: row.due_at,
    deliveryId: row.delivery_id,
    documentId: row.document_id,
  }))
}

/** Makes the partitions of the months ahead; returns how many were new. */
export async function preparePartitions(db: Queryable, monthsAhead: number): Promise<number> {
  const { rows } = await db.query<{ made: number }>(
    `select ensure_partitions(now(), now() + make_interval(months => $1)) as made`,
    [monthsAhead],
  )
  return rows[0]?.made ?? 0
}
