import { tags } from './element.ts'

/* DER (ITU-T X.690 §10), written from the inside out. */

/** An element of this tag and these contents. */
export function der(tag: number, ...contents: Buffer[]): Buffer {
  const length = contents.reduce((sum, content) => sum + content.length, 0)
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(length)]), ...contents])
}

/** The first octets of an element of this length: for contents that follow as a stream. */
export function derHeader(tag: number, length: number): Buffer {
  return Buffer.from([tag, ...lengthOctets(length)])
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length]
  const octets: number[] = []
  for (let left = length; left > 0; left = Math.floor(left / 256)) octets.unshift(left % 256)
  return [0x80 | octets.length, ...octets]
}

export function sequence(...contents: Buffer[]): Buffer {
  return der(tags.sequence, ...contents)
}

/** SET OF: DER wants its elements in the order of their bytes (X.690 §11.6; M24). */
export function setOf(...elements: Buffer[]): Buffer {
  return der(tags.set, ...elements.toSorted((a, b) => Buffer.compare(a, b)))
}

export function octetString(bytes: Buffer): Buffer {
  return der(tags.octets, bytes)
}

/** A whole number of 0 or more that fits in 31 bits. */
export function smallInteger(value: number): Buffer {
  const bytes = Buffer.alloc(5)
  bytes.writeUInt32BE(value, 1)
  let start = 0
  while (start < 4 && bytes[start] === 0 && bytes[start + 1]! < 0x80) start += 1
  return der(tags.integer, bytes.subarray(start))
}

/** [number], explicit or constructed. */
export function tagged(number: number, ...contents: Buffer[]): Buffer {
  return der(0xa0 | number, ...contents)
}

export const derNull = Buffer.from([tags.nothing, 0])

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return der(tags.oid, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(arc: number): number[] {
  const octets = [arc % 128]
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
    octets.unshift(0x80 | (left % 128))
  return octets
}

/** UTCTime up to 2049, GeneralizedTime from 2050 (RFC 5652 §11.3). */
export function signingTime(at: Date): Buffer {
  const digits = at.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return at.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(digits.slice(2), 'latin1'))
    : der(0x18, Buffer.from(digits, 'latin1'))
}
