import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PgBoss } from 'pg-boss'
import { systemClock } from '#hub/base/clock.ts'
import { createLog } from '#hub/base/log.ts'
import { detectFormat, formats } from '#hub/formats/index.ts'
import { openSealer, type Sealer } from '#hub/keys/sealing.ts'
import type { Agreements } from '#hub/model/agreement.ts'
import { derivedId, newId, type PayloadId, type TransmissionId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import { createProcess } from '#hub/pipeline/process/index.ts'
import { jobQueue } from '#hub/queue/boss.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { insertPayloads, readPayload } from '#hub/store/payload.ts'
import { libraryMappings } from '#mappings/engine/index.ts'
import { createSandbox } from '#mappings/sandbox/index.ts'
import { mappingConfiguration } from '#mappings/configuration.ts'
import { applyConfiguration, type ConfigurationDeps } from '#partners/apply.ts'
import { createAgreements } from '#partners/resolver.ts'
import { channelByKey } from '#partners/store/channel.ts'
import { testDatabase, type TestDatabase } from './database.ts'

/** The pipeline with real configuration, formats and mappings, on a database of the test file's own. */
export interface Routing {
  database: TestDatabase
  sealer: Sealer
  queue: JobQueue
  agreements: Agreements
  apply(text: string): Promise<void>
  /** Takes a file in over `partner/channel`, as if it had been received, and processes it. */
  take(file: Buffer | string, channel: string, name?: string): Promise<TransmissionId>
  /** Takes a file in alone. */
  accept(file: Buffer, channel: string): Promise<TransmissionId>
  process(ids: TransmissionId[]): Promise<void>
  rows(query: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  bytes(payloadId: unknown): Promise<Buffer>
  close(): Promise<void>
}

/** Invented parties; the GLNs have right check digits. */
export const shopGln = '3012345000017'
export const millGln = '5412345000013'
export const hubGln = '4012345000009'
export const carrierGln = '4098765000010'
export const lyonGln = '3012345000024'

/** Two suppliers, a carrier, an archive, and a shop that sends orders as EDIFACT. */
export const partiesYaml = `partner:
  key: shop
  name: Shop
  identities: [{ scheme: gln, value: "${shopGln}", env: test }]
  channels: [{ key: box, kind: mailbox, env: test, settings: { collectWithinHours: 24 } }]
  profiles:
    - { direction: sends, env: test, type: order, format: edifact, mapping: order/edifact-d96a, channel: box, acknowledgements: { syntax: always } }
---
partner:
  key: mill
  name: Mill
  identities: [{ scheme: gln, value: "${millGln}", env: test }]
  channels: [{ key: web, kind: https, env: test, settings: { url: "https://mill.example/in" } }]
  profiles:
    - { direction: receives, env: test, type: order, format: json, mapping: order/json, channel: web }
---
partner:
  key: carrier
  name: Carrier
  identities: [{ scheme: gln, value: "${carrierGln}", env: test }]
  channels: [{ key: web, kind: https, env: test, settings: { url: "https://carrier.example/in" } }]
  profiles:
    - { direction: receives, env: test, type: order, format: xml, mapping: order/ubl-2.1, channel: web }
---
partner:
  key: house
  name: House
  ours: true
  identities: [{ scheme: gln, value: "${hubGln}", env: test }]
  channels: [{ key: erp, kind: https, env: test, settings: { url: "https://erp.example/in" } }]
  profiles:
    - { direction: receives, env: test, type: order, format: edifact, mapping: order/edifact-d96a, channel: erp }
`

/** An agreement of the shop, as YAML. */
export function agreementYaml(key: string, receiver: string, terms = '{}'): string {
  const to = receiver === 'any' ? 'any' : `{ partner: ${receiver} }`
  return `agreement: { key: ${key}, sender: { partner: shop, env: test, type: order }, receiver: ${to}, terms: ${terms} }\n`
}

let reference = 1

/** An order of the shop with so many lines of the quantity given. */
export function shopOrder(
  number: string,
  { to = millGln, place = lyonGln, lines = 1, quantity = 10, more = [] as string[] } = {},
): Buffer {
  const interchange = `T${String(reference++).padStart(8, '0')}`
  const body = [
    `UNH+1+ORDERS:D:96A:UN:EAN008'`,
    `BGM+220+${number}+9'`,
    `DTM+137:20261119:102'`,
    `NAD+BY+${shopGln}::9'`,
    `NAD+SU+${to}::9'`,
    `NAD+DP+${place}::9'`,
    ...Array.from({ length: lines }, (_, line) => [
      `LIN+${line + 1}++54123450${10_001 + line}:EN'`,
      `QTY+21:${quantity}:PCE'`,
    ]).flat(),
    ...more,
    `UNS+S'`,
  ]
  const segments = [
    `UNB+UNOC:3+${shopGln}:14+${to}:14+261119:0915+${interchange}++ORDERS++++1'`,
    ...body,
    `UNT+${body.length + 1}+1'`,
    `UNZ+1+${interchange}'`,
  ]
  return Buffer.from(segments.join('\n'), 'latin1')
}

export async function startRouting(yaml: string): Promise<Routing> {
  const database = await testDatabase()
  const { store } = database
  const folder = await mkdtemp(join(tmpdir(), 'crossdock-routing-'))
  const sealer = await openSealer({ masterKey: null, dataFolder: folder })
  const sandbox = createSandbox()
  const boss = new PgBoss({
    connectionString: database.url,
    options: '-c role=crossdock_worker',
    supervise: false,
    schedule: false,
    max: 2,
    createSchema: false,
  })
  await boss.start()
  const queue = jobQueue(boss)
  const agreements = createAgreements(store)
  const deps: ConfigurationDeps = {
    store,
    sealer,
    env: {},
    further: mappingConfiguration({ store, library: libraryMappings, sandbox }),
  }
  const { process } = createProcess({
    store,
    sealer,
    queue,
    agreements,
    mappings: libraryMappings,
    formats,
    detectFormat,
    clock: systemClock,
    log: createLog(globalThis.process.env['CROSSDOCK_TEST_LOG'] ?? 'silent'),
  })
  const parts = { database, sealer }
  const apply = async (text: string): Promise<void> => {
    await applyConfiguration(deps, [{ path: 'routing.yaml', text }], { actor: 'cli' })
    // what stood in memory is forgotten, as after a second
    agreements.close()
  }
  await apply(yaml)
  return {
    database,
    sealer,
    queue,
    agreements,
    apply,
    accept: async (file, channel) => accept(parts, file, { channel, name: null }),
    process: async (ids) => process(ids),
    take: async (file, channel, name) => {
      const id = await accept(parts, Buffer.from(file), { channel, name: name ?? null })
      await process([id])
      return id
    },
    rows: async (query, values = []) => (await database.admin.query(query, values)).rows,
    bytes: (payloadId) => readPayload(store.worker, sealer, payloadId as PayloadId),
    close: async () => {
      agreements.close()
      await sandbox.close()
      await boss.stop({ graceful: false })
      await database.drop()
      await rm(folder, { recursive: true })
    },
  }
}

async function accept(
  { database, sealer }: Pick<Routing, 'database' | 'sealer'>,
  bytes: Buffer,
  at: { channel: string; name: string | null },
): Promise<TransmissionId> {
  const { worker } = database.store
  const [partner = '', key = ''] = at.channel.split('/')
  const channel = (await channelByKey(worker, partner, key))!
  const id = newId<TransmissionId>()
  const rawId = derivedId<PayloadId>(id, 'raw')
  await insertPayloads(worker, sealer, [
    { id: rawId, partnerId: channel.partnerId, mediaType: 'text/plain', bytes },
  ])
  await worker.query(
    `insert into transmission (id, partner_id, channel_id, direction, kind, state, name, raw_id)
     values ($1, $2, $3, 'in', 'file', 'accepted', $4, $5)`,
    [id, channel.partnerId, channel.id, at.name, rawId],
  )
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  await appendEntries(worker, [
    {
      type: 'transmission.accepted',
      body: { sha256, sizeBytes: bytes.length, channel: key, kind: 'file' },
      partnerId: channel.partnerId,
      transmissionId: id,
      actor: `channel:${key}`,
    },
  ])
  return id
}
