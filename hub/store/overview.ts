import type { ChannelId, DocumentId, PartnerId } from '#hub/model/ids.ts'
import type { Queryable } from './connect.ts'

/**
 * What the operator's overview shows besides counts of lists. Each statement reads a window of ids (an hour, a day), a partial index on
 * open rows, or a sample of fixed size, never a growing table as a whole. For the hub's own people (`asPartner` with `*`).
 */

export interface ChannelHealth {
  id: ChannelId
  key: string
  kind: string
  partnerName: string
  suspended: boolean
  /** Attempts since `since` that the partner did not take, or whose end is unknown. */
  failed: number
  /** When it last carried something as it should, either way, in the last day. */
  lastSuccess: Date | null
}

/** Channels that are suspended, failed within the hour before `now`, or carried something within the day; failing ones first. */
export async function channelHealth(client: Queryable, now: Date, limit: number): Promise<ChannelHealth[]> {
  const { rows } = await client.query<ChannelHealth>(
    `with carried as (
       select t.channel_id,
              count(*) filter (where t.state in ('not_taken', 'unknown') and t.id >= id_floor($1::timestamptz - interval '1 hour'))::int failed,
              max(t.at) filter (where t.state in ('accepted', 'taken', 'pending')) "lastSuccess"
       from transmission t
       where t.id >= id_floor($1::timestamptz - interval '1 day') and t.id < id_floor($1::timestamptz)
       group by t.channel_id)
     select c.id, c.key, c.kind, p.name "partnerName", c.suspended_at is not null suspended,
            coalesce(w.failed, 0) failed, w."lastSuccess"
     from channel c join partner p on p.id = c.partner_id left join carried w on w.channel_id = c.id
     where w.channel_id is not null or c.suspended_at is not null
     order by coalesce(w.failed, 0) > 0 desc, c.suspended_at is not null desc, w."lastSuccess" desc nulls last, c.id limit $2`,
    [now, limit],
  )
  return rows
}

/** Milliseconds from acceptance; null where nothing got so far. */
export interface Durations {
  processedMedianMs: number | null
  processedP95Ms: number | null
  deliveredMedianMs: number | null
  deliveredP95Ms: number | null
}

/** How long the newest documents of the last day took, at most `sample` of them: their entries come by the index on the document. */
export async function durations(client: Queryable, now: Date, sample: number): Promise<Durations> {
  const { rows } = await client.query<Durations>(
    `with took as (
       select extract(epoch from e.processed - t.at) * 1000 processed, extract(epoch from e.delivered - t.at) * 1000 delivered
       from (select id, transmission_id from document
             where id >= id_floor($1::timestamptz - interval '1 day') and id < id_floor($1::timestamptz)
             order by id desc limit $2) d
       join transmission t on t.id = d.transmission_id
       join lateral (
         select min(at) filter (where type = 'document.processed') processed,
                max(at) filter (where type = 'document.delivered') delivered
         from entry where document_id = d.id) e on true)
     select percentile_cont(0.5) within group (order by processed) "processedMedianMs",
            percentile_cont(0.95) within group (order by processed) "processedP95Ms",
            percentile_cont(0.5) within group (order by delivered) "deliveredMedianMs",
            percentile_cont(0.95) within group (order by delivered) "deliveredP95Ms"
     from took`,
    [now, sample],
  )
  return rows[0]!
}

/** The document that waits longest for its delivery, by the partial index on open deliveries; null where none does. */
export async function oldestWaiting(client: Queryable): Promise<{ id: DocumentId; at: Date } | null> {
  const { rows } = await client.query<{ id: DocumentId; at: Date }>(
    `select d.id, d.at from document d
     where d.delivery = 'waiting' and d.id in (
       select o.document_id from delivery w join output o on o.interchange_id = w.interchange_id where w.state = 'waiting')
     order by d.id limit 1`,
  )
  return rows[0] ?? null
}

export interface TypeCount {
  type: string
  senderId: PartnerId
  senderName: string
}

/** What came between two times, by type and sender: those with the most documents first. */
export async function busiestSenders(
  client: Queryable,
  window: { since: Date; until: Date },
  limit: number,
): Promise<TypeCount[]> {
  const { rows } = await client.query<TypeCount>(
    `select d.type, d.sender "senderId", p.name "senderName"
     from document d join partner p on p.id = d.sender
     where d.id >= id_floor($1::timestamptz) and d.id < id_floor($2::timestamptz)
     group by d.type, d.sender, p.name order by count(*) desc, p.name, d.type limit $3`,
    [window.since, window.until, limit],
  )
  return rows
}

/** The codes with which most was rejected between two times. */
export async function topCodes(
  client: Queryable,
  window: { since: Date; until: Date },
  limit: number,
): Promise<string[]> {
  const { rows } = await client.query<{ code: string }>(
    `select code from document
     where id >= id_floor($1::timestamptz) and id < id_floor($2::timestamptz) and processing = 'rejected'
     group by code order by count(*) desc, code limit $3`,
    [window.since, window.until, limit],
  )
  return rows.map(({ code }) => code)
}

/** When a root of the ledger was last signed, which a running worker does all the time; null where none ever was. */
export async function lastCheckpoint(client: Queryable): Promise<Date | null> {
  const { rows } = await client.query<{ at: Date }>(
    `select at from ledger_checkpoint order by epoch desc, size desc limit 1`,
  )
  return rows[0]?.at ?? null
}

/** Files and deliveries whose job no worker has taken up and that are due. As the worker's role: the queue's tables are not the portal's. */
export async function jobsWaiting(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select coalesce(sum(jsonb_array_length(coalesce(data -> 'transmissionIds', data -> 'deliveryIds'))), 0)::int as n
     from pgboss.job where state < 'active' and name in ('process', 'process_large', 'deliver') and start_after <= now()`,
  )
  return rows[0]!.n
}
