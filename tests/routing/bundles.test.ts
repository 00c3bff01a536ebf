import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Clock } from '#hub/base/clock.ts'
import { createLog } from '#hub/base/log.ts'
import { formats } from '#hub/formats/index.ts'
import type { Format } from '#hub/model/format.ts'
import type { InterchangeId, TransmissionId } from '#hub/model/ids.ts'
import { bundleDueAt } from '#hub/pipeline/process/bundle-due.ts'
import { closeDueBundles } from '#hub/pipeline/process/close-bundle.ts'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { rollUpDocuments } from '#hub/store/settle-documents.ts'
import {
  agreementYaml,
  millGln,
  partiesYaml,
  shopGln,
  shopOrder,
  startRouting,
  type Routing,
} from '#tests/support/routing.ts'

/*
 * Documents that leave together, as one interchange.
 */

let hub: Routing

beforeAll(async () => {
  hub = await startRouting(partiesYaml)
})
afterAll(async () => {
  await hub.close()
})
beforeEach(async () => {
  // what other tests left waiting is no more due
  await hub.rows(`update bundle set due_at = 'infinity', key = null`)
})

const inEdifact = `format: edifact, mapping: order/edifact-d96a, acknowledgements: { expectSyntaxWithinMinutes: 60 }`
const inJson = 'format: json, mapping: order/json'

/** The mill, which wants its orders in bundles. */
async function millWants(bundle: string, form = inEdifact): Promise<void> {
  await hub.apply(`partner:
  key: mill
  name: Mill
  timeZone: Europe/Paris
  identities: [{ scheme: gln, value: "${millGln}", env: test }]
  channels: [{ key: web, kind: mailbox, env: test, settings: { collectWithinHours: 24 } }]
  profiles:
    - { direction: receives, env: test, type: order, ${form}, channel: web, bundle: ${bundle} }
    - { direction: sends, env: test, type: order, format: edifact, mapping: order/edifact-d96a, channel: web }
`)
  await hub.rows(`update agreement set state = 'retired'`)
  const format = form.startsWith('format: json') ? 'json' : 'edifact'
  await hub.apply(
    agreementYaml(`mill-${format}-${agreements++}`, 'mill').replace(
      '{ partner: mill }',
      `{ partner: mill, format: ${format} }`,
    ),
  )
}
let agreements = 1

const log = createLog('silent')
const at = (time: Date | string): Clock => ({ now: () => new Date(time) })
const inAnHour = () => at(new Date(Date.now() + 3_600_000))
const close = (clock: Clock) => {
  const { database, sealer, queue } = hub
  return closeDueBundles({ store: database.store, sealer, queue, formats, clock, log })
}
const documentsOf = (ids: TransmissionId[]) =>
  hub.rows(
    `select d.id, d.number, d.processing, d.delivery, d.acknowledgement, o.position, o.message_ref, o.interchange_id,
       i.state as interchange, i.documents, i.reference, v.payload_id, v.state
     from document d left join output o on o.document_id = d.id left join interchange i on i.id = o.interchange_id
     left join delivery v on v.interchange_id = i.id
     where d.transmission_id = any($1) order by o.position, d.number`,
    [ids],
  )
const take = async (...numbers: string[]) => {
  const ids: TransmissionId[] = []
  for (const number of numbers) ids.push(await hub.take(shopOrder(number), 'shop/box'))
  return ids
}
const textOf = async (document: Record<string, unknown> | undefined) =>
  (await hub.bytes(document!['payload_id'])).toString('latin1')

test('a bundle leaves at the next of its hours, on its days, also over a change of the clock', () => {
  const zone = 'Europe/Paris'
  const due = (now: string, terms: object) =>
    bundleDueAt({ at: ['18:00', '06:30'], ...terms }, zone, new Date(now)).toISOString()
  // a Monday in winter time, and the Monday after the clocks went forward
  expect(due('2026-03-23T12:00:00Z', {})).toBe('2026-03-23T17:00:00.000Z')
  expect(due('2026-03-30T12:00:00Z', {})).toBe('2026-03-30T16:00:00.000Z')
  // from Friday evening over the change to Monday morning, and past a holiday
  expect(due('2026-03-27T17:00:00Z', {})).toBe('2026-03-30T04:30:00.000Z')
  expect(due('2026-03-27T17:00:00Z', { holidays: ['2026-03-30'] })).toBe('2026-03-31T04:30:00.000Z')
  // an hour that the clock skips counts after the gap
  expect(due('2026-03-29T00:00:00Z', { at: ['02:30'], days: ['sun'] })).toBe('2026-03-29T01:30:00.000Z')
  expect(bundleDueAt({ everyMinutes: 15 }, zone, new Date('2026-03-29T00:50:00Z')).toISOString()).toBe(
    '2026-03-29T01:05:00.000Z',
  )
})

test('documents wait until their bundle is due, and leave in their order as one interchange with one delivery', async () => {
  await millWants('{ everyMinutes: 30 }')
  const ids = await take('B1', 'B2', 'B3')
  const waiting = await documentsOf(ids)
  expect(waiting).toMatchObject(
    ['B1', 'B2', 'B3'].map((number) => ({
      number,
      processing: 'processed',
      delivery: 'waiting',
      acknowledgement: 'waiting',
      interchange: 'open',
      payload_id: null,
    })),
  )
  const [entry] = await hub.rows(
    `select body from entry where document_id = $1 and type = 'output.bundled'`,
    [waiting[0]!['id']],
  )
  const [bundle] = await hub.rows('select due_at, documents from bundle')
  expect(JSON.parse(String(entry!['body']))).toMatchObject({
    dueAt: (bundle!['due_at'] as Date).toISOString(),
  })
  expect(bundle!['documents']).toBe(3)
  expect(await findBrokenFacts(hub.database.store.worker, null)).toEqual([])
  expect(await close(at(new Date()))).toBe(0)

  expect(await close(inAnHour())).toBe(1)
  const left = await documentsOf(ids)
  expect(left.map((one) => [one['number'], one['position'], one['state'], one['documents']])).toEqual([
    ['B1', 1, 'waiting', 3],
    ['B2', 2, 'waiting', 3],
    ['B3', 3, 'waiting', 3],
  ])
  const text = await textOf(left[0])
  expect(text.match(/UNB\+/g)).toHaveLength(1)
  expect(text).toMatch(new RegExp(`UNZ\\+3\\+${String(left[0]!['reference'])}'`))
  expect(left.map((one) => one['message_ref'])).toEqual(
    [...text.matchAll(/UNH\+(\d+)\+/g)].map(([, ref]) => ref),
  )
  expect([...text.matchAll(/BGM\+220\+(B\d)/g)].map(([, number]) => number)).toEqual(['B1', 'B2', 'B3'])
  expect(await hub.rows('select * from bundle_item')).toEqual([])
  expect(await findBrokenFacts(hub.database.store.worker, null)).toEqual([])
})

test('a bundle that is full leaves at once, and the next one goes on with the rest', async () => {
  await millWants('{ at: ["18:00"], days: [mon], maxDocuments: 2 }', inJson)
  const ids = await take('F1', 'F2', 'F3')
  expect(await close(at(new Date(Date.now() + 1_000)))).toBe(1)
  const left = await documentsOf(ids)
  expect(left.map((one) => [one['number'], one['position'], one['interchange']])).toEqual([
    ['F1', 1, 'accepted'],
    ['F3', 1, 'open'],
    ['F2', 2, 'accepted'],
  ])
  const documents = JSON.parse(await textOf(left[0])) as { id: string }[]
  expect(documents.map(({ id }) => id)).toEqual(['F1', 'F2'])
})

test('several who close at once, while more documents come, send each document once', async () => {
  await millWants('{ everyMinutes: 30, maxDocuments: 4 }')
  const taken = Array.from({ length: 10 }, (_, n) => take(`C${n}`))
  const closers = Array.from({ length: 6 }, () => close(inAnHour()))
  const ids = (await Promise.all(taken)).flat()
  await Promise.all(closers)
  await Promise.all([close(inAnHour()), close(inAnHour()), close(inAnHour())])
  const left = await documentsOf(ids)
  expect(left).toHaveLength(10)
  const payloads = [...new Set(left.map((one) => one['payload_id']))]
  const texts = await Promise.all(payloads.map(async (id) => (await hub.bytes(id)).toString('latin1')))
  const sent = texts.flatMap((text) => [...text.matchAll(/BGM\+220\+(C\d)/g)].map(([, number]) => number))
  expect(sent.map(String).toSorted()).toEqual(Array.from({ length: 10 }, (_, n) => `C${n}`))
  expect(new Set(left.map((one) => one['reference'])).size).toBe(payloads.length)
  expect(await hub.rows(`select id from bundle where due_at < 'infinity'`)).toEqual([])
})

test('a closing that breaks off before its end leaves the bundle as it was', async () => {
  await millWants('{ everyMinutes: 30 }')
  const ids = await take('K1')
  const { database, sealer, queue } = hub
  const broken = { ...queue, deliver: async () => Promise.reject(new Error('the hub ends here')) }
  const deps = { store: database.store, sealer, queue: broken, formats, clock: inAnHour(), log }
  expect(await closeDueBundles(deps)).toBe(0)
  expect(await documentsOf(ids)).toMatchObject([
    { interchange: 'open', payload_id: null, delivery: 'waiting' },
  ])
  expect(await close(at(new Date(Date.now() + 2 * 3_600_000)))).toBe(1)
  expect(await documentsOf(ids)).toMatchObject([{ interchange: 'accepted', state: 'waiting' }])
})

test('a message that cannot be written does not keep the others, neither before it waits nor after', async () => {
  await millWants('{ everyMinutes: 30 }')
  const ids = await take('W1', 'W2', 'W3')
  const [, second] = await documentsOf(ids)
  await hub.rows(
    `update payload set bytes = set_byte(bytes, 40, get_byte(bytes, 40) # 1)
     where id = (select payload_id from bundle_item where document_id = $1)`,
    [second!['id']],
  )
  expect(await close(inAnHour())).toBe(1)
  const left = await documentsOf(ids)
  expect(left.map((one) => `${String(one['number'])} ${String(one['interchange'])}`).toSorted()).toEqual([
    'W1 accepted',
    'W2 open',
    'W3 accepted',
  ])
  expect(await textOf(left.find((one) => one['number'] === 'W1'))).toContain('UNZ+2+')
  expect(await findBrokenFacts(hub.database.store.worker, null)).toEqual([])
})

test('what the writer refuses is rejected at once and waits for nothing', async () => {
  await millWants('{ everyMinutes: 30 }', `${inEdifact}, write: { syntax: "UNOA:3" }`)
  const bad = shopOrder('X2', { more: [] }).toString('latin1').replace('X2', 'x\u00e92')
  const ids = [...(await take('X1')), await hub.take(Buffer.from(bad, 'latin1'), 'shop/box')]
  const states = (await documentsOf(ids)).map((one) => String(one['processing']))
  expect(states.toSorted()).toEqual(['processed', 'rejected'])
  expect(await hub.rows(`select documents from bundle where due_at < 'infinity'`)).toEqual([{ documents: 1 }])
})

test('bundles of an ordered profile leave one after the other, each in the order of acceptance', async () => {
  await millWants('{ everyMinutes: 30, maxDocuments: 2 }', `${inEdifact}, ordered: true`)
  const files = ['O1', 'O2', 'O3', 'O4'].map((number) => shopOrder(number))
  const ids = []
  for (const file of files) ids.push(await hub.accept(file, 'shop/box'))
  // whoever is processed first: the files were accepted in this order
  for (const id of [ids[1]!, ids[0]!, ids[3]!, ids[2]!]) await hub.process([id])
  expect(await close(inAnHour())).toBe(2)
  const order = await hub.rows(
    `select array_agg(d.number order by o.position) as numbers, v.order_key from delivery v
     join output o using (interchange_id) join document d on d.id = o.document_id
     where d.transmission_id = any($1) group by v.id, v.order_key order by v.order_no`,
    [ids],
  )
  expect(order.map(({ numbers }) => numbers)).toEqual([
    ['O1', 'O2'],
    ['O3', 'O4'],
  ])
  expect(new Set(order.map(({ order_key: key }) => key)).size).toBe(1)
  expect(order[0]!['order_key']).not.toBeNull()
})

test('where one of two receivers wants bundles, the document waits until both have it', async () => {
  await millWants('{ everyMinutes: 30 }', inJson)
  await hub.apply(agreementYaml('house-copy', 'house', '{ takes: copy }'))
  const [id] = await take('M1')
  await hub.rows(
    `update delivery set state = 'delivered', next_at = null where state = 'waiting' and interchange_id in
     (select o.interchange_id from output o join document d on d.id = o.document_id where d.transmission_id = $1)`,
    [id],
  )
  const outputs = await hub.rows(
    `select o.interchange_id from output o join document d on d.id = o.document_id
     join delivery v on v.interchange_id = o.interchange_id where d.transmission_id = $1`,
    [id],
  )
  expect(outputs).toHaveLength(1)
  await rollUpDocuments(hub.database.store.worker, [outputs[0]!['interchange_id'] as InterchangeId])
  expect((await documentsOf([id!])).map((one) => one['delivery'])).toEqual(['waiting', 'waiting'])
})

test('a CONTRL that rejects one message of a bundle is about that document; the others are accepted', async () => {
  await millWants('{ everyMinutes: 30 }')
  const ids = await take('A1', 'A2', 'A3')
  await close(inAnHour())
  const left = await documentsOf(ids)
  const reference = String(left[0]!['reference'])
  const ucm = left.map(
    (one, at) => `UCM+${String(one['message_ref'])}+ORDERS:D:96A:UN:EAN008+${at === 1 ? '4+12' : '7'}'`,
  )
  const body = [`UNH+1+CONTRL:2:2:UN'`, `UCI+${reference}+${shopGln}:14+${millGln}:14+7'`, ...ucm]
  const answer = [
    `UNB+UNOC:3+${millGln}:14+${shopGln}:14+261119:0915+MC1++++++1'`,
    ...body,
    `UNT+${body.length + 1}+1'`,
    `UNZ+1+MC1'`,
  ]
  await hub.take(answer.join('\n'), 'mill/web')
  expect((await documentsOf(ids)).map((one) => [one['number'], one['acknowledgement']])).toEqual([
    ['A1', 'accepted'],
    ['A2', 'rejected'],
    ['A3', 'accepted'],
  ])
  const said = await hub.rows(
    `select e.body from entry e where e.document_id = $1 and e.type = 'acknowledgement.received'`,
    [left[1]!['id']],
  )
  expect(said.map(({ body: text }) => JSON.parse(String(text)))).toEqual([
    { level: 'syntax', state: 'rejected', code: expect.stringMatching(/^CD-/) },
  ])
})

test('other formats hold one document each, and a profile that bundles them is refused with the reason', async () => {
  const refused = millWants('{ everyMinutes: 30 }', 'format: xml, mapping: order/ubl-2.1')
  await expect(refused).rejects.toThrow(/only EDIFACT and JSON hold several documents in one interchange/)
  await expect(millWants('{ everyMinutes: 30, at: ["18:00"] }')).rejects.toThrow(
    /either `everyMinutes` or `at`/,
  )
})

test('without a writer that bundles nothing is lost: the bundle waits and is tried again', async () => {
  await millWants('{ everyMinutes: 30 }')
  const ids = await take('N1')
  const { bundle: _none, ...without } = formats.edifact
  const { database, sealer, queue } = hub
  const broken = { ...formats, edifact: without as Format }
  const clock = inAnHour()
  expect(await closeDueBundles({ store: database.store, sealer, queue, formats: broken, clock, log })).toBe(0)
  expect(await documentsOf(ids)).toMatchObject([{ interchange: 'open' }])
})

test('a bundle whose control numbers are used up leaves once its agreement has more of them', async () => {
  await millWants('{ everyMinutes: 30 }')
  await hub.rows(`update agreement set state = 'retired'`)
  const agree = (numbers: string) =>
    hub.apply(
      agreementYaml('mill-numbered', 'mill', `{ numbers: ${numbers} }`).replace(
        '{ partner: mill }',
        '{ partner: mill, format: edifact }',
      ),
    )
  await agree('{ end: 999999 }')
  const ids = await take('B91')
  await agree('{ end: 1 }')
  expect(await close(inAnHour())).toBe(0)
  expect(await documentsOf(ids)).toMatchObject([{ delivery: 'waiting', payload_id: null }])
  await agree('{ end: 999999 }')
  expect(await close(at(new Date(Date.now() + 2 * 3_600_000)))).toBe(1)
  expect(await documentsOf(ids)).toMatchObject([{ delivery: 'waiting', state: 'waiting' }])
})
