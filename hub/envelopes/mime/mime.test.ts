import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { Refusal } from '../refusal.ts'
import { ByteReader, collect, type Bytes } from './byte-reader.ts'
import { fileNameOf } from './file-name.ts'
import { contentType, readHeaders } from './headers.ts'
import { boundaryOf, Multipart } from './multipart.ts'
import { readMimeValue } from './parameters.ts'
import { base64Lines, decoded, encodingNamed } from './transfer-encoding.ts'
import { headerBytes, multipartBody } from './write.ts'

/** The same bytes as a stream in pieces of this size. */
async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function split(source: Bytes, boundary: string): Promise<{ parts: string[]; epilogue: boolean }> {
  const multipart = new Multipart(new ByteReader(source), boundary)
  const parts: string[] = []
  for (let part = await multipart.next(); part !== null; part = await multipart.next())
    parts.push((await collect(part, 1e9))!.toString('latin1'))
  return { parts, epilogue: await multipart.hasEpilogue() }
}

async function refusalOf(work: () => Promise<unknown>): Promise<string> {
  const error: unknown = await work().then(
    () => null,
    (caught: unknown) => caught,
  )
  return error instanceof Refusal ? error.code : `no refusal: ${String(error)}`
}

const headersOf = async (text: string) =>
  (await readHeaders(new ByteReader(Buffer.from(text, 'latin1')))).headers

describe('headers', () => {
  test('folded lines are joined, and names are found whatever their case', async () => {
    const headers = await headersOf('content-TYPE: text/plain;\r\n\tcharset=utf-8\r\nX: 1\r\n\r\nbody')
    expect(contentType(headers)).toMatchObject({ value: 'text/plain' })
    expect(contentType(headers).parameters.get('charset')).toBe('utf-8')
  })

  test('the exact bytes of headers and empty line are given, with CRLF or LF', async () => {
    for (const text of ['A: b\r\n\r\n', 'A: b\n\n', '\r\n', '\n', 'A: b\nC: d\r\n\r\n'])
      for (const size of [1, 2, 100]) {
        const reader = new ByteReader(pieces(Buffer.from(`${text}\r\nbody`), size))
        const { raw } = await readHeaders(reader)
        expect(raw.toString()).toBe(text)
        expect((await collect(reader.rest(), 100))!.toString()).toBe('\r\nbody')
      }
  })

  test('A22 more headers, or longer ones, than the limits are refused, and two Content-Types', async () => {
    expect(await refusalOf(() => headersOf('A: b\r\n'.repeat(65) + '\r\n'))).toBe('mimeTooLarge')
    expect(await refusalOf(() => headersOf(`A: ${'b'.repeat(17_000)}\r\n\r\n`))).toBe('mimeTooLarge')
    expect(await refusalOf(() => headersOf(`A: ${'b'.repeat(17_000)}`))).toBe('mimeTooLarge')
    const two = await headersOf('Content-Type: a/b\r\nContent-Type: c/d\r\n\r\n')
    expect(() => contentType(two)).toThrow(Refusal)
  })

  test('A15 a control character in a header is refused, and none is written', async () => {
    expect(await refusalOf(() => headersOf('A: b\0c\r\n\r\n'))).toBe('mimeUnreadable')
    expect(() => headerBytes([['A', 'b\r\nX: y']])).toThrow('cannot be written')
  })

  test('M4 a Content-Type in quotes is taken', () => {
    const type = readMimeValue('"multipart/signed; boundary=abc"')
    expect(type.value).toBe('multipart/signed')
    expect(type.parameters.get('boundary')).toBe('abc')
    expect(readMimeValue('"application/edi-x12"; name=x').value).toBe('application/edi-x12')
  })

  test('M11 headers are never folded when they are written', () => {
    const long = 'x'.repeat(900)
    expect(headerBytes([['Content-Type', long]]).toString()).toBe(`Content-Type: ${long}\r\n\r\n`)
  })

  test('parameters in pieces, in quotes and in character sets are put together', () => {
    const value = readMimeValue(`attachment; filename*0*=utf-8''B%C3%A4; filename*1=" c;d"; size="1\\"2"`)
    expect(value.parameters.get('filename')).toBe('Bä c;d')
    expect(value.parameters.get('size')).toBe('1"2')
  })
})

describe('file names', () => {
  const nameOf = async (disposition: string) =>
    fileNameOf(await headersOf(`Content-Disposition: ${disposition}\r\n\r\n`))

  test('M23 encoded words and quotes are decoded, and the name as received is kept beside', async () => {
    const word = '=?utf-8?B?QmVzdGVsbHVuZyAxMi5lZGk=?='
    expect(await nameOf(`attachment; filename="${word}"`)).toEqual({
      shown: 'Bestellung 12.edi',
      received: word,
    })
    expect((await nameOf('attachment; filename="=?iso-8859-1?Q?Z=FCrich_1.edi?="'))!.shown).toBe(
      'Zürich 1.edi',
    )
    expect((await nameOf(`attachment; filename="${'a'.repeat(300)}.edi"`))!.shown).toHaveLength(255)
  })

  test('M12 A21 no name leads out of a folder or turns the reading direction', async () => {
    for (const [given, shown] of [
      ['../../etc/passwd', 'passwd'],
      ['C:\\\\orders\\\\a.edi', 'a.edi'],
      ['a\u202Exe.edi', 'axe.edi'],
    ] as const)
      expect((await nameOf(`attachment; filename="${Buffer.from(given).toString('latin1')}"`))!.shown).toBe(
        shown,
      )
    expect(await nameOf('attachment; filename=".."')).toBeNull()
  })
})

describe('multiparts', () => {
  test('parts are the exact bytes between boundaries, however the stream is cut', async () => {
    const bytes = Buffer.from(
      'preamble\r\n--b\r\nA: 1\r\n\r\none\r\n\r\n--b  \r\n\r\ntwo\n--bc is no boundary\n--b\r\n\r\n--b--\r\nepilogue',
    )
    for (let size = 1; size < bytes.length + 2; size++) {
      const { parts, epilogue } = await split(pieces(bytes, size), 'b')
      expect(parts).toEqual(['A: 1\r\n\r\none\r\n', '\r\ntwo\n--bc is no boundary', ''])
      expect(epilogue).toBe(true)
    }
  })

  test('what was written as a multipart is split into the same parts', async () => {
    const part = fc
      .string({ unit: fc.constantFrom('a', '-', '\r', '\n', '--b', ' ') })
      .filter((text) => !/(^|\n)--b/.test(text))
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 50 }),
        async (parts, size) => {
          const body = multipartBody(
            'b',
            parts.map((text) => Buffer.from(text)),
          ) as Buffer
          expect((await split(pieces(body, size), 'b')).parts).toEqual(parts)
        },
      ),
      { seed: 7, numRuns: 300 },
    )
  })

  test('A22 ten thousand parts, a missing end and a bad boundary are refused', async () => {
    const many = Buffer.from(`--b\r\n\r\nx\r\n`.repeat(10_000) + '--b--')
    expect(await refusalOf(() => split(many, 'b'))).toBe('mimeTooLarge')
    expect(await refusalOf(() => split(Buffer.from('--b\r\n\r\nx\r\n'), 'b'))).toBe('mimeUnreadable')
    for (const wrong of [
      'multipart/mixed',
      'multipart/mixed; boundary=a; boundary=b',
      `multipart/mixed; boundary="${'x'.repeat(71)}"`,
    ])
      expect(() => boundaryOf(readMimeValue(wrong))).toThrow(Refusal)
  })
})

describe('transfer encodings', () => {
  test('M1 without a transfer encoding bytes stay as they are', async () => {
    const body = Buffer.from('a\nb\r\nc=3D\n')
    expect(decoded(body, encodingNamed(undefined))).toBe(body)
    expect(() => encodingNamed('uuencode')).toThrow(Refusal)
  })

  test('base64 comes back however the stream is cut, and refuses other signs', async () => {
    const bytes = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 256))
    const text = Buffer.from(base64Lines(bytes))
    for (const size of [1, 3, 77, 78, 79, 1000])
      expect(await collect(decoded(pieces(text, size), 'base64'), 1e6)).toEqual(bytes)
    expect(decoded(text, 'base64')).toEqual(bytes)
    expect(() => decoded(Buffer.from('ab*c'), 'base64')).toThrow(Refusal)
  })

  test('quoted-printable knows escapes, soft line ends and blanks at the end of a line', async () => {
    const text = Buffer.from('a=3Db=\r\nc  \r\nd=C3=A4')
    for (const size of [1, 4, 100])
      expect((await collect(decoded(pieces(text, size), 'quoted-printable'), 100))!.toString()).toBe(
        'a=bc\r\ndä',
      )
  })
})
