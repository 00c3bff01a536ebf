import { describe, expect, test } from 'vitest'
import { createHash, generateKeyPairSync, sign as signBytes } from 'node:crypto'
import { openssl, testCertificate } from '#tests/support/certificates.ts'
import {
  at,
  cmsType,
  codeOf,
  encrypted,
  forger,
  inner,
  opened,
  order,
  ours,
  sign,
  stranger,
  theirs,
  whole,
} from '#tests/support/smime.ts'
import type { Headers } from '../mime/headers.ts'
import { der, derNull, octetString, oid, sequence, setOf, smallInteger, tagged } from './asn1/write.ts'
import { readElement } from './asn1/element.ts'
import { weaknessOf } from './certificate.ts'
import { attributeOids, contentTypes } from './content-types.ts'
import { encrypt } from './encrypt.ts'
import { digestAlgorithm, issuerAndSerial, signDetached, signOpaque } from './sign.ts'

/** SignedData with attributes of the test's own choice, truly signed by the partner. */
function crafted(
  attributes: Buffer[] | null,
  more: { digestOid?: Buffer; signers?: Buffer[]; algorithm?: string } = {},
): Buffer {
  const covered = attributes === null ? whole : setOf(...attributes)
  const algorithm = more.algorithm ?? '1.2.840.113549.1.1.1'
  const info = sequence(
    smallInteger(1),
    issuerAndSerial(theirs.certificate),
    more.digestOid ?? digestAlgorithm('sha256'),
    ...(attributes === null ? [] : [Buffer.concat([Buffer.from([0xa0]), covered.subarray(1)])]),
    sequence(oid(algorithm), derNull),
    octetString(signBytes('sha256', covered, theirs.privateKey)),
  )
  const content = sequence(oid(contentTypes.data), tagged(0, octetString(whole)))
  const data = sequence(
    smallInteger(1),
    setOf(digestAlgorithm('sha256')),
    content,
    setOf(...(more.signers ?? [info])),
  )
  return sequence(oid(contentTypes.signed), tagged(0, data))
}

const typeAttribute = (type: string = contentTypes.data) =>
  sequence(oid(attributeOids.contentType), setOf(oid(type)))
const digestAttribute = (...digests: Buffer[]) =>
  sequence(oid(attributeOids.messageDigest), setOf(...digests.map((digest) => octetString(digest))))
const rightDigest = () => createHash('sha256').update(whole).digest()

describe('signatures', () => {
  test('A1 N14 what is not signed or not encrypted is refused where the agreement asks for it, by what was opened', async () => {
    expect(await codeOf(inner, { require: { signed: true, encrypted: false } })).toBe('notSigned')
    expect(await codeOf(sign(inner), { require: { signed: true, encrypted: true } })).toBe('notEncrypted')
    const both = { require: { signed: true, encrypted: true } }
    expect(await codeOf(encrypted(sign(inner)), both)).toBe('opened')
    // what the headers say counts for nothing
    const lying: Headers = [['Content-Type', 'application/edifact; protocol="application/pkcs7-signature"']]
    expect(await codeOf({ headers: lying, body: order }, both)).toBe('notSigned')
  })

  test('A2 N1 another signer, and another key under the same name and number, are refused', async () => {
    expect(await codeOf(sign(inner, [stranger]))).toBe('signerUnknown')
    expect(await codeOf(sign(inner, [forger]))).toBe('signatureInvalid')
  })

  test('M17 without any pinned certificate nothing signed is taken', async () => {
    expect(await codeOf(sign(inner), { signers: [] })).toBe('signerUnknown')
  })

  test('N1 tampered content is refused, detached and opaque', async () => {
    const detached = sign(inner)
    const body = Buffer.from((detached.body as Buffer).toString('latin1').replace('+42', '+43'), 'latin1')
    const refused = await opened({ headers: detached.headers, body })
    expect(refused).toMatchObject({ kind: 'refused', code: 'contentTampered', mic: { over: 'signed-part' } })
    const opaque = signOpaque(inner, [theirs], { digest: 'sha256', at })
    const changed = Buffer.from(opaque.body as Buffer)
    changed[changed.indexOf('+42') + 1]! += 1
    expect(await codeOf({ headers: opaque.headers, body: changed })).toBe('contentTampered')
  })

  test('A3 a good and an evil signer, and nobody, are refused', async () => {
    expect(await codeOf(sign(inner, [theirs, stranger]))).toBe('signerUnknown')
    expect(await codeOf(sign(inner, [stranger, theirs]))).toBe('signerUnknown')
    expect(await codeOf({ headers: cmsType, body: crafted([], { signers: [] }) })).toBe('signatureUnfit')
  })

  test('A4 signed attributes that are missing, doubled or contradict each other are refused', async () => {
    const cases: [Buffer[] | null, string][] = [
      [[typeAttribute(), digestAttribute(rightDigest())], 'opened'],
      [null, 'opened'],
      [[typeAttribute()], 'signatureUnfit'],
      [[digestAttribute(rightDigest())], 'signatureUnfit'],
      [[typeAttribute(contentTypes.enveloped), digestAttribute(rightDigest())], 'signatureUnfit'],
      [
        [typeAttribute(), digestAttribute(rightDigest()), digestAttribute(Buffer.alloc(32))],
        'signatureUnfit',
      ],
      [[typeAttribute(), digestAttribute(rightDigest(), Buffer.alloc(32))], 'signatureUnfit'],
      [[typeAttribute(), digestAttribute(Buffer.alloc(32))], 'contentTampered'],
    ]
    for (const [attributes, code] of cases)
      expect(await codeOf({ headers: cmsType, body: crafted(attributes) })).toBe(code)
    const right = [typeAttribute(), digestAttribute(rightDigest())]
    const sha512WithRsa = '1.2.840.113549.1.1.13'
    expect(await codeOf({ headers: cmsType, body: crafted(right, { algorithm: sha512WithRsa }) })).toBe(
      'signatureUnfit',
    )
    expect(
      await codeOf({
        headers: cmsType,
        body: crafted(right, { digestOid: sequence(oid('2.16.840.1.101.3.4.2.1')) }),
      }),
    ).toBe('opened')
  })

  test('A4 the digest of the signature counts, whatever micalg says', async () => {
    const made = signDetached(inner, [theirs], { digest: 'sha512', at, micalg: 'sha1' })
    const result = await opened(made)
    expect(result).toMatchObject({ kind: 'opened', mic: { digest: 'sha512', value: made.mic() } })
    for (const micalg of ['md5', '', 'unknown']) {
      const type = made.headers[0]![1].replace('micalg=sha1', `micalg="${micalg}"`)
      expect(await codeOf({ headers: [['Content-Type', type]], body: made.body })).toBe('opened')
    }
  })

  test('M3 cmsAlgorithmProtect is left out, and taken where it stands', async () => {
    expect(
      (signOpaque(inner, [theirs], { digest: 'sha256', at }).body as Buffer).includes(
        oid('1.2.840.113549.1.9.52'),
      ),
    ).toBe(false)
    const protect = sequence(oid('1.2.840.113549.1.9.52'), setOf(sequence(digestAlgorithm('sha256'))))
    expect(
      await codeOf({
        headers: cmsType,
        body: crafted([typeAttribute(), digestAttribute(rightDigest()), protect]),
      }),
    ).toBe('opened')
  })

  test('M24 signed attributes are in DER order when written, and taken in any order that was signed', async () => {
    const made = signOpaque(inner, [theirs], { digest: 'sha256', at }).body as Buffer
    expect(
      openssl(
        ['cms', '-verify', '-inform', 'DER', '-binary', '-CAfile', theirs.certificateFile, '-purpose', 'any'],
        made,
      ),
    ).toEqual(whole)
    const attributes = [digestAttribute(rightDigest()), typeAttribute()]
    const unsorted = der(0x31, ...attributes)
    for (const covered of [unsorted, setOf(...attributes)]) {
      const info = sequence(
        smallInteger(1),
        issuerAndSerial(theirs.certificate),
        digestAlgorithm('sha256'),
        Buffer.concat([Buffer.from([0xa0]), unsorted.subarray(1)]),
        sequence(oid('1.2.840.113549.1.1.1'), derNull),
        octetString(signBytes('sha256', covered, theirs.privateKey)),
      )
      expect(await codeOf({ headers: cmsType, body: crafted([], { signers: [info] }) })).toBe('opened')
    }
  })

  test('A9 SHA-1 and 3DES only by an exception; MD5, RC2 and RSA below 2048 bits never', async () => {
    const old = signDetached(inner, [theirs], { digest: 'sha1', at })
    expect(await codeOf(old)).toBe('algorithmRefused')
    expect(await codeOf(old, { allow: { sha1: true, tripleDes: false } })).toBe('opened')
    const des = encrypt(inner, [ours.certificate], { cipher: 'des-ede3-cbc', keyTransport: 'pkcs1' })
    expect(await codeOf(des)).toBe('algorithmRefused')
    expect(await codeOf(des, { allow: { sha1: false, tripleDes: true } })).toBe('opened')
    const all = { allow: { sha1: true, tripleDes: true } }
    const md5 = crafted([typeAttribute(), digestAttribute(rightDigest())], {
      digestOid: sequence(oid('1.2.840.113549.2.5'), derNull),
    })
    expect(await codeOf({ headers: cmsType, body: md5 }, all)).toBe('algorithmRefused')
    const aes = encrypted(inner).body as Buffer
    const place = aes.indexOf(oid('2.16.840.1.101.3.4.1.2'))
    // RC2's identifier is one byte shorter: padded by a longer last arc it is unknown, so the structure is built anew
    const recipients = readElement(aes).children()[1]!.children()[0]!.children()[1]!.raw
    const rc2 = sequence(oid('1.2.840.113549.3.2'), octetString(Buffer.alloc(8)))
    const info = sequence(oid(contentTypes.data), rc2, der(0x80, Buffer.alloc(16)))
    const made = sequence(oid(contentTypes.enveloped), tagged(0, sequence(smallInteger(0), recipients, info)))
    expect(place).toBeGreaterThan(0)
    expect(await codeOf({ headers: cmsType, body: made }, all)).toBe('algorithmRefused')
    const small = testCertificate('small', 'small')
    expect(await codeOf(sign(inner, [small]), { ...all, signers: [small.certificate] })).toBe(
      'algorithmRefused',
    )
  })

  test('A8 a key with a small exponent, or below 2048 bits, is named as too weak', () => {
    const cubic = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey
    expect(weaknessOf(cubic)).toContain('exponent 3')
    expect(weaknessOf(theirs.certificate.publicKey)).toBeNull()
  })
})
