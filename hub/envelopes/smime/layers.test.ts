import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { openssl, testCertificate, type TestCertificate } from '#tests/support/certificates.ts'
import { collect } from '../mime/byte-reader.ts'
import { entityBytes, headerBytes, type Entity } from '../mime/write.ts'
import { cipherKinds } from './ciphers.ts'
import { compress } from './compress.ts'
import { encrypt } from './encrypt.ts'
import { open } from './open.ts'
import type { Opened } from './opened.ts'
import type { OpenOptions } from './options.ts'
import { signDetached, signOpaque } from './sign.ts'

const order = Buffer.from("UNB+UNOC:3+3012345000017:14+5412345000013:14+261122:0900+42'\r\nUNZ+0+42'\r\n")
const at = new Date('2026-11-22T09:00:00Z')
let ours: TestCertificate
let theirs: TestCertificate
let curve: TestCertificate

beforeAll(() => {
  ours = testCertificate('ours')
  theirs = testCertificate('theirs')
  curve = testCertificate('curve', 'ec')
})

function inner(body: Buffer | AsyncIterable<Buffer> = order): Entity {
  return {
    headers: [
      ['Content-Type', 'application/edifact'],
      ['Content-Disposition', 'attachment; filename="order.edi"'],
    ],
    body,
  }
}

const options = (more: Partial<OpenOptions> = {}): OpenOptions => ({
  keys: [ours],
  signers: [theirs.certificate, curve.certificate],
  require: { signed: false, encrypted: false },
  allow: { sha1: true, tripleDes: true },
  defects: [],
  micDigest: 'sha256',
  compressedMic: 'entity',
  contentBytesMost: 100 * 1024 * 1024,
  ...more,
})

type Step = 'sign' | 'compress' | 'encrypt'

/** Puts the layers on, innermost first. */
function wrap(entity: Entity, steps: readonly Step[]): Entity {
  return steps.reduce<Entity>((made, step) => {
    if (step === 'sign') return signDetached(made, [theirs], { digest: 'sha256', at })
    if (step === 'compress') return compress(made)
    return encrypt(made, [ours.certificate], { cipher: 'aes-128-cbc', keyTransport: 'pkcs1' })
  }, entity)
}

function expectOrder(opened: Opened, body = order): asserts opened is Opened & { kind: 'opened' } {
  expect(opened).toMatchObject({ kind: 'opened' })
  if (opened.kind === 'opened') expect(opened.parts.map(({ bytes }) => bytes)).toEqual([body])
}

const sha256 = (...bytes: Buffer[]): string =>
  createHash('sha256').update(Buffer.concat(bytes)).digest('base64')

async function* slices(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

describe('what the MIC is computed over (AS2.md §2)', () => {
  const layerings: [string, Step[], 'body' | 'entity' | 'compressed'][] = [
    ['plain', [], 'body'],
    ['sign', ['sign'], 'entity'],
    ['sign, encrypt', ['sign', 'encrypt'], 'entity'],
    ['sign, compress', ['sign', 'compress'], 'entity'],
    ['sign, compress, encrypt', ['sign', 'compress', 'encrypt'], 'entity'],
    ['encrypt', ['encrypt'], 'entity'],
    ['compress, sign', ['compress', 'sign'], 'compressed'],
    ['compress, sign, encrypt', ['compress', 'sign', 'encrypt'], 'compressed'],
    ['compress, encrypt', ['compress', 'encrypt'], 'entity'],
    ['compress only', ['compress'], 'entity'],
  ]
  test.each(layerings)('%s', async (_name, steps, over) => {
    const compressed = compress(inner())
    const expected = {
      body: sha256(order),
      entity: sha256(headerBytes(inner().headers), order),
      compressed: sha256(entityBytes(compressed) as Buffer),
    }
    const opened = await open(wrap(inner(), steps), options())
    expectOrder(opened)
    expect(opened.mic!.value.toString('base64')).toBe(expected[over])
    expect(opened.layers.map(({ kind }) => kind)).toEqual(
      steps
        .toReversed()
        .map((step) => ({ sign: 'signed', compress: 'compressed', encrypt: 'encrypted' })[step]),
    )
    expect(opened.parts[0]!.fileName!.shown).toBe('order.edi')
  })

  test('compress only has both values as candidates, and the partner’s term says which is first', async () => {
    const both = [sha256(headerBytes(inner().headers), order), sha256(order)]
    for (const [compressedMic, expected] of [
      ['entity', both],
      ['body', both.toReversed()],
    ] as const) {
      const opened = await open(compress(inner()), options({ compressedMic }))
      expect(opened.micCandidates.map(({ value }) => value.toString('base64'))).toEqual(expected)
    }
  })

  test('M1 lines that end in LF without a transfer encoding are hashed as they are', async () => {
    const bare = Buffer.from('UNA\nUNB\n')
    for (const steps of [[], ['sign'], ['encrypt'], ['sign', 'encrypt']] as Step[][]) {
      const opened = await open(wrap(inner(bare), steps), options())
      expectOrder(opened, bare)
      const expected = steps.length === 0 ? sha256(bare) : sha256(headerBytes(inner().headers), bare)
      expect(opened.mic!.value.toString('base64')).toBe(expected)
    }
  })

  test('M2 the MIC is of what was decoded and decrypted, and is there also where the policy refuses', async () => {
    const headers: [string, string][] = [
      ['Content-Type', 'application/edifact'],
      ['Content-Transfer-Encoding', 'base64'],
    ]
    const opened = await open({ headers, body: Buffer.from(order.toString('base64')) }, options())
    expectOrder(opened)
    expect(opened.mic!.value.toString('base64')).toBe(sha256(order))
    const refused = await open(
      wrap(inner(), ['encrypt']),
      options({ require: { signed: true, encrypted: true } }),
    )
    expect(refused).toMatchObject({ kind: 'refused', code: 'notSigned' })
    expect(refused.mic!.value.toString('base64')).toBe(sha256(headerBytes(inner().headers), order))
  })
})

describe('compose and open', () => {
  test('every digest, scheme and form of signature, at once and as a stream', async () => {
    const body = Buffer.alloc(200_000, 'UNA ')
    for (const digest of ['sha1', 'sha256', 'sha384', 'sha512'] as const)
      for (const [signer, scheme] of [
        [theirs, 'auto'],
        [theirs, 'pss'],
        [curve, 'auto'],
      ] as const)
        for (const sign of [signDetached, signOpaque])
          for (const streamed of [false, true]) {
            const signed = sign(inner(streamed ? slices(body) : body), [signer], { digest, scheme, at })
            const bytes = (await collect(signed.body, 1e9))!
            const opened = await open({ headers: signed.headers, body: slices(bytes, 4321) }, options())
            expectOrder(opened, body)
            expect(opened.mic).toMatchObject({ digest, value: signed.mic() })
            expect(opened.signer!.fingerprint).toBe(signer.certificate.fingerprint)
          }
  })

  test('every cipher and key transport, at once and as a stream', async () => {
    const body = Buffer.alloc(100_000, 'UNA ')
    for (const { name } of cipherKinds)
      for (const keyTransport of ['pkcs1', { oaep: 'sha1' }, { oaep: 'sha256' }] as const)
        for (const streamed of [false, true]) {
          const made = encrypt(
            inner(streamed ? slices(body) : body),
            [theirs.certificate, ours.certificate],
            {
              cipher: name,
              keyTransport,
            },
          )
          const bytes = (await collect(made.body, 1e9))!
          const opened = await open({ headers: made.headers, body: bytes }, options())
          expectOrder(opened, body)
          expect(opened.layers).toMatchObject([{ cipher: name, recipient: ours.certificate.fingerprint }])
        }
  })

  test('a message of many megabytes goes through all layers as a stream, and its parts into a sink', async () => {
    const lines = Array.from(
      { length: 30_000 },
      (_, line) => `LIN+${line}++${line * 7919}:EN'QTY+21:${line % 97}'`,
    )
    const megabyte = Buffer.from(lines.join('\r\n'))
    const stream = async function* () {
      for (let count = 0; count < 40; count++) yield megabyte
    }
    const made = wrap(inner(stream()), ['compress', 'sign', 'encrypt'])
    const hash = createHash('sha256')
    let most = 0
    const into = () => (chunk: Buffer) => {
      most = Math.max(most, chunk.length)
      hash.update(chunk)
    }
    const opened = await open(made, options({ into }))
    expect(opened).toMatchObject({ kind: 'opened', parts: [{ bytes: null, size: 40 * megabyte.length }] })
    const expected = createHash('sha256')
    for (let count = 0; count < 40; count++) expected.update(megabyte)
    expect(hash.digest('hex')).toBe(expected.digest('hex'))
    expect(most).toBeLessThanOrEqual(256 * 1024)
  })

  test('several signers and several recipients', async () => {
    const both = signDetached(inner(), [theirs, curve], { digest: 'sha256', at })
    expectOrder(await open(both, options()))
  })
})

describe('openssl', () => {
  const mime = async (entity: Entity): Promise<Buffer> => {
    const headers: Entity['headers'] = [['MIME-Version', '1.0'], ...entity.headers]
    return (await collect(entityBytes({ headers, body: entity.body }), 1e9))!
  }
  const cmsOf = async (entity: Entity): Promise<Buffer> => (await collect(entity.body, 1e9))!
  const whole = Buffer.concat([headerBytes(inner().headers), order])
  const trust = (by: TestCertificate): string[] => ['-CAfile', by.certificateFile, '-purpose', 'any']

  test('verifies every signature that the hub makes', async () => {
    for (const digest of ['sha1', 'sha256', 'sha384', 'sha512'] as const)
      for (const [signer, scheme] of [
        [theirs, 'auto'],
        [theirs, 'pss'],
        [curve, 'auto'],
      ] as const)
        for (const body of [order, slices(order)]) {
          const detached = await mime(signDetached(inner(body), [signer], { digest, scheme, at }))
          expect(openssl(['cms', '-verify', '-inform', 'SMIME', ...trust(signer)], detached)).toEqual(whole)
        }
    for (const body of [order, slices(order)]) {
      const opaque = await cmsOf(signOpaque(inner(body), [theirs], { digest: 'sha256', at }))
      expect(openssl(['cms', '-verify', '-inform', 'DER', '-binary', ...trust(theirs)], opaque)).toEqual(
        whole,
      )
    }
  })

  test('decrypts everything that the hub encrypts', async () => {
    for (const { name } of cipherKinds)
      for (const keyTransport of ['pkcs1', { oaep: 'sha1' }, { oaep: 'sha256' }] as const)
        for (const body of [order, slices(order)]) {
          const made = await cmsOf(encrypt(inner(body), [ours.certificate], { cipher: name, keyTransport }))
          const args = [
            'cms',
            '-decrypt',
            '-inform',
            'DER',
            '-recip',
            ours.certificateFile,
            '-inkey',
            ours.keyFile,
          ]
          expect(openssl(args, made)).toEqual(whole)
        }
  })

  test('reads the structure of what the hub compresses, and its zlib stream is a plain one', async () => {
    for (const body of [order, slices(order)]) {
      const made = await cmsOf(compress(inner(body)))
      const printed = openssl(['cms', '-cmsout', '-print', '-noout', '-inform', 'DER'], made).toString()
      expect(printed).toContain('id-smime-ct-compressedData')
      expect(printed).toContain('zlib compression')
    }
  })

  test('M26 N10 N11 N12 what openssl makes is opened: BER streams, PSS, OAEP, key identifiers, no attributes, no certificate', async () => {
    const sign = [
      'cms',
      '-sign',
      '-binary',
      '-outform',
      'DER',
      '-signer',
      theirs.certificateFile,
      '-inkey',
      theirs.keyFile,
    ]
    const opaqueType = 'application/pkcs7-mime; smime-type=signed-data'
    for (const more of [
      [],
      ['-noattr'],
      ['-nocerts'],
      ['-keyid'],
      ['-stream', '-indef'],
      ['-keyopt', 'rsa_padding_mode:pss'],
      ['-md', 'sha512', '-noattr', '-nocerts', '-keyid'],
    ]) {
      const cms = openssl([...sign, '-nodetach', ...more], whole)
      const opened = await open({ headers: [['Content-Type', opaqueType]], body: cms }, options())
      expectOrder(opened)
    }
    const encryptFor = ['cms', '-encrypt', '-binary', '-outform', 'DER']
    const recipients = ['-recip', theirs.certificateFile, '-recip', ours.certificateFile]
    for (const more of [
      ['-aes-128-cbc'],
      ['-aes256', '-keyid'],
      ['-des3', '-stream', '-indef'],
      ['-aes-256-gcm'],
    ]) {
      const cms = openssl([...encryptFor, ...more, ...recipients], whole)
      const body = Buffer.concat([cms, Buffer.from('\r\n')])
      expectOrder(await open({ headers: [['Content-Type', 'application/pkcs7-mime']], body }, options()))
    }
    const oaep = ['-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha256']
    const cms = openssl([...encryptFor, '-aes128', '-recip', ours.certificateFile, ...oaep], whole)
    expectOrder(await open({ headers: [['Content-Type', 'application/pkcs7-mime']], body: cms }, options()))
  })

  test('what openssl encrypts for a key on a curve is opened', async () => {
    const cms = openssl(
      ['cms', '-encrypt', '-binary', '-outform', 'DER', '-aes128', '-recip', curve.certificateFile],
      whole,
    )
    const headers: Entity['headers'] = [['Content-Type', 'application/pkcs7-mime']]
    expectOrder(await open({ headers, body: cms }, options({ keys: [ours, curve] })))
  })
})
