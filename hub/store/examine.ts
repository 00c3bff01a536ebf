import pg from 'pg'
import { messageOf } from '#hub/model/errors.ts'
import { findBrokenFacts } from './checks.ts'
import { migrationNames } from './migrate.ts'

/** One thing that was looked at: whether it is good, what was found, and what to do where it is not. */
export interface Examined {
  name: string
  good: boolean
  found: string
  remedy: string | null
}

/** What an administrator of the server makes beforehand where the hub's own login may not. */
const preparation = `create role crossdock_worker nologin;
create role crossdock_portal nologin;
grant crossdock_worker, crossdock_portal to <login of DATABASE_URL>;
create extension btree_gist;   -- in the hub's database`

/**
 * Looks at a database as `doctor` does: version, durability, roles, extension, migrations, partitions, and the nine checks. Changes
 * nothing; a database that cannot be reached is a finding, not an error.
 */
export async function examineDatabase(url: string): Promise<Examined[]> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'crossdock doctor',
    connectionTimeoutMillis: 10_000,
  })
  try {
    await client.connect()
  } catch (error) {
    const remedy = 'Start PostgreSQL, or correct DATABASE_URL.'
    return [{ name: 'database', good: false, found: `cannot be reached: ${messageOf(error)}`, remedy }]
  }
  try {
    const server = [await version(client), await durability(client), await roles(client)]
    const tables = await migrations(client)
    if (!tables.good) return [...server, tables]
    return [
      ...server,
      tables,
      await partitions(client),
      ...(await promise(client)),
      ...(await work(client)),
      await runningHub(client),
    ]
  } finally {
    await client.end()
  }
}

async function version(client: pg.Client): Promise<Examined> {
  const { rows } = await client.query<{ version: string; number: number }>(
    `select current_setting('server_version') version, current_setting('server_version_num')::int number`,
  )
  const { version: found, number } = rows[0]!
  return {
    name: 'PostgreSQL',
    good: number >= 150_000,
    found,
    remedy: number >= 150_000 ? null : 'The hub needs PostgreSQL 15 or newer.',
  }
}

/** Yes means durable only where these are on. */
async function durability(client: pg.Client): Promise<Examined> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    `select name, setting from pg_settings where name = any($1) order by name`,
    [['fsync', 'full_page_writes', 'synchronous_commit']],
  )
  const off = rows.filter(({ setting }) => setting === 'off').map(({ name }) => name)
  return {
    name: 'durability',
    good: off.length === 0,
    found: rows.map(({ name, setting }) => `${name} ${setting}`).join(', '),
    remedy:
      off.length === 0 ? null : `Switch ${off.join(' and ')} on: without it, what was accepted can be lost.`,
  }
}

async function roles(client: pg.Client): Promise<Examined> {
  const { rows } = await client.query<{ role: string; member: boolean }>(
    `select rolname as role, pg_has_role(current_user, oid, 'member') as member from pg_roles
     where rolname in ('crossdock_worker', 'crossdock_portal')`,
  )
  const extension = await client.query(`select from pg_extension where extname = 'btree_gist'`)
  const missing = ['crossdock_worker', 'crossdock_portal'].filter(
    (name) => !rows.some(({ role, member }) => role === name && member),
  )
  const lacks = [
    ...missing.map((name) => `role ${name}`),
    ...(extension.rowCount === 0 ? ['extension btree_gist'] : []),
  ]
  return {
    name: 'roles and extension',
    good: lacks.length === 0,
    found: lacks.length === 0 ? 'as they should be' : `missing: ${lacks.join(', ')}`,
    remedy:
      lacks.length === 0
        ? null
        : `"crossdock migrate" makes them where its login may; else the server's administrator runs:\n${preparation}`,
  }
}

async function migrations(client: pg.Client): Promise<Examined> {
  const known = await migrationNames()
  const table = await client.query<{ found: boolean }>(`select to_regclass('migration') is not null as found`)
  const applied = table.rows[0]!.found
    ? (await client.query<{ name: string }>('select name from migration')).rows.map(({ name }) => name)
    : []
  const pending = known.filter((name) => !applied.includes(name))
  const newer = applied.filter((name) => !known.includes(name))
  const good = pending.length === 0 && newer.length === 0
  const found =
    newer.length > 0
      ? `the database is newer than this program: ${newer.join(', ')}`
      : pending.length > 0
        ? `not applied yet: ${pending.join(', ')}`
        : `${applied.length} applied`
  const remedy = newer.length > 0 ? 'Use the program of the newer version.' : 'Run "crossdock migrate".'
  return { name: 'migrations', good, found, remedy: good ? null : remedy }
}

async function partitions(client: pg.Client): Promise<Examined> {
  const { rows } = await client.query<{ ahead: boolean }>(
    `select to_regclass('entry_' || to_char(now() + interval '1 month', 'YYYY_MM')) is not null as ahead`,
  )
  const good = rows[0]!.ahead
  return {
    name: 'partitions',
    good,
    found: good ? 'made for next month' : 'missing for next month',
    remedy: good ? null : 'Start the worker role: it makes them, months ahead.',
  }
}

async function promise(client: pg.Client): Promise<Examined[]> {
  await client.query('set role crossdock_worker')
  const broken = await findBrokenFacts(client, null)
  if (broken.length === 0) {
    return [
      {
        name: 'the nine checks',
        good: true,
        found: 'nothing accepted is lost, stuck or without proof',
        remedy: null,
      },
    ]
  }
  return broken.map(({ check, id, text }) => ({
    name: `check ${check}`,
    good: false,
    found: `${text} (${id})`,
    remedy: 'The reconciler mends what it can; what stays is an incident: look at its timeline.',
  }))
}

/** Whether a hub works on this database now; a newcomer's doctor runs before the first start, so none is no fault. */
async function runningHub(client: pg.Client): Promise<Examined> {
  const { rows } = await client.query<{ sessions: number }>(
    `select count(*)::int as sessions from pg_stat_activity
     where datname = current_database() and application_name = 'crossdock queue'`,
  )
  const running = rows[0]!.sessions > 0
  const found = running
    ? 'connected to this database'
    : 'none is connected to this database: nothing is taken in or delivered'
  return { name: 'running hub', good: true, found, remedy: running ? null : 'Start one: crossdock serve.' }
}

/** What waits for a person: not a fault of the installation, but what the operator asks next. */
async function work(client: pg.Client): Promise<Examined[]> {
  const { rows } = await client.query<{ held: number; overdue: number; refused: number }>(
    `select (select count(*)::int from hold where decision is null) as held,
            (select count(*)::int from acknowledgement where state = 'waiting' and due_at < now()) as overdue,
            (select count(*)::int from delivery where state = 'refused') as refused`,
  )
  const { held, overdue, refused } = rows[0]!
  const found = `${held} on hold, ${refused} refused, ${overdue} acknowledgements overdue`
  return [{ name: 'waiting for a person', good: true, found, remedy: null }]
}
