import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { isDatabaseAway } from './outage.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(async () => {
  await database.drop()
})

test('a lost server is told from a faulty statement', async () => {
  const worker = database.store.worker
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => null,
      (error: unknown) => error,
    )
  expect(isDatabaseAway(await failure(worker.query('select 1/0')))).toBe(false)
  expect(isDatabaseAway(await failure(worker.query(`select '\\u0000'::jsonb`)))).toBe(false)
  expect(isDatabaseAway(new TypeError('ours'))).toBe(false)
  const self = failure(database.admin.query('select pg_terminate_backend(pg_backend_pid())'))
  expect(isDatabaseAway(await self)).toBe(true)
  const nowhere = new pg.Client('postgres://nobody@127.0.0.1:1/none')
  const refused = await failure(nowhere.connect())
  expect(isDatabaseAway(refused)).toBe(true)
  expect(isDatabaseAway(new AggregateError([refused, refused]))).toBe(true)
  expect(isDatabaseAway(new AggregateError([new TypeError('ours')]))).toBe(false)
})
