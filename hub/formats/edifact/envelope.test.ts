import { expect, it } from 'vitest'
import { isAccepted, read } from './samples/read.ts'

const header = (sender: string, receiver: string, reference: string) =>
  `UNB+UNOC:3+${sender}+${receiver}+260114:0915+${reference}'UNH+1+ORDERS:D:96A:UN'BGM+220+1+9'UNT+3+1'UNZ+1+${reference}'`

it('names and references as long as the standard allows are taken', () => {
  expect(isAccepted(read(header('S'.repeat(35), 'R'.repeat(35), 'X'.repeat(14))))).toBe(true)
})

it.each([
  ['S'.repeat(36), 'R', '1', 'elementTooLong', 2],
  ['S', 'R'.repeat(3_000), '1', 'elementTooLong', 3],
  ['S', 'R', 'X'.repeat(15), 'elementTooLong', 5],
  ['S', 'R', 'X'.repeat(20_000), 'elementTooLong', 5],
  ['S\0', 'R', '1', 'elementTypeWrong', 2],
  ['S:Z\0', 'R', '1', 'elementTypeWrong', 2],
  ['S', 'R\x01', '1', 'elementTypeWrong', 3],
  ['S', 'R', '1\0', 'elementTypeWrong', 5],
])('a header that names what cannot be kept is at fault, at its place (%#)', (...given) => {
  const [sender, receiver, reference, code, element] = given
  const reading = read(header(sender, receiver, reference))
  expect(reading.interchanges[0]!.findings).toContainEqual(
    expect.objectContaining({
      code,
      severity: 'error',
      position: expect.objectContaining({ tag: 'UNB', element, offset: 0 }) as unknown,
    }),
  )
  const { reference: kept, sender: from, receiver: to } = reading.interchanges[0]!
  for (const text of [kept, from!.value, from!.scheme, to!.value]) {
    expect(text.length).toBeLessThan(45)
    expect(text).not.toMatch(/\p{Cc}/u)
  }
})

it('a reference that is too long is not said to differ from that of UNZ', () => {
  expect(read(header('S', 'R', 'X'.repeat(50))).errors).toEqual(['elementTooLong'])
})
