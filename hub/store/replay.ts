import { stableCode, type CodeName } from '#hub/model/codes/index.ts'
import type { DeliveryId, DocumentId, ReplayId } from '#hub/model/ids.ts'
import type { Replay, ReplayItem } from '#hub/model/replay.ts'
import { idColumn } from './columns.ts'
import type { Queryable } from './connect.ts'

/** What a plan is about, in the order in which it is carried out. */
export type PlannedItem = Pick<ReplayItem, 'documentId' | 'deliveryId'>

/** Writes a plan with its items, and forgets plans of other days that nobody carried out. */
export async function insertReplay(
  client: Queryable,
  replay: Omit<Replay, 'plannedAt' | 'begunAt' | 'doneAt'>,
  items: readonly PlannedItem[],
): Promise<void> {
  await client.query(`delete from replay where begun_at is null and planned_at < now() - interval '1 day'`)
  await client.query(
    `insert into replay (id, kind, person_id, reason, env, from_step, mapping) values ($1, $2, $3, $4, $5, $6, $7)`,
    [replay.id, replay.kind, replay.personId, replay.reason, replay.env, replay.from, replay.mapping],
  )
  await client.query(
    `insert into replay_item (replay_id, place, document_id, delivery_id)
     select $1, place, document_id, delivery_id
     from unnest($2::uuid[], $3::uuid[]) with ordinality as i (document_id, delivery_id, place)`,
    [
      replay.id,
      idColumn(items, ({ documentId }) => documentId),
      idColumn(items, ({ deliveryId }) => deliveryId),
    ],
  )
}

const replayColumns = `id, kind, person_id as "personId", reason, env, from_step as "from", mapping,
  planned_at as "plannedAt", begun_at as "begunAt", done_at as "doneAt"`

/** A plan, or null. */
export async function findReplay(db: Queryable, id: ReplayId): Promise<Replay | null> {
  const { rows } = await db.query<Replay>(`select ${replayColumns} from replay where id = $1`, [id])
  return rows[0] ?? null
}

/** The same, locked: two people who carry out one plan do so one after the other. */
export async function lockReplay(client: Queryable, id: ReplayId): Promise<Replay | null> {
  const { rows } = await client.query<Replay>(
    `select ${replayColumns} from replay where id = $1 for update`,
    [id],
  )
  return rows[0] ?? null
}

/** Whether a plan that nobody has begun is too old to be carried out, by the database's clock. */
export async function isStale(db: Queryable, id: ReplayId, minutes: number): Promise<boolean> {
  const { rows } = await db.query<{ stale: boolean }>(
    `select begun_at is null and planned_at < now() - make_interval(mins => $2) as stale from replay where id = $1`,
    [id, minutes],
  )
  return rows[0]?.stale ?? true
}

export async function beginReplay(client: Queryable, id: ReplayId): Promise<void> {
  await client.query('update replay set begun_at = now() where id = $1 and begun_at is null', [id])
}

export async function endReplay(client: Queryable, id: ReplayId): Promise<void> {
  await client.query('update replay set done_at = now() where id = $1 and done_at is null', [id])
}

const itemColumns = `place, document_id as "documentId", delivery_id as "deliveryId", outcome, code, made_id as "madeId"`

/** All items of a plan, in order. */
export async function findItems(db: Queryable, id: ReplayId): Promise<ReplayItem[]> {
  const { rows } = await db.query<ReplayItem>(
    `select ${itemColumns} from replay_item where replay_id = $1 order by place`,
    [id],
  )
  return rows
}

/** The next items that are not carried out. */
export async function findOpenItems(client: Queryable, id: ReplayId, limit: number): Promise<ReplayItem[]> {
  const { rows } = await client.query<ReplayItem>(
    `select ${itemColumns} from replay_item where replay_id = $1 and outcome is null order by place limit $2`,
    [id, limit],
  )
  return rows
}

/** What became of an item. */
export type ItemEnd = { outcome: 'done'; madeId: string | null } | { outcome: 'skipped'; code: CodeName }

export async function endItem(client: Queryable, id: ReplayId, place: number, end: ItemEnd): Promise<void> {
  await client.query(
    `update replay_item set outcome = $3, code = $4, made_id = $5 where replay_id = $1 and place = $2`,
    [
      id,
      place,
      end.outcome,
      end.outcome === 'skipped' ? stableCode(end.code) : null,
      end.outcome === 'done' ? end.madeId : null,
    ],
  )
}

/** A delivery of a document that may be sent again: the newest copy for each agreement. */
export interface ReplayableDelivery {
  documentId: DocumentId
  deliveryId: DeliveryId
  state: string
}

/** The deliveries of documents, the documents in the order given; of several copies for one agreement the first. */
export async function deliveriesOfDocuments(
  db: Queryable,
  ids: readonly DocumentId[],
): Promise<ReplayableDelivery[]> {
  const { rows } = await db.query<ReplayableDelivery>(
    `select o.document_id as "documentId", w.id as "deliveryId", w.state
     from unnest($1::uuid[]) with ordinality as asked (id, place)
     join output o on o.document_id = asked.id and o.copy = 0
     join delivery w on w.interchange_id = o.interchange_id
     order by asked.place, w.id`,
    [ids],
  )
  return rows
}

/** Of documents: where each is at home, and the canonical type; those that are not there are left out. */
export async function findReplayable(
  db: Queryable,
  ids: readonly DocumentId[],
): Promise<{ id: DocumentId; env: 'test' | 'live' | null; type: string }[]> {
  const { rows } = await db.query<{ id: DocumentId; env: 'test' | 'live' | null; type: string }>(
    `select d.id, d.env, d.type from unnest($1::uuid[]) with ordinality as asked (id, place)
     join document d on d.id = asked.id order by asked.place`,
    [ids],
  )
  return rows
}

/** Of a delivery: the environment of its channel, and the document that goes out with it, where there is one. */
export async function findDeliveryFacts(
  db: Queryable,
  id: DeliveryId,
): Promise<{ env: 'test' | 'live'; documentId: DocumentId | null; documents: number } | null> {
  const { rows } = await db.query<{
    env: 'test' | 'live'
    document_id: DocumentId | null
    documents: number
  }>(
    `select c.env, min(o.document_id::text)::uuid as document_id, count(o.document_id)::int as documents
     from delivery w join channel c on c.id = w.channel_id left join output o on o.interchange_id = w.interchange_id
     where w.id = $1 group by c.env`,
    [id],
  )
  const row = rows[0]
  return row === undefined ? null : { env: row.env, documentId: row.document_id, documents: row.documents }
}
