import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig, type Config } from '#hub/base/config.ts'
import { createLog } from '#hub/base/log.ts'
import { startHub, type RunningHub } from '#hub/main.ts'
import { addToken, applyFiles, exportFiles, withTools, type Tools } from '#hub/tools.ts'
import { until } from './support/poll.ts'
import { testDatabase, type TestDatabase } from './support/database.ts'
import { edifactOrder } from './bench/samples.ts'

/*
 * Mappings of one's own through a running hub, from the door to the receiver's address.
 */

let database: TestDatabase
let folder: string
let config: Config
let hub: RunningHub
let sink: Server
let token: string
const received: { body: string; path: string }[] = []

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'crossdock-own-'))
  sink = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ body: Buffer.concat(chunks).toString('utf8'), path: request.url ?? '' })
      response.writeHead(200).end()
    })
  })
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
  config = readConfig({
    DATABASE_URL: database.url,
    CROSSDOCK_DATA: folder,
    CROSSDOCK_HTTP_PORT: '0',
    CROSSDOCK_SFTP_PORT: '0',
  })
  await apply(configuration())
  token = await withTools(config, (tools) =>
    addToken(tools, { partner: 'retailer', channel: 'api', name: 'test' }),
  )
  hub = await startHub(config, database.url, 'all', createLog(process.env['CROSSDOCK_TEST_LOG'] ?? 'silent'))
})
afterAll(async () => {
  await hub.stop()
  sink.close()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

async function apply(text: string): Promise<string[]> {
  const changes = await inTools((tools) => applyFiles(tools, [{ path: 'all.yaml', text }], { actor: 'test' }))
  return changes
    .filter(({ action }) => action !== 'none')
    .map(({ action, kind, key }) => `${action} ${kind} ${key}`)
}

async function inTools<Result>(work: (tools: Tools) => Promise<Result>): Promise<Result> {
  return withTools(config, work)
}

function configuration(): string {
  const { port } = sink.address() as AddressInfo
  const receiver = (key: string, mapping: string, format: string, gln: string) => `---
partner:
  key: ${key}
  name: ${key}
  identities: [{ scheme: gln, value: '${gln}', env: live }]
  channels:
    - key: web
      kind: https
      env: live
      settings: { url: 'http://127.0.0.1:${port}/${key}', allowAddresses: ['127.0.0.1/32'] }
  profiles:
    - { direction: receives, env: live, type: order, format: ${format}, mapping: ${mapping}, channel: web }
---
agreement:
  key: to-${key}
  sender: { partner: retailer, env: live, type: order, format: edifact }
  receiver: { partner: ${key}, format: ${format} }
`
  return `codeList:
  key: units
  name: Units of the retailer
  codes: [{ code: PCE, to: C62 }]
---
mapping:
  key: order/retailer
  direction: toCanonical
  extends: order/edifact-d96a
  codeLists: [units]
  canonical:
    - { set: "orderLine[].lineItem.quantity.unitCode", from: "LIN[]/QTY+21/1.3", lookup: units }
    - { set: extensions.kind, from: "BGM/1" }
---
mapping:
  key: order/flat
  direction: fromCanonical
  format: json
  output:
    - { set: order, from: id, number: { plain: true } }
    - each: orderLine
      into: lines
      rules:
        - { set: unit, from: lineItem.quantity.unitCode }
        - { set: name, from: lineItem.item.name, expression: "value.toUpperCase()" }
---
mapping:
  key: order/letter
  direction: fromCanonical
  format: xml
  template: |
    <letter xmlns="urn:example:letter" order="{{id}}">{{#each orderLine}}<line>{{lineItem.item.name}}</line>{{/each}}</letter>
---
mapping:
  key: order/bomb
  direction: fromCanonical
  format: json
  template: |
    {{#each orderLine}}{{#each ../orderLine}}{{#each ../../orderLine}}{{#each ../../../orderLine}}{{lineItem.id}}{{/each}}{{/each}}{{/each}}{{/each}}
---
partner:
  key: retailer
  name: Maison Verdier
  identities: [{ scheme: gln, value: '3012345000017', env: live }]
  channels: [{ key: api, kind: https, env: live }]
  profiles:
    - { direction: sends, env: live, type: order, format: edifact, mapping: order/retailer, channel: api, acknowledgements: { syntax: none } }
${receiver('flat', 'order/flat', 'json', '5412345000013')}${receiver('letter', 'order/letter', 'xml', '5023456000009')}${receiver('bomb', 'order/bomb', 'json', '4098765000010')}`
}

async function send(
  number: number,
  receiver: string,
  lines = 3,
  from: (text: string) => string = (text) => text,
): Promise<void> {
  const text = edifactOrder(number, lines).toString('latin1').replaceAll('5412345000013', receiver)
  const answer = await fetch(`${hub.httpUrl}/v1/documents`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/edifact',
      'idempotency-key': randomUUID(),
    },
    body: Buffer.from(from(text), 'latin1'),
  })
  expect(answer.status).toBe(202)
}

async function documentOf(number: number) {
  return until(`document ${number} is decided`, async () => {
    const { rows } = await database.admin.query<{
      processing: string
      code: string | null
      versions: unknown
    }>(`select processing, code, versions from document where number = $1 and processing <> 'waiting'`, [
      String(number),
    ])
    return rows[0] ?? null
  })
}

test('a document goes through mappings of rules, code lists and expressions, and keeps their versions', async () => {
  await send(1, '5412345000013')
  const document = await documentOf(1)
  expect(document).toMatchObject({
    processing: 'processed',
    versions: {
      mapping: { name: 'order/retailer', version: '1; units 1' },
      agreements: [{ mapping: 'order/flat', mappingVersion: '1' }],
    },
  })
  const { body } = await until('the output', () => received.find(({ path }) => path === '/flat') ?? null)
  expect(JSON.parse(body)).toMatchObject({
    order: 1,
    lines: [{ unit: 'C62', name: expect.stringMatching(/^[^a-z]+$/) }, {}, {}],
  })
})

test('a code that is not in its list rejects the document with its name, and a dated change of the list counts at once', async () => {
  await send(2, '5412345000013', 1, (text) => text.replaceAll(':PCE', ':KGM'))
  expect(await documentOf(2)).toMatchObject({ processing: 'rejected', code: 'CD-5003' })
  expect(
    await apply(`codeList:
  key: units
  codes: [{ code: PCE, to: C62 }, { code: KGM, to: KGM, from: 2026-01-01 }]
`),
  ).toEqual(['change codeList units'])
  await until('the change counts', async () => {
    await send(Date.now() % 1_000_000, '5412345000013', 1, (text) => text.replaceAll(':PCE', ':KGM'))
    return received.some(({ body }) => body.includes('KGM')) ? true : null
  })
})

test('T2: a template that never ends is stopped with its name, and documents of others arrive', async () => {
  const startedMs = performance.now()
  await send(10, '4098765000010', 150)
  await send(11, '5023456000009')
  await send(12, '5412345000013')
  expect(await documentOf(10)).toMatchObject({ processing: 'rejected', code: 'CD-5012' })
  expect(performance.now() - startedMs).toBeLessThan(30_000)
  expect(await documentOf(11)).toMatchObject({ processing: 'processed' })
  expect(await documentOf(12)).toMatchObject({ processing: 'processed' })
  await until(
    'the letter',
    () => received.find(({ path, body }) => path === '/letter' && body.includes('order="11"')) ?? null,
  )
})

test('E10: no value can become a segment, an element, a tag or a member, whatever it holds', async () => {
  const hostile = `A?'UNT?+1?+1?'<line>x</line>]]>","b":1{{id}}&amp;`
  await send(20, '5023456000009', 2, (text) =>
    text.replaceAll(/IMD\+F\+\+:::[^']*'/g, `IMD+F++:::${hostile}'`),
  )
  expect(await documentOf(20)).toMatchObject({ processing: 'processed' })
  const { body } = await until(
    'the letter',
    () => received.find(({ path, body: text }) => path === '/letter' && text.includes('order="20"')) ?? null,
  )
  expect(body.match(/<line>/g)).toHaveLength(2)
  expect(body).toContain('&lt;line&gt;')
})

test('T4: the same document gives the same bytes', async () => {
  const count = () => received.filter(({ path }) => path === '/letter').length
  const before = count()
  await send(30, '5023456000009')
  await send(30, '5023456000009', 3, (text) => text.replaceAll('B000000030', 'B000000031'))
  await until('both', () => (count() === before + 2 ? true : null))
  const [one, other] = received.filter(({ path }) => path === '/letter').slice(-2)
  expect(one!.body).toBe(other!.body)
})

test('what was applied is exported, and applying the export changes nothing', async () => {
  const files = await inTools((tools) => exportFiles(tools, { partner: null }))
  expect(files.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'code-lists/units.yaml',
      'mappings/order-flat.yaml',
      'mappings/order-letter.yaml',
    ]),
  )
  const again = await inTools((tools) =>
    applyFiles(
      tools,
      files.map(({ path, text }) => ({ path, text })),
      { actor: 'test' },
    ),
  )
  expect(again.filter(({ action }) => action !== 'none')).toEqual([])
})
