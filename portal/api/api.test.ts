import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { testPortal, type TestPortal } from '#tests/support/portal.ts'
import { seedPortal } from '#tests/support/seed-portal.ts'

let database: TestDatabase
let portal: TestPortal

beforeAll(async () => {
  database = await testDatabase()
  portal = await testPortal(database, await seedPortal(database))
})
afterAll(async () => {
  await portal.close()
  await database.drop()
})

test.each(['cursor=x', 'cursor=', 'cursor=1&cursor=2', 'limit=0'])(
  'a list asked for with %s is a request that is not valid, never the first page',
  async (query) => {
    const answer = await portal.get(`/v1/documents?${query}`, { authorization: 'Bearer lambert' })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ status: 400 })
  },
)
