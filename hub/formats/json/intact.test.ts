import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isIntactJson } from './intact.ts'
import { jsonFormat, type JsonValue } from './index.ts'

const order = {
  type: 'order',
  id: '345 "B" \\ é 😀',
  note: ['a\nb', ''],
  allowanceCharge: [{ chargeIndicator: false, amount: { value: '12.50' } }, {}],
  extensions: {},
  nothing: null,
  orderLine: [{ lineItem: { id: '1' } }, { lineItem: { id: '2' } }],
}

function written(tree: unknown, indent: boolean): Buffer {
  const messages = [{ wireType: 'order', version: '1', reference: '', tree: tree as JsonValue }]
  const terms = { indent }
  return jsonFormat.write({
    sender: null,
    receiver: null,
    reference: '',
    env: 'live',
    at: new Date(0),
    messages,
    terms,
  })
}

/** Whether the reader gives one message, and no error. */
function isRead(bytes: Buffer): boolean {
  const reader = jsonFormat.reader()
  const events = [...reader.push(bytes), ...reader.end()]
  const [message] = events.flatMap((event) => (event.kind === 'message' ? [event.message] : []))
  const whole = events.every((event) => event.kind !== 'trailer' || event.trailer.closed)
  return whole && events.length === 3 && message !== undefined && message.findings.length === 0
}

describe('written bytes that are held to be intact', () => {
  test('are what the writer writes', () => {
    for (const indent of [true, false]) expect(isIntactJson(written(order, indent))).toBe(true)
  })

  test('are not cut anywhere', () => {
    const bytes = written(order, true).subarray(0, -1)
    for (let length = 0; length < bytes.length; length++)
      expect(isIntactJson(bytes.subarray(0, length))).toBe(false)
  })

  test.each([
    ['a member twice', '{"type":"order","a":"1","a":"2"}'],
    ['a member twice, once escaped', '{"type":"order","a/b":"1","a\\/b":"2"}'],
    ['no type', '{"a":"order"}'],
    ['an empty type', '{"type":""}'],
    ['a type further in only', '{"a":{"type":"order"}}'],
    ['a comma too many', '{"type":"order",}'],
    ['a bracket of another kind', '{"type":["order"}]'],
    ['two documents', '{"type":"order"}{"type":"order"}'],
    ['a word that is none', '{"type":"order","a":nul}'],
    ['a control character', '{"type":"order","a":"\u0001"}'],
    ['NUL as an escape', '{"type":"order","a":"\\u0000"}'],
    ['more levels than are read', `{"type":"order","a":${'['.repeat(64)}${']'.repeat(64)}}`],
  ])('have not %s', (_what, text) => {
    expect(isIntactJson(Buffer.from(text))).toBe(false)
    expect(isRead(Buffer.from(text))).toBe(false)
  })

  test('have no byte that is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"type":"'), Buffer.of(0xe9), Buffer.from('"}')])
    expect(isIntactJson(bytes)).toBe(false)
  })

  test('are always taken by the reader, whatever was changed in them', () => {
    const sample = written(order, true).toString()
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '\\u',
      'null',
      '1',
      ' ',
      '\n',
      '"a":',
      '"type"',
      '',
    )
    const change = fc.record({ at: fc.nat(sample.length), drop: fc.nat(6), put: piece })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let text = sample
        for (const { at, drop, put } of changes) text = text.slice(0, at) + put + text.slice(at + drop)
        return !isIntactJson(Buffer.from(text)) || isRead(Buffer.from(text))
      }),
      { numRuns: 2_000 },
    )
  })
})

test('what is written is, byte by byte, what JSON.stringify writes of it', () => {
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')),
      fc.constantFrom(true, false, null, '"', '\\', 'a\u0001\n'),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(
        fc.string({ maxLength: 5 }).map((text) => text.replaceAll('\0', '')),
        fc.option(tie('any'), { nil: undefined }),
        {
          maxKeys: 4,
          noNullPrototype: true,
        },
      ),
    ),
  })).any
  fc.assert(
    fc.property(value, fc.boolean(), (tree, indent) => {
      const expected = JSON.stringify(tree, null, indent ? 2 : 0)
      return written(tree, indent).toString() === `${expected}\n`
    }),
    { numRuns: 500 },
  )
})
