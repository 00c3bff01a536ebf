import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSealer } from './sealing.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-keys-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

function withKey(masterKey: string | null) {
  return openSealer({ masterKey, dataFolder: folder })
}

const key = randomBytes(32).toString('base64')
const order = Buffer.from("UNB+UNOC:3+4000001000005:14+4000002000004:14+261121:2200+1'".repeat(90))

test('what is sealed opens again, small, compressible and random', async () => {
  const sealer = await withKey(key)
  for (const bytes of [Buffer.alloc(0), Buffer.from('x'), order, randomBytes(5000)]) {
    const sealed = sealer.seal('payload|1', bytes)
    expect(sealer.open('payload|1', sealed).equals(bytes)).toBe(true)
  }
})

test('text is compressed before it is sealed, random bytes are not', async () => {
  const sealer = await withKey(key)
  expect(sealer.seal('a', order).bytes.length).toBeLessThan(order.length / 5)
  const noise = randomBytes(5000)
  expect(sealer.seal('a', noise).bytes.length).toBe(5000 + 17)
})

test('two seals of the same bytes share nothing', async () => {
  const sealer = await withKey(key)
  const [one, two] = [sealer.seal('a', order), sealer.seal('a', order)]
  expect(one.bytes.equals(two.bytes)).toBe(false)
  expect(one.wrappedKey.equals(two.wrappedKey)).toBe(false)
})

test('bytes that were moved to another row do not open', async () => {
  const sealer = await withKey(key)
  const [one, two] = [sealer.seal('payload|1', order), sealer.seal('payload|2', order)]
  expect(() => sealer.open('payload|2', one)).toThrow(expect.objectContaining({ code: 'payloadDamaged' }))
  const swapped = { wrappedKey: two.wrappedKey, bytes: one.bytes }
  expect(() => sealer.open('payload|1', swapped)).toThrow(expect.objectContaining({ code: 'payloadDamaged' }))
})

test('a flipped bit anywhere, in the bytes or in the wrapped key, is found', async () => {
  const sealer = await withKey(key)
  const sealed = sealer.seal('a', Buffer.from('forty-two pallets'))
  for (const part of ['bytes', 'wrappedKey'] as const) {
    for (let at = 0; at < sealed[part].length; at++) {
      const changed = { ...sealed, [part]: Buffer.from(sealed[part]) }
      changed[part][at]! ^= 1
      expect(() => sealer.open('a', changed), `${part} ${at}`).toThrow()
    }
  }
  expect(() => sealer.open('a', { ...sealed, bytes: Buffer.alloc(0) })).toThrow()
})

test('another master key says so, with the ids of both', async () => {
  const sealed = (await withKey(key)).seal('a', order)
  const other = await withKey(randomBytes(32).toString('base64'))
  expect(() => other.open('a', sealed)).toThrow(
    expect.objectContaining({
      code: 'masterKeyMissing',
      message: expect.stringMatching(/[0-9a-f]{8}.*[0-9a-f]{8}/),
    }),
  )
})

test('chunks open in order, and a missing, swapped or cut-off one is found', async () => {
  const sealer = await withKey(key)
  const chunks = sealer.sealChunks('payload|1')
  const plain = [order, randomBytes(1000), Buffer.from('end')]
  const sealed = plain.map((bytes, at) => chunks.seal(bytes, at === 2))
  const opener = sealer.openChunks('payload|1', chunks.wrappedKey)
  expect(sealed.map((bytes, at) => opener.open(bytes, at === 2))).toEqual(plain)
  const cut = sealer.openChunks('payload|1', chunks.wrappedKey)
  cut.open(sealed[0]!, false)
  expect(() => cut.open(sealed[1]!, true)).toThrow(expect.objectContaining({ code: 'payloadDamaged' }))
  const swapped = sealer.openChunks('payload|1', chunks.wrappedKey)
  expect(() => swapped.open(sealed[1]!, false)).toThrow(expect.objectContaining({ code: 'payloadDamaged' }))
  expect(() => chunks.seal(order, true)).toThrow('after the last')
})

test('a key file is made once, for the owner alone, also when two start together', async () => {
  const [one, two] = await Promise.all([withKey(null), withKey(null)])
  expect(one.open('a', two.seal('a', order)).equals(order)).toBe(true)
  expect(await readdir(folder)).toEqual(['master.key'])
  expect((await stat(join(folder, 'master.key'))).mode & 0o777).toBe(0o600)
  const again = await withKey(null)
  expect(again.open('a', one.seal('a', order)).equals(order)).toBe(true)
})

test('a key file that others may read is closed to them', async () => {
  await withKey(null)
  await chmod(join(folder, 'master.key'), 0o644)
  await withKey(null)
  expect((await stat(join(folder, 'master.key'))).mode & 0o777).toBe(0o600)
})

test('a key of a wrong form is refused with its place and its length', async () => {
  await expect(withKey(randomBytes(16).toString('base64'))).rejects.toThrow(
    'CROSSDOCK_MASTER_KEY has 16 bytes, not 32',
  )
  await expect(withKey('not base64 !')).rejects.toThrow('is not base64')
  const path = join(folder, 'master.key')
  const before = await readFile(path)
  await writeFile(path, '')
  await expect(withKey(null)).rejects.toMatchObject({ code: 'masterKeyMissing' })
  await writeFile(path, before)
})
