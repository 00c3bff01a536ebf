import { expect, it } from 'vitest'
import { edifactFormat } from './index.ts'
import { valueOf, type EdifactMessage } from './tree.ts'

/** A message with an object of these bytes in it, whose header and trailer announce that length. */
function fileWith(object: Buffer, length = object.length): Buffer {
  return Buffer.concat([
    Buffer.from(
      `UNB+UNOC:4+A+B+20260101:1200+1'UNH+1+ORDERS:D:96A:UN'BGM+220+1+9'UNO+P1+1:D+13:x/y+${length}'`,
      'latin1',
    ),
    object,
    Buffer.from(`UNP+${length}+P1'UNT+5+1'UNZ+1+1'`, 'latin1'),
  ])
}

function read(bytes: Buffer, chunkBytes = bytes.length) {
  const reader = edifactFormat.reader()
  const events = []
  for (let at = 0; at < bytes.length; at += chunkBytes)
    events.push(...reader.push(bytes.subarray(at, at + chunkBytes)))
  events.push(...reader.end())
  const messages = events.flatMap((event) => (event.kind === 'message' ? [event.message] : []))
  const findings = events.flatMap((event) => {
    if (event.kind === 'message') return event.message.findings
    return event.kind === 'trailer' ? event.trailer.findings : []
  })
  return { messages, findings }
}

it('an object is passed over by its length, whatever its bytes, and however the file is cut', () => {
  const object = Buffer.from("UNZ+1+1'UNB+\x00\xff?'\r\n'UNT+1+1'", 'latin1')
  const file = fileWith(object)
  for (const chunkBytes of [1, 7, 64, file.length]) {
    const { messages, findings } = read(file, chunkBytes)
    expect(findings).toEqual([])
    const { segments } = messages[0]!.tree as EdifactMessage
    expect(segments.map((one) => one.tag)).toEqual(['UNH', 'BGM', 'UNO', 'UNP', 'UNT'])
    const trailer = segments[3]!
    expect(file.subarray(trailer.offset - object.length, trailer.offset)).toEqual(object)
  }
})

it('an object between messages is a package, counted or not', () => {
  const object = 'JVBERi0x'
  const file = (count: number) =>
    Buffer.from(
      `UNB+UNOC:4+A+B+20260101:1200+1'UNH+1+ORDERS:D:96A:UN'BGM+220+1+9'UNT+3+1'UNO+P1+1:D+13:x+8'${object}UNP+8+P1'UNZ+${count}+1'`,
    )
  for (const count of [1, 2]) expect(read(file(count)).findings).toEqual([])
  expect(read(file(3)).findings).toMatchObject([{ code: 'interchangeCountMismatch' }])
})

it('a length that is wrong is said, and what follows the object is read', () => {
  const object = Buffer.from('0123456789')
  expect(read(fileWith(object, 4)).findings.map((one) => one.code)).toContain('objectFaulty')
  const { messages, findings } = read(fileWith(object, 10_000))
  expect(messages).toHaveLength(1)
  expect(findings.map((one) => one.code)).toContain('interchangeOpen')
  const bytes = Buffer.from(fileWith(object).toString('latin1').replace('UNP+10+P1', 'UNP+10+P2'), 'latin1')
  const other = read(bytes)
  expect(other.findings).toMatchObject([{ code: 'objectFaulty', position: { tag: 'UNP' } }])
  expect(valueOf((other.messages[0]!.tree as EdifactMessage).segments[4], 1)).toBe('5')
})
