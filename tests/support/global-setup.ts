import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { startEmbedded } from '#hub/store/embedded/server.ts'
import { migrate } from '#hub/store/migrate.ts'
import { prepareQueues } from '#hub/queue/boss.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A migrated database from which each test file clones its own. */
    templateUrl: string
  }
}

/**
 * One PostgreSQL for the whole run (embedded, or the server of DATABASE_URL), with one migrated template.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'crossdock-tests-'))
  await chmod(folder, 0o755)
  const given = process.env['DATABASE_URL']
  const server = given === undefined ? await startEmbedded(folder) : null
  const url = new URL(given ?? server!.url)
  const name = `template_${randomBytes(6).toString('hex')}`
  await onServer(url, `create database ${name}`)
  const template = new URL(url)
  template.pathname = `/${name}`
  await migrate(template.href)
  await prepareQueues(template.href)
  project.provide('templateUrl', template.href)
  return async () => {
    if (server === null) await onServer(url, `drop database ${name} with (force)`)
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function onServer(url: URL, statement: string): Promise<void> {
  const server = new URL(url)
  server.pathname = '/postgres'
  const client = new pg.Client({ connectionString: server.href })
  await client.connect()
  await client.query(statement)
  await client.end()
}
