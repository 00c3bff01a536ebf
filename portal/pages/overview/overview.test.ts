import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, type TransmissionId } from '#hub/model/ids.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { testPortal, type TestPortal } from '#tests/support/portal.ts'
import { seedPortal, type PortalSeed } from '#tests/support/seed-portal.ts'
import { seedDocument } from '#tests/support/seed-document.ts'
import { wordsIn } from '../../words.ts'

let database: TestDatabase
let seeded: PortalSeed
let portal: TestPortal
let operator: string

beforeAll(async () => {
  database = await testDatabase()
  seeded = await seedPortal(database)
  const { lambert, brouwer } = seeded.partners
  const refused = await seedDocument(database, seeded, {
    from: lambert,
    to: brouwer,
    number: '904',
    delivery: 'refused',
    deliveryCode: 'CD-6003',
  })
  for (const deliveryId of [refused.deliveryId, seeded.documents.retrying.deliveryId]) {
    await database.store.worker.query(
      `insert into transmission (id, partner_id, channel_id, direction, kind, state, delivery_id, attempt)
       values ($1, $2, $3, 'out', 'file', 'not_taken', $4, 1)`,
      [newId<TransmissionId>(), brouwer.id, brouwer.channelId, deliveryId],
    )
  }
  // more than a page, so that a count is not the length of one
  for (let n = 0; n < 60; n++)
    await seedDocument(database, seeded, { from: lambert, to: brouwer, number: `B${n}`, delivery: 'waiting' })
  portal = await testPortal(database, seeded)
  operator = await portal.signIn(seeded.people.operator.email, seeded.password)
})
afterAll(async () => {
  await portal.close()
  await database.drop()
})

const page = async (path: string) =>
  (await portal.get(path, { cookie: `${operator}; language=en` }))
    .text()
    .then((html) => html.replaceAll('&#x3D;', '='))

/** How many rows a list has on all its pages. */
async function rowsOf(path: string): Promise<number> {
  let rows = 0
  for (let next: string | undefined = path; next !== undefined;) {
    const html: string = await page(next)
    rows += [...html.matchAll(/class="key"/g)].length
    next = /href="([^"]+before=[^"]+)">Older/.exec(html)?.[1]?.replaceAll('&amp;', '&')
  }
  return rows
}

test('every figure opens a list of exactly as many documents', async () => {
  const html = await page('/ops')
  const figures = [...html.matchAll(/<a href="(\/p\/documents\?[^"]+)">(\d+) documents?<\/a>/g)]
  expect(figures.length).toBeGreaterThanOrEqual(12)
  const seen = new Map<string, number>()
  for (const [, address = '', count = ''] of figures) {
    const path = address.replaceAll('&amp;', '&')
    expect([path, await rowsOf(path)]).toEqual([path, Number(count)])
    seen.set(path.replace(/since=[^&]+&until=[^&]+/, 'window'), Number(count))
  }
  expect(Object.fromEntries(seen)).toMatchObject({
    '/p/documents?delivery=waiting': 62,
    '/p/documents?processing=held': 1,
    '/p/documents?delivery=held': 1,
    '/p/documents?delivery=refused': 1,
    '/p/documents?acknowledgement=overdue': 1,
  })
  expect(html).toContain('3 documents wait for a person')
  const failing = [...seen].filter(([path]) => path.includes('failed=')).map(([, n]) => n)
  expect(failing).toEqual([2])
})

test('a list that a figure opened says what it is of, and what is said can be taken away', async () => {
  const html = await page(
    '/p/documents?since=2026-01-01T00:00:00.000Z&until=2099-01-01T00:00:00.000Z&code=CD-3001',
  )
  expect(html).toMatch(/<i>received<\/i> = <b>1 Jan, 01:00 – 1 Jan, 01:00<\/b>/)
  expect(html).toMatch(
    /<i>code<\/i> = <b>CD-3001<\/b><\/span><a href="\/p\/documents\?since=[^"&]+&amp;until=[^"&]+"/,
  )
  expect([...html.matchAll(/class="key"/g)]).toHaveLength(1)
})

test('the overview is for people of the hub: for others there is no such page, nor its filters', async () => {
  const cookie = await portal.signIn(seeded.people.lambert.email, seeded.password)
  expect((await portal.get('/ops', { cookie })).status).toBe(404)
  const list = await (await portal.get('/p/documents?code=CD-9999', { cookie })).text()
  expect(list).toContain('class="key"')
  expect(list).not.toContain('/ops')
  expect((await portal.get('/ops')).status).toBe(302)
})

test('a day begins at midnight of the zone, also where the clocks change', () => {
  const start = (zone: string, at: string) => wordsIn('en', zone).dayStart(new Date(at)).toISOString()
  expect(start('UTC', '2026-11-21T00:00:00.000Z')).toBe('2026-11-21T00:00:00.000Z')
  expect(start('Europe/Paris', '2026-11-21T23:30:00.500Z')).toBe('2026-11-21T23:00:00.000Z')
  expect(start('Europe/Paris', '2026-10-25T12:00:00.000Z')).toBe('2026-10-24T22:00:00.000Z')
  expect(start('Europe/Paris', '2026-03-29T12:00:00.000Z')).toBe('2026-03-28T23:00:00.000Z')
})
