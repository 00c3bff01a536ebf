import pg from 'pg'
import { limits } from '#hub/base/limits.ts'
import { codes } from '#hub/model/codes/index.ts'
import { messageOf } from '#hub/model/errors.ts'
import { findBrokenFacts } from './checks.ts'
import { examineWork } from './examine-work.ts'
import { migrationNames } from './migrate.ts'

/** One thing that was looked at: whether it is good, what was found, and what to do where it is not. */
export interface Examined {
  name: string
  good: boolean
  found: string
  /** Of the registry, e.g. `CD-9001`, where it has a row for it. */
  code?: string
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
  let client: pg.Client
  try {
    client = new pg.Client({
      connectionString: url,
      application_name: 'crossdock doctor',
      connectionTimeoutMillis: 10_000,
    })
    await client.connect()
  } catch (error) {
    const remedy = 'Start PostgreSQL, or correct DATABASE_URL.'
    const found = `cannot be reached: ${messageOf(error) || (error as { code?: string }).code}`
    return [{ name: 'database', good: false, found, code: codes.databaseAway.code, remedy }]
  }
  try {
    const server = [
      await version(client),
      await durability(client),
      await clocks(client),
      await roles(client),
    ]
    const tables = await migrations(client)
    if (!tables.good) return [...server, tables]
    return [
      ...server,
      tables,
      await partitions(client),
      ...(await promise(client)),
      ...(await examineWork(client)),
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

/** Deadlines are the database's, times in messages the machine's: the two should agree. */
async function clocks(client: pg.Client): Promise<Examined> {
  const before = Date.now()
  const { rows } = await client.query<{ at: Date }>('select clock_timestamp() as at')
  const apartMs = rows[0]!.at.getTime() - (before + Date.now()) / 2
  const good = Math.abs(apartMs) <= limits.doctorClockMs
  const found = `${(apartMs / 1000).toFixed(1)} s between the database's and this machine's`
  const remedy = 'Set both clocks by the same time servers (NTP).'
  return { name: 'clock', good, found, remedy: good ? null : remedy }
}

async function roles(client: pg.Client): Promise<Examined> {
  const { rows } = await client.query<{ role: string; member: boolean }>(
    `select rolname as role, pg_has_role(current_user, oid, 'member') as member from pg_roles
     where rolname in ('crossdock_worker', 'crossdock_portal')`,
  )
  const extension = await client.query(`select from pg_extension where extname = 'btree_gist'`)
  const lackOf = (name: string): string[] => {
    const found = rows.find(({ role }) => role === name)
    if (found === undefined) return [`role ${name}`]
    return found.member ? [] : [`this login's membership of the role ${name}`]
  }
  const lacks = [
    ...['crossdock_worker', 'crossdock_portal'].flatMap(lackOf),
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
  const { rows } = await client.query<{ name: string }>(
    `select c.relname || '_' || month as name
     from pg_partitioned_table t join pg_class c on c.oid = t.partrelid,
          lateral (values (to_char(now() at time zone 'UTC', 'YYYY_MM')),
                          (to_char(now() at time zone 'UTC' + interval '1 month', 'YYYY_MM'))) m (month)
     where c.relnamespace = 'public'::regnamespace and to_regclass(quote_ident(c.relname || '_' || month)) is null
     order by 1`,
  )
  const good = rows.length === 0
  return {
    name: 'partitions',
    good,
    found: good ? 'made for this month and the next' : `missing: ${rows.map(({ name }) => name).join(', ')}`,
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
