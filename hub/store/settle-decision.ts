import { stableCode } from '#hub/model/codes/index.ts'
import type { DeliveryId, DocumentId, PartnerId, TransmissionId } from '#hub/model/ids.ts'
import type { Queryable } from './connect.ts'
import { settledColumns, settledDelivery, type SettledDelivery, type SettledRow } from './settle.ts'

/** Lets a delivery that is held or refused be tried again, at once; null where it is neither. */
export async function releaseDelivery(
  client: Queryable,
  deliveryId: DeliveryId,
): Promise<SettledDelivery | null> {
  const { rows } = await client.query<SettledRow>({
    name: 'release_delivery',
    text: `update delivery d set state = 'waiting', next_at = now()
           where d.id = $1 and d.state in ('held', 'refused') returning ${settledColumns}`,
    values: [deliveryId],
  })
  return rows[0] === undefined ? null : settledDelivery(rows[0])
}

/** Ends a delivery that waits, is held or was refused; null where it is none of these. */
export async function stopDelivery(
  client: Queryable,
  deliveryId: DeliveryId,
): Promise<SettledDelivery | null> {
  const { rows } = await client.query<SettledRow>({
    name: 'stop_delivery',
    text: `update delivery d set state = 'stopped', next_at = null
           where d.id = $1 and d.state in ('waiting', 'held', 'refused') returning ${settledColumns}`,
    values: [deliveryId],
  })
  return rows[0] === undefined ? null : settledDelivery(rows[0])
}

export interface DecidedDocument {
  id: DocumentId
  sender: PartnerId
  transmissionId: TransmissionId
}

/**
 * Decides the open holds of documents, each once: who comes second changes nothing. Released ones wait again where the hold
 * left them; rejected ones are rejected. Returns the documents that were decided now.
 */
export async function decideDocuments(
  client: Queryable,
  documentIds: readonly DocumentId[],
  decision: { decision: 'released' | 'rejected'; by: string; reason: string; today?: boolean },
): Promise<DecidedDocument[]> {
  const { rows } = await client.query<{ id: DocumentId; sender: PartnerId; transmission_id: TransmissionId }>(
    {
      name: 'decide_documents',
      text: `with open as materialized (
             select id from hold where document_id = any($1::uuid[]) and decision is null order by id for update),
           decided as (
             update hold h set decision = $2, decided_by = $3, decided_at = now(), reason = $4
             from open where h.id = open.id and h.decision is null
             returning h.document_id)
           update document d
           set processing = case $2 when 'released' then 'waiting' else 'rejected' end,
               resume_at = case $2 when 'released' then d.resume_at end,
               stopped_at = case $2 when 'released' then null else coalesce(d.stopped_at, d.resume_at) end,
               code = case $2 when 'released' then null else $5 end,
               versions = case when $6::boolean then d.versions || '{"today": true}' else d.versions end
           from decided where d.id = decided.document_id and d.processing = 'held'
           returning d.id, d.sender, d.transmission_id`,
      values: [
        documentIds,
        decision.decision,
        decision.by,
        decision.reason,
        stableCode('holdRejected'),
        decision.today === true,
      ],
    },
  )
  return rows.map((row) => ({ id: row.id, sender: row.sender, transmissionId: row.transmission_id }))
}
