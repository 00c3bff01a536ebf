import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { PgBoss } from 'pg-boss'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '#hub/base/clock.ts'
import { createLog } from '#hub/base/log.ts'
import { trafficLimitNames, type TrafficLimitName } from '#hub/base/traffic-limits.ts'
import { detectFormat, formats } from '#hub/formats/index.ts'
import { openSealer, type Sealer } from '#hub/keys/sealing.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import { stableCode } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { TransmissionId } from '#hub/model/ids.ts'
import type { Channel, Incoming, Received } from '#hub/model/transport.ts'
import { createProcess, type Process } from '#hub/pipeline/process/index.ts'
import { createReceive } from '#hub/pipeline/receive/index.ts'
import { jobQueue } from '#hub/queue/boss.ts'
import { readPayload } from '#hub/store/payload.ts'
import { libraryMappings } from '#mappings/engine/index.ts'
import { applyConfiguration } from '#partners/apply.ts'
import { createAgreements } from '#partners/resolver.ts'
import { testDatabase, type TestDatabase } from './support/database.ts'

/*
 * SECURITY §1.10, the limits of a partner's traffic: for each, a document that measures exactly so much goes through
 * channels whose own limit is one more, the same, and one less. The measures are taken here, not by the hub's readers.
 */

const edifact = (reference: string): string => {
  const message = [
    'UNH+1+ORDERS:D:96A:UN:EAN008',
    'BGM+220+345+9',
    'DTM+137:20261119:102',
    'FTX+AAI+++Deliver with one note for each pallet, and ring before you come',
    'NAD+BY+3012345000017::9',
    'NAD+SU+5412345000013::9',
    'LIN+1++5412345001010:EN',
    'QTY+21:48:PCE',
    'PRI+AAA:14.40',
    'LIN+2++5412345001027:EN',
    'QTY+21:6:PCE',
    'UNS+S',
    'CNT+2:2',
  ]
  const envelope = `UNB+UNOC:3+3012345000017:14+5412345000013:14+261119:1000+${reference}`
  return [envelope, ...message, `UNT+${message.length + 1}+1`, `UNZ+1+${reference}`, ''].join("'")
}
const xml = sample('order-346.xml').replace('&amp; Zonen', '&amp; Zonen &amp; Co')
const json = sample('order-347.json').trim()
const withNumber = json.replace('"type": "order",', '"type": "order", "weight": 123456e12,')

interface Measured {
  /** What a document measures, by a look at the document. */
  measure: number
  document: string | ((reference: string) => string)
  /** What refuses it one above the limit. */
  code: CodeName
}

const table: Record<TrafficLimitName, Measured> = {
  fileBytes: { document: xml, measure: Buffer.byteLength(xml), code: 'bodyTooLarge' },
  documentLines: { document: xml, measure: count(xml, /<cac:OrderLine>/g), code: 'documentTooLong' },
  interchangeMessages: { document: edifact, measure: 2, code: 'tooManyDocuments' },
  segmentBytes: {
    document: edifact,
    measure: Math.max(...segments().map((segment) => segment.length + 1)),
    code: 'segmentTooLong',
  },
  segmentElements: {
    document: edifact,
    measure: Math.max(...segments().map(values)),
    code: 'segmentOverfull',
  },
  messageSegments: { document: edifact, measure: message().length, code: 'messageTooLarge' },
  messageElements: { document: edifact, measure: sum(message().map(values)), code: 'messageTooLarge' },
  // up to where its last segment begins
  messageBytes: {
    document: edifact,
    measure: sum(
      message()
        .slice(0, -1)
        .map((segment) => segment.length + 1),
    ),
    code: 'messageTooLarge',
  },
  xmlDepth: { document: xml, measure: depthOf(xml), code: 'xmlTooLarge' },
  xmlAttributes: {
    document: xml,
    measure: Math.max(...startTags().map((tag) => count(tag, /="/g))),
    code: 'xmlTooLarge',
  },
  xmlNameBytes: {
    document: xml,
    measure: Math.max(...startTags().map((tag) => /^<[\w:]+/.exec(tag)![0].length - 1)),
    code: 'xmlTooLarge',
  },
  xmlElements: { document: xml, measure: startTags().length, code: 'xmlTooLarge' },
  xmlFileAttributes: {
    document: xml,
    measure: sum(startTags().map((tag) => count(tag, /="/g))),
    code: 'xmlTooLarge',
  },
  xmlReferences: { document: xml, measure: count(xml, /&/g), code: 'xmlTooLarge' },
  jsonDepth: { document: json, measure: nesting(JSON.parse(json)), code: 'jsonTooLarge' },
  jsonDocumentBytes: { document: json, measure: Buffer.byteLength(json), code: 'jsonTooLarge' },
  jsonValues: { document: json, measure: allValues(JSON.parse(json)).length, code: 'jsonTooLarge' },
  jsonTextCharacters: {
    document: json,
    measure: Math.max(...[...json.matchAll(/"([^"]*)"/g)].map(([, text]) => text!.length)),
    code: 'jsonTooLarge',
  },
  jsonMembers: {
    document: json,
    measure: Math.max(...allValues(JSON.parse(json)).map(members)),
    code: 'jsonTooLarge',
  },
  jsonNumberCharacters: { document: withNumber, measure: '123456e12'.length, code: 'jsonNumberTooLarge' },
  jsonExponentDigits: { document: withNumber, measure: '12'.length, code: 'jsonNumberTooLarge' },
}

const steps = { below: 1, at: 0, above: -1 } as const
type Step = keyof typeof steps

function channelKey(name: TrafficLimitName, step: Step): string {
  return `${name.toLowerCase()}-${step}`
}

const channels = trafficLimitNames.flatMap((name) =>
  (Object.keys(steps) as Step[]).map((step) => {
    const value = table[name].measure + steps[step]
    return `    - { key: ${channelKey(name, step)}, kind: https, env: live, settings: { limits: { ${name}: ${value} } } }`
  }),
)

const configuration = `
partner:
  key: maison-verdier
  name: Maison Verdier
  identities: [{ scheme: gln, value: '3012345000017', env: live }]
  channels:
    - { key: box, kind: mailbox, env: live }
${channels.join('\n')}
  profiles:
    - { direction: sends, env: live, type: order, format: edifact, mapping: order/edifact-d96a, channel: box }
    - { direction: sends, env: live, type: order, format: xml, mapping: order/ubl-2.1, channel: box }
    - { direction: sends, env: live, type: order, format: json, mapping: order/json, channel: box }
---
partner:
  key: brouwer
  name: Brouwer & Zonen
  identities: [{ scheme: gln, value: '5412345000013', env: live }]
  channels: [{ key: box, kind: mailbox, env: live }]
  profiles: [{ direction: receives, env: live, type: order, format: json, mapping: order/json, channel: box }]
${['edifact', 'xml', 'json']
  .map(
    (format) => `---
agreement:
  key: ${format}-to-json
  sender: { partner: maison-verdier, env: live, type: order, format: ${format} }
  receiver: { partner: brouwer }
`,
  )
  .join('')}`

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
  const deps = { store, sealer, queue: jobQueue(boss), clock: systemClock, log: createLog('silent') }
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

test.each(trafficLimitNames)(
  '%s of a channel: one less than its limit and its limit are taken, one more is refused by name',
  async (name) => {
    const { code } = table[name]
    for (const step of ['below', 'at'] as const) {
      const outcome = await send(name, step)
      expect(outcome.findings.join('\n'), step).not.toContain(name)
      expect(outcome.codes, step).not.toContain(stableCode(code))
      if (!name.startsWith('jsonNumber') && !name.startsWith('jsonExponent'))
        expect(outcome.state, step).toBe('processed')
    }
    const refused = await send(name, 'above')
    expect(refused.state).toBe('rejected')
    if (code === 'bodyTooLarge') return expect(refused.codes).toEqual([stableCode(code)])
    const { measure } = table[name]
    expect(refused.findings.join('\n')).toMatch(
      new RegExp(`${measure - 1} [a-z ]+\\(${name}, this channel's own limit\\)`),
    )
    expect(refused.codes).toContain(stableCode(code))
  },
)

interface Sent {
  state: string
  /** Of the document and of all its findings. */
  codes: string[]
  findings: string[]
}

let reference = 100_000

async function send(name: TrafficLimitName, step: Step): Promise<Sent> {
  const { document } = table[name]
  const text = typeof document === 'string' ? document : document(`MV${reference++}`)
  const received = await receive(channelKey(name, step), Buffer.from(text))
  if (received.kind === 'refused')
    return { state: 'rejected', codes: [stableCode(received.code)], findings: [] }
  const { transmissionId } = received as { transmissionId: TransmissionId }
  await process([transmissionId])
  const documents = await rows(
    `select d.processing, d.code, d.findings_id, i.findings_id as envelope_id
     from document d left join interchange i on i.id = d.interchange_id where d.transmission_id = $1`,
    [transmissionId],
  )
  const [row] = documents
  const found = [...(await findings(row?.['findings_id'])), ...(await findings(row?.['envelope_id']))]
  return {
    state: String(row?.['processing']),
    codes: [String(row?.['code']), ...found.map((one) => stableCode(one.code))],
    findings: found.map((one) => one.message),
  }
}

async function findings(id: unknown): Promise<Finding[]> {
  if (id === null || id === undefined) return []
  return JSON.parse((await readPayload(database.store.worker, sealer, id as never)).toString()) as Finding[]
}

async function receive(key: string, bytes: Buffer): Promise<Received> {
  const [row] = await rows('select id from channel where key = $1', [key])
  const channel = (await agreements.channel(row!['id'] as Channel['id']))!
  const incoming: Incoming = {
    channel,
    kind: 'file',
    name: null,
    mediaType: null,
    body: pieces(bytes),
    lengthHint: null,
    once: null,
    evidence: {},
  }
  return receiver.receive(incoming)
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

async function rows(query: string, values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await database.admin.query(query, values)).rows
}

function sample(name: string): string {
  return readFileSync(new URL(`../hub/cli/demo/samples/${name}`, import.meta.url), 'utf8')
}

function segments(): string[] {
  return edifact('MV100000').split("'").slice(0, -1)
}

/** From UNH to UNT. */
function message(): string[] {
  return segments().slice(1, -1)
}

function values(segment: string): number {
  return count(segment, /[+:]/g)
}

function startTags(): string[] {
  return [...xml.matchAll(/<[A-Za-z][^>]*>/g)].map(([tag]) => tag)
}

function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (const [tag] of text.matchAll(/<\/?[A-Za-z][^>]*>/g)) {
    depth += tag.startsWith('</') ? -1 : 1
    deepest = Math.max(deepest, depth)
  }
  return deepest
}

function nesting(value: unknown): number {
  return typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map(nesting))
    : 0
}

function allValues(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value]
  return [value, ...Object.values(value).flatMap(allValues)]
}

function members(value: unknown): number {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value).length : 0
}

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
