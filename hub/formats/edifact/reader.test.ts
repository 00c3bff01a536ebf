import { expect, it } from 'vitest'
import { limits } from '#hub/base/limits.ts'
import { hubTrafficLimits } from '#hub/base/traffic-limits.ts'
import { enveloped, isAccepted, read, sample, segmentsOf } from './samples/read.ts'
import { valueOf } from './tree.ts'

const orders = sample('orders-d96a.edi')
const files = [
  'contrl-partial.edi',
  'orders-d96a.edi',
  'orders-groups.edi',
  'orders-header-cut.edi',
  'orders-line-terminated.edi',
  'orders-one-bad.edi',
  'orders-syntax4.edi',
  'orders-two-interchanges.edi',
]

it('an order is read with its envelope, type, number, function and lines', () => {
  const { interchanges, messages, trailers, findings } = read(orders)
  expect(findings).toEqual([])
  expect(interchanges[0]).toMatchObject({
    syntax: 'UNOC:3',
    position: 1,
    sender: { scheme: 'gln', value: '5412345000013' },
    receiver: { scheme: 'gln', value: '5412345000020' },
    reference: 'R000345',
    env: 'live',
    acknowledgementRequested: 'full',
    offset: 0,
  })
  expect(messages[0]).toMatchObject({
    position: 1,
    wireType: 'ORDERS',
    version: 'D.96A',
    agency: 'UN',
    guide: 'EAN008',
    reference: '1',
    number: '4500012345',
    function: 'original',
    parts: 28,
    lines: 3,
    offset: orders.indexOf('UNH'),
    length: orders.indexOf('UNZ') - 1 - orders.indexOf('UNH'),
  })
  expect(trailers).toMatchObject([{ closed: true, messages: 1, offset: orders.indexOf('UNZ') }])
})

it('every segment has the byte offset of its tag', () => {
  for (const segment of segmentsOf(read(orders).messages[0])) {
    expect(orders.toString('latin1', segment.offset, segment.offset + 3)).toBe(segment.tag)
  }
})

it.each(files)('%s gives the same events in chunks of any size', (file) => {
  const bytes = sample(file)
  const whole = read(bytes).events
  for (const chunk of [1, 2, 3, 7, 64, 1000]) expect(read(bytes, { chunk }).events).toEqual(whole)
})

it.each(files)('E1 no prefix of %s is accepted as whole, and none throws', (file) => {
  const bytes = sample(file)
  const complete = read(bytes)
  // A line-terminated file is whole without its last line end.
  const end = bytes.toString('latin1').trimEnd().length - (file.includes('line-terminated') ? 1 : 0)
  for (let length = 0; length < end; length++) {
    const reading = read(bytes.subarray(0, length))
    const closed =
      reading.trailers.length === complete.trailers.length && reading.trailers.every((one) => one.closed)
    // Between two interchanges a file may end: the first one is whole then.
    const isFirstOfTwo = complete.trailers.length === 2 && reading.trailers.length === 1
    if (!isFirstOfTwo) expect(closed && isAccepted(reading), `${file} cut at ${length}`).toBe(false)
    if (length > 0 && !reading.trailers[0]?.closed) expect(reading.errors.length).toBeGreaterThan(0)
  }
})

it('E1 what follows UNZ is a fault of its own and leaves the interchange whole', () => {
  const reading = read(`${orders.toString('latin1')}hello`)
  expect(reading.trailers).toMatchObject([{ closed: true }])
  expect(reading.events.at(-1)).toMatchObject({ kind: 'fault', findings: [{ code: 'outsideEnvelope' }] })
  expect(read(`${orders.toString('latin1')}\r\n  \x1a\0`).findings).toEqual([])
})

it('E2 a segment without end is refused at its limit and holds no memory', () => {
  const reader = read(`UNB+UNOC:3+S+R+260114:0915+1'UNH+1+ORDERS:D:96A:UN'FTX+AAI+++${'x'.repeat(300_000)}`, {
    chunk: 4096,
  })
  expect(reader.errors).toContain('segmentTooLong')
  expect(reader.findings.find((one) => one.code === 'segmentTooLong')?.position).toMatchObject({
    segment: 2,
    tag: 'FTX',
  })
  expect(reader.trailers).toMatchObject([{ closed: false }])
})

it('E2 a segment that is too long leaves its neighbours alone', () => {
  const long = `FTX+AAI+++${"x?'".repeat(limits.segmentBytes)}'`
  for (const chunk of [10_000, 1_000_000]) {
    const { messages, errors } = read(enveloped(`BGM+220+7+9'${long}DTM+137:20260114:102'`), { chunk })
    expect(errors.filter((code) => code !== 'messageCountMismatch')).toEqual(['segmentTooLong'])
    expect(segmentsOf(messages[0]).map((one) => one.tag)).toEqual(['UNH', 'BGM', 'FTX', 'DTM', 'UNT'])
    expect(messages[0]?.number).toBe('7')
  }
})

it.each(['FTX+++++', 'FTX+?+++'])(
  'E2 a segment %s… of too many values is kept empty, and its neighbours whole',
  (start) => {
    const full = `FTX${'+'.repeat(limits.segmentElements)}'`
    const over = `${start}${'+:'.repeat(limits.segmentElements / 2)}'`
    for (const chunk of [10_000, 1_000_000]) {
      const { messages, errors, findings } = read(
        enveloped(`BGM+220+7+9'${full}${over}DTM+137:20260114:102'`),
        {
          chunk,
        },
      )
      expect(errors.filter((code) => code !== 'messageCountMismatch')).toEqual(['segmentOverfull'])
      const said = findings.find((one) => one.code === 'segmentOverfull')
      expect(said).toMatchObject({ answerCode: '16', position: { segment: 4, tag: 'FTX' } })
      expect(said?.message).toContain(
        `${limits.segmentElements} elements and components (segmentElements, the hub's limit)`,
      )
      const sizes = segmentsOf(messages[0]).map((one) => `${one.tag} ${one.elements.length}`)
      expect(sizes.slice(2)).toEqual([`FTX ${limits.segmentElements}`, 'FTX 0', 'DTM 1', 'UNT 2'])
    }
  },
)

it('E2 an interchange header of too many values is refused by name', () => {
  const text = `UNB+UNOC:3+S+R+260114:0915+1${'+'.repeat(limits.segmentElements)}'UNZ+0+1'`
  expect(read(text).errors).toContain('segmentOverfull')
})

it('E2 a message of too many values is said once, and no more of it is kept', () => {
  const segment = `FTX${'+'.repeat(limits.segmentElements)}'`
  const fits = limits.messageElements / limits.segmentElements - 1
  const { messages, errors, trailers } = read(enveloped(segment.repeat(fits + 500)), { chunk: 1_000_000 })
  expect(errors.filter((code) => code !== 'messageCountMismatch')).toEqual(['messageTooLarge'])
  expect(messages[0]?.findings[0]?.message).toContain('(messageElements, ')
  expect(segmentsOf(messages[0]).length).toBeLessThanOrEqual(10)
  expect(trailers).toMatchObject([{ closed: true }])
})

it('E2 a message of too many bytes is said once, and no more of it is kept', () => {
  const segment = `FTX+${'x'.repeat(60_000)}'`
  const fits = Math.ceil(limits.messageBytes / segment.length)
  const { messages, errors } = read(enveloped(segment.repeat(fits + 10)), { chunk: 1_000_000 })
  expect(errors.filter((code) => code !== 'messageCountMismatch')).toEqual(['messageTooLarge'])
  expect(messages[0]?.findings[0]?.message).toContain('(messageBytes, ')
  expect(segmentsOf(messages[0]).length).toBeLessThanOrEqual(10)
})

it('E3 a message of too many lines is said once, and of it and of what is not wanted the heading alone is kept', () => {
  const text = enveloped("LIN+1'QTY+21:1'".repeat(300))
  const few = { ...hubTrafficLimits, documentLines: 200 }
  const { messages, errors } = read(text, { limits: few })
  expect(errors.filter((code) => code !== 'messageCountMismatch')).toEqual(['messageTooLarge'])
  expect(messages[0]?.findings[0]?.message).toContain('200 lines (documentLines, ')
  expect(messages[0]).toMatchObject({ lines: 300, wireType: 'ORDERS' })
  expect(segmentsOf(messages[0]).length).toBeLessThanOrEqual(10)
  const unwanted = read(text, { wantsTree: (offset) => offset !== messages[0]!.offset }).messages[0]
  expect(unwanted).toMatchObject({ lines: 300, parts: messages[0]!.parts })
  expect(segmentsOf(unwanted).length).toBeLessThanOrEqual(10)
})

it('E2 an interchange with too many segments outside of messages is given up, and the next one is read', () => {
  const strays = "A+1'".repeat(limits.straySegments + 1_000)
  const { interchanges, trailers, findings } = read(
    `UNB+UNOC:3+S+R+260114:0915+1'${strays}UNZ+0+1'${enveloped("BGM+220'")}`,
    { chunk: 100_000 },
  )
  expect(interchanges).toHaveLength(2)
  expect(trailers.map(({ closed }) => closed)).toEqual([false, true])
  expect(findings.map(({ message }) => message).join()).toContain('(straySegments)')
})

it('E6 a byte outside the charset is finding 21 with its exact place', () => {
  const text = "UNB+UNOA:3+S+R+260114:0915+1'UNH+1+ORDERS:D:96A:UN'FTX+AAI+++OK:B\xffD'UNT+3+1'UNZ+1+1'"
  const [found] = read(text).findings
  expect(found).toMatchObject({
    code: 'characterInvalid',
    severity: 'error',
    answerCode: '21',
    position: { message: 1, segment: 2, tag: 'FTX', element: 4, component: 2, offset: text.indexOf('\xff') },
  })
})

it.each([
  ['UNOC', '\x80'],
  ['UNOC', '\x01'],
  ['UNOY', '\xc0\xaf'],
  ['UNOY', '\xe2\x82'],
  ['UNOW', '\xff'],
])('E6 %s refuses %j, overlong and cut characters included', (level, value) => {
  const { errors } = read(enveloped(`FTX+AAI+++a${value}b'`).replace('UNOC', level))
  expect(errors).toEqual(['characterInvalid'])
})

it('E6 small letters under UNOA are one warning, not an error', () => {
  const { findings } = read(enveloped("FTX+AAI+++small letters'FTX+AAI+++more'").replace('UNOC', 'UNOA'))
  expect(findings).toMatchObject([{ code: 'repertoireExceeded', severity: 'warning', answerCode: '21' }])
})

it('E7 counts and references that differ are 29 and 28, with what was expected and found', () => {
  const text = orders
    .toString('latin1')
    .replace('UNT+28+1', 'UNT+27+2')
    .replace('UNZ+1+R000345', 'UNZ+3+R000999')
  expect(read(text).findings.map((one) => [one.answerCode, one.message, one.position.element])).toEqual([
    ['29', 'UNT says 27 segments, 28 were found', 1],
    ['28', 'UNT has reference "2", UNH has "1"', 2],
    ['29', 'UNZ says 3 messages, 1 were found', 1],
    ['28', 'UNZ has reference "R000999", UNB has "R000345"', 2],
  ])
})

it('FORMATS 1 the charset is the one of UNB', () => {
  const { messages, findings } = read(enveloped("FTX+AAI+++a_\xe9\xfc'"))
  expect(findings).toEqual([])
  expect(valueOf(segmentsOf(messages[0])[1], 4)).toBe('a_éü')
  const greek = read(enveloped("FTX+AAI+++\xe1\xe2'").replace('UNOC', 'UNOF'))
  expect(valueOf(segmentsOf(greek.messages[0])[1], 4)).toBe('αβ')
})

it('FORMATS 2 a UNA has any nine characters, and its fifth repeats from version 4 on', () => {
  const four = read(sample('orders-syntax4.edi'))
  const [, , , , , , , , , , , , , pia] = segmentsOf(four.messages[0])
  expect(pia).toMatchObject({
    elements: [['1'], ['CF-250', 'SA']],
    repetitions: [{ element: 2, components: ['CF-251', 'SA'] }],
  })
  expect(four.interchanges[0]).toMatchObject({ syntax: 'UNOW:4', acknowledgementRequested: 'receipt' })
  const two = read(sample('orders-two-interchanges.edi'))
  expect(two.findings).toEqual([])
  expect(segmentsOf(two.messages[1]).map((one) => one.elements)).toHaveLength(28)
})

it('FORMATS 3 below version 4 the fifth character of UNA is content', () => {
  const { messages } = read(`UNA:+.?*'${enveloped("FTX+AAI+++A*B'").replace('UNOC:3', 'UNOC:1')}`)
  expect(segmentsOf(messages[0])[1]?.elements.at(-1)).toEqual(['A*B'])
})

it('FORMATS 4 a blank repetition separator in version 4 means that nothing repeats, and is noted', () => {
  const { messages, findings } = read(`UNA:+.? '${enveloped("FTX+AAI+++A*B C'").replace('UNOC:3', 'UNOC:4')}`)
  expect(segmentsOf(messages[0])[1]?.elements.at(-1)).toEqual(['A*B C'])
  expect(findings).toMatchObject([{ code: 'repetitionSeparatorNone', severity: 'note' }])
})

it.each([1, 2, 3, 4, 5, 6])('FORMATS 6 %i question marks before a terminator are taken in pairs', (count) => {
  const marks = '?'.repeat(count)
  const { messages } = read(
    `UNB+UNOC:3+S+R+260114:0915+1'UNH+1+X:D:96A:UN'FTX+A${marks}'B+C'UNT+3+1'UNZ+1+1'`,
  )
  const [, ftx, next] = segmentsOf(messages[0])
  const half = '?'.repeat(Math.floor(count / 2))
  if (count % 2 === 0) {
    expect(ftx?.elements).toEqual([[`A${half}`]])
    expect(next?.tag).toBe('B')
  } else {
    expect(ftx?.elements).toEqual([[`A${half}'B`], ['C']])
  }
})

it('FORMATS 7 names that look like envelopes restart nothing', () => {
  const { messages, findings } = read(enveloped("BGM+220+UNA1234+9'NAD+BY+++ISAAC UNB?+UNZ'"))
  expect(findings).toEqual([])
  expect(messages).toMatchObject([{ number: 'UNA1234', parts: 4 }])
})

it.each([
  ['UNOD', '\xb1', 'ą'],
  ['UNOE', '\xb1', 'Б'],
  ['UNOG', '\xa1', 'Ħ'],
  ['UNOK', '\xf0', 'ğ'],
  ['UNOL', '\xa4', '€'],
  ['UNOW', '\xe2\x82\xac', '€'],
  ['UNOY', '\xe2\x82\xac', '€'],
])('FORMATS 8 %s is decoded', (level, bytes, character) => {
  const { messages, findings } = read(enveloped(`FTX+AAI+++${bytes}'`).replace('UNOC', level))
  expect(findings).toEqual([])
  expect(valueOf(segmentsOf(messages[0])[1], 4)).toBe(character)
})

it('FORMATS 8 an unknown level is read as latin 1 with a warning, and the profile overrides', () => {
  const text = enveloped("FTX+AAI+++\x80\xe9'").replace('UNOC', 'IBMA')
  expect(read(text.replace('\x80', '')).findings).toMatchObject([
    { code: 'charsetUnsupported', severity: 'warning' },
  ])
  const overridden = read(text, { charset: 'windows-1252' })
  expect(overridden.findings).toEqual([])
  expect(valueOf(segmentsOf(overridden.messages[0])[1], 4)).toBe('€é')
})

it.each(['1', '2', '3', '4'])('FORMATS 9 syntax version %s is read', (version) => {
  expect(read(enveloped("BGM+220+7+9'").replace('UNOC:3', `UNOC:${version}`)).findings).toEqual([])
  expect(read(enveloped("BGM+220+7+9'").replace('UNOC:3', 'UNOC:9')).errors).toEqual(['syntaxUnsupported'])
})

it('FORMATS 10 a UNB cut short by a line break is one finding, and the messages are read', () => {
  const { interchanges, messages, findings } = read(sample('orders-header-cut.edi'))
  expect(findings).toMatchObject([{ code: 'segmentUnterminated', position: { segment: 1, tag: 'UNB' } }])
  expect(interchanges).toMatchObject([{ reference: 'R000345' }])
  expect(messages).toMatchObject([{ number: '4500012345', parts: 28 }])
})

it('FORMATS 11 UNZ counts groups where there are groups, UNE the messages of its group', () => {
  const groups = sample('orders-groups.edi').toString('latin1')
  const { messages, findings } = read(groups)
  expect(findings).toEqual([])
  expect(messages.map((one) => one.group?.reference)).toEqual(['G1', 'G1', 'G2'])
  expect(
    read(groups.replace('UNE+2+G1', 'UNE+3+G9').replace('UNZ+2', 'UNZ+3')).findings.map((one) => one.message),
  ).toEqual([
    'UNE says 3 messages, 2 were found',
    'UNE has reference "G9", UNG has "G1"',
    'UNZ says 3 groups, 2 were found',
  ])
})

it('FORMATS 12 a count that is no number is a finding of its own', () => {
  const { findings } = read(enveloped("BGM+220+7+9'").replace('UNT+3', 'UNT+x'))
  expect(findings).toMatchObject([
    { code: 'countNotNumeric', message: expect.stringContaining('3 were found') },
  ])
})

it('FORMATS 13 each UNA of a file sets the separators anew', () => {
  const { interchanges, trailers } = read(sample('orders-two-interchanges.edi'))
  expect(interchanges.map((one) => [one.position, one.reference])).toEqual([
    [1, 'R000345'],
    [2, 'R000348'],
  ])
  expect(trailers).toMatchObject([{ closed: true }, { closed: true }])
})
