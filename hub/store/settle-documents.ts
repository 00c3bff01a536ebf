import type { DeliveryId, DocumentId, InterchangeId, PartnerId, TransmissionId } from '#hub/model/ids.ts'
import type { AcknowledgementState, DeliveryState } from '#hub/model/states.ts'
import { idColumn, textColumn } from './columns.ts'
import type { Queryable } from './connect.ts'

/** With several outputs the least advanced delivery speaks for the document; this is the order, least advanced first. */
export const deliveryRanks = [
  'refused',
  'held',
  'stopped',
  'waiting',
  'sending',
  'pending',
  'delivered',
] as const

/** With several acknowledgements expected, the one that asks most for attention speaks for the document. */
export const acknowledgementRanks = [
  'rejected',
  'partial',
  'with_errors',
  'waiting',
  'accepted',
  'waived',
] as const

/**
 * Writes the roll-ups `document.delivery` and `document.acknowledgement` of all documents that go out in these interchanges, from the
 * rows they sum up. In the transaction that changed those rows, after the change.
 */
export async function rollUpDocuments(
  client: Queryable,
  interchangeIds: readonly InterchangeId[],
): Promise<void> {
  if (interchangeIds.length === 0) return
  // two deliveries of one document may be settled at once: whoever comes second must see what the first wrote
  const { rows } = await client.query<{ id: DocumentId }>({
    name: 'lock_documents',
    text: `select id from document
           where id in (select document_id from output where interchange_id = any($1::uuid[]))
           order by id for update`,
    values: [interchangeIds],
  })
  if (rows.length === 0) return
  await client.query({
    name: 'roll_up_documents',
    // `offset 0` and the inner select hold the planner to look-ups by key: a handful of documents is no reason to read
    // a whole table, which it would if it knew the table as empty
    text: `with r as materialized (
             select o.document_id, min(array_position($2::text[], coalesce(v.state, 'waiting'))) as delivered,
               min((select min(array_position($3::text[], a.state)) from acknowledgement a
                    where a.about_id = any(array[v.id, o.interchange_id, o.document_id]) and a.way = 'expected'
                      -- some messages of it were rejected: what was said of this one by itself counts
                      and (a.state <> 'partial' or a.about_id <> o.interchange_id or not exists (
                        select from acknowledgement own
                        where own.about_id = o.document_id and own.level = a.level and own.way = 'expected'))))
                 as answered
             from output o
             -- an output that waits for others has no delivery yet
             left join lateral (
               select id, state from delivery where interchange_id = o.interchange_id offset 0) v on true
             where o.document_id = any($1::uuid[])
             group by o.document_id)
           update document d
           set delivery = ($2::text[])[r.delivered],
               acknowledgement = coalesce(($3::text[])[r.answered], d.acknowledgement)
           from r
           where d.id = any($1::uuid[]) and d.id = r.document_id
             and (d.delivery is distinct from ($2::text[])[r.delivered]
                  or r.answered is not null and d.acknowledgement is distinct from ($3::text[])[r.answered])`,
    values: [rows.map(({ id }) => id), deliveryRanks, acknowledgementRanks],
  })
}

/** A document that goes out in an interchange, and its sender, who is told of the delivery. */
export interface OutgoingDocument {
  documentId: DocumentId
  sender: PartnerId
  interchangeId: InterchangeId
  /** What the message is called in it; absent where nobody asked. */
  messageReference?: string | null
}

/**
 * Writes the roll-ups of documents whose deliveries have just moved, in the transaction of the moves, and returns the
 * documents. One with a single output is where its delivery is, which this transaction holds; the others are summed up.
 */
export async function rollUpMoves(
  client: Queryable,
  moves: readonly { interchangeId: InterchangeId | null; state: DeliveryState }[],
): Promise<OutgoingDocument[]> {
  const moved = moves.filter(({ interchangeId }) => interchangeId !== null)
  if (moved.length === 0) return []
  const { rows } = await client.query<{
    document_id: DocumentId
    sender: PartnerId | null
    interchange_id: InterchangeId
  }>({
    name: 'roll_up_moves',
    text: `with going as materialized (
             select o.document_id, o.interchange_id, m.state,
               (select count(*) from output p where p.document_id = o.document_id) as outputs
             from unnest($1::uuid[], $2::text[]) as m (interchange_id, state)
             join output o on o.interchange_id = m.interchange_id
             where o.interchange_id = any($1::uuid[])
             order by o.document_id),
           simple as (
             update document d set delivery = going.state
             from going where d.id = going.document_id and going.outputs = 1
             returning d.id, d.sender)
           select going.document_id, going.interchange_id, simple.sender
           from going left join simple on simple.id = going.document_id`,
    values: [idColumn(moved, ({ interchangeId }) => interchangeId), textColumn(moved, ({ state }) => state)],
  })
  const many = rows.filter(({ sender }) => sender === null).map((row) => row.interchange_id)
  await rollUpDocuments(client, many)
  const simple = rows.flatMap(({ document_id, sender, interchange_id }) =>
    sender === null ? [] : { documentId: document_id, sender, interchangeId: interchange_id },
  )
  return [...simple, ...(await findDocumentsOf(client, many))]
}

/** The documents that go out in these interchanges, with their senders. */
export async function findDocumentsOf(
  client: Queryable,
  interchangeIds: readonly InterchangeId[],
): Promise<OutgoingDocument[]> {
  if (interchangeIds.length === 0) return []
  const { rows } = await client.query<{
    document_id: DocumentId
    sender: PartnerId
    interchange_id: InterchangeId
    message_ref: string | null
  }>({
    name: 'find_documents_of',
    text: `select o.document_id, (select d.sender from document d where d.id = o.document_id) as sender, o.interchange_id,
             o.message_ref
           from output o
           where o.interchange_id = any($1::uuid[]) order by o.document_id`,
    values: [interchangeIds],
  })
  return rows.map((row) => ({
    documentId: row.document_id,
    sender: row.sender,
    interchangeId: row.interchange_id,
    messageReference: row.message_ref,
  }))
}

export interface TransportAnswer {
  deliveryId: DeliveryId
  state: Extract<AcknowledgementState, 'accepted' | 'rejected'>
  code: string | null
  evidenceId: TransmissionId
}

/**
 * Records that the proof of transport came, where one was expected; returns whether its row changed. A positive one also
 * replaces a negative one that came before.
 */
export async function answerTransport(client: Queryable, answer: TransportAnswer): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'answer_transport',
    text: `update acknowledgement set state = $2, code = $3, evidence_id = $4
           where about_id = $1 and level = 'transport' and way = 'expected'
             and (state = 'waiting' or state = 'rejected' and $2 = 'accepted')`,
    values: [answer.deliveryId, answer.state, answer.code, answer.evidenceId],
  })
  return rowCount === 1
}

/**
 * Records what attempts brought: an acknowledgement that we owe is evidenced by the attempt that brought it, and a proof of
 * transport that was expected has come. Returns the deliveries whose proof was expected.
 */
export async function recordBrought(
  client: Queryable,
  brought: readonly { deliveryId: DeliveryId; transmissionId: TransmissionId }[],
): Promise<DeliveryId[]> {
  if (brought.length === 0) return []
  const { rows } = await client.query<{ about_id: DeliveryId }>({
    name: 'record_brought',
    text: `with owed as (
             update acknowledgement a set evidence_id = v.transmission_id
             from unnest($1::uuid[], $2::uuid[]) as v (delivery_id, transmission_id)
             where a.delivery_id = v.delivery_id and a.delivery_id = any($1::uuid[]) and a.way = 'owed'
               and a.evidence_id is null)
           update acknowledgement a set state = 'accepted', code = null, evidence_id = v.transmission_id
           from unnest($1::uuid[], $2::uuid[]) as v (about_id, transmission_id)
           where a.about_id = v.about_id and a.about_id = any($1::uuid[]) and a.level = 'transport'
             and a.way = 'expected' and a.state in ('waiting', 'rejected')
           returning a.about_id`,
    values: [
      idColumn(brought, ({ deliveryId }) => deliveryId),
      idColumn(brought, ({ transmissionId }) => transmissionId),
    ],
  })
  return rows.map((row) => row.about_id)
}

/** The proof of transport is owed until then, as the attempt learned it. */
export async function expectTransport(
  client: Queryable,
  expected: readonly { deliveryId: DeliveryId; dueAt: Date }[],
): Promise<void> {
  if (expected.length === 0) return
  await client.query({
    name: 'expect_transport',
    text: `update acknowledgement a set due_at = v.due_at, overdue_at = null
           from unnest($1::uuid[], $2::timestamptz[]) as v (about_id, due_at)
           where a.about_id = v.about_id and a.level = 'transport' and a.way = 'expected' and a.state = 'waiting'`,
    values: [expected.map(({ deliveryId }) => deliveryId), expected.map(({ dueAt }) => dueAt)],
  })
}
