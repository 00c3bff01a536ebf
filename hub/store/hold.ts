import { limits } from '#hub/base/limits.ts'
import type { DeliveryId, DocumentId } from '#hub/model/ids.ts'
import type { Queryable } from './connect.ts'

/** What is held together: documents by one rule, or one delivery. */
export interface HoldBatch {
  id: string
  /** `documents`, or the `delivery` of one that a person decides about. */
  of: 'documents' | 'delivery'
  rule: string
  code: string
  agreement: string | null
  sender: string | null
  senderName: string | null
  /** When its first one was held. */
  since: Date
  /** Those that wait for a decision. */
  open: number
  /** Of these, those that wait behind another and need none of their own. */
  behind: number
}

/** One document or delivery of a hold, and what was decided about it. */
export interface HoldMember {
  documentId: DocumentId | null
  deliveryId: DeliveryId | null
  number: string | null
  type: string | null
  lines: number | null
  rule: string
  code: string
  /** The first one of a repeat (a document or an exchange), or the document in front of one that waits behind it. */
  ofId: string | null
  decision: 'released' | 'rejected' | null
  decidedBy: string | null
  decidedAt: Date | null
  reason: string | null
  at: Date
}

// an id bears its time
const time = (id: string): string =>
  `to_timestamp(('x' || lpad(replace(left(${id}::text, 13), '-', ''), 16, '0'))::bit(64)::bigint / 1000.0)`

const batchColumns = `h.batch_id as id, case when bool_or(h.delivery_id is not null) then 'delivery' else 'documents' end as of,
  coalesce((array_agg(h.rule order by h.id) filter (where h.rule <> 'behind'))[1], 'behind') as rule,
  (array_agg(h.code order by h.rule = 'behind', h.id))[1] as code,
  (array_agg(h.agreement order by h.id))[1] as agreement,
  (array_agg(p.key order by h.id))[1] as sender, (array_agg(p.name order by h.id))[1] as "senderName",
  ${time('min(h.id::text)')} as since,
  (count(*) filter (where h.decision is null))::int as open,
  (count(*) filter (where h.decision is null and h.rule = 'behind'))::int as behind`

/** The holds with something to decide, the newest first; `before` is the id of the last one of the page before. */
export async function findHolds(
  db: Queryable,
  { before, limit }: { before: string | null; limit: number },
): Promise<{ holds: HoldBatch[]; next: string | null }> {
  const { rows } = await db.query<HoldBatch>({
    name: 'find_holds',
    text: `with open as materialized (
             select batch_id, min(id::text) as first from hold where decision is null group by batch_id),
           page as (
             select batch_id, first from open
             where $1::uuid is null or first < (select o.first from open o where o.batch_id = $1)
             order by first desc limit $2 + 1)
           select ${batchColumns}
           from page join hold h using (batch_id) left join partner p on p.id = h.partner_id
           group by h.batch_id, page.first order by page.first desc`,
    values: [before, limit],
  })
  const holds = rows.slice(0, limit)
  return { holds, next: rows.length > limit ? (holds.at(-1)?.id ?? null) : null }
}

/** A hold with what is in it, at most `limits.holdMembers`, those that wait for a decision first; null where there is none. */
export async function findHold(
  db: Queryable,
  id: string,
): Promise<{ hold: HoldBatch; members: HoldMember[] } | null> {
  const found = await db.query<HoldBatch>({
    name: 'find_hold',
    text: `select ${batchColumns} from hold h left join partner p on p.id = h.partner_id
           where h.batch_id = $1 group by h.batch_id`,
    values: [id],
  })
  const [hold] = found.rows
  if (hold === undefined) return null
  const { rows: members } = await db.query<HoldMember>({
    name: 'find_hold_members',
    text: `select h.document_id as "documentId", h.delivery_id as "deliveryId", d.number, d.type, d.lines, h.rule, h.code,
                  h.of_id as "ofId", h.decision, h.decided_by as "decidedBy", h.decided_at as "decidedAt", h.reason,
                  ${time('h.id')} as at
           from hold h left join document d on d.id = h.document_id
           where h.batch_id = $1
           order by h.decision is not null, d.transmission_id, coalesce(d.raw_offset, d.position), h.id
           limit $2`,
    values: [id, limits.holdMembers],
  })
  return { hold, members }
}

/** What of a hold waits for a decision: all of it, or the documents named by id or number. */
export async function findOpenMembers(
  db: Queryable,
  id: string,
  named: readonly string[] | null,
): Promise<{ documentId: DocumentId | null; deliveryId: DeliveryId | null; rule: string }[]> {
  const { rows } = await db.query<{
    documentId: DocumentId | null
    deliveryId: DeliveryId | null
    rule: string
  }>({
    name: 'find_open_members',
    text: `select h.document_id as "documentId", h.delivery_id as "deliveryId", h.rule
           from hold h left join document d on d.id = h.document_id
           where h.batch_id = $1 and h.decision is null
             and ($2::text[] is null or d.number = any($2) or h.document_id::text = any($2) or h.delivery_id::text = any($2))
           order by d.transmission_id, coalesce(d.raw_offset, d.position), h.id`,
    values: [id, named],
  })
  return rows
}
