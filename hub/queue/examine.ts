import { createRequire } from 'node:module'
import pg from 'pg'
import { limits } from '#hub/base/limits.ts'
import type { Examined } from '#hub/store/examine.ts'

/** What `doctor` says of the queue: whether its tables are of the version that this program uses, and whether jobs are stuck. */
export async function examineQueue(url: string): Promise<Examined[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'crossdock doctor' })
  await client.connect()
  try {
    await client.query('set role crossdock_worker')
    const tables = await schema(client)
    return tables.good ? [tables, await jobs(client)] : [tables]
  } finally {
    await client.end()
  }
}

async function schema(client: pg.Client): Promise<Examined> {
  const wanted = wantedSchema()
  const there = await client.query<{ there: boolean }>(
    `select to_regclass('pgboss.version') is not null as there`,
  )
  const version = there.rows[0]!.there
    ? (await client.query<{ version: number }>('select version from pgboss.version')).rows[0]?.version
    : undefined
  const good = version === wanted
  const found = version === undefined ? 'the queue has no tables' : `tables of pg-boss version ${version}`
  const newer = version !== undefined && version > wanted
  return {
    name: 'queue',
    good,
    found: good ? found : `${found}; this program uses ${wanted}`,
    remedy: good ? null : newer ? 'Use the program of the newer version.' : 'Run "crossdock migrate".',
  }
}

/** The version of its tables that the installed pg-boss uses, as its package says. */
function wantedSchema(): number {
  const { pgboss } = createRequire(import.meta.url)('pg-boss/package.json') as { pgboss: { schema: number } }
  return pgboss.schema
}

async function jobs(client: pg.Client): Promise<Examined> {
  const { rows } = await client.query<{ waiting: number; stuck: number; failed: number; oldest: number }>(
    `select count(*) filter (where state < 'active')::int as waiting,
            count(*) filter (where state < 'active' and start_after < now() - make_interval(mins => $1)
              or state = 'active' and coalesce(heartbeat_on, started_on) < now() - make_interval(mins => $1))::int as stuck,
            count(*) filter (where state = 'failed')::int as failed,
            coalesce(max(extract(epoch from now() - start_after)) filter (where state < 'active'), 0)::int as oldest
     from pgboss.job where name = any ('{process,deliver}')`,
    [limits.doctorJobMinutes],
  )
  const { waiting, stuck, failed, oldest } = rows[0]!
  const good = stuck === 0
  const wait =
    waiting === 0 ? 'no job waits' : `${waiting} jobs wait, the oldest ${Math.max(oldest, 0)} s past its time`
  return {
    name: 'jobs',
    good,
    found: `${wait}, ${failed} failed${good ? '' : `; ${stuck} are stuck for more than ${limits.doctorJobMinutes} minutes`}`,
    remedy: good
      ? null
      : 'Start a worker (crossdock serve); where one runs, its log says what it stumbles over. Nothing is lost: what waits stands in the tables.',
  }
}
