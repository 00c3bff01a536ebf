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

/** An entry that has its place: its row, and the last checkpoint of the epoch that it stands in. */
export interface PlacedEntry {
  idx: number
  row: LedgerRow
  epoch: { epoch: number; origin: string; publicKey: Buffer; firstIdx: number }
  checkpoint: { size: number; note: string }
}

/** All that the tables say about an entry's place, in one statement; null where it has none yet or there is no such entry. */
export async function findPlaced(db: Queryable, id: string): Promise<PlacedEntry | null> {
  const { rows } = await db.query<PlacedRow>({
    name: 'find_placed',
    // in the order of the index: the row that holds an id is among the first whose ids do not end before it
    text: `select p.idx, p.pseq, ep.epoch, ep.origin, ep.public_key, ep.first_idx, c.size, c.note,
             e.id, e.partner_id as partner, e.type, e.transmission_id as transmission, e.document_id as document,
             e.delivery_id as delivery, e.actor, (e.at at time zone 'UTC')::text as at,
             encode(sha256(e.body), 'hex') as "bodySha256", e.body
           from (select first_idx + array_position(ids, $1::uuid) - 1 as idx, pseqs[array_position(ids, $1::uuid)] as pseq
                 from ledger_place
                 where greatest_id >= $1::uuid and least_id <= $1::uuid and array_position(ids, $1::uuid) is not null
                 order by greatest_id limit 1) p
           cross join lateral (select epoch, origin, public_key, first_idx from ledger_epoch
                               where first_idx <= p.idx order by epoch desc limit 1) ep
           cross join lateral (select size, note from ledger_checkpoint
                               where epoch = ep.epoch order by size desc limit 1) c
           join entry e on e.id = $1::uuid`,
    values: [id],
  })
  const [row] = rows
  if (row === undefined) return null
  const { idx, epoch, origin, public_key: publicKey, first_idx: firstIdx, size, note, ...entry } = row
  return {
    idx: Number(idx),
    row: toRow(entry),
    epoch: { epoch, origin, publicKey, firstIdx: Number(firstIdx) },
    checkpoint: { size: Number(size), note },
  }
}

interface PlacedRow extends RawRow {
  idx: string
  epoch: number
  origin: string
  public_key: Buffer
  first_idx: string
  size: string
  note: string
}

/** The id of the partner with this key, or null. */
export async function partnerIdOf(db: Queryable, key: string): Promise<string | null> {
  const { rows } = await db.query<{ id: string }>(`select id from partner where key = $1`, [key])
  return rows[0]?.id ?? null
}

function toRow(row: RawRow): LedgerRow {
  return { ...row, at: leafTime(row.at), pseq: row.pseq === null ? null : Number(row.pseq) }
}
