import type { Queryable } from './connect.ts'
import { leafTime, type UnsequencedEntry } from './ledger.ts'

/** A row of the ledger as it stands today, with its number in its partner's history. `body` holds the stored bytes. */
export interface LedgerRow extends UnsequencedEntry {
  pseq: number | null
  body: Buffer
}

interface RawRow extends UnsequencedEntry {
  pseq: string | null
  body: Buffer
}

/** The rows of these ids that have their place between two indexes, by id; those that are missing are not there. */
export async function readLedgerRows(
  db: Queryable,
  ids: readonly string[],
  { firstIdx, lastIdx }: { firstIdx: number; lastIdx: number },
): Promise<Map<string, LedgerRow>> {
  const { rows } = await db.query<RawRow>({
    name: 'read_ledger_rows',
    text: `with place as materialized (
             select u.id, u.pseq
             from ledger_place p cross join lateral unnest(p.ids, p.pseqs) as u (id, pseq)
             where p.first_idx <= $3
               and p.first_idx >= coalesce((select max(first_idx) from ledger_place where first_idx <= $2), 0))
           select e.id, e.partner_id as partner, e.type, e.transmission_id as transmission, e.document_id as document,
             e.delivery_id as delivery, e.actor, (e.at at time zone 'UTC')::text as at,
             encode(sha256(e.body), 'hex') as "bodySha256", e.body, place.pseq
           from entry e join place on place.id = e.id
           where e.id = any($1::uuid[])`,
    values: [ids, firstIdx, lastIdx],
  })
  return new Map(rows.map((row) => [row.id, toRow(row)]))
}

/** The place of an entry, or null where it has none yet or there is no such entry. */
export async function placeOf(db: Queryable, id: string): Promise<number | null> {
  const { rows } = await db.query<{ idx: string }>(
    `select p.first_idx + array_position(p.ids, $1::uuid) - 1 as idx from ledger_place p
     where p.greatest_id >= $1::uuid and p.least_id <= $1::uuid and array_position(p.ids, $1::uuid) is not null
     limit 1`,
    [id],
  )
  return rows[0] === undefined ? null : Number(rows[0].idx)
}

/** The id of the partner with this key, or null. */
export async function partnerIdOf(db: Queryable, key: string): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>(`select id from partner where key = $1`, [key])
  return rows[0]?.id ?? null
}

function toRow(row: RawRow): LedgerRow {
  return { ...row, at: leafTime(row.at), pseq: row.pseq === null ? null : Number(row.pseq) }
}
