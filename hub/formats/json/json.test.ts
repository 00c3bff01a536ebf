import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import type { FormatEvent, ReadMessage, WritableInterchange } from '#hub/model/format.ts'
import { HubError } from '#hub/model/errors.ts'
import { limits } from '#hub/base/limits.ts'
import { checkCanonical } from '#hub/canonical/index.ts'
import { jsonFormat, JsonNumber, jsonObject, plainOf, type JsonValue } from './index.ts'

function read(input: string | Buffer, chunkBytes = Number.POSITIVE_INFINITY): FormatEvent[] {
  const bytes = Buffer.from(input as string)
  const reader = jsonFormat.reader()
  const events: FormatEvent[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes)
    events.push(...reader.push(bytes.subarray(at, at + chunkBytes)))
  return [...events, ...reader.end()]
}

function messagesOf(events: FormatEvent[]): ReadMessage[] {
  return events.flatMap((event) => (event.kind === 'message' ? [event.message] : []))
}

function treeOf(input: string | Buffer): JsonValue {
  const [message] = messagesOf(read(input))
  if (!message) throw new Error(`nothing was read: ${JSON.stringify(read(input))}`)
  return message.tree as JsonValue
}

function faultOf(input: string | Buffer) {
  const last = read(input).at(-1)!
  const findings =
    last.kind === 'fault' ? last.findings : last.kind === 'trailer' ? last.trailer.findings : []
  return findings[0]
}

function interchange(...trees: JsonValue[]): WritableInterchange {
  const messages = trees.map((tree) => ({ wireType: 'order', version: '1', reference: '', tree }))
  return { sender: null, receiver: null, reference: '', env: 'live', at: new Date(0), messages, terms: {} }
}

describe('one document', () => {
  const document = `{
  "type": "order", "version": "1", "id": 345, "function": "original",
  "buyerCustomerParty": { "party": { "endpointId": { "id": "0012345000010", "schemeId": "0088" } } },
  "orderLine": [{}, {}]
}`

  test('is an interchange with one message and what it is routed by', () => {
    const events = read(document)
    expect(events.map((event) => event.kind)).toEqual(['interchange', 'message', 'trailer'])
    expect(messagesOf(events)[0]).toMatchObject({
      wireType: 'order',
      version: '1',
      number: '345',
      function: 'original',
      sender: { scheme: 'gln', value: '0012345000010' },
      receiver: null,
      lines: 2,
      offset: 0,
      length: Buffer.byteLength(document),
    })
    expect(events.at(-1)).toMatchObject({ trailer: { closed: true, messages: 1 } })
  })

  test('is the same in chunks of one byte', () => {
    expect(read(document, 1)).toEqual(read(document))
  })

  test('without a type says so', () => {
    expect(messagesOf(read('{}'))[0]!.findings).toMatchObject([
      { code: 'jsonNotADocument', position: { path: 'type' } },
    ])
  })

  test('may begin with a byte-order mark, and places count it', () => {
    expect(treeOf('\uFEFF{"a":"b"}')).toEqual({ a: 'b' })
    expect(faultOf('\uFEFF{"a":x}')).toMatchObject({ position: { offset: 8, line: 1, column: 6 } })
  })

  test('cut anywhere is never taken', () => {
    for (let end = 0; end < document.length; end++) {
      expect(read(document.slice(0, end)).map((event) => event.kind)).toEqual(['fault'])
    }
  })
})

describe('an array', () => {
  test('is told document by document, while it comes', () => {
    const reader = jsonFormat.reader()
    expect(reader.push(Buffer.from('[{"type":"order"}')).map((event) => event.kind)).toEqual(['interchange'])
    expect(reader.push(Buffer.from(', {"type":"order","a":"]},"}')).map((event) => event.kind)).toEqual([
      'message',
    ])
    expect(reader.push(Buffer.from('\n]')).map((event) => event.kind)).toEqual(['message'])
    expect(reader.end()).toMatchObject([{ kind: 'trailer', trailer: { closed: true, messages: 2 } }])
  })

  test('is the same however it is cut into chunks', () => {
    const text = ' [ {"type":"order","id":"a\\"]"} , {"b":[1,[2],{"c":"\\\\"}]},{}] \n'
    for (const size of [1, 2, 3, 7]) expect(read(text, size)).toEqual(read(text))
    expect(messagesOf(read(text)).map((message) => message.offset)).toEqual([3, 34, 59])
  })

  test('without documents is an interchange without messages', () => {
    expect(read('[ ]').map((event) => event.kind)).toEqual(['interchange', 'trailer'])
  })

  test.each([
    ['[{"type":"order"}', 'jsonNotValid'],
    ['[{"type":"order"},', 'jsonNotValid'],
    ['[{"type":"order"},]', 'jsonNotValid'],
    ['[{"type":"order"}}]', 'jsonNotValid'],
    ['[{"type":"order"}] x', 'jsonNotValid'],
    ['[{"type":"order"},{"a":1 "b":2}]', 'jsonNotValid'],
    ['[{"type":"order"},5]', 'jsonNotADocument'],
    ['[{"type":"order"},[{}]]', 'jsonNotADocument'],
  ])('%s stays open, so that nothing of it leaves', (text, code) => {
    const last = read(text).at(-1)
    expect(last).toMatchObject({ kind: 'trailer', trailer: { closed: false, findings: [{ code }] } })
  })
})

test('a fault is placed by line, column, byte and path', () => {
  expect(faultOf('{\n  "é": [ { "quantity": 01 } ]\n}')).toEqual({
    code: 'jsonNotValid',
    severity: 'error',
    message: 'expected "," or "}", found "1" (line 2, column 25)',
    position: { offset: 27, line: 2, column: 25, path: 'é[0]' },
  })
})

test.each([
  '',
  '  ',
  'x',
  '"text"',
  '{',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{a:1}',
  "{'a':1}",
  '{"a":1}}',
  '{"a":1} {"b":2}',
  '{"a":[1,]}',
  '{"a":.5}',
  '{"a":+1}',
  '{"a":1.}',
  '{"a":0x10}',
  '{"a":NaN}',
  '{"a":tru}',
  '{"a":"\\x"}',
  '{"a":"\\u12"}',
  '{"a":"\n"}',
  '{"a":"b}',
  '{"a":[1}',
  '{"a":{"b":1]}',
  '{/**/"a":1}',
])('%j is refused as JSON is', (text) => {
  expect(() => JSON.parse(text === '"text"' ? '' : text) as unknown).toThrow()
  expect(faultOf(text)).toMatchObject({ code: 'jsonNotValid' })
})

describe('SECURITY 1.4', () => {
  test('J1 members named __proto__, constructor and toString are members and nothing else', () => {
    const tree = treeOf(
      '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"toString":"x"}',
    )
    expect(checkCanonical(plainOf(treeOf('{"type":"order","__proto__":{}}')))).toContainEqual(
      expect.objectContaining({ code: 'canonicalUnknown', position: { path: '__proto__' } }),
    )
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
    expect(Object.keys(tree as object)).toEqual(['__proto__', 'constructor', 'toString'])
    const written = jsonFormat.write({ ...interchange(tree), terms: { indent: false } }).toString()
    expect(written).toContain('"__proto__":{"polluted":"yes"}')
  })

  test('J2 depth 64 is read, 65 and 200,000 are refused by name and at once', () => {
    const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
    expect(faultOf(nested(limits.jsonDepth))).toBeUndefined()
    expect(faultOf(nested(limits.jsonDepth + 1))).toMatchObject({ code: 'jsonTooLarge' })
    expect(faultOf(nested(200_000))).toMatchObject({ code: 'jsonTooLarge', position: { line: 1 } })
    expect(faultOf('{"a":'.repeat(200_000))).toMatchObject({ code: 'jsonTooLarge' })
  })

  test('J2 members and texts have their limits too', () => {
    const members = (count: number) =>
      `{${Array.from({ length: count }, (_, index) => `"m${index}":1`).join(',')}}`
    expect(faultOf(members(limits.jsonMembers))).toBeUndefined()
    expect(faultOf(members(limits.jsonMembers + 1))).toMatchObject({ code: 'jsonTooLarge' })
    expect(faultOf(`{"a":"${'x'.repeat(limits.jsonTextCharacters + 1)}"}`)).toMatchObject({
      code: 'jsonTooLarge',
    })
  })

  test('J2 values and bytes of a document have their limits, items counting', () => {
    const items = (count: number) => `{"a":[${'{},'.repeat(count - 1)}{}]}`
    expect(faultOf(items(limits.jsonValues - 2))).toBeUndefined()
    const many = faultOf(items(limits.jsonValues - 1))
    expect(many).toMatchObject({ code: 'jsonTooLarge', position: { line: 1 } })
    expect(many?.message).toContain(`${limits.jsonValues} values (jsonValues, the hub's limit)`)
    const endless = read(`[{"a":1},{"a":"b",${' '.repeat(limits.jsonDocumentBytes)}"c":1},{}]`, 65_536)
    expect(messagesOf(endless)).toHaveLength(1)
    expect(endless.at(-1)).toMatchObject({
      kind: 'trailer',
      trailer: { closed: false, findings: [{ code: 'jsonTooLarge', position: { offset: 9, line: 1 } }] },
    })
  })

  test('J3 numbers keep every digit, there and back', () => {
    const text = '{"a":12345678901234567890.123,"b":1.50,"c":-0.0,"d":1e3}'
    const tree = treeOf(text)
    expect(jsonFormat.write({ ...interchange(tree), terms: { indent: false } }).toString()).toBe(`${text}\n`)
    expect(plainOf(tree)).toEqual({ a: '12345678901234567890.123', b: '1.50', c: '0.0', d: '1000' })
  })

  test('J3 an exponent of more than three digits is refused', () => {
    expect(faultOf('{"n":1e999}')).toBeUndefined()
    expect(faultOf('{"n":1e100000}')).toMatchObject({
      code: 'jsonNumberTooLarge',
      position: { path: 'n', offset: 5 },
    })
    expect(faultOf(`{"n":${'1'.repeat(limits.jsonNumberCharacters + 1)}}`)).toMatchObject({
      code: 'jsonNumberTooLarge',
    })
  })

  test('J4 a member that stands twice is refused at its second place', () => {
    expect(faultOf('{"a":{"b":1,\n"b":2}}')).toMatchObject({
      code: 'jsonDuplicateKey',
      position: { path: 'a', line: 2, column: 1, offset: 13 },
    })
    expect(faultOf('{"b":1,"\\u0062":2}')).toMatchObject({ code: 'jsonDuplicateKey' })
    expect(faultOf('{"__proto__":1,"__proto__":2}')).toMatchObject({ code: 'jsonDuplicateKey' })
  })

  test.each(['{"a":"\\u0000"}', '{"a":"\\ud800"}', '{"a":"\\udc00\\ud800"}', '{"\\u0000":1}'])(
    'J4 %s is refused: NUL and half pairs poison what comes after',
    (text) => {
      expect(faultOf(text)).toMatchObject({ code: 'jsonTextForbidden' })
    },
  )

  test('J4 what is not UTF-8 is refused, and the byte is named', () => {
    expect(faultOf(Buffer.from('{"a":"\xE9"}', 'latin1'))).toMatchObject({ code: 'jsonEncoding' })
    expect(faultOf(Buffer.from('{"a":"\u{1F600}"}', 'utf16le'))).toMatchObject({ code: 'jsonEncoding' })
    expect(faultOf(Buffer.from('\uFEFF{}', 'utf16le'))).toMatchObject({ code: 'jsonEncoding' })
  })
})

describe('writing', () => {
  const value: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constant(null),
      fc.boolean(),
      fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
      fc.tuple(fc.bigInt(), fc.nat()).map(([whole, fraction]) => new JsonNumber(`${whole}.${fraction}`)),
      fc.array(tie('value'), { maxLength: 5 }),
      fc
        .dictionary(
          fc.string({ unit: 'grapheme' }).filter((name) => !name.includes('\0')),
          tie('value'),
          { maxKeys: 5 },
        )
        .map((members) => jsonObject(Object.entries(members))),
    ),
  })).value

  test('what is written is read back equal, whatever the values hold', () => {
    fc.assert(
      fc.property(value, fc.boolean(), (content, indent) => {
        const tree = jsonObject([['content', content]])
        expect(treeOf(jsonFormat.write({ ...interchange(tree), terms: { indent } }))).toEqual(tree)
      }),
    )
  })

  test('reading agrees with JSON.parse on what both take', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const [message] = messagesOf(read(`{"x":${text}}`))
        if (message) expect(JSON.parse(JSON.stringify(message.tree))).toEqual(JSON.parse(`{"x":${text}}`))
      }),
    )
  })

  test('random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(9), (bytes, size) => {
        read(Buffer.from(bytes), size + 1)
        read(Buffer.concat([Buffer.from('[{"a":'), bytes]), size + 1)
      }),
    )
  })

  test('several documents are an array', () => {
    const written = jsonFormat.write(interchange(jsonObject([['a', '1']]), jsonObject([['a', '2']])))
    expect(messagesOf(read(written)).map((message) => message.tree)).toEqual([{ a: '1' }, { a: '2' }])
  })

  test.each([
    ['a number of JavaScript', 1.5],
    ['NUL', '\0'],
    ['half a surrogate pair', '\uD800'],
    ['a number with a large exponent', new JsonNumber('1e9999')],
    ['a number that is none', new JsonNumber('}')],
  ])('%s is not written', (_, member) => {
    const tree = jsonObject([['a', member as JsonValue]])
    expect(() => jsonFormat.write(interchange(tree))).toThrow(HubError)
  })
})

test('the format is known by its first bytes', () => {
  for (const head of ['{', ' \n[', '\uFEFF{"a"']) expect(jsonFormat.detect(Buffer.from(head))).toBe(true)
  expect(jsonFormat.detect(Buffer.from('{"a":1}', 'utf16le'))).toBe(true)
  for (const head of ['', 'x', "UNA:+.? '", '<a/>', '"a"'])
    expect(jsonFormat.detect(Buffer.from(head))).toBe(false)
})

test('a document of a canonical type is checked against it', () => {
  const [message] = messagesOf(read('{"type":"order","version":"1","id":"1","x":1}'))
  const findings = jsonFormat.check(message!, { canonical: checkCanonical })
  expect(findings.map((finding) => finding.position.path)).toContain('issueDate')
  expect(findings.map((finding) => finding.code)).toContain('canonicalUnknown')
})
