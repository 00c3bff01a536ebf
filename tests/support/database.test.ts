import { afterAll, beforeAll, expect, test } from 'vitest'
import { PgBoss } from 'pg-boss'
import { asPartner, inTransaction } from '#hub/store/transaction.ts'
import { newId, type PartnerId } from '#hub/model/ids.ts'
import { jobQueue } from '#hub/queue/boss.ts'
import { testDatabase, type TestDatabase } from './database.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(async () => {
  await database.drop()
})

test('P5 every table that the portal may read is under forced row-level security', async () => {
  const { rows } = await database.admin.query<{ relname: string }>(
    `select c.relname from pg_class c
     where c.relkind in ('r', 'p', 'v', 'm') and c.relnamespace = 'public'::regnamespace
       and c.relname <> 'migration'
       and has_any_column_privilege('crossdock_portal', c.oid, 'select')
       and not (c.relrowsecurity and c.relforcerowsecurity)`,
  )
  expect(rows).toEqual([])
})

test('P5 the portal sees nothing until it says for whom it looks, and then only that partner', async () => {
  const mine = newId<PartnerId>()
  const other = newId<PartnerId>()
  await database.store.worker.query(
    `insert into partner (id, key, name) values ($1, 'mine', 'Mine'), ($2, 'other', 'Other')`,
    [mine, other],
  )
  const blind = await database.store.portal.query('select from partner')
  expect(blind.rowCount).toBe(0)
  const own = await asPartner(database.store.portal, mine, (client) =>
    client.query('select key from partner'),
  )
  expect(own.rows).toEqual([{ key: 'mine' }])
  const all = await asPartner(database.store.portal, '*', (client) => client.query('select key from partner'))
  expect(all.rowCount).toBe(2)
})

test('the ledger cannot be changed by the worker role', async () => {
  await expect(database.store.worker.query(`update entry set actor = 'x'`)).rejects.toThrow(
    'permission denied',
  )
  await expect(database.store.worker.query(`update ledger_place set first_idx = 1`)).rejects.toThrow(
    'permission denied',
  )
  await expect(database.store.worker.query(`delete from entry`)).rejects.toThrow('permission denied')
})

test('a job is put in the transaction of its row, and is gone with it', async () => {
  const boss = new PgBoss({
    connectionString: database.url,
    options: '-c role=crossdock_worker',
    supervise: false,
    schedule: false,
    max: 2,
    createSchema: false,
  })
  await boss.start()
  const queue = jobQueue(boss)
  const put = () => inTransaction(database.store.worker, 'test', (client) => queue.process(client, [newId()]))
  await put()
  const failed = inTransaction(database.store.worker, 'test', async (client) => {
    await queue.process(client, [newId()])
    throw new Error('no')
  })
  await expect(failed).rejects.toThrow('no')
  const { rows } = await database.store.worker.query(
    `select count(*)::int n from pgboss.job where name = 'process'`,
  )
  expect(rows).toEqual([{ n: 1 }])
  await boss.stop({ graceful: false })
})
