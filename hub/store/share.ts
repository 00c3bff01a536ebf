import type { PartnerId, PayloadId } from '#hub/model/ids.ts'
import { idColumn } from './columns.ts'
import type { Queryable } from './connect.ts'

/** A payload that goes to a receiver as it came. */
export interface SharedPayload {
  payloadId: PayloadId
  partnerId: PartnerId
}

/** Lets receivers see the payloads that were passed on to them, beside their owners. */
export async function sharePayloads(client: Queryable, shared: readonly SharedPayload[]): Promise<void> {
  if (shared.length === 0) return
  await client.query({
    name: 'process_share_payloads',
    text: `update payload p
           set receivers = array(select distinct unnest(coalesce(p.receivers, '{}') || s.partners))
           from (select payload_id, array_agg(partner_id) as partners
                 from unnest($1::uuid[], $2::uuid[]) as n (payload_id, partner_id) group by payload_id) s
           where p.id = any($1::uuid[]) and p.id = s.payload_id`,
    values: [idColumn(shared, ({ payloadId }) => payloadId), idColumn(shared, ({ partnerId }) => partnerId)],
  })
}
