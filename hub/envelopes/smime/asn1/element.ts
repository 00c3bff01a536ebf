import { limits } from '#hub/base/limits.ts'
import { Refusal } from '../../refusal.ts'

/*
 * BER in memory (ITU-T X.690 §8), for everything of a CMS that is small: certificates, recipients, signers, attributes.
 * Definite and indefinite lengths, constructed strings; bounded by the size of what is read and by `cmsDepth`. Tags
 * above 30, which neither CMS nor X.509 uses, are refused.
 */

/** Tags that CMS uses. */
export const tags = {
  integer: 0x02,
  bitString: 0x03,
  octets: 0x04,
  nothing: 0x05,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const

const constructedBit = 0x20

/** One element: its tag octet, its contents, and the exact bytes of all of it. */
export class Element {
  readonly tag: number
  readonly content: Buffer
  readonly raw: Buffer
  #depth: number

  constructor(tag: number, content: Buffer, raw: Buffer, depth: number) {
    this.tag = tag
    this.content = content
    this.raw = raw
    this.#depth = depth
  }

  get constructed(): boolean {
    return (this.tag & constructedBit) !== 0
  }

  /** The elements inside; an element that is not constructed has none to give and is refused. */
  children(): Element[] {
    if (!this.constructed) throw unreadable('an element without parts where parts are expected')
    return readAll(this.content, this.#depth + 1)
  }

  /** Its children, where it bears this tag. */
  parts(tag: number): Element[] {
    if (this.tag !== tag) throw unreadable('another element than expected')
    return this.children()
  }

  /** One of its children, where it bears this tag and has so many. */
  part(tag: number, index: number): Element {
    return need(this.parts(tag)[index])
  }

  /** The bytes of an octet string, whole or in pieces. `tag` is that of the primitive form, for one that is tagged implicitly. */
  octets(tag: number = tags.octets): Buffer {
    if (this.tag === tag) return this.content
    if (this.tag !== (tag | constructedBit)) throw unreadable('another element than an octet string')
    return Buffer.concat(this.children().map((child) => child.octets()))
  }

  /** An object identifier in dots, e.g. `1.2.840.113549.1.7.2`. */
  oid(): string {
    if (this.tag !== tags.oid) throw unreadable('another element than an object identifier')
    return dotted(this.content)
  }

  /** A whole number that fits in 31 bits, e.g. a version or the length of a salt. */
  small(): number {
    if (this.tag !== tags.integer || this.content.length === 0 || this.content.length > 4)
      throw unreadable('another element than a small number')
    return this.content.readIntBE(0, this.content.length)
  }
}

/** An element that has to be there. */
export function need(element: Element | undefined): Element {
  if (element === undefined) throw unreadable('an element is missing')
  return element
}

/** The one element that these bytes are; bytes behind it are refused. */
export function readElement(bytes: Buffer): Element {
  const [element, ...more] = readAll(bytes, 0)
  if (element === undefined || more.length > 0) throw unreadable('not one element')
  return element
}

function readAll(bytes: Buffer, depth: number): Element[] {
  if (depth > limits.cmsDepth) throw new Refusal('cmsTooLarge', { limit: 'cmsDepth', most: limits.cmsDepth })
  const elements: Element[] = []
  for (let at = 0; at < bytes.length;) {
    const { end, element } = readAt(bytes, at, depth)
    elements.push(element)
    at = end
  }
  return elements
}

function readAt(bytes: Buffer, at: number, depth: number): { element: Element; end: number } {
  const head = readHeader(bytes, at)
  if (head === null) throw unreadable('an element is cut off')
  const start = at + head.bytes
  if (head.length !== null) {
    const end = start + head.length
    if (end > bytes.length) throw unreadable('an element is longer than what holds it')
    return { element: new Element(head.tag, bytes.subarray(start, end), bytes.subarray(at, end), depth), end }
  }
  const close = endOfContents(bytes, start, depth)
  const end = close + 2
  return { element: new Element(head.tag, bytes.subarray(start, close), bytes.subarray(at, end), depth), end }
}

/** Where the end-of-contents octets of an element of indefinite length stand. */
function endOfContents(bytes: Buffer, start: number, depth: number): number {
  if (depth > limits.cmsDepth) throw new Refusal('cmsTooLarge', { limit: 'cmsDepth', most: limits.cmsDepth })
  for (let at = start; ;) {
    if (bytes[at] === 0 && bytes[at + 1] === 0) return at
    const head = readHeader(bytes, at)
    if (head === null) throw unreadable('an element of indefinite length does not end')
    at += head.bytes
    at = head.length === null ? endOfContents(bytes, at, depth + 1) + 2 : at + head.length
    if (at > bytes.length) throw unreadable('an element is longer than what holds it')
  }
}

export interface ElementHeader {
  tag: number
  /** Null for an indefinite length. */
  length: number | null
  /** Of tag and length themselves. */
  bytes: number
}

/** The tag and length octets at a place (X.690 §8.1.2, §8.1.3), or null where they are not all there. */
export function readHeader(bytes: Buffer, at: number): ElementHeader | null {
  if (at + 2 > bytes.length) return null
  const tag = bytes[at]!
  if ((tag & 0x1f) === 0x1f) throw unreadable('a tag above 30')
  const first = bytes[at + 1]!
  if (first < 0x80) return { tag, length: first, bytes: 2 }
  if (first === 0x80) {
    if ((tag & constructedBit) === 0) throw unreadable('an indefinite length without parts')
    return { tag, length: null, bytes: 2 }
  }
  const count = first & 0x7f
  // 2^48 bytes are more than any file
  if (count > 6) {
    const zeros = bytes.subarray(at + 2, at + 2 + count - 6)
    if (count > 16 || zeros.some((byte) => byte !== 0)) throw unreadable('a length beyond any file')
  }
  if (at + 2 + count > bytes.length) return null
  let length = 0
  for (let index = at + 2; index < at + 2 + count; index++) length = length * 256 + bytes[index]!
  return { tag, length, bytes: 2 + count }
}

function dotted(content: Buffer): string {
  if (content.length === 0 || content.length > 64 || content.at(-1)! >= 0x80)
    throw unreadable('an object identifier is cut off')
  const arcs: number[] = []
  let arc = 0
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f)
    if (arc > Number.MAX_SAFE_INTEGER) throw unreadable('an object identifier is too large')
    if (byte < 0x80) {
      arcs.push(arc)
      arc = 0
    }
  }
  const first = Math.min(2, Math.floor(arcs[0]! / 40))
  return [first, arcs[0]! - first * 40, ...arcs.slice(1)].join('.')
}

export function unreadable(reason: string): Refusal {
  return new Refusal('cmsUnreadable', { reason })
}
