import { expect, it } from 'vitest'
import type { Guide } from '#hub/model/guide.ts'
import { guideFor, readPlace } from './guide.ts'
import { edifactFormat } from './index.ts'

const guide: Guide = {
  key: 'sample',
  directory: 'D.96A',
  message: 'ORDERS',
  association: 'EAN008',
  rules: [
    { at: 'BGM/1/1', values: ['220', '224'] },
    { at: 'BGM/2', lengthMax: 5, lengthMin: 2 },
    { at: 'FTX', use: 'forbidden' },
    { at: 'SG2/NAD+BY', use: 'mandatory', max: 1 },
    { at: 'SG2/NAD+BY/2/1', use: 'mandatory', lengthMin: 13 },
    { at: 'SG2/NAD/4', use: 'forbidden' },
    { at: 'SG25/QTY+21', use: 'mandatory' },
  ],
}

function findingsOf(body: string, association = 'EAN008', guides: readonly Guide[] = [guide]) {
  const text = `UNB+UNOC:3+A+B+260101:1200+1'UNH+1+ORDERS:D:96A:UN:${association}'${body}UNT+${body.split("'").length + 1}+1'UNZ+1+1'`
  const reader = edifactFormat.reader()
  const [message] = [...reader.push(Buffer.from(text)), ...reader.end()].flatMap((event) =>
    event.kind === 'message' ? [event.message] : [],
  )
  return edifactFormat.check(message!, { guides }).filter((one) => one.message.startsWith('Guide'))
}

const good = "BGM+220+4711+9'DTM+137:20260101:102'NAD+BY+4012345000009::9'LIN+1'QTY+21:5'UNS+S'"

it('a message that keeps to its guide has no finding of it', () => {
  expect(findingsOf(good)).toEqual([])
})

it('values, lengths, what is mandatory and what is forbidden are said with their place', () => {
  const body =
    "BGM+231+471199+9'DTM+137:20260101:102'FTX+AAI+++A'NAD+BY+401::9++A'NAD+BY'LIN+1'QTY+21:5'LIN+2'UNS+S'"
  expect(
    findingsOf(body).map(({ code, position: { segment, element, component } }) => [
      code,
      segment,
      element,
      component,
    ]),
  ).toEqual([
    ['valueNotAllowed', 2, 1, 1],
    ['elementTooLong', 2, 2, undefined],
    ['segmentUnexpected', 4, undefined, undefined],
    ['elementTooShort', 5, 2, 1],
    ['elementForbidden', 5, 4, undefined],
    ['segmentRepeatedTooOften', 6, undefined, undefined],
    ['elementMissing', 6, 2, 1],
    ['segmentMissing', 9, undefined, undefined],
  ])
  const [value] = findingsOf(body)
  expect(value).toMatchObject({
    message: 'Guide sample allows "220", "224" for BGM element 1 component 1, not "231"',
    answerCode: '14',
  })
})

it('a segment that opens its group is missed where the group is', () => {
  expect(findingsOf(good.replace(/NAD[^']*'/, ''))).toMatchObject([
    { code: 'segmentMissing', position: { segment: 1 } },
  ])
})

it('the guide for exactly the association code comes before the one for any, and other messages have none', () => {
  const { association: _association, ...rest } = guide
  const general: Guide = { ...rest, key: 'general' }
  const of = (wireType: string, version: string, code: string) =>
    guideFor([general, guide], { wireType, version, guide: code })?.key ?? null
  expect(of('ORDERS', 'D.96A', 'EAN008')).toBe('sample')
  expect(of('ORDERS', 'D.96A', 'EAN007')).toBe('general')
  expect(of('ORDERS', 'D.01B', 'EAN008')).toBeNull()
  expect(of('INVOIC', 'D.96A', 'EAN008')).toBeNull()
  expect(findingsOf(good.replace('220', '231'), 'EAN007')).toEqual([])
})

it('a place is groups, a segment with its first value, and positions', () => {
  expect(readPlace('SG25/SG28/PRI+AAA/1/2')).toEqual({
    groups: ['SG25', 'SG28'],
    tag: 'PRI',
    qualifier: 'AAA',
    element: 1,
    component: 2,
  })
  for (const wrong of ['', 'nad', 'SG2', 'NAD/x', 'NAD/1/2/3', 'SG2/']) expect(readPlace(wrong)).toBeNull()
})
