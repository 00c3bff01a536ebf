import { describe, expect, test } from 'vitest'
import { deflateSync } from 'node:zlib'
import { mutated, randomOf } from '#tests/attacks/random.ts'
import {
  at,
  cmsType,
  codeOf,
  encrypted,
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
import { entityBytes, type Entity } from '../mime/write.ts'
import { der, derHeader, octetString, oid, sequence, smallInteger, tagged } from './asn1/write.ts'
import { readElement } from './asn1/element.ts'
import { compress } from './compress.ts'
import { contentTypes, zlibOid } from './content-types.ts'
import { encrypt } from './encrypt.ts'
import { signOpaque } from './sign.ts'

describe('layers', () => {
  test('A5 layers out of order, and six in each other, are refused at the first that is out of order', async () => {
    for (const entity of [
      sign(encrypted(inner)),
      compress(encrypted(inner)),
      sign(sign(inner)),
      compress(compress(inner)),
      [1, 2, 3, 4, 5, 6].reduce((made) => encrypted(made), inner),
    ]) {
      const startedMs = performance.now()
      const result = await opened(entity)
      // inside of a cipher without authentication the same is told, since it was read in full
      expect(result).toMatchObject({ kind: 'refused', code: 'layersNotLegal' })
      expect(performance.now() - startedMs).toBeLessThan(1000)
    }
  })

  test('M7 N9 what is CMS is opened under every label, and a label on something else is an error', async () => {
    const body = encrypted(inner).body
    for (const type of [
      'application/pkcs7-mime',
      'application/x-pkcs7-mime',
      'application/pkcs7-mime; smime-type=signed-data',
      'application/pkcs7-mime; smime-type=compressed-data; name=smime.p7z',
      'application/octet-stream; name="smime.p7m"',
    ])
      expect(await codeOf({ headers: [['Content-Type', type]], body })).toBe('opened')
    expect(await codeOf({ headers: cmsType, body: order })).toBe('cmsUnreadable')
    expect(await codeOf({ headers: cmsType, body: Buffer.alloc(0) })).toBe('cmsUnreadable')
    const unknown = sequence(oid('1.2.840.113549.1.7.6'), tagged(0, sequence()))
    expect(await codeOf({ headers: cmsType, body: unknown })).toBe('algorithmUnknown')
  })

  test('M21 N12 a transfer encoding among the headers of HTTP is honoured', async () => {
    const { headers, body } = encrypted(sign(inner))
    const base64: Headers = [
      ...headers.filter(([name]) => name !== 'Content-Transfer-Encoding'),
      ['Content-Transfer-Encoding', 'base64'],
    ]
    expect(await codeOf({ headers: base64, body: Buffer.from((body as Buffer).toString('base64')) })).toBe(
      'opened',
    )
  })

  test('N13 multipart/related is split into its documents, and the signature covers them all', async () => {
    const parts = [
      '--r',
      'Content-Type: application/xml',
      '',
      '<a/>',
      '--r',
      'Content-Type: application/pdf',
      'Content-Transfer-Encoding: base64',
      '',
      'JVBERg==',
      '--r--',
      '',
    ]
    const related: Entity = {
      headers: [['Content-Type', 'multipart/related; boundary=r']],
      body: Buffer.from(parts.join('\r\n')),
    }
    for (const entity of [related, sign(related), encrypted(sign(compress(related)))]) {
      const result = await opened(entity)
      expect(result).toMatchObject({
        kind: 'opened',
        parts: [{ mediaType: 'application/xml' }, { mediaType: 'application/pdf' }],
      })
      if (result.kind === 'opened')
        expect(result.parts.map(({ bytes }) => bytes!.toString())).toEqual(['<a/>', '%PDF'])
    }
  })

  test('A22 a third part of multipart/signed, two boundaries and deep multiparts are refused', async () => {
    const made = sign(inner)
    const text = (made.body as Buffer).toString('latin1')
    const boundary = /boundary="([^"]+)"/.exec(made.headers[0]![1])![1]!
    const third = text.replace(
      `--${boundary}--`,
      `--${boundary}\r\nContent-Type: text/plain\r\n\r\nmore\r\n--${boundary}--`,
    )
    expect(await codeOf({ headers: made.headers, body: Buffer.from(third, 'latin1') })).toBe('mimeUnreadable')
    const two: Headers = [['Content-Type', `${made.headers[0]![1]}; boundary=x`]]
    expect(await codeOf({ headers: two, body: made.body })).toBe('mimeUnreadable')
    let deep = 'x'
    for (let level = 0; level < 7; level++)
      deep = `--b${level}\r\nContent-Type: ${level === 0 ? 'text/plain' : `multipart/mixed; boundary=b${level - 1}`}\r\n\r\n${deep}\r\n--b${level}--`
    expect(
      await codeOf({ headers: [['Content-Type', 'multipart/mixed; boundary=b6']], body: Buffer.from(deep) }),
    ).toBe('mimeTooLarge')
  })

  test('A23 line ends that were changed on the way are refused, or taken as the defect they are', async () => {
    const made = sign(inner)
    const text = (made.body as Buffer).toString('latin1')
    const part = text.indexOf('UNB+')
    const bare = Buffer.from(
      text.slice(0, part) + text.slice(part).replace("42'\r\nUNZ", "42'\nUNZ"),
      'latin1',
    )
    expect(await codeOf({ headers: made.headers, body: bare })).toBe('contentTampered')
    const result = await opened({ headers: made.headers, body: bare }, { defects: ['line-ends-canonical'] })
    expect(result).toMatchObject({
      kind: 'opened',
      layers: [{ covers: 'line-ends-canonical' }],
      mic: { value: made.mic() },
    })
  })
})

describe('encryption', () => {
  test('N2 encrypted for somebody else is a failed decryption, as is every damage inside', async () => {
    expect(await codeOf(encrypted(inner), { keys: [stranger] })).toBe('decryptionFailed')
    expect(await codeOf(encrypted(inner), { keys: [] })).toBe('decryptionFailed')
  })

  test('A7 damaged keys, lengths and padding of a signed message all give the very same answer', async () => {
    const made = encrypted(sign(inner)).body as Buffer
    const random = randomOf(20261122)
    const element = readElement(made)
    const data = element.children()[1]!.children()[0]!.children()
    const key = data[1]!.children()[0]!.children()[3]!.content
    const keyAt = made.indexOf(key)
    const content = data[2]!.children()[2]!.content
    const contentAt = made.indexOf(content)
    const answers = new Set<string>()
    const answer = async (body: Buffer): Promise<void> => {
      const { kind, ...found } = await opened(
        { headers: cmsType, body },
        { require: { signed: true, encrypted: true } },
      )
      answers.add(
        JSON.stringify({ kind, ...found, layers: found.layers.length, mic: null, micCandidates: null }),
      )
    }
    for (let count = 0; count < 60; count++) {
      const keyDamaged = Buffer.from(made)
      keyDamaged[keyAt + random.below(key.length)]! ^= 1 + random.below(255)
      await answer(keyDamaged)
      const padded = Buffer.from(made)
      padded[contentAt + content.length - 17 - random.below(16)]! ^= 1 + random.below(255)
      await answer(padded)
      const cut = content.subarray(0, 16 * (1 + random.below(content.length / 16 - 1)))
      const info = sequence(data[2]!.children()[0]!.raw, data[2]!.children()[1]!.raw, der(0x80, cut))
      await answer(
        sequence(oid(contentTypes.enveloped), tagged(0, sequence(smallInteger(0), data[1]!.raw, info))),
      )
    }
    expect([...answers].filter((one) => !one.includes('decryptionFailed'))).toEqual([])
    expect(answers.size).toBe(1)
  })

  test('A6 flipped bits of what is encrypted and not signed are refused by the policy; AES-GCM tells them', async () => {
    const made = encrypted({ ...inner, body: Buffer.alloc(1000, 'x') })
    const flipped = Buffer.from(made.body as Buffer)
    flipped[flipped.length - 500]! ^= 1
    expect(await codeOf({ ...made, body: flipped }, { require: { signed: true, encrypted: true } })).toBe(
      'notSigned',
    )
    const gcm = encrypt(inner, [ours.certificate], {
      cipher: 'aes-256-gcm',
      keyTransport: { oaep: 'sha256' },
    })
    for (const place of [1, 20, 40]) {
      const changed = Buffer.from(gcm.body as Buffer)
      changed[changed.length - place]! ^= 1
      expect(await codeOf({ ...gcm, body: changed })).toBe('decryptionFailed')
    }
  })

  test('AES-GCM in EnvelopedData with its tag behind the contents is opened, and without it refused', async () => {
    const made = encrypt(inner, [ours.certificate], { cipher: 'aes-128-gcm', keyTransport: 'pkcs1' })
      .body as Buffer
    const [, recipients, info, mac] = readElement(made).children()[1]!.children()[0]!.children()
    const [type, algorithm, content] = info!.children()
    const enveloped = (bytes: Buffer[]): Buffer =>
      sequence(
        oid(contentTypes.enveloped),
        tagged(
          0,
          sequence(
            smallInteger(0),
            recipients!.raw,
            sequence(type!.raw, algorithm!.raw, der(0x80, ...bytes)),
          ),
        ),
      )
    expect(await codeOf({ headers: cmsType, body: enveloped([content!.content, mac!.content]) })).toBe(
      'opened',
    )
    expect(await codeOf({ headers: cmsType, body: enveloped([content!.content]) })).toBe('decryptionFailed')
  })
})

describe('bombs and rubbish', () => {
  const compressedOf = (bytes: Buffer): Buffer =>
    sequence(
      oid(contentTypes.compressed),
      tagged(
        0,
        sequence(
          smallInteger(0),
          sequence(oid(zlibOid)),
          sequence(oid(contentTypes.data), tagged(0, octetString(bytes))),
        ),
      ),
    )

  test('A10 N3 a bomb, a bomb in a bomb and damaged compression are refused in bounded memory', async () => {
    const zeros = Buffer.concat([whole, Buffer.alloc(64 * 1024 * 1024)])
    const before = process.memoryUsage().rss
    expect(await codeOf({ headers: cmsType, body: compressedOf(deflateSync(zeros)) })).toBe(
      'decompressionFailed',
    )
    const random = randomOf(3)
    const mixed = deflateSync(Buffer.concat([whole, random.bytes(300_000), Buffer.alloc(64 * 1024 * 1024)]))
    expect(await codeOf({ headers: cmsType, body: compressedOf(mixed) })).toBe('decompressionFailed')
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024)
    const good = deflateSync(entityBytes(inner) as Buffer)
    expect(await codeOf({ headers: cmsType, body: compressedOf(good) })).toBe('opened')
    expect(await codeOf({ headers: cmsType, body: compressedOf(good.subarray(0, -6)) })).toBe(
      'decompressionFailed',
    )
    const large = deflateSync(Buffer.concat([whole, random.bytes(400_000)]))
    expect(await codeOf({ headers: cmsType, body: compressedOf(large) })).toBe('opened')
    expect(await codeOf({ headers: cmsType, body: compressedOf(large.subarray(0, -6)) })).toBe(
      'decompressionFailed',
    )
    expect(await codeOf({ headers: cmsType, body: compressedOf(large) }, { contentBytesMost: 100_000 })).toBe(
      'decompressionFailed',
    )
  })

  test('A24 ten thousand elements in each other, giant lengths and broken identifiers are refused at once', async () => {
    let nested: Buffer = Buffer.alloc(0)
    for (let depth = 0; depth < 10_000; depth++)
      nested = Buffer.concat([derHeader(0x30, nested.length), nested])
    const indefinite = Buffer.concat([Buffer.alloc(20_000, Buffer.from([0x30, 0x80])), Buffer.alloc(20_000)])
    const head = Buffer.concat([
      Buffer.from([0x30, 0x80]),
      oid(contentTypes.enveloped),
      Buffer.from([0xa0, 0x80, 0x30, 0x80]),
    ])
    const startedMs = performance.now()
    for (const body of [
      nested,
      indefinite,
      Buffer.concat([head, smallInteger(0), nested]),
      Buffer.concat([head, smallInteger(0), indefinite]),
      Buffer.concat([head, smallInteger(0), Buffer.from([0x31, 0x84, 0xff, 0xff, 0xff, 0xff])]),
      Buffer.from([0x30, 0x88, 255, 255, 255, 255, 255, 255, 255, 255]),
      Buffer.from([0x30, 0x80, 0x06, 0x09, 0x2a, 0x86]),
      Buffer.from([0x30, 0x80, 0x06, 0x02, 0x2a, 0x86]),
    ])
      expect(['cmsUnreadable', 'cmsTooLarge']).toContain(await codeOf({ headers: cmsType, body }))
    expect(performance.now() - startedMs).toBeLessThan(1000)
  })

  test('A24 random damage to messages of every layering never throws and never opens another content', async () => {
    const random = randomOf(20261122)
    const samples = [
      sign(inner),
      encrypted(sign(inner)),
      encrypted(compress(sign(inner))),
      sign(compress(inner)),
      signOpaque(inner, [theirs], { digest: 'sha256', at }),
    ]
    for (const [index, sample] of samples.entries())
      for (let count = 0; count < 250; count++) {
        const body = mutated(
          sample.body as Buffer,
          samples[(index + 1) % samples.length]!.body as Buffer,
          random,
        )
        const result = await opened(
          { headers: sample.headers, body },
          { require: { signed: true, encrypted: false } },
        )
        if (result.kind === 'opened') expect(result.parts.map(({ bytes }) => bytes)).toEqual([order])
      }
  })

  test('every message cut off at any byte is refused', async () => {
    for (const sample of [sign(inner), encrypted(inner), compress(inner)]) {
      const body = sample.body as Buffer
      // the line end behind the last boundary may be missing
      for (let length = 0; length < body.length - 2; length += 7)
        expect(await codeOf({ headers: sample.headers, body: body.subarray(0, length) })).not.toBe('opened')
    }
  })
})
