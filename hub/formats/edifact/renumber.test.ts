import { expect, test } from 'vitest'
import type { WritableInterchange, WriteTerms } from '#hub/model/format.ts'
import { edifactFormat, segment } from './index.ts'

const at = new Date('2026-11-22T06:05:00Z')

function interchange(terms: WriteTerms, messages = 1): WritableInterchange {
  return {
    sender: { scheme: 'gln', value: '5412345000013' },
    receiver: { scheme: 'unb:ZZ', value: 'SUPPLY' },
    reference: '4711',
    env: 'live',
    at: new Date('2026-01-14T09:15:00Z'),
    messages: Array.from({ length: messages }, (_, index) => ({
      wireType: 'ORDERS',
      version: 'D.96A',
      guide: 'EAN008',
      reference: String(index + 1),
      tree: {
        segments: [segment('BGM', '220', `A+${index + 1}'`, '9'), segment('FTX', 'AAI', null, null, '4711')],
      },
    })),
    terms,
  }
}

test.each<WriteTerms>([
  {},
  { lineEnds: 'crlf' },
  { syntax: 'UNOY:4', separators: '|^,!*~', lineEnds: 'lf', acknowledgementRequest: true },
])('an interchange numbered anew is the one that is written with those numbers (%j)', (terms) => {
  const numbers = { reference: '000004712', messageReference: '88' }
  const again = edifactFormat.renumber!(edifactFormat.write(interchange(terms)), {
    position: 1,
    at,
    ...numbers,
  })
  const written = interchange(terms)
  const [message] = written.messages
  expect(again.toString('latin1')).toBe(
    edifactFormat
      .write({ ...written, at, reference: numbers.reference, messages: [{ ...message!, reference: '88' }] })
      .toString('latin1'),
  )
})

test('of several messages the one that is meant stands in an interchange of its own', () => {
  const bytes = edifactFormat.write(interchange({}, 3))
  const again = edifactFormat.renumber!(bytes, { position: 2, at, reference: '9', messageReference: '7' })
  expect(again.toString('latin1')).toBe(
    "UNB+UNOC:3+5412345000013:14+SUPPLY:ZZ+261122:0605+9'" +
      "UNH+7+ORDERS:D:96A:UN:EAN008'BGM+220+A?+2?'+9'FTX+AAI+++4711'UNT+4+7'UNZ+1+9'",
  )
})

test.each(['', 'no interchange', "UNB+UNOC:3+A+B+260101:0000+1'UNZ+0+1'", "UNB+UNOC:3+A+B+260101:0000+1'"])(
  'what is not an interchange with that message is refused: %j',
  (text) => {
    const as = { position: 1, at, reference: '9', messageReference: '7' }
    expect(() => edifactFormat.renumber!(Buffer.from(text), as)).toThrow(/numbered anew/)
  },
)
