import { expect, test } from 'vitest'
import type { EntryType } from '#hub/model/entries.ts'
import { inTellingOrder } from './timeline-order.ts'

const entry = (type: EntryType, ms: number) => ({ type, at: new Date(1_800_000_000_000 + ms) })
const told = (...entries: { type: EntryType; at: Date }[]) => inTellingOrder(entries).map(({ type }) => type)

test('what one transaction wrote is told as it follows: judged, processed, queued, answered', () => {
  expect(
    told(
      entry('acknowledgement.owed', 20),
      entry('output.queued', 20),
      entry('document.processed', 20),
      entry('interchange.judged', 21),
      entry('transmission.accepted', 0),
    ),
  ).toEqual([
    'transmission.accepted',
    'interchange.judged',
    'document.processed',
    'output.queued',
    'acknowledgement.owed',
  ])
})

test('what happened at different times is told by the clock alone', () => {
  expect(
    told(entry('delivery.released', 9), entry('delivery.held', 5), entry('delivery.delivered', 40)),
  ).toEqual(['delivery.held', 'delivery.released', 'delivery.delivered'])
  expect(told(entry('document.delivered', 3), entry('delivery.delivered', 3))).toEqual([
    'delivery.delivered',
    'document.delivered',
  ])
})
