import type { Queryable } from './connect.ts'
import type { UnsequencedEntry } from './ledger.ts'

/** A row of the ledger as it stands today, with its place. `body` holds the stored bytes. */
export interface LedgerRow extends UnsequencedEntry {
  idx: number
  pseq: number | null
  body: Buffer
}

interface RawRow extends UnsequencedEntry {
  idx: string
  pseq: string | null
  body: Buffer
}

const columns = `id, partner_id as partner, type, transmission_id as transmission, document_id as document,
  delivery_id as delivery, actor, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
  encode(sha256(body), 'hex') as "bodySha256", body, idx, pseq`

/** The sequenced rows of these ids, by id; those that are missing are not there. */
export async function readLedgerRows(db: Queryable, ids: readonly string[]): Promise<Map<string, LedgerRow>> {
  const { rows } = await db.query<RawRow>({
    name: 'read_ledger_rows',
    text: `select ${columns} from entry where id = any($1::uuid[]) and idx is not null`,
    values: [ids],
  })
  return new Map(rows.map((row) => [row.id, toRow(row)]))
}

/** The place of an entry, or null where it has none yet or there is no such entry. */
export async function placeOf(db: Queryable, id: string): Promise<number | null> {
  const { rows } = await db.query<{ idx: string | null }>(`select idx from entry where id = $1`, [id])
  const idx = rows[0]?.idx ?? null
  return idx === null ? null : Number(idx)
}

/** The id of the partner with this key, or null. */
export async function partnerIdOf(db: Queryable, key: string): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>(`select id from partner where key = $1`, [key])
  return rows[0]?.id ?? null
}

function toRow(row: RawRow): LedgerRow {
  return { ...row, idx: Number(row.idx), pseq: row.pseq === null ? null : Number(row.pseq) }
}
