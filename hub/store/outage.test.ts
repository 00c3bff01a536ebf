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

test('who stands in the way of a statement is told from a faulty one', async () => {
  const [holder, waiter] = await Promise.all([database.admin.connect(), database.admin.connect()])
  const failure = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)
  try {
    await holder.query('begin')
    await holder.query('lock table config_version')
    await waiter.query(`begin; set local lock_timeout = '50ms'`)
    expect(isDatabaseAway(await failure(waiter.query('select from config_version')))).toBe(true)
    await waiter.query('rollback')
    await waiter
      .query(`do $$ begin raise exception 'as if' using errcode = '40P01'; end $$`)
      .catch((error: unknown) => expect(isDatabaseAway(error)).toBe(true))
    expect.assertions(2)
  } finally {
    await holder.query('rollback')
    holder.release()
    waiter.release()
  }
})
