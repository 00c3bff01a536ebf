import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkCanonical } from '#hub/canonical/index.ts'
import { edifactFormat } from '#hub/formats/edifact/index.ts'
import { libraryMappings } from '#mappings/engine/index.ts'

const mapping = 'order/edifact-d96a'
const order = readFileSync(new URL('samples/order-345.edi', import.meta.url), 'latin1')

/** What the order lacks without some of its segments: each with what to write. */
function lacking(segment: RegExp): string[] {
  const reader = edifactFormat.reader()
  const events = [...reader.push(Buffer.from(order.replace(segment, ''), 'latin1')), ...reader.end()]
  const [message] = events.flatMap((event) => (event.kind === 'message' ? [event.message] : []))
  return checkCanonical(libraryMappings.toCanonical(mapping, message!).canonical).map(({ position }) => {
    const place = libraryMappings.placeOf(mapping, position.path!)
    return place === null ? position.path! : `${place.what}: ${place.write}`
  })
}

test.each([
  [/DTM\+137[^']*'/, "The order's date: DTM+137"],
  [/NAD\+BY[^']*'/, 'The buyer: NAD+BY'],
  [/NAD\+SU[^']*'/, 'The seller: NAD+SU'],
  [/QTY\+21[^']*'/, 'Line 1: its quantity: QTY+21'],
  [/LIN\+[^]*(?=UNS)/, "The order's first line: LIN"],
])('an EDIFACT order without %s is told which segment to add', (segment, said) => {
  expect(lacking(segment)).toContain(said)
})

test('other formats name what is missing by its path', () => {
  expect(libraryMappings.placeOf('order/json', 'issueDate')).toBeNull()
  expect(libraryMappings.placeOf('order/ubl-2.1', 'issueDate')).toBeNull()
  expect(libraryMappings.placeOf(mapping, 'constructor')).toBeNull()
})
