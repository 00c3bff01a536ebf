import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

const folder = new URL('../../migrations/', import.meta.url)
const roles = ['crossdock_worker', 'crossdock_portal'] as const

/**
 * Brings a database to the newest form: makes the two roles, the extension and the queue's schema, then applies what is new in
 * migrations/, each file in one transaction, once. Returns the names applied. Two that run at once wait for
 * each other. Throws with PostgreSQL's message where the login may not make a role or the extension; `doctor` says
 * what an administrator has to make beforehand.
 */
export async function migrate(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'crossdock migrate' })
  await client.connect()
  try {
    await client.query(`select pg_advisory_lock(hashtext('crossdock.migrate'))`)
    await prepare(client)
    const applied: string[] = []
    for (const name of await migrationNames()) {
      if (await applyOnce(client, name)) applied.push(name)
    }
    return applied
  } finally {
    await client.end()
  }
}

/** The files of migrations/, in order. */
export async function migrationNames(): Promise<string[]> {
  const names = await readdir(fileURLToPath(folder))
  return names.filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name)).sort()
}

async function prepare(client: pg.Client): Promise<void> {
  for (const role of roles) {
    const { rows } = await client.query<{ made: boolean; member: boolean }>(
      `select exists (select from pg_roles where rolname = $1) made,
              coalesce((select pg_has_role(current_user, oid, 'member') from pg_roles where rolname = $1), false) member`,
      [role],
    )
    // another database of the same server may be migrated at this moment: roles belong to the whole server
    if (!rows[0]!.made) await ignoreExisting(client.query(`create role ${role} nologin`))
    if (!rows[0]!.member) await ignoreExisting(client.query(`grant ${role} to current_user`))
  }
  await client.query('create extension if not exists btree_gist')
  await client.query('create schema if not exists pgboss authorization crossdock_worker')
  await client.query(
    `create table if not exists migration (name text primary key, sha256 bytea not null, at timestamptz not null default now())`,
  )
  await client.query('grant select on migration to crossdock_worker, crossdock_portal')
  await client.query('grant usage on schema public to crossdock_worker, crossdock_portal')
}

async function ignoreExisting(query: Promise<unknown>): Promise<void> {
  try {
    await query
  } catch (error) {
    const code = (error as { code?: string }).code
    if (code !== '42710' && code !== '23505' && code !== 'XX000') throw error
  }
}

async function applyOnce(client: pg.Client, name: string): Promise<boolean> {
  const done = await client.query('select from migration where name = $1', [name])
  if (done.rowCount !== 0) return false
  const text = await readFile(new URL(name, folder), 'utf8')
  await client.query('begin')
  try {
    await client.query(`insert into migration (name, sha256) values ($1, $2)`, [
      name,
      createHash('sha256').update(text).digest(),
    ])
    await client.query(text)
    await client.query('commit')
    return true
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}
