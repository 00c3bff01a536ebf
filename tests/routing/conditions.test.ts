import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { stableCode } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { DocumentId, PersonId, TransmissionId } from '#hub/model/ids.ts'
import { decideHold } from '#hub/pipeline/decide/index.ts'
import { findBrokenFacts } from '#hub/store/checks.ts'
import {
  agreementYaml,
  carrierGln,
  hubGln,
  partiesYaml,
  shopOrder,
  startRouting,
  type Routing,
} from '#tests/support/routing.ts'

/*
 * Routing by conditions on canonical content, and fan-out.
 */

let hub: Routing

beforeAll(async () => {
  hub = await startRouting(partiesYaml)
})
afterAll(async () => {
  await hub.close()
})
afterEach(async () => {
  expect(await findBrokenFacts(hub.database.store.worker, null)).toEqual([])
  await hub.rows(`update agreement set state = 'retired'`)
  await hub.rows('update config_version set version = version + 1')
})

const agreed = (...agreements: string[]) => hub.apply(agreements.join('---\n'))
const outputs = async (id: TransmissionId) =>
  (
    await hub.rows(
      `select p.key from output o join document d on d.id = o.document_id join partner p on p.id = o.partner_id
       where d.transmission_id = $1 order by 1`,
      [id],
    )
  ).map(({ key }) => key)
const documents = (id: TransmissionId) =>
  hub.rows(
    `select d.*, p.key as receiver_key from document d left join partner p on p.id = d.receiver
     where d.transmission_id = $1 order by d.origin_id nulls first, d.id`,
    [id],
  )
const findings = async (payloadId: unknown) =>
  (JSON.parse((await hub.bytes(payloadId)).toString('utf8')) as Finding[]).map(({ message }) => message)
const answer = async (id: TransmissionId) => {
  const [row] = await hub.rows(
    `select v.payload_id from acknowledgement a join interchange i on i.id = a.about_id
     join delivery v on v.id = a.delivery_id where i.transmission_id = $1`,
    [id],
  )
  return (await hub.bytes(row!['payload_id'])).toString('latin1')
}

const quantity = 'orderLine[0].lineItem.quantity.value'
const big = `{ from: "${quantity}", atLeast: "100" }`
const toLyon = `{ from: "delivery[0].deliveryLocation.id", is: "3012345000024" }`

test('the agreement whose condition holds gets the document; the other is a candidate, with what stood there', async () => {
  await agreed(
    agreementYaml('big', 'mill', `{ when: ${big} }`),
    agreementYaml('small', 'carrier', `{ takes: ours, when: { none: [${big}] } }`),
  )
  const id = await hub.take(shopOrder('100', { to: hubGln, quantity: 100 }), 'shop/box')
  expect(await outputs(id)).toEqual([])
  const named = await hub.take(shopOrder('101', { quantity: 100 }), 'shop/box')
  expect(await outputs(named)).toEqual(['mill'])
  const [document] = await documents(id)
  expect(document).toMatchObject({ processing: 'rejected', code: 'CD-2080', stopped_at: 'resolve' })
  const { candidates } = document!['versions'] as { candidates: unknown[] }
  expect(candidates).toContainEqual({
    kind: 'agreement',
    key: 'small version 1',
    refused: { reason: 'conditionFailed', text: `¬ ${quantity} ≥ 100 ✗ "100"` },
  })
  // what others agreed is nothing for the sender
  expect((await findings(document!['findings_id'])).join()).not.toContain('100')
  // the sender is told that nobody takes it
  expect(await answer(id)).toMatch(/UC[IM]\+[^']*17/)
})

test('content says who gets what names the house as its receiver', async () => {
  await agreed(
    agreementYaml('lyon', 'carrier', `{ takes: ours, when: ${toLyon} }`),
    agreementYaml('elsewhere', 'mill', `{ takes: ours, when: { none: [${toLyon}] } }`),
  )
  const lyon = await hub.take(shopOrder('110', { to: hubGln }), 'shop/box')
  const other = await hub.take(shopOrder('111', { to: hubGln, place: carrierGln }), 'shop/box')
  expect(await outputs(lyon)).toEqual(['carrier'])
  expect(await outputs(other)).toEqual(['mill'])
  // the name on the wire is the receiver's own, not that of the house
  const [written] = await hub.rows(
    `select i.receiver from interchange i join output o on o.interchange_id = i.id
     join document d on d.id = o.document_id where d.transmission_id = $1`,
    [lyon],
  )
  expect(written!['receiver']).toMatchObject({ value: carrierGln })
  expect((await documents(lyon))[0]).toMatchObject({ receiver_key: 'carrier' })
})

test('several receivers each have an output, a delivery and a copy in their own form; a copy alone is no way', async () => {
  await agreed(
    agreementYaml('main', 'mill', `{ when: ${big} }`),
    agreementYaml('copy', 'carrier', '{ takes: copy }'),
  )
  const id = await hub.take(shopOrder('120', { quantity: 100 }), 'shop/box')
  expect(await outputs(id)).toEqual(['carrier', 'mill'])
  const deliveries = await hub.rows(
    `select v.media_type, v.state from delivery v join output o using (interchange_id)
     join document d on d.id = o.document_id where d.transmission_id = $1 order by 1`,
    [id],
  )
  expect(deliveries).toEqual([
    { media_type: 'application/json', state: 'waiting' },
    { media_type: 'application/xml', state: 'waiting' },
  ])
  const alone = await hub.take(shopOrder('121', { quantity: 1 }), 'shop/box')
  expect((await documents(alone))[0]).toMatchObject({ processing: 'rejected', code: 'CD-2080' })
})

test('an agreement for any receiver takes what no particular one does', async () => {
  await agreed(agreementYaml('big', 'mill', `{ when: ${big} }`), agreementYaml('rest', 'any'))
  const particular = await hub.take(shopOrder('130', { quantity: 100 }), 'shop/box')
  const general = await hub.take(shopOrder('131', { quantity: 1 }), 'shop/box')
  const keys = async (id: TransmissionId) =>
    ((await documents(id))[0]!['versions'] as { agreements: { key: string }[] }).agreements.map(
      ({ key }) => key,
    )
  expect(await keys(particular)).toEqual(['big'])
  expect(await keys(general)).toEqual(['rest'])
})

test('an output that is held goes apart, the others go out; released it goes to its receiver alone, once', async () => {
  await agreed(
    agreementYaml('main', 'mill'),
    agreementYaml('copy', 'carrier', '{ takes: copy, rails: { linesMax: 1 } }'),
  )
  const id = await hub.take(shopOrder('140', { lines: 2 }), 'shop/box')
  expect(await outputs(id)).toEqual(['mill'])
  const [whole, part] = await documents(id)
  expect(whole).toMatchObject({ processing: 'processed', receiver_key: 'mill', origin_id: null })
  expect(part).toMatchObject({
    processing: 'held',
    code: 'CD-4001',
    receiver_key: 'carrier',
    origin_id: whole!['id'],
    origin_kind: 'split',
  })
  expect(
    await hub.rows(`select 1 from entry where document_id = $1 and type = 'document.parted'`, [whole!['id']]),
  ).toHaveLength(1)
  const decision = {
    documentIds: [part!['id'] as DocumentId],
    decision: 'release' as const,
    person: '1' as PersonId,
    reason: 'agreed by phone',
  }
  const decided = await Promise.all([decideHold(deps(), decision), decideHold(deps(), decision)])
  expect(decided.flat()).toHaveLength(1)
  await hub.process([id, id])
  expect(await outputs(id)).toEqual(['carrier', 'mill'])
  expect(await documents(id)).toHaveLength(2)
})

test.each([
  { why: 'a repeat', terms: 'duplicates: { businessKey: { answer: hold } }', code: 'duplicateHeld' as const },
  {
    why: 'one too many',
    terms:
      'duplicates: { businessKey: { answer: accept } }, rails: { windows: [{ minutes: 60, countMax: 1 }] }',
    code: 'railWindow' as const,
  },
])(
  'what is held as $why keeps the part of the receiver for whom it was held before',
  async ({ terms, code }) => {
    await agreed(
      agreementYaml('main', 'mill', `{ ${terms} }`),
      agreementYaml('copy', 'carrier', '{ takes: copy, rails: { linesMax: 1 } }'),
    )
    const first = await hub.take(shopOrder(code), 'shop/box')
    expect(await outputs(first)).toEqual(['carrier', 'mill'])
    const second = await hub.take(shopOrder(code, { lines: 2 }), 'shop/box')
    const [whole, part, ...more] = await documents(second)
    expect(more).toEqual([])
    expect(whole).toMatchObject({ processing: 'held', code: stableCode(code), receiver_key: 'mill' })
    expect(part).toMatchObject({ processing: 'held', receiver_key: 'carrier', origin_id: whole!['id'] })
    await decideHold(deps(), {
      documentIds: [whole!['id'], part!['id']] as DocumentId[],
      decision: 'release',
      person: '1' as PersonId,
      reason: 'agreed by phone',
    })
    await hub.process([second])
    expect(await outputs(second)).toEqual(['carrier', 'mill'])
    expect(await documents(second)).toHaveLength(2)
  },
)

test('a document that fits one agreement without conditions has no part and no candidate more than before', async () => {
  await agreed(agreementYaml('main', 'mill'))
  const id = await hub.take(shopOrder('150'), 'shop/box')
  expect(await documents(id)).toHaveLength(1)
  expect((await documents(id))[0]!['versions']).not.toHaveProperty('only')
})

test('a condition that names no member of the document, or an expression, is refused when it is applied', async () => {
  const refused = (terms: string) =>
    agreed(agreementYaml('wrong', 'mill', terms)).then(
      () => 'applied',
      (error: Error) => error.message,
    )
  expect(await refused('{ when: { from: "orderLine[].lineItem.color", is: "red" } }')).toContain(
    'agreement.terms.when.from: `lineItem` has no member `color`',
  )
  expect(await refused('{ when: { all: [{ expression: "true" }] } }')).toContain('not by expressions')
  expect(await refused('{ when: { from: "id", over: "3" } }')).toContain('agreement.terms.when')
  expect(await refused('{ when: { all: [{ from: "id" }] } }')).toContain('expected one of `is`')
})

test('a condition on lines holds where it holds for one of them', async () => {
  await agreed(agreementYaml('line', 'mill', `{ when: { from: "orderLine[].lineItem.id", is: "2" } }`))
  expect(await outputs(await hub.take(shopOrder('160', { lines: 2 }), 'shop/box'))).toEqual(['mill'])
  expect(await outputs(await hub.take(shopOrder('161', { lines: 1 }), 'shop/box'))).toEqual([])
})

function deps() {
  return { sealer: hub.sealer, store: hub.database.store, queue: hub.queue }
}
