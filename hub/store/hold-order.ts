import type { DocumentId, TransmissionId } from '#hub/model/ids.ts'
import type { Queryable } from './connect.ts'
import { decideDocuments, type DecidedDocument } from './settle-decision.ts'

/** A document that keeps others of its keys waiting: on hold, or released and not yet gone on. */
export interface InFront {
  documentId: DocumentId
  transmissionId: TransmissionId
  /** Where in its file it stands. */
  place: number
  batchId: string
  orderKeys: string[]
}

/** The documents that keep others of these keys waiting. */
export async function findInFront(client: Queryable, orderKeys: readonly string[]): Promise<InFront[]> {
  if (orderKeys.length === 0) return []
  const { rows } = await client.query<Omit<InFront, 'place'> & { place: string }>({
    name: 'process_find_in_front',
    text: `select distinct on (d.id) d.id as "documentId", d.transmission_id as "transmissionId",
                  coalesce(d.raw_offset, d.position) as place, h.batch_id as "batchId", h.order_keys as "orderKeys"
           from hold h join document d on d.id = h.document_id
           where h.order_keys && $1::text[] and d.processing in ('held', 'waiting')
           order by d.id, h.id desc`,
    values: [orderKeys],
  })
  return rows.map((row) => ({ ...row, place: Number(row.place) }))
}

/** Lets documents go on that wait right behind these, which are out of the way now; returns them. */
export async function releaseBehind(
  client: Queryable,
  inFront: readonly DocumentId[],
): Promise<DecidedDocument[]> {
  if (inFront.length === 0) return []
  const { rows } = await client.query<{ document_id: DocumentId }>({
    name: 'process_find_behind',
    text: `select document_id from hold
           where of_id = any($1::uuid[]) and rule = 'behind' and decision is null order by document_id`,
    values: [inFront],
  })
  if (rows.length === 0) return []
  return decideDocuments(
    client,
    rows.map((row) => row.document_id),
    { decision: 'released', by: 'hub', reason: 'the document in front of it has gone on' },
  )
}

/**
 * Documents that keep nobody waiting any more and have some on hold right behind them all the same: such a hold was not to
 * be seen yet when the one in front ended. Looks at holds of the last `days`.
 */
export async function findOutOfTheWay(
  client: Queryable,
  { days, limit }: { days: number; limit: number },
): Promise<DocumentId[]> {
  const { rows } = await client.query<{ of_id: DocumentId }>({
    name: 'watch_find_out_of_the_way',
    text: `select distinct h.of_id from hold h
           where h.rule = 'behind' and h.decision is null and h.of_id is not null
             and h.id >= id_floor(now() - make_interval(days => $1))
             and not exists (
               select from document d where d.id = h.of_id and d.processing in ('held', 'waiting'))
           order by h.of_id limit $2`,
    values: [days, limit],
  })
  return rows.map((row) => row.of_id)
}
