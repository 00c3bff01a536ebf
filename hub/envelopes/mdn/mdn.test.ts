import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { codes } from '#hub/model/codes/index.ts'
import { testCertificate, type TestCertificate } from '#tests/support/certificates.ts'
import type { Headers } from '../mime/headers.ts'
import { compress, entityBytes, signDetached, type Entity } from '../smime/index.ts'
import { composeMdn, isMessageId, type MdnFields } from './compose.ts'
import { readDisposition } from './disposition.ts'
import { compareMic, readMic, writeMic, type SentContent } from './mic.ts'
import { isSameMessageId, readMdn, type MdnOptions } from './read.ts'
import { receiptWish } from './wish.ts'

let partner: TestCertificate
let stranger: TestCertificate
beforeAll(() => {
  partner = testCertificate('partner')
  stranger = testCertificate('stranger')
})

const fields: MdnFields = {
  reportingUa: 'Crossdock',
  recipient: 'BETA',
  originalMessageId: '<20261122-42@alpha>',
  status: 'processed',
  mic: writeMic(createHash('sha512').update('x').digest(), 'sha512', ['sha512']),
  text: 'The message was processed.',
}
const options = (more: Partial<MdnOptions> = {}): MdnOptions => ({
  keys: [],
  signers: [partner.certificate],
  allow: { sha1: false, tripleDes: false },
  defects: [],
  signed: true,
  ...more,
})
const signed = (mdn: Entity): Entity =>
  signDetached(mdn, [partner], { digest: 'sha256', at: new Date('2026-11-22T09:00:00Z') })

describe('MDNs', () => {
  test('what is composed is read back, signed and unsigned', async () => {
    for (const entity of [signed(composeMdn(fields)), composeMdn(fields)]) {
      const read = await readMdn(entity, options({ signed: false }))
      expect(read).toMatchObject({
        kind: 'read',
        mdn: {
          originalMessageId: fields.originalMessageId,
          disposition: { kind: 'processed', modifier: '' },
          mic: { algorithm: 'sha512', value: createHash('sha512').update('x').digest() },
          finalRecipient: 'BETA',
          reportingUa: 'Crossdock',
          text: fields.text,
        },
      })
    }
  })

  test('every code that an MDN can say is read back as what it is', async () => {
    const statuses = Object.values(codes).flatMap((row) => ('mdn' in row ? [row.mdn] : []))
    expect(statuses.length).toBeGreaterThan(10)
    for (const status of statuses) {
      const read = await readMdn(signed(composeMdn({ ...fields, status, mic: null })), options())
      const [, kind, modifier] = /(error|failure): (.*)$/.exec(status)!
      expect(read).toMatchObject({ kind: 'read', mdn: { disposition: { kind, modifier }, mic: null } })
    }
  })

  test('A13 M17 an MDN by another signer, without its signature or without any pinned certificate is refused', async () => {
    const by = options({ signers: [stranger.certificate] })
    expect(await readMdn(signed(composeMdn(fields)), by)).toMatchObject({
      kind: 'refused',
      code: 'signerUnknown',
    })
    expect(await readMdn(composeMdn(fields), options())).toMatchObject({ kind: 'refused', code: 'notSigned' })
    const nobody = await readMdn(signed(composeMdn(fields)), options({ signers: [] }))
    expect(nobody).toMatchObject({ kind: 'refused', code: 'signerUnknown' })
    const text: Entity = { headers: [['Content-Type', 'text/plain']], body: Buffer.from('ok') }
    expect(await readMdn(signed(text), options())).toMatchObject({
      kind: 'refused',
      code: 'receiptUnreadable',
    })
  })

  test('M5 report parts in base64 and quoted-printable are decoded', async () => {
    const report = Buffer.from(
      `Original-Message-ID: <1@a>\r\nDisposition: x; processed\r\nReceived-content-MIC: ${Buffer.alloc(20).toString('base64')},sha1\r\n`,
    )
    const body = Buffer.from(
      [
        '--b',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        'Gr=C3=BC=C3=9Fe',
        '--b',
        'Content-Type: message/disposition-notification',
        'Content-Transfer-Encoding: base64',
        '',
        report.toString('base64'),
        '--b--',
      ].join('\r\n'),
    )
    const headers: Headers = [['Content-Type', 'multipart/report; boundary=b']]
    const read = await readMdn({ headers, body }, options({ signed: false }))
    expect(read).toMatchObject({
      mdn: { originalMessageId: '<1@a>', text: 'Grüße', mic: { algorithm: 'sha1' } },
    })
  })

  test('M20 M22 M29 the signature of an MDN is base64, and its MIC one line', () => {
    const bytes = (signed(composeMdn(fields)).body as Buffer).toString('latin1')
    expect(bytes).toMatch(/\r\nReceived-Content-MIC: [A-Za-z0-9+/]{86}==, sha512\r\n/)
    expect(bytes.slice(bytes.indexOf('pkcs7-signature'))).toMatch(/^[\x20-\x7e\r\n]*$/)
  })

  test('M25 an MDN signed without the final line end of its report is taken where the partner is known for it, and named', async () => {
    const whole = composeMdn(fields)
    const missing = (whole.body as Buffer).subarray(0, -2)
    // the signature covers the report without its last line end, the message bears it
    const made = signed({ ...whole, body: missing })
    const text = (made.body as Buffer).toString('latin1')
    const cut = text.indexOf('\r\n', text.indexOf(missing.subarray(-40).toString('latin1')) + 40)
    const body = Buffer.from(`${text.slice(0, cut)}\r\n${text.slice(cut)}`, 'latin1')
    const entity = { headers: made.headers, body }
    expect(await readMdn(entity, options())).toMatchObject({ kind: 'refused', code: 'contentTampered' })
    const read = await readMdn(
      entity,
      options({ defects: ['line-ends-canonical', 'final-line-end-missing'] }),
    )
    expect(read).toMatchObject({
      kind: 'read',
      layers: [{ kind: 'signed', covers: 'final-line-end-missing' }],
    })
  })

  test('A15 a message id that would begin a new line, or has blanks, is never echoed', () => {
    for (const id of ['<a@b>\r\nX: y', '<a b@c>', '', '<a\0@b>', `<${'x'.repeat(1000)}>`, '<ä@b>']) {
      expect(isMessageId(id)).toBe(false)
      expect(() => composeMdn({ ...fields, originalMessageId: id })).toThrow('cannot be echoed')
    }
    expect(isMessageId('no-brackets')).toBe(true)
  })

  test('M15 M19 an echoed message id is ours with and without brackets, and is written byte for byte', async () => {
    expect(isSameMessageId(' 1@a ', '<1@a>')).toBe(true)
    expect(isSameMessageId('<1@A>', '<1@a>')).toBe(false)
    const text = (composeMdn({ ...fields, originalMessageId: 'bare@id' }).body as Buffer).toString('latin1')
    expect(text).toContain('\r\nOriginal-Message-ID: bare@id\r\n')
  })

  test.each([
    ['automatic-action/MDN-sent-automatically; processed', 'processed', ''],
    [
      'automatic-action/MDN-sent-automatically;processed/Error: authentication-failed',
      'error',
      'authentication-failed',
    ],
    [
      'automatic-action/MDN-sent-automatically; processed/warning: duplicate-document',
      'warning',
      'duplicate-document',
    ],
    [
      'automatic-action/MDN-sent-automatically; failed/Failure: unsupported format',
      'failure',
      'unsupported format',
    ],
    ['manual-action/MDN-sent-manually; failed', 'failure', ''],
    ['error: decryption-failed', 'error', 'decryption-failed'],
    ['x; processed/something-new', 'error', 'something-new'],
  ])('reads the disposition %s', (text, kind, modifier) => {
    expect(readDisposition(text)).toMatchObject({ kind, modifier })
  })

  test('a disposition that says nothing known is none', () => {
    for (const text of ['', 'x;', 'x; displayed', 'dispatched']) expect(readDisposition(text)).toBeNull()
  })
})

describe('what a sender wants as receipt', () => {
  const wish = (more: Headers, sha1 = false) =>
    receiptWish([['Disposition-Notification-To', 'a@b'], ...more], { sha1 })
  const asking = (text: string, sha1 = false) => wish([['Disposition-Notification-Options', text]], sha1)

  test('M8 Disposition-Notification-To alone asks for a receipt, and the options may stand in any order', () => {
    expect(
      receiptWish([['Disposition-Notification-Options', 'signed-receipt-micalg=optional, sha1']], {
        sha1: true,
      }),
    ).toBeNull()
    expect(wish([])).toMatchObject({ signed: false, digest: null, refusal: null })
    const turned = asking(
      'signed-receipt-micalg = required , SHA-512,sha256;\tsigned-receipt-protocol=required,pkcs7-signature',
    )
    expect(turned).toMatchObject({ signed: true, digest: 'sha512', refusal: null })
  })

  test('M6 N7 the first supported digest of the list counts, in every spelling, and is echoed as it was asked for', () => {
    for (const [spelling, digest] of [
      ['sha1', 'sha1'],
      ['SHA-1', 'sha1'],
      ['rsa-sha1', 'sha1'],
      ['rsa-sha256', 'sha256'],
      ['SHA2-256', 'sha256'],
      ['"sha-384"', 'sha384'],
      ['sha_512', 'sha512'],
    ] as const) {
      const asked = asking(`signed-receipt-micalg=optional, md5, ${spelling}`, true)!
      expect(asked.digest).toBe(digest)
      expect(writeMic(Buffer.alloc(3), digest, asked.spellings)).toBe(`AAAA, ${spelling.replaceAll('"', '')}`)
    }
    expect(asking('signed-receipt-micalg=optional, sha1, sha256')!.digest).toBe('sha256')
  })

  test('N8 what is required and not there is refused, what is optional is not', () => {
    expect(asking('signed-receipt-micalg=required, md5')!.refusal).toBe('micAlgorithmUnsupported')
    expect(asking('signed-receipt-micalg=optional, md5')).toMatchObject({ refusal: null, digest: null })
    expect(asking('signed-receipt-protocol=required, pgp')!.refusal).toBe('receiptFormatUnsupported')
    expect(asking('signed-receipt-protocol=optional, pgp')).toMatchObject({ refusal: null, signed: false })
  })
})

describe('comparing MICs', () => {
  const body = Buffer.from("UNB'\nUNZ'\n")
  const inner: Entity = { headers: [['Content-Type', 'application/edifact']], body }
  const entity = entityBytes(inner) as Buffer
  const sent: SentContent = {
    entity,
    body,
    compressed: null,
    signed: true,
    encrypted: false,
    isCompressed: false,
    compressedMic: 'entity',
  }
  const micOf = (bytes: Buffer, digest = 'sha256') => ({
    value: createHash(digest).update(bytes).digest(),
    algorithm: digest,
  })

  test('M29 a MIC is read with and without a blank, folded or not', () => {
    const text = createHash('sha512').update('x').digest('base64')
    for (const written of [
      `${text},sha512`,
      `${text}, sha512`,
      `${text.slice(0, 40)} \t${text.slice(40)} ,  sha512`,
    ])
      expect(readMic(written)).toEqual({ value: Buffer.from(text, 'base64'), algorithm: 'sha512' })
    expect(readMic('')).toBeNull()
    expect(readMic('no base64!, sha1')).toBeNull()
  })

  test('the right value is equal, and a known other one is named', () => {
    expect(compareMic(micOf(entity), sent)).toEqual({ kind: 'equal' })
    expect(compareMic(micOf(entity, 'sha1'), sent)).toEqual({ kind: 'equal' })
    expect(compareMic(micOf(body), sent)).toEqual({ kind: 'variant', variant: 'body', digest: 'sha256' })
    const crlf = Buffer.from(entity.toString().replaceAll(/\r?\n/g, '\r\n'))
    expect(compareMic(micOf(crlf), sent)).toMatchObject({ variant: 'entity-line-ends-canonical' })
    expect(compareMic(micOf(entity.subarray(0, -1)), sent)).toMatchObject({
      variant: 'entity-final-line-end-missing',
    })
    expect(compareMic({ ...micOf(entity), algorithm: 'sha1' }, sent)).toMatchObject({
      variant: 'entity',
      digest: 'sha256',
    })
  })

  test('compress and sign covers the compressed part; the entity inside is a variant', () => {
    const compressed = entityBytes(compress(inner)) as Buffer
    const both = { ...sent, compressed, isCompressed: true }
    expect(compareMic(micOf(compressed), both)).toEqual({ kind: 'equal' })
    expect(compareMic(micOf(entity), both)).toMatchObject({ kind: 'variant', variant: 'entity' })
  })

  test('what is only compressed follows the partner’s term, and the other value is named', () => {
    const only = { ...sent, signed: false, isCompressed: true }
    expect(compareMic(micOf(entity), only)).toEqual({ kind: 'equal' })
    expect(compareMic(micOf(body), only)).toMatchObject({ kind: 'variant', variant: 'body' })
    expect(compareMic(micOf(body), { ...only, compressedMic: 'body' })).toEqual({ kind: 'equal' })
    expect(compareMic(micOf(body), { ...only, isCompressed: false })).toEqual({ kind: 'equal' })
    expect(compareMic(micOf(entity), { ...only, isCompressed: false, encrypted: true })).toEqual({
      kind: 'equal',
    })
  })

  test('A13 another document’s MIC differs, and a missing one is never equal', () => {
    expect(compareMic(micOf(Buffer.from('other')), sent)).toMatchObject({ kind: 'differs' })
    expect(compareMic(null, sent)).toEqual({ kind: 'missing' })
  })
})
