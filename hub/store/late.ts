import type { DeliveryId, DocumentId, PartnerId } from '#hub/model/ids.ts'
import type { Client, Queryable } from './connect.ts'

export interface LateDelivery {
  id: DeliveryId
  partnerId: PartnerId
  documentId: DocumentId
  sender: PartnerId
  agreement: string
  type: string
  dueAt: Date
}

/** Whether an agreement promises a delivery within a time: without one nothing is looked at. */
export async function promisesTimes(db: Queryable): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'promises_times',
    text: `select 1 from agreement where terms ? 'deliverWithinMinutes' limit 1`,
  })
  return rowCount === 1
}

/**
 * Marks open deliveries that are past the time their agreement promises, from the acceptance of the file on, once; their state
 * stays.
 */
export async function markLateDeliveries(client: Client, limit: number): Promise<LateDelivery[]> {
  const { rows } = await client.query<LateDelivery>({
    name: 'mark_late_deliveries',
    text: `with late as (
             select v.id, o.document_id, d.sender, d.type, a.key,
               t.at + make_interval(mins => (a.terms ->> 'deliverWithinMinutes')::int) as due_at
             from delivery v
             join output o on o.interchange_id = v.interchange_id
             join agreement a on a.id = o.agreement_id and a.terms ? 'deliverWithinMinutes'
             join document d on d.id = o.document_id
             join transmission t on t.id = d.transmission_id
             where v.state not in ('delivered', 'stopped') and v.late_at is null
               and t.at + make_interval(mins => (a.terms ->> 'deliverWithinMinutes')::int) < now()
             order by v.id limit $1 for update of v skip locked),
           marked as (
             update delivery v set late_at = now() from late where v.id = late.id
             returning v.id, v.partner_id, late.document_id, late.sender, late.key, late.type, late.due_at)
           select id, partner_id as "partnerId", document_id as "documentId", sender, key as agreement, type,
             due_at as "dueAt"
           from marked order by id`,
    values: [limit],
  })
  return rows
}

/** Closes notices of agreements for which nothing late is open any more. */
export async function closeLate(client: Queryable): Promise<number> {
  const { rowCount } = await client.query({
    name: 'close_late',
    text: `update notice n set closed_at = now()
           where n.closed_at is null and n.kind = 'late' and not exists (
             select from delivery v join output o on o.interchange_id = v.interchange_id
             join agreement a on a.id = o.agreement_id
             where v.late_at is not null and v.state not in ('delivered', 'stopped')
               and a.key = n.facts ->> 'agreement')`,
  })
  return rowCount ?? 0
}
