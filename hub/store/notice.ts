import { stableCode } from '#hub/model/codes/index.ts'
import { newId, type DocumentId, type HoldId, type NoticeId, type PartnerId } from '#hub/model/ids.ts'
import type { NewNotice, NoticeFacts, NoticeKind } from '#hub/model/notice.ts'
import type { Queryable } from './connect.ts'

/** Raises notices; one that is open for the same cause and audience counts on. In the order of their causes. */
export async function raiseNotices(client: Queryable, notices: readonly NewNotice[]): Promise<void> {
  if (notices.length === 0) return
  const rows = [...Map.groupBy(notices, ({ cause, partnerId }) => `${cause} ${partnerId ?? ''}`)]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, [first, ...more]]) => ({
      id: newId<NoticeId>(),
      kind: first!.kind,
      cause: first!.cause,
      partner_id: first!.partnerId,
      code: stableCode(first!.code),
      facts: first!.facts,
      count: more.reduce((sum, { count }) => sum + count, first!.count),
    }))
  await client.query({
    name: 'raise_notices',
    text: `insert into notice (id, kind, cause, partner_id, code, facts, count)
           select id, kind, cause, partner_id, code, facts, count
           from json_to_recordset($1::json) as n(id uuid, kind text, cause uuid, partner_id uuid, code text,
             facts jsonb, count int)
           on conflict (cause, coalesce(partner_id, '00000000-0000-0000-0000-000000000000'))
             where closed_at is null
           do update set count = notice.count + excluded.count, last_at = now()`,
    values: [JSON.stringify(rows)],
  })
}

export interface Notice {
  id: NoticeId
  kind: NoticeKind
  cause: string
  partnerId: PartnerId | null
  code: string
  facts: NoticeFacts
  count: number
  /** Documents on hold for it now. */
  held: number
  openedAt: Date
  lastAt: Date
}

/**
 * Open notices, the newest first: of one audience, which is a partner or (null) the people of the hub. Row-level security
 * holds where a partner asks.
 */
export async function openNotices(
  db: Queryable,
  asked: { audience: PartnerId | null; kind?: NoticeKind; limit: number },
): Promise<Notice[]> {
  const { rows } = await db.query<Omit<Notice, 'held'> & { held: string }>({
    name: 'open_notices',
    text: `select n.id, n.kind, n.cause, n.partner_id as "partnerId", n.code, n.facts, n.count,
             n.opened_at as "openedAt", n.last_at as "lastAt",
             (select count(*) from hold h where h.batch_id = n.cause and h.decision is null) as held
           from notice n
           where n.closed_at is null and n.partner_id is not distinct from $1 and ($2::text is null or n.kind = $2)
           order by n.last_at desc, n.id limit $3`,
    values: [asked.audience, asked.kind ?? null, asked.limit],
  })
  return rows.map((row) => ({ ...row, held: Number(row.held) }))
}

/** Documents on hold for a cause since before an id was made, the oldest first. */
export async function heldForCause(
  db: Queryable,
  asked: { cause: string; before: HoldId; limit: number },
): Promise<DocumentId[]> {
  const { rows } = await db.query<{ document_id: DocumentId }>({
    name: 'held_for_cause',
    text: `select document_id from hold
           where batch_id = $1 and decision is null and document_id is not null and id < $2
           order by id limit $3`,
    values: [asked.cause, asked.before, asked.limit],
  })
  return rows.map((row) => row.document_id)
}

/**
 * Closes notices of documents without a way whose cause is gone: none of them is on hold, and those that were have been
 * decided since the last one came, or none came for so many hours. Returns how many.
 */
export async function closeGoneNotices(client: Queryable, quietHours: number): Promise<number> {
  const { rowCount } = await client.query({
    name: 'close_gone_notices',
    text: `update notice n set closed_at = now()
           where n.closed_at is null and n.kind = 'unroutable'
             and not exists (select from hold h where h.batch_id = n.cause and h.decision is null)
             and (n.last_at < now() - make_interval(hours => $1)
                  or exists (select from hold h where h.batch_id = n.cause and h.decided_at > n.last_at))`,
    values: [quietHours],
  })
  return rowCount ?? 0
}

/** Open notices of the hub's own people, by kind. */
export async function countNotices(db: Queryable): Promise<Record<string, number>> {
  const { rows } = await db.query<{ kind: string; n: number }>({
    name: 'count_notices',
    text: `select kind, count(*)::int as n from notice where closed_at is null and partner_id is null group by kind`,
  })
  return Object.fromEntries(rows.map(({ kind, n }) => [kind, n]))
}
