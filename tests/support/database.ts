import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { openStore, type Store } from '#hub/store/connect.ts'

export interface TestDatabase {
  url: string
  store: Store
  /** As the database's owner, past row-level security: to arrange and to look. */
  admin: pg.Pool
  drop(): Promise<void>
}

/**
 * A database of this test file's own, cloned in some 40 ms from a migrated template. Call `drop` in `afterAll`.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const template = new URL(inject('templateUrl'))
  const name = `test_${randomBytes(8).toString('hex')}`
  await asServer(template, `create database ${name} template ${template.pathname.slice(1)}`)
  const own = new URL(template)
  own.pathname = `/${name}`
  const store = openStore(own.href, { workerConnections: 8, portalConnections: 4 })
  const admin = new pg.Pool({ connectionString: own.href, max: 2 })
  admin.on('error', () => {})
  return {
    url: own.href,
    store,
    admin,
    drop: async () => {
      await store.close()
      await admin.end()
      await asServer(template, `drop database ${name} with (force)`)
    },
  }
}

async function asServer(url: URL, statement: string): Promise<void> {
  const server = new URL(url)
  server.pathname = '/postgres'
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({ connectionString: server.href })
    await client.connect()
    try {
      await client.query(statement)
      return
    } catch (error) {
      // 55006: another clone is being made of the template at this moment
      if ((error as { code?: string }).code !== '55006' || tries >= 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    } finally {
      await client.end()
    }
  }
}
