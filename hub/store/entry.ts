import { canonicalJson } from '#hub/base/canonical-json.ts'
import type { NewEntry } from '#hub/model/entries.ts'
import { newId } from '#hub/model/ids.ts'
import { bytesColumn, idColumn, textColumn } from './columns.ts'
import type { Queryable } from './connect.ts'

/**
 * Writes ledger entries, unsequenced, in the transaction of the change they record. Bodies are canonical JSON
 * (RFC 8785) in UTF-8.
 */
export async function appendEntries(client: Queryable, entries: readonly NewEntry[]): Promise<void> {
  if (entries.length === 0) return
  await client.query({
    name: 'append_entries',
    text: `insert into entry (id, partner_id, type, transmission_id, document_id, delivery_id, actor, body)
           select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::bytea[])`,
    values: entryColumns(entries),
  })
}

/** The columns of new entries, in the order of the insert above. */
export function entryColumns(entries: readonly NewEntry[]): unknown[] {
  return [
    idColumn(entries, () => newId()),
    idColumn(entries, (entry) => entry.partnerId),
    textColumn(entries, (entry) => entry.type),
    idColumn(entries, (entry) => entry.transmissionId ?? null),
    idColumn(entries, (entry) => entry.documentId ?? null),
    idColumn(entries, (entry) => entry.deliveryId ?? null),
    textColumn(entries, (entry) => entry.actor),
    bytesColumn(entries, (entry) => Buffer.from(canonicalJson(entry.body))),
  ]
}
