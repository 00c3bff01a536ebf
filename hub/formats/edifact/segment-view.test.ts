import { expect, it } from 'vitest'
import { describeSegments } from './segment-view.ts'
import { segment } from './tree.ts'

const segments = [
  segment('UNH', '1', ['ORDERS', 'D', '96A', 'UN']),
  segment('DTM', ['137', '20260101', '102']),
  segment('NAD', 'BY', ['4012345000009', '', '9']),
  segment('NAD', 'Q9'),
  segment('XYZ', '1'),
]

it('a segment is described by the names of its directory, its codes by their meaning', () => {
  const message = { wireType: 'ORDERS', version: 'D.96A', agency: 'UN', tree: { segments } }
  const [header, date, buyer, other, unknown] = describeSegments(message, 100)
  expect(header).toMatchObject({ name: 'Message header', meaning: '' })
  expect(date).toMatchObject({ name: 'Date/time/period', meaning: 'Document/message date/time' })
  expect(buyer).toMatchObject({
    name: 'Name and address',
    meaning: 'Buyer',
    values: [
      ['3035 Party qualifier: Buyer'],
      [
        '3039 Party id. identification',
        '',
        expect.stringMatching(/^3055 Code list responsible agency, coded: EAN/),
      ],
    ],
  })
  expect(other).toMatchObject({ name: 'Name and address', meaning: '', values: [['3035 Party qualifier']] })
  expect(unknown).toEqual({ name: '', meaning: '', values: [] })
  expect(describeSegments(message, 2)).toHaveLength(2)
})

it('without a directory only the service segments are', () => {
  const message = { wireType: 'ORDERS', version: 'D.96A', agency: 'ZZ', tree: { segments } }
  expect(describeSegments(message, 100).map((one) => one.name)).toEqual(['Message header', '', '', '', ''])
})
