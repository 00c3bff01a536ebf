import { expect, it } from 'vitest'
import { edifactFormat, groupMessage, valueOf, type EdifactMessage } from './index.ts'
import { enveloped, read, sample, segmentsOf } from './samples/read.ts'

const head = "BGM+220+1+9'DTM+137:20260114:102'"
const foot = "UNS+S'"

/** Findings of checking one order with this between heading and summary. */
function checked(content: string, type?: string): string[] {
  const reading = read(enveloped(head + content + foot, type))
  expect(reading.errors).toEqual([])
  return edifactFormat.check(reading.messages[0]!).map((one) => {
    const { segment, tag, element, component, repetition } = one.position
    const place = [element, component, repetition].filter((part) => part !== undefined).join('.')
    return `${one.answerCode ?? '-'} ${segment} ${tag} ${place}`.trim()
  })
}

it('a good order has no finding', () => {
  const [message] = read(sample('orders-d96a.edi')).messages
  expect(edifactFormat.check(message!)).toEqual([])
})

it('of three messages only the bad one has findings, with segment and element', () => {
  const findings = read(sample('orders-one-bad.edi')).messages.map((one) => edifactFormat.check(one))
  expect(findings[0]).toEqual([])
  expect(findings[2]).toEqual([])
  expect(findings[1]).toMatchObject([
    {
      code: 'segmentMissing',
      answerCode: '13',
      message: 'Segment DTM is missing after segment 2 BGM; noticed at segment 3 FTX',
      position: { message: 2, segment: 2, tag: 'BGM' },
    },
    {
      code: 'elementTypeWrong',
      answerCode: '37',
      position: { segment: 14, tag: 'QTY', element: 1, component: 2 },
    },
  ])
})

it.each([
  ['a segment the message does not have', "XYZ+1'", ['15 4 XYZ']],
  ['a segment out of its place', "LIN+1'BGM+220'", ['15 5 BGM']],
  ['a segment too often', "PAI+:1'PAI+:1'", ['35 5 PAI']],
  ['a group too often', "TOD+1'".repeat(6), ['36 9 TOD']],
  ['a mandatory element', "NAD++5412345000013::9'", ['13 4 NAD 1']],
  ['a mandatory composite', "LIN+1'QTY'", ['13 5 QTY 1']],
  ['a mandatory component of a composite in use', "NAD+BY+::9'", ['13 4 NAD 2.1']],
  ['too many elements', "LIN+1'QTY+21:1+X'", ['16 5 QTY 2']],
  ['too many components', "LIN+1'QTY+21:1:PCE:X'", ['16 5 QTY 1.4']],
  ['components of a simple element', "NAD+BY:X'", ['16 4 NAD 1.2']],
  ['a value too long', "NAD+BYXX'", ['39 4 NAD 1']],
  ['letters in a number', "LIN+1A'", ['37 4 LIN 1']],
  ['two decimal marks', "LIN+1'QTY+21:1.2.3'", ['37 5 QTY 1.2']],
  ['trailing separators, as one warning', "NAD+BY+'RFF+ON:1:'NAD+SU::'", ['45 4 NAD 2']],
])('%s is found with its place', (_, content, expected) => {
  expect(checked(content).sort()).toEqual([...expected].sort())
})

it('FORMATS 5 decimals: below version 4 the mark of UNA, without a UNA and in version 4 either', () => {
  const line = (value: string): string => `${head}LIN+1'QTY+21:${value}'${foot}`
  const faults = (text: string): number => edifactFormat.check(read(text).messages[0]!).length
  expect([line('1,5'), line('1.5'), line('-15')].map((one) => faults(enveloped(one)))).toEqual([0, 0, 0])
  expect(faults(`UNA:+,? '${enveloped(line('1,5'))}`)).toBe(0)
  expect(faults(`UNA:+,? '${enveloped(line('1.5'))}`)).toBe(1)
  expect(faults(`UNA:+,?*'${enveloped(line('1.5')).replace('UNOC:3', 'UNOC:4')}`)).toBe(0)
})

it('the length of a number counts neither its minus nor its decimal mark', () => {
  expect(checked("LIN+1'QTY+21:-12345678901234.5'")).toEqual([])
  expect(checked("LIN+1'QTY+21:1234567890123456'")).toEqual(['39 5 QTY 1.2'])
})

it('FORMATS 19 an empty optional element is absent, and a bare tag is legal where nothing is mandatory', () => {
  expect(checked("NAD+BY++++'LIN'").filter((one) => !one.startsWith('45'))).toEqual([])
})

it('FORMATS 17 as many segments are in the groups as came in', () => {
  const [message] = read(sample('orders-d96a.edi')).messages
  const order = groupMessage(message!.tree as EdifactMessage, 'ORDERS', 'D.96A')
  const count = (group: typeof order | ReturnType<typeof order.groups>[number]): number =>
    group.segments.length + group.children.reduce((sum, child) => sum + count(child), 0)
  expect(count(order)).toBe(segmentsOf(message).length)
  expect(order).toMatchObject({ known: true, unplaced: [] })
})

it('groups are found by name and by the qualifier of their trigger', () => {
  const [message] = read(sample('orders-d96a.edi')).messages
  const order = groupMessage(message!.tree as EdifactMessage, 'ORDERS', 'D.96A')
  expect(valueOf(order.first('DTM', '2'), 1, 2)).toBe('20260121')
  expect(order.groups('SG2').map((group) => valueOf(group.first('NAD'), 1))).toEqual(['BY', 'SU', 'DP'])
  expect(valueOf(order.group('SG2', 'BY')?.group('SG5')?.first('COM'), 1)).toBe('+3225550143')
  expect(order.groups('SG25').map((line) => valueOf(line.group('SG28', 'AAA')?.first('PRI'), 1, 2))).toEqual([
    '3.20',
    '2.15',
    '7.40',
  ])
})

it('a type without a directory is noted as unchecked, and its segments stay ungrouped', () => {
  const [message] = read(enveloped("BGM+1'", 'XXXXXX:D:96A:UN')).messages
  expect(edifactFormat.check(message!)).toMatchObject([{ code: 'typeNotChecked', severity: 'note' }])
  const [foreign] = read(enveloped("BGM+1'", 'ORDERS:D:96A:ZZ')).messages
  expect(edifactFormat.check(foreign!)).toMatchObject([{ code: 'typeNotChecked' }])
  const grouped = groupMessage(message!.tree as EdifactMessage, 'XXXXXX', 'D.96A')
  expect(grouped).toMatchObject({ known: false, segments: segmentsOf(message) })
})
