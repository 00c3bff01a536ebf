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
