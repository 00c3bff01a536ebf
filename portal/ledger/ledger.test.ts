import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '#hub/base/log.ts'
import { readDocumentProof, verifyDocumentProof, type DocumentProof } from '#hub/ledger/document-proof.ts'
import { openKeeper, type Keeper } from '#hub/ledger/keeper.ts'
import { openCheckpoint } from '#hub/ledger/note.ts'
import { createSequencer } from '#hub/ledger/sequence.ts'
import type { DocumentTimeline } from '#hub/store/find-timeline.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { sequenceAll } from '#tests/support/ledger.ts'
import { testPortal, type TestPortal } from '#tests/support/portal.ts'
import { seedPortal, type PortalSeed } from '#tests/support/seed-portal.ts'
import { proveDocument } from './document-proof.ts'

let database: TestDatabase
let seeded: PortalSeed
let portal: TestPortal
let folder: string
let keeper: Keeper
let cookie: string

beforeAll(async () => {
  database = await testDatabase()
  seeded = await seedPortal(database)
  folder = await mkdtemp(join(tmpdir(), 'crossdock-checkpoint-'))
  keeper = openKeeper({ ledgerKey: null, dataFolder: folder })
  portal = await testPortal(database, seeded)
  cookie = await portal.signIn(seeded.people.lambert.email, seeded.password)
})
afterAll(async () => {
  await portal.close()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

test('before anything is signed pages show no checkpoint, and its address is not found', async () => {
  const fresh = await testPortal(database, seeded)
  const page = await fresh.get('/p/documents', { cookie })
  expect(await page.text()).not.toContain('/ledger/checkpoint')
  expect((await fresh.get('/ledger/checkpoint', { cookie })).status).toBe(404)
  expect((await fresh.get('/v1/ledger/checkpoint', { authorization: 'Bearer lambert' })).status).toBe(404)
  await fresh.close()
  const sequencer = createSequencer({ store: database.store, keeper, log: createLog('silent') })
  expect(await sequenceAll(sequencer)).toBeGreaterThan(20)
  await sequencer.stop()
})

test('each page of who is signed in shows the size and root of the last checkpoint, and its link gives the signed note', async () => {
  const { note, checkpoint } = (await keeper.kept())!
  const root = checkpoint.root.toString('base64').slice(0, 10)
  const documents = await (await portal.get('/p/documents', { cookie: `${cookie}; language=en` })).text()
  expect(documents.replaceAll(/&#x3D;/g, '=')).toMatch(
    new RegExp(
      `href="/ledger/checkpoint">Ledger: ${checkpoint.size} entries, signed <code>${escaped(root)}…`,
    ),
  )
  const inFrench = await (await portal.get('/docs', { cookie: `${cookie}; language=fr` })).text()
  expect(inFrench).toContain(`Registre : ${checkpoint.size} entrées, signé`)

  for (const answer of [
    await portal.get('/ledger/checkpoint', { cookie }),
    await portal.get('/v1/ledger/checkpoint', { authorization: 'Bearer lambert' }),
  ]) {
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    const given = await answer.text()
    expect(given).toBe(note)
    const { publicKey } = (await keeper.key({ make: false }))!
    expect(openCheckpoint(given, publicKey)).toEqual(checkpoint)
  }
})

test('nobody else is told how much the hub has written down', async () => {
  expect((await portal.get('/ledger/checkpoint')).status).toBe(302)
  expect((await portal.get('/v1/ledger/checkpoint')).status).toBe(401)
  expect((await portal.get('/v1/ledger/checkpoint', { authorization: 'Bearer nobody' })).status).toBe(401)
  expect(await (await portal.get('/docs')).text()).not.toContain('/ledger/checkpoint')
})

test('the proof of a document holds offline, for its sender and its receiver, and no longer where a byte is changed', async () => {
  const { id } = seeded.documents.delivered
  const of = async (token: string) => {
    const answer = await portal.get(`/v1/documents/${id}/proof`, { authorization: `Bearer ${token}` })
    expect(answer.status).toBe(200)
    return answer.text()
  }
  const [sender, receiver] = [await of('lambert'), await of('brouwer')]
  for (const text of [sender, receiver]) {
    const verified = verifyDocumentProof(readDocumentProof(text)!, null)
    expect(verified).toMatchObject({ document: id, firstBad: null, waiting: 0, keys: [expect.any(String)] })
    expect(verified.proven).toBeGreaterThan(0)
    expect(verifyDocumentProof(readDocumentProof(text)!, `${verified.keys[0]}x`).firstBad).not.toBeNull()
  }
  const proof = readDocumentProof(sender)!
  const changes: ((entry: DocumentProof['entries'][number]) => void)[] = [
    (entry) => (entry.proof!.body = entry.proof!.body.replace(/.$/, ',"more":1}')),
    (entry) => (entry.proof!.leaf = entry.proof!.leaf.replace('"at":"2', '"at":"3')),
    (entry) => (entry.proof!.proof = entry.proof!.proof.replace(/index \d+/, 'index 0')),
    (entry) => (entry.type = 'document.rejected'),
    (entry) => (entry.id = seeded.documents.rejected.id),
  ]
  const place = proof.entries.findLastIndex((entry) => entry.proof !== null)
  for (const change of changes) {
    const damaged = structuredClone(proof)
    change(damaged.entries[place]!)
    expect(verifyDocumentProof(damaged, null).firstBad).toBe(damaged.entries[place]!.id)
  }
})

test('a proof shows its sender nothing of the receiver’s, and others nothing at all', async () => {
  const { id } = seeded.documents.delivered
  const get = (token: string) => portal.get(`/v1/documents/${id}/proof`, { authorization: `Bearer ${token}` })
  for (const token of ['lambert', 'brouwer'] as const) {
    const { entries } = (await (await get(token)).json()) as DocumentProof
    const whose = entries.flatMap(({ proof }) =>
      proof === null ? [] : [JSON.parse(proof.leaf) as { partner: string }],
    )
    expect(new Set(whose.map(({ partner }) => partner))).toEqual(new Set([seeded.partners[token].id]))
  }
  const shared = { id, at: new Date(), body: {} }
  const timeline = {
    document: { id },
    entries: [
      { ...shared, type: 'output.queued', actor: 'hub' },
      { ...shared, type: 'document.delivered', actor: 'channel' },
      { ...shared, type: 'transmission.accepted', actor: 'channel' },
    ],
  } as unknown as DocumentTimeline
  const { entries } = await proveDocument(database.store.worker, timeline, 'sender')
  expect(entries.map(({ why }) => why)).toEqual(['withheld', 'withheld', 'waiting'])
  const stranger = Object.keys(seeded.partners).find((key) => !['lambert', 'brouwer'].includes(key))!
  expect((await get(stranger)).status).toBe(404)
})

test('the overview says when entries wait too long for their place', async () => {
  const operator = await portal.signIn(seeded.people.operator.email, seeded.password)
  const overview = async () => (await portal.get('/ops', { cookie: `${operator}; language=en` })).text()
  expect(await overview()).not.toContain('to be signed')
  await database.admin.query(
    `insert into entry (id, type, actor, at, body)
     select (substr(id::text, 1, 24) || '000000000001')::uuid, 'config.applied', 'cli', now() - interval '1 minute', '{}'
     from entry order by id desc limit 1`,
  )
  expect(await overview()).toMatch(/what happened has waited for .+ to be signed/)
})

function escaped(text: string): string {
  return text.replaceAll(/[+/]/g, String.raw`\$&`)
}
