import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import {
  collect,
  encrypt,
  open,
  signDetached,
  type Bytes,
  type Entity,
  type OpenOptions,
} from '#hub/envelopes/smime/index.ts'
import { testCertificate, type TestCertificate } from '../support/certificates.ts'
import type { Row } from './table.ts'

const pieceBytes = 64 * 1024
const cipher = 'aes-128-cbc'

/** B8: a message signed with SHA-256 and encrypted with AES-128, made and opened, beside the primitives of node:crypto alone. */
export async function cmsRows({ quick }: { quick: boolean }): Promise<Row[]> {
  const parties: Parties = { ours: testCertificate('bench-ours'), theirs: testCertificate('bench-theirs') }
  const rows: Row[] = []
  for (const [size, bytes] of [
    ['10 kB', 10_000],
    ['1 MB', 1_000_000],
    ['50 MB', 50_000_000],
  ] as const)
    rows.push(...(await sizeRows(size, bytes, { parties, ms: quick ? 400 : 2_500 })))
  return rows
}

interface Parties {
  ours: TestCertificate
  theirs: TestCertificate
}

interface Work {
  name: string
  run: () => Promise<unknown>
}

async function sizeRows(
  size: string,
  bytes: number,
  { parties, ms }: { parties: Parties; ms: number },
): Promise<Row[]> {
  const document = Buffer.alloc(bytes, "LIN+1++5412345001010:EN'QTY+21:48:PCE'PRI+AAA:14.40'\r\n")
  const message = make(entityOf(document), parties)
  const sample = (await collect(message.body, 1e9))!
  const primitives = primitivesOf(document, parties)
  const spent = await besideEachOther(
    [
      { name: 'open', run: () => opened({ headers: message.headers, body: sourceOf(sample) }, parties) },
      { name: 'opened by primitives', run: async () => primitives.open() },
      { name: 'make', run: () => consumed(make(entityOf(document), parties).body) },
      { name: 'made by primitives', run: async () => primitives.make() },
    ],
    ms,
  )
  return (['open', 'make'] as const).map((what) => {
    const ours = spent[what]!
    const bare = spent[what === 'open' ? 'opened by primitives' : 'made by primitives']!
    return {
      bench: 'B8',
      what: `signed and encrypted, ${what}, ${size}`,
      figure: `${(1000 / ours).toFixed(bytes > 1e7 ? 1 : 0)} a second`,
      beside: `the primitives ${(1000 / bare).toFixed(bytes > 1e7 ? 1 : 0)}`,
      ratio: bare / ours,
      reach: '0.9',
      reached: bare / ours >= 0.9,
    }
  })
}

/** What is above 10 MB comes and goes in pieces. */
function sourceOf(bytes: Buffer): Bytes {
  return bytes.length > 10_000_000 ? pieces(bytes) : bytes
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

function entityOf(document: Buffer): Entity {
  return { headers: [['Content-Type', 'application/edifact']], body: sourceOf(document) }
}

function make(entity: Entity, { ours, theirs }: Parties): Entity {
  const signed = signDetached(entity, [theirs], { digest: 'sha256', at: new Date() })
  return encrypt(signed, [ours.certificate], { cipher, keyTransport: 'pkcs1' })
}

async function consumed(body: Bytes): Promise<number> {
  if (Buffer.isBuffer(body)) return body.length
  let length = 0
  for await (const chunk of body) length += chunk.length
  return length
}

async function opened(
  message: { headers: Entity['headers']; body: Bytes },
  { ours, theirs }: Parties,
): Promise<void> {
  const options: OpenOptions = {
    keys: [ours],
    signers: [theirs.certificate],
    require: { signed: true, encrypted: true },
    allow: { sha1: false, tripleDes: false },
    defects: [],
    micDigest: 'sha256',
    compressedMic: 'entity',
    contentBytesMost: 1e9,
    into: () => () => undefined,
  }
  const result = await open(message, options)
  if (result.kind !== 'opened') throw new Error(`the sample is not opened: ${result.code}`)
}

/** The same work without any structure: hash, key, cipher, signature. */
function primitivesOf(document: Buffer, { ours, theirs }: Parties): { open: () => void; make: () => void } {
  const step = document.length > 10_000_000 ? pieceBytes : document.length
  const key = randomBytes(16)
  const iv = randomBytes(16)
  const padding = constants.RSA_PKCS1_PADDING
  const wrapped = publicEncrypt({ key: ours.certificate.publicKey, padding }, key)
  const attributes = randomBytes(100)
  const signature = sign('sha256', attributes, theirs.privateKey)
  const encrypting = createCipheriv(cipher, key, iv)
  const encrypted = Buffer.concat([encrypting.update(document), encrypting.final()])
  const each = (bytes: Buffer, work: (piece: Buffer) => void): void => {
    for (let at = 0; at < bytes.length; at += step) work(bytes.subarray(at, at + step))
  }
  return {
    open: () => {
      const decipher = createDecipheriv(
        cipher,
        privateDecrypt({ key: ours.privateKey, padding }, wrapped),
        iv,
      )
      const hash = createHash('sha256')
      each(encrypted, (piece) => hash.update(decipher.update(piece)))
      hash.update(decipher.final()).digest()
      if (!verify('sha256', attributes, theirs.certificate.publicKey, signature))
        throw new Error('not verified')
    },
    make: () => {
      const hash = createHash('sha256')
      const ciphering = createCipheriv(cipher, randomBytes(16), randomBytes(16))
      each(document, (piece) => {
        hash.update(piece)
        ciphering.update(piece)
      })
      ciphering.final()
      hash.digest()
      sign('sha256', attributes, theirs.privateKey)
      publicEncrypt({ key: ours.certificate.publicKey, padding }, key)
    },
  }
}

/** Does each for `ms` of CPU in turns, after a warm-up; gives the ms of CPU of one run, by name. */
async function besideEachOther(works: readonly Work[], ms: number): Promise<Record<string, number>> {
  const spent = new Map(works.map(({ name }) => [name, { runs: 0, ms: 0 }]))
  for (const work of works) await during(work, ms / 4)
  for (let turn = 0; turn < 5; turn++)
    for (const work of works) {
      const done = await during(work, ms / 5)
      const sum = spent.get(work.name)!
      sum.runs += done.runs
      sum.ms += done.ms
    }
  return Object.fromEntries([...spent].map(([name, sum]) => [name, sum.ms / sum.runs]))
}

async function during({ run }: Work, ms: number): Promise<{ runs: number; ms: number }> {
  const before = process.cpuUsage()
  for (let runs = 1; ; runs++) {
    await run()
    const { user, system } = process.cpuUsage(before)
    if (user + system >= ms * 1000) return { runs, ms: (user + system) / 1000 }
  }
}
