import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { DocumentId, PersonId, TransmissionId } from '#hub/model/ids.ts'
import { decideHold } from '#hub/pipeline/decide/index.ts'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { agreementYaml, partiesYaml, shopOrder, startRouting, type Routing } from '#tests/support/routing.ts'

/*
 * Files that are passed through unread: which they are, and what their agreement says of them.
 */

let hub: Routing

const parties = `partner:
  key: scanner
  name: Scanner
  channels:
    - { key: box, kind: mailbox, env: test, settings: { collectWithinHours: 24 } }
    - { key: live, kind: mailbox, env: live, settings: { collectWithinHours: 24 } }
  profiles:
    - { direction: sends, env: test, type: opaque, format: opaque, channel: box, files: "*.pdf" }
    - { direction: sends, env: test, type: opaque, format: opaque, channel: box, guide: rest }
---
partner:
  key: archive
  name: Archive
  channels: [{ key: box, kind: mailbox, env: test, settings: { collectWithinHours: 24 } }]
  profiles:
    - { direction: receives, env: test, type: opaque, format: opaque, channel: box }
`
const agreement = (key: string, more = '', terms = '{}') =>
  `agreement: { key: ${key}, sender: { partner: scanner, env: test, type: opaque${more} }, receiver: { partner: archive }, terms: ${terms} }\n`

beforeAll(async () => {
  hub = await startRouting(`${partiesYaml}---\n${parties}`)
})
afterAll(async () => {
  await hub.close()
})
afterEach(async () => {
  expect(await findBrokenFacts(hub.database.store.worker, null)).toEqual([])
})

const documentOf = async (id: TransmissionId) =>
  (await hub.rows('select * from document where transmission_id = $1', [id]))[0]
const deliveriesOf = (id: TransmissionId) =>
  hub.rows(
    `select v.*, t.raw_id from delivery v join output o using (interchange_id) join document d on d.id = o.document_id
     join transmission t on t.id = d.transmission_id where d.transmission_id = $1`,
    [id],
  )
const pdf = () => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(300)])

test('without an agreement a file that no format knows is unread and rejected as ever', async () => {
  const id = await hub.take(pdf(), 'scanner/box', 'a.pdf')
  expect(await documentOf(id)).toMatchObject({ type: 'unread', processing: 'rejected', code: 'CD-2001' })
})

test('the name decides, also of a file that a format knows, and a put file bears its name with a number', async () => {
  await hub.apply(
    agreement(
      'scans',
      '',
      '{ rails: { sizeMax: 2000000 }, duplicates: { payloadHash: { answer: ignore } } }',
    ),
  )
  const order = shopOrder('900')
  const ids = [
    await hub.take(order, 'scanner/box', 'in/Order 900.PDF'),
    await hub.take(pdf(), 'scanner/box', 'Order 900.PDF'),
  ]
  const wireIds: unknown[] = []
  for (const id of ids) {
    expect(await documentOf(id)).toMatchObject({
      type: 'opaque',
      number: 'Order 900.PDF',
      processing: 'processed',
    })
    const [delivery, ...others] = await deliveriesOf(id)
    expect(others).toEqual([])
    expect(delivery).toMatchObject({
      state: 'waiting',
      payload_id: delivery!['raw_id'],
      name: 'Order 900.PDF',
    })
    wireIds.push(delivery!['wire_id'])
  }
  expect(wireIds).toEqual([
    expect.stringMatching(/^Order_900-\d{6}\.PDF$/),
    expect.stringMatching(/^Order_900-\d{6}\.PDF$/),
  ])
  expect(new Set(wireIds).size).toBe(2)
  const [first] = await deliveriesOf(ids[0]!)
  expect(await hub.bytes(first!['payload_id'])).toEqual(order)
  const unmatched = await hub.take(randomBytes(300), 'scanner/box', 'a.tif')
  expect(await documentOf(unmatched)).toMatchObject({ type: 'unread', processing: 'rejected' })
})

test('the receiver may see the file that was passed on to it, and nobody else but its sender', async () => {
  const id = await hub.take(pdf(), 'scanner/box', 'seen.pdf')
  const [delivery] = await deliveriesOf(id)
  const sees = async (partner: string): Promise<number> => {
    const client = await hub.database.admin.connect()
    try {
      await client.query('begin')
      await client.query(
        `select set_config('crossdock.partner', (select id::text from partner where key = $1), true)`,
        [partner],
      )
      await client.query('set local role crossdock_portal')
      return (await client.query('select id from payload where id = $1', [delivery!['payload_id']])).rows
        .length
    } finally {
      await client.query('rollback')
      client.release()
    }
  }
  expect([await sees('scanner'), await sees('archive'), await sees('mill')]).toEqual([1, 1, 0])
})

test('the same bytes again are a duplicate, and a large file is held above the size and goes on once released', async () => {
  const bytes = pdf()
  const first = await hub.take(bytes, 'scanner/box', 'once.pdf')
  const again = await hub.take(bytes, 'scanner/box', 'twice.pdf')
  expect(await documentOf(first)).toMatchObject({ processing: 'processed' })
  expect(await documentOf(again)).toMatchObject({ processing: 'duplicate' })
  expect(await deliveriesOf(again)).toEqual([])

  const large = randomBytes(2_500_000)
  const id = await hub.take(large, 'scanner/box', 'large.pdf')
  const held = (await documentOf(id))!
  expect(held).toMatchObject({ type: 'opaque', processing: 'held', code: 'CD-4001', stopped_at: 'judge' })
  const decision = {
    documentIds: [held['id'] as DocumentId],
    decision: 'release' as const,
    person: '1' as PersonId,
    reason: 'agreed by phone',
  }
  await decideHold({ store: hub.database.store, sealer: hub.sealer, queue: hub.queue }, decision)
  await hub.process([id, id])
  expect(await documentOf(id)).toMatchObject({ type: 'opaque', processing: 'processed', number: 'large.pdf' })
  const [delivery, ...others] = await deliveriesOf(id)
  expect(others).toEqual([])
  expect((await hub.bytes(delivery!['payload_id'])).equals(large)).toBe(true)
})

test('a profile without names takes what no format knows, small or large; live is not test', async () => {
  await hub.apply(agreement('rest', ', guide: rest'))
  for (const bytes of [randomBytes(300), randomBytes(1_500_000), Buffer.alloc(0)]) {
    // no format begins so
    bytes.fill(0, 0, Math.min(1, bytes.length))
    const id = await hub.take(bytes, 'scanner/box', `${bytes.length}.dat`)
    expect(await documentOf(id)).toMatchObject({ type: 'opaque', processing: 'processed' })
    const [delivery] = await deliveriesOf(id)
    expect((await hub.bytes(delivery!['payload_id'])).equals(bytes)).toBe(true)
  }
  const known = await hub.take(shopOrder('901'), 'scanner/box', 'order.edi')
  expect(await documentOf(known)).toMatchObject({ format: 'edifact', processing: 'rejected' })
  const live = await hub.take(pdf(), 'scanner/live', 'a.pdf')
  expect(await documentOf(live)).toMatchObject({ type: 'unread', processing: 'rejected', delivery: 'none' })
})

test('orders of others go their way as before', async () => {
  await hub.apply(agreementYaml('orders', 'mill'))
  const id = await hub.take(shopOrder('902'), 'shop/box')
  expect(await documentOf(id)).toMatchObject({ type: 'order', processing: 'processed' })
})

test.each([
  ['terms of content', agreement('bad', '', '{ when: { from: id, is: "1" } }'), /when.*not read/s],
  ['a rail of content', agreement('bad', '', '{ rails: { linesMax: 3 } }'), /linesMax.*not read/s],
])('%s are refused for files that are not read', async (_what, yaml, said) => {
  await expect(hub.apply(yaml)).rejects.toThrow(said)
})
