import { canonicalJson } from '#hub/base/canonical-json.ts'
import type { NewEntry } from '#hub/model/entries.ts'
import { newId } from '#hub/model/ids.ts'
import type { Queryable } from './connect.ts'

/**
 * Writes ledger entries, unsequenced, in the transaction of the change they record. Bodies are canonical JSON
 * (RFC 8785) in UTF-8.
 */
export async function appendEntries(client: Queryable, entries: readonly NewEntry[]): Promise<void> {
  if (entries.length === 0) return
  const column = <Value>(pick: (entry: NewEntry) => Value): Value[] => entries.map(pick)
  await client.query({
    name: 'append_entries',
    text: `insert into entry (id, partner_id, type, transmission_id, document_id, delivery_id, actor, body)
           select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::bytea[])`,
    values: [
      column(() => newId()),
      column((entry) => entry.partnerId),
      column((entry) => entry.type),
      column((entry) => entry.transmissionId ?? null),
      column((entry) => entry.documentId ?? null),
      column((entry) => entry.deliveryId ?? null),
      column((entry) => entry.actor),
      column((entry) => Buffer.from(canonicalJson(entry.body))),
    ],
  })
}
