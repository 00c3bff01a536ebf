import { readCarefully, type Oddity } from './careful-scan.ts'
import { Kind, type ByteKinds } from './byte-kinds.ts'
import type { EdifactSegment } from './tree.ts'

/**
 * Cuts bytes into segments (ISO 9735-1 clauses 7 and 8): the inner loop of the reader. One table says for each byte what
 * it does; a run of ordinary bytes costs one look-up each, and values are slices of one string. It knows separators and
 * characters, no envelope. A segment with anything but plain values is read again by `readCarefully`.
 */
export class Scanner {
  /** The segment that `next` has read. */
  segment: EdifactSegment = { tag: '', offset: 0, elements: [] }
  /** What was odd in it, by offset within the loaded bytes. */
  oddities: readonly Oddity[] = none
  /** Whether it had more values than a segment may have: then it has none of them. */
  overfull = false
  kinds: ByteKinds
  bytes: Buffer = Buffer.alloc(0)
  /** Offset of the first loaded byte within the file. */
  base = 0
  #text = ''
  /** Values that a segment may have. */
  readonly #valuesMost: number
  readonly #scratchElements: string[][] = []
  readonly #scratchComponents: string[] = []

  constructor(kinds: ByteKinds, valuesMost: number) {
    this.kinds = kinds
    this.#valuesMost = valuesMost
  }

  load(bytes: Buffer, base: number): void {
    this.bytes = bytes
    this.base = base
    this.#text = bytes.toString('latin1')
  }

  /** Where the next segment begins: past blanks, line ends and what pads files. The length if none does. */
  skipLayout(from: number): number {
    const { bytes } = this
    let at = from
    while (at < bytes.length && isLayout(bytes[at]!)) at++
    return at
  }

  /**
   * Reads the segment that begins at `from` into `segment` and `oddities`. Returns where it ends, behind its terminator,
   * or -1 if the bytes end first.
   */
  next(from: number): number {
    const { bytes } = this
    const { table } = this.kinds
    const text = this.#text
    const length = bytes.length
    const valuesMost = this.#valuesMost
    let at = from
    while (at < length && table[bytes[at]!] === Kind.ordinary) at++
    if (at >= length) return -1
    let kind = table[bytes[at]!]!
    if (kind !== Kind.element && kind !== Kind.terminator) return this.#carefully(from)
    const tag = at - from === 3 ? tagAt(bytes, text, from) : text.slice(from, at)
    const scratchElements = this.#scratchElements
    const scratchComponents = this.#scratchComponents
    let elements = 0
    let components = 0
    let values = 0
    while (kind !== Kind.terminator) {
      const begin = ++at
      while (at < length && table[bytes[at]!] === Kind.ordinary) at++
      if (at >= length) return -1
      kind = table[bytes[at]!]!
      if (kind > Kind.terminator || ++values > valuesMost) return this.#carefully(from)
      const value = text.slice(begin, at)
      if (kind === Kind.component) {
        scratchComponents[components++] = value
      } else if (components === 0) {
        scratchElements[elements++] = [value]
      } else {
        scratchComponents[components++] = value
        scratchElements[elements++] = exactly(scratchComponents, components)
        components = 0
      }
    }
    this.oddities = none
    this.overfull = false
    this.segment = { tag, offset: this.base + from, elements: exactly(scratchElements, elements) }
    return at + 1
  }

  #carefully(from: number): number {
    const read = readCarefully(
      { bytes: this.bytes, text: this.#text, kinds: this.kinds, valuesMost: this.#valuesMost },
      from,
    )
    if (read === null) return -1
    this.oddities = read.oddities
    this.overfull = read.overfull
    this.segment = read.segment
    this.segment.offset = this.base + from
    return read.end
  }
}

const none: readonly Oddity[] = []

/**
 * Tags by their three bytes, as many as there is room for: a tag that comes again is the same string, so that whoever
 * looks it up or compares it need not read it.
 */
const kept = Array.from({ length: 1024 }, () => ({ code: 0, tag: '' }))

function tagAt(bytes: Buffer, text: string, from: number): string {
  const code = (bytes[from]! << 16) | (bytes[from + 1]! << 8) | bytes[from + 2]!
  const slot = kept[(code ^ (code >> 7)) & 1023]!
  if (slot.code !== code) {
    slot.code = code
    slot.tag = text.slice(from, from + 3)
  }
  return slot.tag
}

/** The first items as an array without spare room: arrays that grow by `push` keep room for sixteen more. */
function exactly<T>(scratch: readonly T[], count: number): T[] {
  return scratch.slice(0, count)
}

/** Blank, tab, CR, LF, NUL and the end-of-file mark of old systems: ignored between segments. */
function isLayout(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0x00 || byte === 0x1a
}
