import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { edifactFormat } from './index.ts'
import { read, sample, segmentsOf } from './samples/read.ts'
import { separatorFault, separatorsOf } from './separators.ts'

const orders = sample('orders-d96a.edi')

it('random bytes never throw, and are never taken for an interchange that is whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 50 }), (bytes, chunk) => {
      const { trailers } = read(Buffer.from(bytes), { chunk })
      expect(trailers.every((one) => !one.closed)).toBe(true)
    }),
  )
})

it('an interchange with any bytes changed, lost or doubled never throws, in reading, checking nor answering', () => {
  const damage = fc.array(
    fc.tuple(fc.nat(orders.length - 1), fc.nat(255), fc.constantFrom('set', 'cut', 'double')),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  fc.assert(
    fc.property(damage, (changes) => {
      let bytes = Buffer.from(orders)
      for (const [at, byte, how] of changes) {
        if (how === 'set' && at < bytes.length) bytes[at] = byte
        else if (how === 'cut') bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 7)])
        else bytes = Buffer.concat([bytes.subarray(0, at + 20), bytes.subarray(at)])
      }
      const { messages, interchanges, trailers } = read(bytes, { chunk: 100 })
      expect(trailers).toHaveLength(interchanges.length)
      const judged = messages.map((message) => ({
        message,
        accepted: false,
        findings: [...message.findings, ...edifactFormat.check(message)],
      }))
      interchanges.forEach((interchange, index) =>
        edifactFormat.acknowledge({
          interchange,
          trailer: trailers[index]!,
          messages: judged,
          findings: [],
          state: 'partial',
        }),
      )
    }),
  )
})

it('E5 every UNA with a letter, digit, blank, control character or a clash is refused with 20 or 22', () => {
  const valid = [...":+.?*'"]
  const hostile: string[] = []
  for (const place of [0, 1, 2, 5]) {
    for (const character of 'AUZaz09 \0\t\x07\x7f\x80\xff\r'.slice(0, place === 5 ? -1 : undefined)) {
      hostile.push(valid.map((one, index) => (index === place ? character : one)).join(''))
    }
  }
  for (const character of 'AUZaz09\0\t\r\n\x80') hostile.push(`:+.${character}*'`, `:+.?${character}'`)
  for (let one = 0; one < 6; one++) {
    for (let other = 0; other < 6; other++) {
      if (one !== other)
        hostile.push(valid.map((character, index) => (index === one ? valid[other] : character)).join(''))
    }
  }
  for (const mark of 'AUZaz09') for (const repetition of ' *') hostile.push(`:+${mark}?${repetition}'`)
  for (const [index, character] of [...'!"#$%&()-/;<=>@[]^_`{|}~\\'].entries()) {
    hostile.push(
      `${character}${character}.?*'`,
      `:${character}.?${character}'`,
      index % 2 ? `${character}+.${character}*'` : `:+${character}?*${character}`,
    )
  }
  expect(hostile.length).toBeGreaterThanOrEqual(200)
  for (const six of hostile) {
    const fault = separatorFault(separatorsOf(six), 4)
    expect(fault, JSON.stringify(six)).not.toBeNull()
    expect(['20', '22']).toContain(fault?.answerCode)
    const text = `UNA${six}UNB${six[1]}UNOC${six[0]}4${six[1]}S${six[1]}R${six[1]}20260114${six[0]}0915${six[1]}1${six[5]}UNZ`
    const reading = read(text)
    expect(reading.errors.length, JSON.stringify(text)).toBeGreaterThan(0)
    expect(reading.trailers.every((one) => !one.closed)).toBe(true)
  }
})

it('the refusal of a UNA is a finding of the interchange, and answered with its code', () => {
  const { interchanges } = read("UNA:+.+ 'UNB+UNOC:3+S+R+260114:0915+1'UNZ+0+1'")
  expect(interchanges[0]?.findings).toMatchObject([
    {
      code: 'serviceCharacterInvalid',
      answerCode: '22',
      message: expect.stringContaining('"+" serves both'),
    },
  ])
})

/** The segments as npm `edifact` reads them: the reference where it reads a file at all. */
function reference(text: string): { tag: string; elements: string[][] }[] {
  const require = createRequire(import.meta.url)
  const Parser = require('edifact/parser.js') as new () => ReferenceParser
  const parser = new Parser()
  const segments: { tag: string; elements: string[][] }[] = []
  parser.encoding('UNOC')
  parser.onopensegment = (tag) => void segments.push({ tag, elements: [] })
  parser.onelement = () => void segments.at(-1)?.elements.push([])
  parser.oncomponent = (value) => void segments.at(-1)?.elements.at(-1)?.push(value)
  parser.write(text)
  parser.end()
  return segments
}

interface ReferenceParser {
  encoding(level: string): void
  write(text: string): void
  end(): void
  onopensegment: (tag: string) => void
  onelement: () => void
  oncomponent: (value: string) => void
}

it.each(['contrl-partial.edi', 'orders-d96a.edi', 'orders-one-bad.edi', 'orders-groups.edi'])(
  'npm edifact reads the same segments in %s',
  (file) => {
    const text = sample(file).toString('latin1')
    const expected = reference(text).filter((one) => !['UNB', 'UNG', 'UNE', 'UNZ'].includes(one.tag))
    const ours = read(sample(file)).messages.flatMap((message) => segmentsOf(message))
    expect(ours.map(({ tag, elements }) => ({ tag, elements }))).toEqual(expected)
    expect(ours.length).toBeGreaterThan(5)
  },
)
