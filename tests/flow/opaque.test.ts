import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSealer } from '#hub/keys/sealing.ts'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { applyConfiguration } from '#partners/apply.ts'
import { addCredential } from '#partners/credentials.ts'
import { quick } from '../faults/stage.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { startHubProcess, type HubProcess } from '../support/hub-process.ts'

/*
 * Files that are passed through unread, by a running hub, from a sender that posts them to a receiver's endpoint.
 */

let database: TestDatabase
let folder: string
let hub: HubProcess
let token: string
let server: Server
const received: { headers: IncomingHttpHeaders; sha256: string; sizeBytes: number }[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    const hash = createHash('sha256')
    let sizeBytes = 0
    request.on('data', (piece: Buffer) => {
      hash.update(piece)
      sizeBytes += piece.length
    })
    request.on('end', () => {
      received.push({ headers: request.headers, sha256: hash.digest('hex'), sizeBytes })
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  folder = await mkdtemp(join(tmpdir(), 'crossdock-opaque-'))
  const dataFolder = join(folder, 'data')
  database = await testDatabase()
  const { store } = database
  const sealer = await openSealer({ masterKey: null, dataFolder })
  const { port } = server.address() as AddressInfo
  await applyConfiguration({ store, sealer }, [{ path: 'opaque.yaml', text: yaml(port) }], { actor: 'cli' })
  const credential = { partnerKey: 'sender', channelKey: 'api', name: 'files', actor: 'cli' }
  token = (await addCredential(store, credential)).token
  const limits = Object.entries(quick).map(([name, value]) => `${name}=${value}`)
  const env = { CROSSDOCK_LIMITS: limits.join(), CROSSDOCK_LOG_LEVEL: 'info' }
  hub = await startHubProcess({ databaseUrl: database.url, dataFolder, role: 'all', env })
}, 60_000)
afterAll(async () => {
  await hub.stop()
  server.close()
  server.closeAllConnections()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

const yaml = (port: number) => `partner:
  key: sender
  name: Verger du Nord
  channels: [{ key: api, kind: https, env: live }]
  profiles:
    - { direction: sends, env: live, type: opaque, format: opaque, channel: api, files: "*.pdf" }
    - { direction: sends, env: live, type: opaque, format: opaque, channel: api, files: "*.bin", guide: data }
---
partner:
  key: receiver
  name: Moulin
  channels:
    - key: web
      kind: https
      env: live
      peerDedupes: true
      settings: { url: "http://127.0.0.1:${port}/in", allowAddresses: ["127.0.0.1/32"] }
  profiles:
    - { direction: receives, env: live, type: opaque, format: opaque, channel: web }
---
agreement:
  key: scans
  sender: { partner: sender, env: live, type: opaque }
  receiver: { partner: receiver }
---
agreement:
  key: data
  sender: { partner: sender, env: live, type: opaque, guide: data }
  receiver: { partner: receiver }
`

async function post(bytes: Buffer, name: string): Promise<string> {
  const answer = await fetch(`${hub.http}/v1/documents`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'idempotency-key': name.replaceAll(' ', '-'),
      'content-disposition': `attachment; filename="${name}"`,
    },
    body: new Uint8Array(bytes),
  })
  expect(answer.status).toBe(202)
  return ((await answer.json()) as { id: string }).id
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const documentOf = async (id: string) =>
  (await database.admin.query('select * from document where transmission_id = $1', [id])).rows[0]

test('a PDF and 3 MB of anything reach the receiver byte for byte, under their names; another name stays unread', async () => {
  const pdf = Buffer.concat([
    Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1'),
    randomBytes(2_000),
    Buffer.from('\n%%EOF\n'),
  ])
  const large = randomBytes(3_000_000)
  const ids = [await post(pdf, 'scan 7.pdf'), await post(large, 'Photos.BIN')]
  const stray = await post(randomBytes(500), 'photo.raw')
  await expect
    .poll(async () => (await Promise.all(ids.map(documentOf))).map((row) => row?.delivery), {
      timeout: 30_000,
    })
    .toEqual(['delivered', 'delivered'])
  expect(received).toHaveLength(2)
  for (const [name, bytes] of [
    ['scan 7.pdf', pdf],
    ['Photos.BIN', large],
  ] as const) {
    const one = received.find(
      ({ headers }) => headers['content-disposition'] === `attachment; filename="${name}"`,
    )
    expect(one, name).toMatchObject({ sha256: sha256(bytes), sizeBytes: bytes.length })
  }
  expect(
    received
      .map(({ headers }) => headers['content-type'])
      .toSorted((a, b) => String(a).localeCompare(String(b))),
  ).toEqual(['application/octet-stream', 'application/pdf'])
  expect(new Set(received.map(({ headers }) => headers['idempotency-key'])).size).toBe(2)
  expect(await documentOf(ids[0]!)).toMatchObject({
    type: 'opaque',
    format: 'opaque',
    number: 'scan 7.pdf',
    processing: 'processed',
    acknowledgement: 'none',
    canonical_id: null,
  })
  // the bytes are kept once
  const kept = await database.admin.query(
    `select t.raw_id = v.payload_id as same from delivery v join output o using (interchange_id)
     join document d on d.id = o.document_id join transmission t on t.id = d.transmission_id`,
  )
  expect(kept.rows).toEqual([{ same: true }, { same: true }])
  await expect.poll(async () => (await documentOf(stray))?.processing, { timeout: 30_000 }).toBe('rejected')
  expect(await documentOf(stray)).toMatchObject({ type: 'unread', delivery: 'none' })
  expect(await findBrokenFacts(database.store.worker, null)).toEqual([])
}, 90_000)
