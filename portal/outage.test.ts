import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore, type Store } from '#hub/store/connect.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { testPortal, type TestPortal } from '#tests/support/portal.ts'
import { seed, type Seed } from '#tests/support/seed.ts'

let database: TestDatabase
let seeded: Seed
let nowhere: Store
let portal: TestPortal

/** A browser that was signed in before the database went. */
const session = `session=${'A'.repeat(43)}`
const html = { accept: 'text/html,*/*;q=0.8' }

beforeAll(async () => {
  database = await testDatabase()
  seeded = await seed(database)
  nowhere = openStore('postgres://nobody@127.0.0.1:1/none')
  portal = await testPortal({ ...database, store: nowhere }, seeded)
})
afterAll(async () => {
  await portal.close()
  await nowhere.close()
  await database.drop()
})

test('pages say in their language that the database is away, and when to come again', async () => {
  for (const path of ['/p/documents', '/ops', '/sign-in']) {
    const page = await portal.get(path, { ...html, cookie: session })
    expect([path, page.status, page.headers.get('retry-after')]).toEqual([path, 503, '10'])
    const text = await page.text()
    expect(text).toContain('The hub cannot reach its database.')
    expect(text).toContain('It comes back by itself')
    expect(text).toContain('CD-9001')
  }
  const french = await portal.get('/p/documents', { ...html, cookie: `${session}; language=fr` })
  expect(await french.text()).toContain('La plateforme ne joint pas sa base de données.')
})

test('the log-in can be looked at without a database, and says that it is away when it is used', async () => {
  expect((await portal.get('/sign-in', html)).status).toBe(200)
  const tried = await fetch(`${portal.url}/sign-in`, {
    method: 'POST',
    headers: html,
    body: new URLSearchParams({ email: 'somebody@portal.example', password: 'secret' }),
  })
  expect([tried.status, tried.headers.get('retry-after')]).toEqual([503, '10'])
})

test('the API says so as problem details', async () => {
  for (const path of ['/v1/documents', '/v1/exchanges/01a20000-0000-7000-8000-000000000000']) {
    const answer = await portal.get(path, { authorization: 'Bearer lambert' })
    expect([path, answer.status, answer.headers.get('retry-after')]).toEqual([path, 503, '10'])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({
      code: 'CD-9001',
      detail: expect.stringContaining('cannot be answered now'),
    })
  }
})
