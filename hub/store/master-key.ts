import pg from 'pg'
import type {
  KeyHolder,
  KeyUse,
  MasterKeyRegister,
  MasterKeyRow,
  RewrappedBatch,
} from '#hub/model/master-keys.ts'
import type { Client, Store } from './connect.ts'
import { appendEntries } from './entry.ts'
import { inTransaction } from './transaction.ts'

/** Master keys as the tables have them: ids and states, who holds which, and what each has wrapped. */
export function masterKeyRegister(store: Store): MasterKeyRegister {
  const { worker } = store
  return {
    keys: () => readKeys(store),
    samples: () => inTransaction(worker, 'keys.look', readSamples),
    uses: () => inTransaction(worker, 'keys.look', countUses),
    adopt: async (id) => {
      await worker.query(
        `insert into master_key (id, state) select $1, 'current'
         where not exists (select from master_key) on conflict do nothing`,
        [id],
      )
    },
    announce: async (id) => {
      await worker.query(
        `insert into master_key (id, state) values ($1, 'announced') on conflict (id) do nothing`,
        [id],
      )
    },
    makeCurrent: (id, actor) =>
      inTransaction(worker, 'keys.current', (client) => makeCurrent(client, id, actor)),
    retire: (id, actor) => inTransaction(worker, 'keys.retire', (client) => retire(client, id, actor)),
    beat: async (holder) => {
      await beat(store, holder)
      return readKeys(store)
    },
    leave: async (holderId) => {
      await worker.query("delete from key_holder where id = $1 or seen_at < now() - interval '1 day'", [
        holderId,
      ])
    },
    holders: (withinSeconds) => readHolders(store, withinSeconds),
    tables: async () => (await wrappingTables(worker)).map(({ name }) => name),
    rewrapBatch: async (name, batch) => {
      const table = (await wrappingTables(worker)).find((one) => one.name === name)
      if (table === undefined) throw new Error(`table ${name} has no wrapped keys`)
      return rewrapBatch(store, table, batch)
    },
    alone: (work) => alone(store, work),
  }
}

async function readKeys({ worker }: Store): Promise<MasterKeyRow[]> {
  const { rows } = await worker.query<MasterKeyRow>(
    'select id, state, coalesce(current_at, at) as at from master_key order by at, id',
  )
  return rows
}

async function makeCurrent(client: Client, id: string, actor: string): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `update master_key set state = 'earlier' where state = 'current' and id <> $1 returning id`,
    [id],
  )
  const { rowCount } = await client.query(
    `update master_key set state = 'current', current_at = clock_timestamp() where id = $1 and state = 'announced'`,
    [id],
  )
  if (rowCount === 1)
    await appendEntries(client, [
      { type: 'key.rotated', body: { from: rows[0]?.id ?? null, to: id }, partnerId: null, actor },
    ])
}

async function retire(client: Client, id: string, actor: string): Promise<void> {
  const { rowCount } = await client.query(
    `update master_key set state = 'retired', retired_at = clock_timestamp() where id = $1 and state = 'earlier'`,
    [id],
  )
  if (rowCount === 1)
    await appendEntries(client, [{ type: 'key.retired', body: { key: id }, partnerId: null, actor }])
}

async function beat({ worker }: Store, { id, name, knows, wrapsWith }: KeyHolder): Promise<void> {
  await worker.query({
    name: 'beat_key_holder',
    text: `insert into key_holder (id, name, knows, wraps_with) values ($1, $2, $3, $4)
           on conflict (id) do update set knows = excluded.knows, wraps_with = excluded.wraps_with,
             seen_at = clock_timestamp()`,
    values: [id, name, knows, wrapsWith],
  })
}

async function readHolders({ worker }: Store, withinSeconds: number): Promise<KeyHolder[]> {
  const { rows } = await worker.query<KeyHolder>(
    `select id, name, knows, wraps_with as "wrapsWith" from key_holder
     where seen_at > clock_timestamp() - make_interval(secs => $1) order by name`,
    [withinSeconds],
  )
  return rows
}

/** A table with a column wrapped_key, by the catalog; its primary key, each column with its type. */
interface WrappingTable {
  name: string
  columns: string[]
  types: string[]
}

async function wrappingTables(db: Pick<Client, 'query'>): Promise<WrappingTable[]> {
  const { rows } = await db.query<WrappingTable>(
    `select c.relname::text as name,
            array_agg(k.attname::text order by array_position(i.indkey::int2[], k.attnum)) as columns,
            array_agg(format_type(k.atttypid, null) order by array_position(i.indkey::int2[], k.attnum)) as types
     from pg_class c
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'wrapped_key' and not a.attisdropped
     join pg_index i on i.indrelid = c.oid and i.indisprimary
     join pg_attribute k on k.attrelid = c.oid and k.attnum = any(i.indkey)
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
     group by c.relname order by c.relname`,
  )
  return rows
}

const name = pg.escapeIdentifier

/** An erased payload has an empty one. */
const isWrapped = 'length(wrapped_key) > 0'
const wrapperOf = `encode(substring(wrapped_key from 2 for 4), 'hex')`

async function readSamples(client: Client): Promise<Buffer[]> {
  const samples: Buffer[] = []
  for (const table of await wrappingTables(client)) {
    const ends = ['asc', 'desc'].map(
      (way) =>
        `(select wrapped_key from ${name(table.name)} where ${isWrapped}
          order by ${table.columns.map((column) => `${name(column)} ${way}`).join(', ')} limit 1)`,
    )
    const { rows } = await client.query<{ wrapped_key: Buffer }>(ends.join(' union '))
    samples.push(...rows.map((row) => row.wrapped_key))
  }
  return samples
}

async function countUses(client: Client): Promise<KeyUse[]> {
  // it reads whole tables, which the worker's connections avoid
  await client.query('set local enable_seqscan = on')
  const uses: KeyUse[] = []
  for (const table of await wrappingTables(client)) {
    const { rows } = await client.query<{ keyId: string; count: number }>(
      `select ${wrapperOf} as "keyId", count(*)::int as count from ${name(table.name)}
       where ${isWrapped} group by 1 order by 1`,
    )
    uses.push(...rows.map((row) => ({ table: table.name, ...row })))
  }
  return uses
}

interface Batch {
  to: string
  after: string[]
  rows: number
  rewrap(wrapped: Buffer): Buffer | null
}

async function rewrapBatch({ worker }: Store, table: WrappingTable, batch: Batch): Promise<RewrappedBatch> {
  return inTransaction(worker, 'keys.rewrap', async (client) => {
    const rows = await nextRows(client, table, batch)
    const wrapped = rows.map((row) => ({ row, anew: batch.rewrap(row.wrapped) }))
    const good = wrapped.filter(({ anew }) => anew !== null)
    const changed = await writeRows(client, table, good as { row: OldRow; anew: Buffer }[])
    const last = rows.length < batch.rows ? null : rows.at(-1)!.key
    return { changed, skipped: rows.length - good.length, after: last }
  })
}

interface OldRow {
  /** The primary key, as text. */
  key: string[]
  wrapped: Buffer
}

async function nextRows(client: Client, table: WrappingTable, { to, after, rows }: Batch): Promise<OldRow[]> {
  const columns = table.columns.map(name)
  const from = after.map((_value, index) => `$${index + 3}::${table.types[index]}`)
  const behind = after.length === 0 ? '' : `and (${columns.join(', ')}) > (${from.join(', ')})`
  const found = await client.query<OldRow>(
    `select array[${columns.map((column) => `${column}::text`).join(', ')}] as key, wrapped_key as wrapped
     from ${name(table.name)} where ${isWrapped} and ${wrapperOf} <> $1 ${behind}
     order by ${columns.join(', ')} limit $2`,
    [to, rows, ...after],
  )
  return found.rows
}

/** Only where the wrapped key is still the one that was read. */
async function writeRows(
  client: Client,
  table: WrappingTable,
  rows: { row: OldRow; anew: Buffer }[],
): Promise<number> {
  if (rows.length === 0) return 0
  const keys = table.types.map((type, index) => `$${index + 3}::${type}[]`)
  const parts = table.columns.map((_column, index) => `k${index}`)
  const same = table.columns.map((column, index) => `t.${name(column)} = u.k${index}`)
  const { rowCount } = await client.query(
    `update ${name(table.name)} t set wrapped_key = u.anew
     from unnest($1::bytea[], $2::bytea[], ${keys.join(', ')}) as u (before, anew, ${parts.join(', ')})
     where ${same.join(' and ')} and t.wrapped_key = u.before`,
    [
      rows.map(({ row }) => row.wrapped),
      rows.map(({ anew }) => anew),
      ...table.columns.map((_column, index) => rows.map(({ row }) => row.key[index])),
    ],
  )
  return rowCount ?? 0
}

/** By a lock that ends with its connection, however the process ends. */
async function alone<Result>({ url }: Store, work: () => Promise<Result>): Promise<Result | null> {
  const client = new pg.Client({ connectionString: url, application_name: 'crossdock keys' })
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      `select pg_try_advisory_lock(hashtext('crossdock.master-key')) as locked`,
    )
    return rows[0]!.locked ? await work() : null
  } finally {
    await client.end()
  }
}
