import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { PgBoss } from 'pg-boss'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '#hub/base/clock.ts'
import { createLog } from '#hub/base/log.ts'
import { detectFormat, formats } from '#hub/formats/index.ts'
import { openSealer, type Sealer } from '#hub/keys/sealing.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { TransmissionId } from '#hub/model/ids.ts'
import type { Channel, Incoming } from '#hub/model/transport.ts'
import { createProcess, type Process } from '#hub/pipeline/process/index.ts'
import { createReceive } from '#hub/pipeline/receive/index.ts'
import { jobQueue } from '#hub/queue/boss.ts'
import { readPayload } from '#hub/store/payload.ts'
import { libraryMappings } from '#mappings/engine/index.ts'
import { applyConfiguration } from '#partners/apply.ts'
import { createAgreements } from '#partners/resolver.ts'
import { testDatabase, type TestDatabase } from './support/database.ts'

/*
 * Real formats, mappings, agreements and receive: each format in becomes the one its receiver wants.
 */

const configuration = `
partner:
  key: maison-verdier
  name: Maison Verdier
  identities: [{ scheme: gln, value: '3012345000017', env: live }]
  channels: [{ key: box, kind: mailbox, env: live }]
  profiles:
    - direction: sends
      env: live
      type: order
      format: edifact
      mapping: order/edifact-d96a
      channel: box
      acknowledgements: { syntax: always }
    - { direction: sends, env: live, type: order, format: xml, mapping: order/ubl-2.1, channel: box }
    - { direction: sends, env: live, type: order, format: json, mapping: order/json, channel: box }
---
partner:
  key: brouwer
  name: Brouwer & Zonen
  identities: [{ scheme: gln, value: '5412345000013', env: live }]
  channels: [{ key: box, kind: mailbox, env: live }]
  profiles:
    - { direction: receives, env: live, type: order, format: xml, mapping: order/ubl-2.1, channel: box }
    - { direction: receives, env: live, type: order, format: json, mapping: order/json, channel: box }
    - direction: receives
      env: live
      type: order
      format: edifact
      mapping: order/edifact-d96a
      channel: box
      acknowledgements: { expectSyntaxWithinMinutes: 60 }
---
agreement:
  key: edifact-to-xml
  sender: { partner: maison-verdier, env: live, type: order, format: edifact }
  receiver: { partner: brouwer, format: xml }
---
agreement:
  key: xml-to-json
  sender: { partner: maison-verdier, env: live, type: order, format: xml }
  receiver: { partner: brouwer, format: json }
---
agreement:
  key: json-to-edifact
  sender: { partner: maison-verdier, env: live, type: order, format: json }
  receiver: { partner: brouwer, format: edifact }
`

let database: TestDatabase
let sealer: Sealer
let boss: PgBoss
let agreements: ReturnType<typeof createAgreements>
let receiver: ReturnType<typeof createReceive>
let process: Process['process']

beforeAll(async () => {
  database = await testDatabase()
  const { store } = database
  sealer = await openSealer({ masterKey: randomBytes(32).toString('base64'), dataFolder: tmpdir() })
  await applyConfiguration({ store, sealer }, [{ path: 'all.yaml', text: configuration }], { actor: 'cli' })
  boss = new PgBoss({
    connectionString: database.url,
    options: '-c role=crossdock_worker',
    supervise: false,
    schedule: false,
    max: 2,
    createSchema: false,
  })
  await boss.start()
  const log = createLog(globalThis.process.env['CROSSDOCK_TEST_LOG'] ?? 'silent')
  const deps = { store, sealer, queue: jobQueue(boss), clock: systemClock, log }
  agreements = createAgreements(store)
  receiver = createReceive(deps)
  process = createProcess({ ...deps, agreements, mappings: libraryMappings, formats, detectFormat }).process
})
afterAll(async () => {
  agreements.close()
  await receiver.close()
  await boss.stop({ graceful: false })
  await database.drop()
})

test('an EDIFACT order leaves as XML, and its sender is owed a CONTRL', async () => {
  const id = await receive(Buffer.from(edifactOrder, 'latin1'))
  await process([id])
  const [document] = await rows('select * from document where transmission_id = $1', [id])
  expect(document).toMatchObject({
    type: 'order',
    number: '345',
    processing: 'processed',
    code: null,
    lines: 1,
  })
  const output = await outputOf(id)
  expect(output.text).toContain('<cbc:ID>345</cbc:ID>')
  expect(output.wireId).toMatch(/^Order-345-\d{6}\.xml$/)
  const answer = await answerTo(id)
  expect(answer.text).toMatch(/UCI\+MV000345\+3012345000017:14\+5412345000013:14\+7'/)
  expect(answer.text).toMatch(/UNB\+UNO[A-Z]:\d\+5412345000013:14\+3012345000017:14\+\d{6}:\d{4}\+A000001/)
})

test('the internal addresses of a file are mirrored in the answer to it', async () => {
  const addressed = edifactOrder
    .replace('+3012345000017:14+5412345000013:14+', '+3012345000017:14:RAYON+5412345000013:14:QUAI+')
    .replaceAll('MV000345', 'MV-ADDR')
  const id = await receive(Buffer.from(addressed, 'latin1'))
  await process([id])
  const { text } = await answerTo(id)
  expect(text).toMatch(/UNB\+UNO[A-Z]:\d\+5412345000013:14:QUAI\+3012345000017:14:RAYON\+/)
  expect(text).toContain("UCI+MV-ADDR+3012345000017:14:RAYON+5412345000013:14:QUAI+7'")
})

test('one bad message among others is rejected alone, and the CONTRL names it', async () => {
  const bad = edifactMessages[0]!
    .replace('DTM+137:20261119:102', 'DTM+137:20261119:102:4:5')
    .replace('UNH+1', 'UNH+2')
  const unknown = ['UNH+3+INVOIC:D:96A:UN:EAN008', 'BGM+380+9+9', 'UNT+3+3'].join("'")
  const messages = [edifactMessages[0]!, bad.replace('UNT+14+1', 'UNT+14+2'), unknown]
  const id = await receive(
    Buffer.from(
      `${edifactHead.replace('MV000345', 'MV000346')}'${messages.join("'")}'UNZ+3+MV000346'`,
      'latin1',
    ),
  )
  await process([id])
  const documents = await rows(
    `select processing, stopped_at from document where transmission_id = $1 order by position`,
    [id],
  )
  expect(documents).toEqual([
    { processing: 'processed', stopped_at: null },
    { processing: 'rejected', stopped_at: 'check' },
    { processing: 'rejected', stopped_at: 'resolve' },
  ])
  const answer = await answerTo(id)
  expect(answer.text).toMatch(/UCI\+MV000346\+[^']*\+7'UCM\+2\+ORDERS:D:96A:UN:EAN008\+4[^U]*'/)
  expect(answer.text).toMatch(/UCM\+3\+INVOIC:D:96A:UN:EAN008\+4\+17/)
})

test.each([
  [
    'receiver',
    '5412345000013:14+261119',
    '4012345000009:14+261119',
    "No partner has the receiver's identity gln 4012345000009 (UNB element 3)",
    '7+UNB+4',
  ],
  [
    'sender',
    'UNB+UNOC:3+3012345000017',
    'UNB+UNOC:3+4012345000009',
    'The sender\'s identity gln 4012345000009 (UNB element 2) is none that may speak on the channel "box"',
    '23+UNB+3',
  ],
])(
  'an unknown %s is named, and the CONTRL rejects the interchange as a whole',
  async (side, from, to, message, code) => {
    const text = edifactOrder.replace(from, to).replaceAll('MV000345', `MV-${side}`)
    const id = await receive(Buffer.from(text, 'latin1'))
    await process([id])
    expect(await findingsOf(id)).toContain(message)
    const { text: answer } = await answerTo(id)
    expect(answer).toContain('+4+' + code + "'UNT+")
    expect(answer).not.toContain('UCM')
  },
)

test('an order without its date is told the segment to add', async () => {
  const text = edifactOrder.replace('DTM+137:20261119:102', 'DTM+64:20261119:102')
  const id = await receive(Buffer.from(text.replaceAll('MV000345', 'MV000350'), 'latin1'))
  await process([id])
  expect(await findingsOf(id)).toContain("The order's date is missing: add DTM+137")
})

test('a UBL order leaves as JSON', async () => {
  const id = await receive(sample('order-346.xml'))
  await process([id])
  const output = await outputOf(id)
  expect(JSON.parse(output.text)).toMatchObject({ type: 'order', id: '346' })
})

test('a JSON order leaves as EDIFACT, and the CONTRL that answers it is matched', async () => {
  const id = await receive(sample('order-347.json'))
  await process([id])
  const output = await outputOf(id)
  expect(output.text).toContain("BGM+220+347+9'")
  expect(await acknowledgementOf(id)).toBe('waiting')
  const contrl = await receive(
    Buffer.from(
      `UNB+UNOC:3+5412345000013:14+3012345000017:14+261121:2200+9'UNH+1+CONTRL:2:2:UN'` +
        `UCI+${output.reference}+3012345000017:14+5412345000013:14+7'UNT+3+1'UNZ+1+9'`,
    ),
    'brouwer',
  )
  await process([contrl])
  const [answer] = await rows('select type, processing, code from document where transmission_id = $1', [
    contrl,
  ])
  expect(answer).toEqual({ type: 'acknowledgement', processing: 'processed', code: null })
  expect(await acknowledgementOf(id)).toBe('accepted')
})

const edifactHead = 'UNB+UNOC:3+3012345000017:14+5412345000013:14+261119:0915+MV000345++ORDERS'
const edifactMessages = [
  [
    'UNH+1+ORDERS:D:96A:UN:EAN008',
    'BGM+220+345+9',
    'DTM+137:20261119:102',
    'DTM+2:20261126:102',
    'NAD+BY+3012345000017::9++Maison Verdier SAS',
    'NAD+SU+5412345000013::9++Brouwer ?+ Zonen NV',
    'CUX+2:EUR:9',
    'LIN+1++5412345001010:EN',
    "IMD+F++:::Pain d?'épices",
    'QTY+21:48:PCE',
    'PRI+AAA:14.40',
    'UNS+S',
    'CNT+2:1',
    'UNT+14+1',
  ].join("'"),
]
const edifactOrder = `${edifactHead}'${edifactMessages[0]!}'UNZ+1+MV000345'`

function sample(name: string): Buffer {
  return readFileSync(new URL(`../hub/cli/demo/samples/${name}`, import.meta.url))
}

async function receive(bytes: Buffer, partner = 'maison-verdier'): Promise<TransmissionId> {
  const [row] = await rows(
    `select c.id from channel c join partner p on p.id = c.partner_id where p.key = $1 and c.key = 'box'`,
    [partner],
  )
  const channel = (await agreements.channel(row!['id'] as Channel['id']))!
  const incoming: Incoming = {
    channel,
    kind: 'file',
    name: null,
    mediaType: null,
    body: pieces(bytes),
    lengthHint: bytes.length,
    once: null,
    evidence: {},
  }
  const received = await receiver.receive(incoming)
  if (received.kind !== 'accepted') throw new Error(`not accepted: ${received.kind}`)
  return received.transmissionId
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

async function outputOf(id: TransmissionId) {
  const [row] = await rows(
    `select d.payload_id, d.wire_id, i.reference from delivery d join output o using (interchange_id)
     join interchange i on i.id = d.interchange_id join document x on x.id = o.document_id
     where x.transmission_id = $1`,
    [id],
  )
  return textOf(row)
}

async function answerTo(id: TransmissionId) {
  const [row] = await rows(
    `select d.payload_id, d.wire_id, '' as reference from acknowledgement a join delivery d on d.id = a.delivery_id
     where a.way = 'owed' and a.about_id in (select id from interchange where transmission_id = $1)`,
    [id],
  )
  return textOf(row)
}

async function findingsOf(id: TransmissionId): Promise<string[]> {
  const [row] = await rows('select findings_id from document where transmission_id = $1', [id])
  const bytes = await readPayload(database.store.worker, sealer, row!['findings_id'] as never)
  return (JSON.parse(bytes.toString()) as Finding[]).map(({ message }) => message)
}

async function textOf(row: Record<string, unknown> | undefined) {
  const bytes = await readPayload(database.store.worker, sealer, row!['payload_id'] as never)
  return { text: bytes.toString(), wireId: String(row!['wire_id']), reference: String(row!['reference']) }
}

async function acknowledgementOf(id: TransmissionId) {
  return (await rows('select acknowledgement from document where transmission_id = $1', [id]))[0]![
    'acknowledgement'
  ]
}

async function rows(query: string, values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await database.admin.query(query, values)).rows
}
