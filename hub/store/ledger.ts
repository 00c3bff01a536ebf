import type { Client, Queryable } from './connect.ts'

/** Who may write, and how far the ledger is. */
export interface LedgerHead {
  installation: string
  token: number
  /** Null before the first epoch. */
  epoch: number | null
  /** Leaves of the present epoch's tree. */
  size: number
}

/** A tree with an origin and a key of its own. */
export interface LedgerEpoch {
  epoch: number
  origin: string
  publicKey: Buffer
  /** The `idx` of its leaf 0. */
  firstIdx: number
  previous: string | null
}

/** An entry that has no place yet. Hashes hexadecimal, `at` in UTC with microseconds. */
export interface UnsequencedEntry {
  id: string
  partner: string | null
  type: string
  transmission: string | null
  document: string | null
  delivery: string | null
  actor: string
  at: string
  bodySha256: string
}

/** Where a partner's own history stands. */
export interface PartnerPlace {
  partnerId: string
  pseq: number
  leaf: Buffer
}

/** `at` as PostgreSQL writes a timestamp: `hub/store/ledger-export.ts` and the sequencer bring it into the leaf's form. */
const unsequencedColumns = `id, partner_id as partner, type, transmission_id as transmission, document_id as document,
  delivery_id as delivery, actor, (at at time zone 'UTC')::text as at, encode(sha256(body), 'hex') as "bodySha256"`

// an entry from a clock that was ahead counts as settled too
const settled = `(at <= clock_timestamp() - make_interval(secs => $1 / 1000.0)
  or at > clock_timestamp() + interval '1 minute')`

/** Names this installation, once. */
export async function prepareLedger(db: Queryable): Promise<void> {
  await db.query(`insert into ledger_head (installation) values (gen_random_uuid()) on conflict do nothing`)
}

/**
 * Takes or renews the sequencer's lease. Returns its fencing token, which grows with each change of hands; null where
 * another holds it. By the database's clock.
 */
export async function claimLedger(db: Queryable, holder: string, seconds: number): Promise<number | null> {
  const { rows } = await db.query<{ token: string }>({
    name: 'claim_ledger',
    text: `update ledger_head h
           set holder = $1, token = h.token + case when h.holder = $1 then 0 else 1 end,
               lease_until = clock_timestamp() + make_interval(secs => $2)
           from (select singleton from ledger_head
                 where holder is null or holder = $1 or lease_until < clock_timestamp() for update skip locked) free
           where h.singleton = free.singleton returning h.token`,
    values: [holder, seconds],
  })
  return rows[0] === undefined ? null : Number(rows[0].token)
}

/** Gives the lease back, so that the next one need not wait for its end. */
export async function releaseLedger(db: Queryable, holder: string): Promise<void> {
  await db.query(`update ledger_head set holder = null, lease_until = null where holder = $1`, [holder])
}

/**
 * Locks the ledger for one transaction of the holder of this token; null where the lease has changed hands. A process
 * that stands still in this transaction is cut off by the server, so that its locks stop nobody.
 */
export async function lockLedger(
  client: Client,
  { holder, token, idleMs }: { holder: string; token: number; idleMs: number },
): Promise<LedgerHead | null> {
  await client.query(`set local idle_in_transaction_session_timeout = ${Math.ceil(idleMs)}`)
  return oneHead(
    client,
    `select installation, token, epoch, size from ledger_head where holder = $1 and token = $2 for update`,
    [holder, token],
  )
}

/** Locks the ledger and takes it from whoever holds the lease: what that one writes afterwards is refused. */
export async function seizeLedger(client: Client): Promise<LedgerHead> {
  const head = await oneHead(
    client,
    `update ledger_head set holder = null, lease_until = null, token = token + 1
     returning installation, token, epoch, size`,
    [],
  )
  return head!
}

/** The ledger's head without a lock; null before the first sequencer ran. */
export async function readHead(db: Queryable): Promise<LedgerHead | null> {
  return oneHead(db, `select installation, token, epoch, size from ledger_head`, [])
}

async function oneHead(db: Queryable, text: string, values: unknown[]): Promise<LedgerHead | null> {
  const { rows } = await db.query<{
    installation: string
    token: string
    epoch: number | null
    size: string
  }>(text, values)
  const row = rows[0]
  return row === undefined ? null : { ...row, token: Number(row.token), size: Number(row.size) }
}

/** Moves the head on, fenced by the token and by the size that was read; false where either has changed. */
export async function moveHead(
  client: Client,
  move: { token: number; from: LedgerHead; epoch: number; size: number },
): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'move_ledger_head',
    text: `update ledger_head set epoch = $1, size = $2
           where token = $3 and size = $4 and epoch is not distinct from $5`,
    values: [move.epoch, move.size, move.token, move.from.size, move.from.epoch],
  })
  return rowCount === 1
}

export async function insertEpoch(client: Client, epoch: LedgerEpoch): Promise<void> {
  await client.query(
    `insert into ledger_epoch (epoch, origin, public_key, first_idx, previous) values ($1, $2, $3, $4, $5)`,
    [epoch.epoch, epoch.origin, epoch.publicKey, epoch.firstIdx, epoch.previous],
  )
}

/** All epochs, oldest first. */
export async function readEpochs(db: Queryable): Promise<LedgerEpoch[]> {
  const { rows } = await db.query<{
    epoch: number
    origin: string
    public_key: Buffer
    first_idx: string
    previous: string | null
  }>(`select epoch, origin, public_key, first_idx, previous from ledger_epoch order by epoch`)
  return rows.map(({ epoch, origin, public_key, first_idx, previous }) => ({
    epoch,
    origin,
    publicKey: public_key,
    firstIdx: Number(first_idx),
    previous,
  }))
}

/** Whether any entry waits for its place: asked before anything is locked, so that an idle hub writes nothing. */
export async function anyUnsequenced(db: Queryable, settleMs: number): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'any_unsequenced',
    text: `select from ledger_waiting where ${settled} limit 1`,
    values: [settleMs],
  })
  return rowCount === 1
}

/**
 * Takes entries without a place out of those that wait, in the order of their ids: what was written first, until there are
 * `limit` of them, and older than the settling delay. Nothing is remembered of how far this went last time: an entry whose
 * transaction committed late, under a small id, is simply found later.
 */
export async function takeUnsequenced(
  client: Client,
  terms: { settleMs: number; limit: number },
): Promise<UnsequencedEntry[]> {
  const { rows } = await client.query<{ ids: string[] }>({
    name: 'take_waiting_entries',
    text: `with first as materialized (
             select no from (
               select no, sum(cardinality(ids)) over (order by no) - cardinality(ids) as before
               from (select no, ids from ledger_waiting where ${settled} order by no limit $2) w) counted
             where before < $2)
           delete from ledger_waiting w using first where w.no = first.no returning w.ids`,
    values: [terms.settleMs, terms.limit],
  })
  return readUnsequenced(client, rows.flatMap(({ ids }) => ids).sort())
}

/** Takes the entry that begins an epoch, which this transaction has written just now. */
export async function takeEpochEntry(client: Client): Promise<UnsequencedEntry> {
  const { rows } = await client.query<{ ids: string[] }>(
    `delete from ledger_waiting where no = (select max(no) from ledger_waiting) returning ids`,
  )
  return (await readUnsequenced(client, rows[0]!.ids))[0]!
}

async function readUnsequenced(client: Client, ids: readonly string[]): Promise<UnsequencedEntry[]> {
  if (ids.length === 0) return []
  const { rows } = await client.query<UnsequencedEntry>({
    name: 'read_unsequenced',
    text: `select ${unsequencedColumns} from entry
           where id = any($1::uuid[]) and id between $2 and $3 order by id`,
    // ids need no quoting, which is most of what the driver would do here
    values: [`{${ids.join()}}`, ids[0], ids.at(-1)],
  })
  return rows.map((row) => ({ ...row, at: leafTime(row.at) }))
}

/** A timestamp as PostgreSQL writes it, without its last zeros, in the leaf's form: always six digits. */
export function leafTime(text: string): string {
  const [seconds = '', micros = ''] = text.split('.')
  return `${seconds.replace(' ', 'T')}.${micros.padEnd(6, '0')}Z`
}

export async function readPartnerPlaces(
  client: Queryable,
  partnerIds: readonly string[],
): Promise<PartnerPlace[]> {
  const { rows } = await client.query<{ partner_id: string; pseq: string; leaf: Buffer }>({
    name: 'read_partner_places',
    text: `select partner_id, pseq, leaf from ledger_partner where partner_id = any($1::uuid[])`,
    values: [partnerIds],
  })
  return rows.map(({ partner_id, pseq, leaf }) => ({ partnerId: partner_id, pseq: Number(pseq), leaf }))
}

export async function writePartnerPlaces(client: Queryable, places: readonly PartnerPlace[]): Promise<void> {
  await client.query({
    name: 'write_partner_places',
    text: `insert into ledger_partner (partner_id, pseq, leaf)
           select * from unnest($1::uuid[], $2::bigint[], $3::bytea[])
           on conflict (partner_id) do update set pseq = excluded.pseq, leaf = excluded.leaf`,
    values: [
      places.map(({ partnerId }) => partnerId),
      places.map(({ pseq }) => pseq),
      places.map(({ leaf }) => leaf),
    ],
  })
}

/** Writes down which entries have the places from `firstIdx` on. Ids in ascending order, at least one. */
export async function insertPlaces(
  client: Queryable,
  { firstIdx, ids, pseqs }: { firstIdx: number; ids: readonly string[]; pseqs: readonly (number | null)[] },
): Promise<void> {
  await client.query({
    name: 'insert_ledger_place',
    text: `insert into ledger_place (first_idx, ids, pseqs, least_id, greatest_id) values ($1, $2, $3, $4, $5)`,
    values: [
      firstIdx,
      `{${ids.join()}}`,
      `{${pseqs.map((pseq) => pseq ?? 'null').join()}}`,
      ids[0],
      ids.at(-1),
    ],
  })
}

/** Keeps a checkpoint; of those of one hour of an epoch only the last stays. */
export async function insertCheckpoint(
  client: Queryable,
  { epoch, size, note }: { epoch: number; size: number; note: string },
): Promise<void> {
  await client.query({
    name: 'insert_ledger_checkpoint',
    text: `with superseded as (
             delete from ledger_checkpoint
             where epoch = $1 and size = (select max(size) from ledger_checkpoint where epoch = $1 and size < $2)
               and date_trunc('hour', at, 'UTC') = date_trunc('hour', clock_timestamp(), 'UTC'))
           insert into ledger_checkpoint (epoch, size, note) values ($1, $2, $3)`,
    values: [epoch, size, note],
  })
}

/** The checkpoints kept of an epoch, smallest first; `size` and `note`. */
export async function readCheckpoints(
  db: Queryable,
  epoch: number,
): Promise<{ size: number; note: string; at: Date }[]> {
  const { rows } = await db.query<{ size: string; note: string; at: Date }>(
    `select size, note, at from ledger_checkpoint where epoch = $1 order by size`,
    [epoch],
  )
  return rows.map(({ size, note, at }) => ({ size: Number(size), note, at }))
}

/** The newest checkpoint of all, or null. */
export async function lastCheckpoint(
  db: Queryable,
): Promise<{ epoch: number; size: number; note: string; at: Date } | null> {
  const { rows } = await db.query<{ epoch: number; size: string; note: string; at: Date }>(
    `select epoch, size, note, at from ledger_checkpoint order by epoch desc, size desc limit 1`,
  )
  const row = rows[0]
  return row === undefined ? null : { ...row, size: Number(row.size) }
}

/** What waits for its place: how many, since how long, and whether a sequencer holds the lease. */
export async function ledgerDelay(
  db: Queryable,
): Promise<{ waiting: number; oldestSeconds: number; led: boolean }> {
  const { rows } = await db.query<{ waiting: number; oldest: number; led: boolean }>(
    `select coalesce(sum(cardinality(ids)), 0)::int as waiting,
       coalesce(extract(epoch from clock_timestamp() - min(at)), 0)::float8 as oldest,
       exists (select from ledger_head where lease_until >= clock_timestamp()) as led
     from ledger_waiting`,
  )
  const { waiting, oldest, led } = rows[0]!
  return { waiting, oldestSeconds: Math.max(0, oldest), led }
}
