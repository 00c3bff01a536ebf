import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId, type DocumentId, type PartnerId } from '#hub/model/ids.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { seedPortal, type PortalSeed } from '#tests/support/seed-portal.ts'
import { documentsStatement, findDocuments, findExact, type DocumentQuery, type Viewer } from './find.ts'
import { documentTimeline, entriesStatement, findExchange } from './find-timeline.ts'
import { asPartner } from './transaction.ts'

let database: TestDatabase
let seeded: PortalSeed

beforeAll(async () => {
  database = await testDatabase()
  seeded = await seedPortal(database)
})
afterAll(async () => {
  await database.drop()
})

const find = (query: Omit<DocumentQuery, 'viewer'>, viewer: Viewer = '*') =>
  asPartner(database.store.portal, viewer, (client) => findDocuments(client, { viewer, ...query }))
const anywhere = (value: string) => ({ kind: 'any', type: null, value }) as const

test('a number, a control reference and a file name are found by their beginning, in any case of letters', async () => {
  const numbers = async (value: string) =>
    (await find({ search: anywhere(value) })).rows.map((row) => row.number)
  expect(await numbers('345')).toEqual(['345', '3450', '345', '345'])
  expect(await numbers('880')).toEqual(['3450'])
  expect(await numbers('ORDERS-88')).toEqual(
    ['345', '346', '903', '3450'].filter((number) => number !== '345'),
  )
  expect(await numbers('j-77')).toEqual(['J-77/12'])
  expect(await numbers('scan')).toEqual([null])
  expect(await numbers('nothing of the kind')).toEqual([])
})

test('a control reference or a file name is found by itself, also where nothing bears it', async () => {
  for (const kind of ['reference', 'file'] as const)
    expect((await find({ search: { kind, type: null, value: 'no such thing' } })).rows).toEqual([])
})

test('the id of a document or of an exchange finds it', async () => {
  const { id, transmissionId } = seeded.documents.rejected
  for (const value of [id, transmissionId, id.toUpperCase()]) {
    expect((await find({ search: anywhere(value) })).rows.map((row) => row.id)).toEqual([id])
  }
})

test('what people type cannot mean anything to the database', async () => {
  for (const value of ['%', '_', "'", '\\', '345%', '\u{10FFFF}', ' ']) {
    expect((await find({ search: anywhere(value) })).rows).toEqual([])
  }
})

test('pages follow each other without gap or repeat while new documents arrive', async () => {
  const all = (await find({})).rows.map((row) => row.id)
  const seen: DocumentId[] = []
  let before: DocumentId | null = null
  do {
    const page = await find({ before, limit: 3 })
    seen.push(...page.rows.map((row) => row.id))
    before = page.next
  } while (before !== null)
  expect(seen).toEqual(all)
  expect(all).toEqual(all.toSorted().toReversed())
})

test('P5 a partner sees what it sent and what goes to it, and nothing else', async () => {
  const { lambert, brouwer, kestrel } = seeded.partners
  const sent = (await find({}, lambert.id)).rows.map((row) => row.id)
  expect(sent).toContain(seeded.documents.rejected.id)
  expect(sent).not.toContain(seeded.documents.strangers.id)
  const got = (await find({}, brouwer.id)).rows.map((row) => row.id)
  expect(got).toContain(seeded.documents.delivered.id)
  // nothing of these went to the receiver
  expect(got).not.toContain(seeded.documents.rejected.id)
  expect(got).not.toContain(seeded.documents.held.id)
  expect((await find({}, kestrel.id)).rows.map((row) => row.id)).toEqual([seeded.documents.strangers.id])
  const stranger = await asPartner(database.store.portal, kestrel.id, (client) =>
    documentTimeline(client, seeded.documents.delivered.id),
  )
  expect(stranger).toBeNull()
})

test('filters narrow the list by direction, status and use', async () => {
  const { brouwer } = seeded.partners
  expect((await find({ processing: 'held' })).rows).toHaveLength(1)
  expect((await find({ delivery: 'held' })).rows[0]?.outbound?.code).toBe('CD-6002')
  expect((await find({ env: 'test' })).rows.map((row) => row.number)).toEqual(['J-77/12'])
  expect((await find({ direction: 'out' }, brouwer.id)).rows.map((row) => row.number)).toEqual(['J-77/12'])
  expect(
    (await find({ direction: 'in' }, brouwer.id)).rows.every((row) => row.receiverId === brouwer.id),
  ).toBe(true)
  expect(
    (await find({ search: { kind: 'number', type: 'order', value: '345' }, processing: 'duplicate' })).rows,
  ).toHaveLength(1)
})

test('the exact number is told from those that begin with it', async () => {
  const exact = await asPartner(database.store.portal, '*', (client) =>
    findExact(client, { viewer: '*', search: anywhere('345') }),
  )
  expect(exact.map((row) => row.number)).toEqual(['345', '345', '345'])
})

test('a timeline holds the entries of the document, its transmission and its deliveries, in order', async () => {
  const types = async (viewer: Viewer) => {
    const timeline = await asPartner(database.store.portal, viewer, (client) =>
      documentTimeline(client, seeded.documents.delivered.id),
    )
    return timeline!.entries.map((entry) => entry.type)
  }
  expect(await types('*')).toEqual([
    'transmission.accepted',
    'document.processed',
    'output.queued',
    'acknowledgement.owed',
    'delivery.attempted',
    'delivery.delivered',
    'document.delivered',
    'delivery.delivered',
  ])
  expect(await types(seeded.partners.brouwer.id)).toEqual([
    'output.queued',
    'delivery.attempted',
    'delivery.delivered',
  ])
  expect(await types(seeded.partners.lambert.id)).not.toContain('delivery.attempted')
})

test('an exchange lists what came of it, for its sender and the hub alone', async () => {
  const { transmissionId } = seeded.documents.rejected
  const look = (viewer: Viewer) =>
    asPartner(database.store.portal, viewer, (client) => findExchange(client, transmissionId, 50))
  expect((await look(seeded.partners.lambert.id))?.documents.map((row) => row.number)).toEqual(['346'])
  expect((await look('*'))?.name).toBe('orders-882.edi')
  expect(await look(seeded.partners.brouwer.id)).toBeNull()
})

describe('on a table of thousands', () => {
  // the empty partitions of other months are rightly read whole
  const month = new Date().toISOString().slice(0, 7).replace('-', '_')
  const wholeRead = (table: string) => new RegExp(`Seq Scan on (${table})_${month}`)

  beforeAll(async () => {
    const { lambert, brouwer, kestrel } = seeded.partners
    await database.store.worker.query(
      `with ids as (
         select n, (lpad(to_hex((extract(epoch from now()) * 1000)::bigint - n * 1000), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid id
         from generate_series(1, 6000) n), sent as (
         insert into transmission (id, partner_id, channel_id, direction, kind, state, name, raw_id)
         select id, $1, $2, 'in', 'file', 'accepted', 'bulk-' || n || '.edi', id from ids), envelopes as (
         insert into interchange (id, partner_id, direction, transmission_id, reference, state)
         select id, $1, 'in', id, 'B' || n, 'accepted' from ids), noted as (
         insert into entry (id, partner_id, type, transmission_id, document_id, actor, body)
         select id, $1, 'document.processed', id, id, 'hub', '{}' from ids)
       insert into document (id, transmission_id, interchange_id, sender, receiver, type, number, processing, delivery)
       select id, id, id, case when n % 3 = 0 then $4::uuid else $1 end, $3, 'order', 'N' || n, 'processed', 'delivered' from ids`,
      [lambert.id, lambert.channelId, brouwer.id, kestrel.id],
    )
    await database.admin.query('analyze')
  })

  const plan = async (viewer: Viewer, text: string, values: unknown[]): Promise<string> => {
    const { rows } = await asPartner(database.store.portal, viewer, (client) =>
      client.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${text}`, values),
    )
    return rows.map((row) => row['QUERY PLAN']).join('\n')
  }
  const listPlan = (query: DocumentQuery) => {
    const { text, values } = documentsStatement({ limit: 51, ...query })
    return plan(query.viewer, text, values)
  }

  test('the list walks an index and sorts nothing but its page', async () => {
    const all = await listPlan({ viewer: '*' })
    expect(all).toMatch(/Index (Only )?Scan Backward using document_\d{4}_\d{2}_pkey/)
    expect(all).not.toMatch(wholeRead('document'))
    const own = await listPlan({ viewer: seeded.partners.kestrel.id })
    expect(own).toMatch(/using document_\d{4}_\d{2}_sender_id_idx/)
    expect(own).toMatch(/using document_\d{4}_\d{2}_receiver_id_idx/)
    expect(own).not.toMatch(wholeRead('document'))
  })

  test.each(['*', 'lambert'] as const)(
    'a search as %s uses the index of each thing it looks at',
    async (who) => {
      const viewer = who === '*' ? '*' : seeded.partners[who].id
      const found = await listPlan({ viewer, search: anywhere('N123') })
      expect(found).toMatch(/number_key_idx/)
      expect(found).toMatch(/interchange_\d{4}_\d{2}_reference_idx/)
      expect(found).toMatch(/transmission_\d{4}_\d{2}_name_key_idx/)
      expect(found).not.toMatch(wholeRead('document|interchange|transmission'))
    },
  )

  test('what is open, or came in a window, is counted without reading all documents', async () => {
    const hour = { since: new Date(Date.now() - 3_600_000), until: new Date() }
    for (const query of [
      { processing: 'held' },
      { delivery: 'held' },
      { delivery: 'waiting' },
      { acknowledgement: 'overdue' },
      { processing: 'rejected', only: { since: new Date(Date.now() - 60_000), until: new Date() } },
      { only: { ...hour, failedOn: seeded.partners.brouwer.channelId } },
    ] as const) {
      expect(await listPlan({ viewer: '*', ...query })).not.toMatch(wholeRead('document'))
    }
  })

  test('the entries of a timeline come by their indexes', async () => {
    const ids = [newId(), newId(), [newId()]]
    const found = await plan(seeded.partners.lambert.id as PartnerId, entriesStatement, ids)
    expect(found).toMatch(/entry_\d{4}_\d{2}_document_id_idx/)
    expect(found).toMatch(/entry_\d{4}_\d{2}_transmission_id_idx/)
    expect(found).not.toMatch(wholeRead('entry'))
  })
})
