import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSealer, type Sealer } from '#hub/keys/sealing.ts'
import { newId, type PartnerId, type PayloadId } from '#hub/model/ids.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { insertPayloads, payloadFacts, readPayload, readPayloadChunks, sweepOrphanChunks } from './payload.ts'
import { asPartner, inTransaction } from './transaction.ts'
import { startUpload } from './upload.ts'

let database: TestDatabase
let sealer: Sealer

const mebibyte = 1024 * 1024

beforeAll(async () => {
  database = await testDatabase()
  sealer = await openSealer({ masterKey: randomBytes(32).toString('base64'), dataFolder: tmpdir() })
})
afterAll(async () => {
  await database.drop()
})

function payload(bytes: Buffer, partnerId: PartnerId | null = null) {
  return { id: newId<PayloadId>(), partnerId, mediaType: 'text/plain', bytes }
}

async function keep(...payloads: ReturnType<typeof payload>[]): Promise<void> {
  await inTransaction(database.store.worker, 'test', (client) => insertPayloads(client, sealer, payloads))
}

function read(id: PayloadId): Promise<Buffer> {
  return readPayload(database.store.worker, sealer, id)
}

test('payloads of every size are kept and read again', async () => {
  const sizes = [0, 1, 5000, mebibyte - 1, mebibyte, mebibyte + 1, 2 * mebibyte, 2 * mebibyte + 1]
  const all = sizes.map((size) => payload(randomBytes(size)))
  await keep(...all)
  for (const each of all) expect((await read(each.id)).equals(each.bytes), `${each.bytes.length}`).toBe(true)
  const { rows } = await database.admin.query<{ chunks: number | null }>(
    'select chunks from payload where id = any($1) order by size_bytes',
    [all.map((each) => each.id)],
  )
  expect(rows.map((row) => row.chunks)).toEqual([null, null, null, null, null, 2, 2, 3])
})

test('no plain text stands in the table', async () => {
  const each = payload(Buffer.from('canary in the coal mine'))
  await keep(each)
  const { rows } = await database.admin.query<{ bytes: Buffer }>('select bytes from payload where id = $1', [
    each.id,
  ])
  expect(rows[0]!.bytes.includes('canary')).toBe(false)
})

test('an id that exists is left as it is, also with chunks', async () => {
  for (const size of [10, 3 * mebibyte]) {
    const first = payload(randomBytes(size))
    await keep(first)
    await keep({ ...first, bytes: randomBytes(size + mebibyte) })
    expect((await read(first.id)).equals(first.bytes)).toBe(true)
  }
})

test('facts are read without the bytes, and are null for what is not there', async () => {
  const partnerId = newId<PartnerId>()
  const each = payload(Buffer.from('facts'), partnerId)
  await keep(each)
  expect(await payloadFacts(database.store.worker, each.id)).toMatchObject({
    sizeBytes: 5,
    mediaType: 'text/plain',
    partnerId,
  })
  expect(await payloadFacts(database.store.worker, newId())).toBeNull()
  await expect(read(newId())).rejects.toMatchObject({ code: 'payloadDamaged' })
})

test('the portal opens what its partner may see, chunks too, and nothing else', async () => {
  const [mine, other] = [newId<PartnerId>(), newId<PartnerId>()]
  const each = payload(randomBytes(2 * mebibyte), mine)
  await keep(each)
  const seen = await asPartner(database.store.portal, mine, (client) => readPayload(client, sealer, each.id))
  expect(seen.equals(each.bytes)).toBe(true)
  const unseen = asPartner(database.store.portal, other, (client) => payloadFacts(client, each.id))
  expect(await unseen).toBeNull()
})

test('bytes that were swapped between two rows do not open', async () => {
  const [one, two] = [payload(Buffer.from('for one partner')), payload(Buffer.from('for the other'))]
  await keep(one, two)
  await database.admin.query(
    `update payload p set bytes = q.bytes, wrapped_key = q.wrapped_key, sha256 = q.sha256 from payload q
     where p.id = $1 and q.id = $2`,
    [one.id, two.id],
  )
  await expect(read(one.id)).rejects.toMatchObject({ code: 'payloadDamaged' })
})

test('a chunk that is missing, swapped, cut off at the end, or changed is found', async () => {
  const damages = [
    'delete from payload_chunk where payload_id = $1 and seq = 1',
    `update payload_chunk c set bytes = d.bytes from payload_chunk d
     where c.payload_id = $1 and d.payload_id = $1 and c.seq = 0 and d.seq = 1`,
    'update payload set chunks = 2 where id = $1',
    'update payload_chunk set bytes = set_byte(bytes, 100, (get_byte(bytes, 100) + 1) % 256) where payload_id = $1 and seq = 2',
  ]
  for (const damage of damages) {
    const each = payload(randomBytes(3 * mebibyte))
    await keep(each)
    await database.admin.query(damage, [each.id])
    await expect(read(each.id), damage).rejects.toMatchObject({ code: 'payloadDamaged' })
  }
})

test('a hash that does not fit is found at the end', async () => {
  const each = payload(randomBytes(2 * mebibyte))
  await keep(each)
  await database.admin.query(`update payload set sha256 = sha256('x') where id = $1`, [each.id])
  const pieces: Buffer[] = []
  const reading = async () => {
    for await (const piece of readPayloadChunks(database.store.worker, sealer, each.id)) pieces.push(piece)
  }
  await expect(reading()).rejects.toThrow('does not match its hash')
  expect(pieces).toHaveLength(2)
})

test('a master key that is not the one says so', async () => {
  const each = payload(Buffer.from('sealed'))
  await keep(each)
  const other = await openSealer({ masterKey: randomBytes(32).toString('base64'), dataFolder: tmpdir() })
  await expect(readPayload(database.store.worker, other, each.id)).rejects.toMatchObject({
    code: 'masterKeyMissing',
  })
})

test('the sweep removes old chunks that nothing refers to, and no others', async () => {
  const dayMs = 24 * 3600 * 1000
  const at = (ageMs: number) => newId<PayloadId>(Date.now() - ageMs)
  const kept = { ...payload(randomBytes(2 * mebibyte)), id: at(2 * dayMs) }
  await keep(kept)
  const orphan = { id: at(dayMs + 60_000), partnerId: null, mediaType: 'text/plain' }
  const fresh = { ...orphan, id: at(dayMs - 60_000) }
  for (const each of [orphan, fresh]) {
    const upload = startUpload(database.store.worker, sealer, each)
    await upload.write(randomBytes(2 * mebibyte + 1))
  }
  expect(await sweepOrphanChunks(database.store.worker)).toBe(2)
  const { rows } = await database.admin.query<{ n: number }>(
    'select count(*)::int n from payload_chunk where payload_id = any($1)',
    [[orphan.id, fresh.id, kept.id]],
  )
  expect(rows[0]!.n).toBe(4)
  expect((await read(kept.id)).equals(kept.bytes)).toBe(true)
})
