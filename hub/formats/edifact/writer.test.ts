import fc from 'fast-check'
import { expect, it } from 'vitest'
import { HubError } from '#hub/model/errors.ts'
import type { WritableInterchange, WriteTerms } from '#hub/model/format.ts'
import { edifactFormat, repeated, segment, type EdifactMessage, type EdifactSegment } from './index.ts'
import { read, sample, segmentsOf } from './samples/read.ts'

function interchange(segments: EdifactSegment[], terms: WriteTerms = {}): WritableInterchange {
  return {
    sender: { scheme: 'gln', value: '5412345000013' },
    receiver: { scheme: 'unb:ZZ', value: 'SUPPLY', internal: 'EU' },
    reference: '4711',
    env: 'live',
    at: new Date('2026-01-14T09:15:00Z'),
    messages: [{ wireType: 'ORDERS', version: 'D.96A', guide: 'EAN008', reference: '1', tree: { segments } }],
    terms,
  }
}

function written(segments: EdifactSegment[], terms: WriteTerms = {}): string {
  return edifactFormat.write(interchange(segments, terms)).toString('latin1')
}

/** The content of the only message of what was written, as tag and elements. */
function reread(segments: EdifactSegment[], terms: WriteTerms): { tag: string; elements: string[][] }[] {
  const { messages, errors } = read(edifactFormat.write(interchange(segments, terms)))
  expect(errors).toEqual([])
  expect(messages).toHaveLength(1)
  return segmentsOf(messages[0])
    .slice(1, -1)
    .map(({ tag, elements }) => ({ tag, elements }))
}

it('an interchange is written with its counts, references, dates and qualifiers', () => {
  expect(written([segment('BGM', '220', 'A1', '9'), segment('UNS', 'S')])).toBe(
    "UNB+UNOC:3+5412345000013:14+SUPPLY:ZZ:EU+260114:0915+4711'" +
      "UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+A1+9'UNS+S'UNT+4+1'UNZ+1+4711'",
  )
})

it('test, acknowledgement request, separators, line ends and syntax 4 are written as the terms say', () => {
  const terms: WriteTerms = {
    syntax: 'UNOY:4',
    separators: '|^,!*~',
    lineEnds: 'crlf',
    acknowledgementRequest: true,
  }
  const bytes = edifactFormat.write({
    ...interchange([segment('FTX', 'AAI', null, null, 'é^|~!')], terms),
    env: 'test',
  })
  expect(bytes.toString('utf8')).toBe(
    'UNA|^,!*~\r\nUNB^UNOY|4^5412345000013|14^SUPPLY|ZZ|EU^20260114|0915^4711^^^^1^^1~\r\n' +
      'UNH^1^ORDERS|D|96A|UN|EAN008~\r\nFTX^AAI^^^é!^!|!~!!~\r\nUNT^3^1~\r\nUNZ^1^4711~\r\n',
  )
})

it('the usual separators need no UNA, in version 3 nor in 4', () => {
  expect(written([], { separators: ":+.?*'" })).toMatch(/^UNB/)
  expect(written([], { separators: ":+.? '" })).toMatch(/^UNB/)
  expect(written([], { syntax: 'UNOC:4', separators: ":+.? '" })).toMatch(/^UNA:\+\.\? '/)
  expect(written([], { separators: ":+,?*'" })).toMatch(/^UNA:\+,\? 'UNB/)
})

it('trailing empty components and elements are left out, inner ones are kept', () => {
  expect(written([segment('NAD', 'BY', ['', '', '9', ''], null, [], '')])).toContain("'NAD+BY+::9'")
  expect(written([segment('UNS')])).toContain("'UNS'")
})

it('repetitions are written in version 4, and refused below', () => {
  const content = [segment('PIA', '1', repeated(['A', 'SA'], ['B*', 'SA']), 'X')]
  expect(written(content, { syntax: 'UNOC:4' })).toContain("'PIA+1+A:SA*B?*:SA+X'")
  expect(() => written(content)).toThrow(HubError)
})

it.each([
  [
    'a character the charset lacks',
    [segment('FTX', 'AAI', null, null, ['ok', 'price in €'])],
    {},
    /FTX element 4\.2.*€/,
  ],
  ['a control character', [segment('FTX', 'a\nb')], {}, /control character 0x0a/],
  ['small letters under UNOA', [segment('FTX', 'abc')], { syntax: 'UNOA:3' }, /"a".*level A/],
  ['a lone surrogate', [segment('FTX', 'a\ud800')], { syntax: 'UNOW:4' }, /utf-8/],
  ['an envelope tag in the content', [segment('UNT', '1', '1')], {}, /no tag for the content/],
  ['a tag that is none', [segment("A'B")], {}, /no tag/],
  ['separators that clash', [], { separators: "::.?*'" }, /serves both/],
  ['an unknown syntax', [], { syntax: 'UNOZ:3' }, /UNOZ/],
  [
    'a separator without a release character',
    [segment('FTX', 'a+b')],
    { separators: ":+. *'" },
    /no release/,
  ],
  ['a segment past the limit', [segment('FTX', 'x'.repeat(70_000))], {}, /more than a segment may/],
] as [string, EdifactSegment[], WriteTerms, RegExp][])(
  '%s is refused as notWritable',
  (_, content, terms, message) => {
    expect(() => written(content, terms)).toThrow(
      expect.objectContaining({ code: 'notWritable', message: expect.stringMatching(message) }),
    )
  },
)

it('the refusal names message, segment, element and component', () => {
  const content = [segment('BGM', '220'), segment('FTX', 'AAI', null, null, ['ok', '€'])]
  expect(() => written(content)).toThrow(
    expect.objectContaining({ detail: { message: 1, segment: 3, tag: 'FTX', element: 4, component: 2 } }),
  )
})

it('an identity or reference that is missing is refused', () => {
  expect(() => edifactFormat.write({ ...interchange([]), sender: null })).toThrow(/names no sender/)
  expect(() => edifactFormat.write({ ...interchange([]), receiver: { scheme: 'as2', value: 'X' } })).toThrow(
    /scheme as2/,
  )
  expect(() => edifactFormat.write({ ...interchange([]), reference: '' })).toThrow(/1 to 14/)
  expect(() => edifactFormat.write({ ...interchange([]), messages: [] })).toThrow(/no message/)
})

/** Text that UTF-8 levels can carry: all but control characters other than tab and line ends. */
const utf8Text = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(...":+.?*'~^|!\n\r\t UNHTZB0"),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
  })
  // eslint-disable-next-line no-control-regex
  .map((text) => text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '').toWellFormed())

const latin1Text = fc.string({ unit: fc.constantFrom(...":+.?*'~^|! AZaz09éßÿ\xa0") })

const separatorSets = [":+.?*'", '|^,!*~', "*:.?+'", ':+.?*\n', '\x1f\x1d,?*\x1c']

function content(text: fc.Arbitrary<string>): fc.Arbitrary<EdifactSegment[]> {
  // The last component is not empty, so that nothing is left out as trailing.
  const filled = text.map((one) => (one === '' ? 'x' : one))
  const element = fc.tuple(fc.array(text, { maxLength: 4 }), filled).map(([rest, last]) => [...rest, last])
  const one = fc
    .tuple(fc.stringMatching(/^[A-Z][A-Z0-9]{2}$/), fc.array(element, { maxLength: 5 }))
    .filter(([tag]) => !tag.startsWith('U'))
    .map(([tag, elements]) => ({ tag, offset: 0, elements }))
  return fc.array(one, { maxLength: 6 })
}

it.each([
  ['UNOW:4', utf8Text],
  ['UNOY:3', utf8Text],
  ['UNOC:3', latin1Text],
  ['UNOC:4', latin1Text],
] as const)('E4 whatever is written in %s is read again as it was', (syntax, text) => {
  fc.assert(
    fc.property(content(text), fc.constantFrom(...separatorSets), (segments, separators) => {
      const expected = segments.map(({ tag, elements }) => ({ tag, elements }))
      expect(reread(segments, { syntax, separators })).toEqual(expected)
    }),
  )
})

it('E10 no value adds a segment to the output', () => {
  const hostile = ["A'UNT+1+1'", "'UNZ+1+1'", '?', "??'", "\nUNH+1'", "?'UNB+UNOC:3'"]
  for (const value of hostile) {
    const text = edifactFormat.write(
      interchange([segment('FTX', value, [value, value])], { syntax: 'UNOW:4' }),
    )
    expect(read(text).messages).toMatchObject([{ parts: 3 }])
  }
})

it.each(['orders-d96a.edi', 'orders-line-terminated.edi', 'orders-two-interchanges.edi'])(
  '%s read, written and read again is the same tree',
  (file) => {
    for (const message of read(sample(file)).messages) {
      const { segments } = message.tree as EdifactMessage
      const inner = segments.slice(1, -1)
      expect(reread(inner, {})).toEqual(inner.map(({ tag, elements }) => ({ tag, elements })))
    }
  },
)

it('a message is written byte for byte as it was read, given the same separators and line ends', () => {
  const bytes = sample('orders-d96a.edi').toString('latin1')
  const [message] = read(bytes).messages
  const again = written(segmentsOf(message).slice(1, -1), { lineEnds: 'lf' })
  const content = (text: string): string => text.slice(text.indexOf('UNH'), text.indexOf('UNZ'))
  expect(content(again)).toBe(content(bytes))
})

it('a sub-identification of an internal address stands in syntax 4 and has no place in syntax 3', () => {
  const from = interchange([segment('UNS', 'S')])
  const addressed = { ...from, receiver: { ...from.receiver!, internalSub: '7' } }
  const four = edifactFormat.write({ ...addressed, terms: { syntax: 'UNOC:4' } })
  expect(four.toString('latin1')).toContain("+SUPPLY:ZZ:EU:7+20260114:0915+4711'")
  expect(read(four).interchanges[0]).toMatchObject({
    receiver: { scheme: 'unb:ZZ', value: 'SUPPLY', internal: 'EU', internalSub: '7' },
  })
  expect(edifactFormat.write(addressed).toString('latin1')).toContain('+SUPPLY:ZZ:EU+260114:0915+4711')
})
