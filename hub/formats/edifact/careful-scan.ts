import type { Charset } from './charset.ts'
import { Kind, type ByteKinds } from './byte-kinds.ts'
import type { EdifactSegment } from './tree.ts'

/** Something in a segment that the standard does not allow; `at` is the byte's index in what was scanned. */
export interface Oddity {
  kind: 'character' | 'repertoire' | 'needlessRelease' | 'lineBreak' | 'terminatorMissing'
  at: number
}

export interface CarefulRead {
  segment: EdifactSegment
  oddities: Oddity[]
  /** Whether there were more values than a segment may have: they are left out. */
  overfull: boolean
  /** Index behind the segment. */
  end: number
}

/** Bytes, the same as ISO 8859-1, what each of them is, and how many values a segment may have. */
export interface LoadedBytes {
  bytes: Buffer
  text: string
  kinds: ByteKinds
  valuesMost: number
}

/**
 * Reads one segment with all that the scanner's fast path leaves out: released characters, repetition, characters to
 * decode or outside the charset, line ends in the middle, explicit nesting in the tag. Null if the bytes end first.
 * Release characters are taken from left to right, one character each; what they precede is content, whatever it is.
 */
export function readCarefully(
  { bytes, text, kinds, valuesMost }: LoadedBytes,
  from: number,
): CarefulRead | null {
  const { table } = kinds
  const builder = new Builder(valuesMost)
  let encoded = false
  let at = from
  let mark = from
  while (at < bytes.length) {
    const kind = table[bytes[at]!]!
    if (kind === Kind.ordinary) {
      at++
    } else if (kind <= Kind.repetition) {
      builder.value(text.slice(mark, at), kind)
      mark = ++at
      if (kind === Kind.terminator) return finish(builder, { bytes, kinds, from, end: at, encoded })
    } else if (kind === Kind.release) {
      if (at + 1 >= bytes.length) return null
      const released = table[bytes[at + 1]!]!
      if (released === Kind.ordinary || released > Kind.release) builder.odd('needlessRelease', at)
      if (released === Kind.faulty) builder.odd('character', at + 1)
      encoded ||= released === Kind.encoded
      builder.part(text.slice(mark, at))
      mark = at + 1
      at += 2
    } else if (kind === Kind.lineEnd) {
      const isPartOfTerminator = endsWithTerminator(bytes, kinds, at)
      if (!isPartOfTerminator && isCut(bytes, kinds, at)) {
        builder.odd('terminatorMissing', at)
        builder.value(text.slice(mark, at), Kind.terminator)
        return finish(builder, { bytes, kinds, from, end: at + 1, encoded })
      }
      if (!isPartOfTerminator) builder.odd('lineBreak', at)
      builder.part(text.slice(mark, at))
      mark = ++at
    } else {
      if (kind === Kind.encoded) encoded = true
      else builder.odd(kind === Kind.faulty ? 'character' : 'repertoire', at)
      at++
    }
  }
  return null
}

/** Which element, component and repetition of the segment at `from` the byte at `offset` stands in; none for the tag. */
export function locate(
  bytes: Buffer,
  kinds: ByteKinds,
  from: number,
  offset: number,
): { element?: number; component?: number; repetition?: number } {
  let element = 0
  let component = 1
  let repetition = 1
  for (let at = from; at < offset; at++) {
    const kind = kinds.table[bytes[at]!]!
    if (kind === Kind.release) at++
    else if (kind === Kind.component) component++
    else if (kind === Kind.repetition) [repetition, component] = [repetition + 1, 1]
    else if (kind === Kind.element) [element, component, repetition] = [element + 1, 1, 1]
  }
  if (element === 0) return {}
  return repetition > 1 ? { element, component, repetition } : { element, component }
}

class Builder {
  readonly oddities: Oddity[] = []
  #prefix = ''
  #tag: string | null = null
  #nesting: string[] = []
  #elements: string[][] = []
  #repetitions: { element: number; components: string[] }[] = []
  #components: string[] = []
  #repeating = false
  #inTag = true
  #values = 0
  readonly #valuesMost: number

  constructor(valuesMost: number) {
    this.#valuesMost = valuesMost
  }

  get overfull(): boolean {
    return this.#values > this.#valuesMost
  }

  /** Part of a value: what stands before a release character or a line end. */
  part(text: string): void {
    if (!this.overfull) this.#prefix += text
  }

  /** The rest of a value, and the separator that ends it. */
  value(rest: string, separator: number): void {
    const value = this.#prefix + rest
    this.#prefix = ''
    if (this.#tag === null) this.#tag = value
    else if (++this.#values > this.#valuesMost) return this.#empty()
    else if (this.#inTag) this.#nesting.push(value)
    else this.#components.push(value)
    if (separator !== Kind.component) this.#closeElement(separator)
  }

  odd(kind: Oddity['kind'], at: number): void {
    const repeats = this.oddities.some((one) => one.kind === kind)
    if (!repeats || (kind === 'character' && this.oddities.length < charactersReported)) {
      this.oddities.push({ kind, at })
    }
  }

  segment(decode: ((bytes: string) => string) | null): EdifactSegment {
    const decoded = (components: string[]): string[] => (decode ? components.map(decode) : components)
    const segment: EdifactSegment = {
      tag: this.#tag ?? '',
      offset: 0,
      elements: this.#elements.map(decoded),
    }
    if (this.#nesting.length > 0) segment.nesting = this.#nesting
    if (this.#repetitions.length > 0) {
      segment.repetitions = this.#repetitions.map((one) => ({ ...one, components: decoded(one.components) }))
    }
    return segment
  }

  #empty(): void {
    this.#nesting = []
    this.#elements = []
    this.#repetitions = []
    this.#components = []
  }

  #closeElement(separator: number): void {
    if (this.#inTag) {
      this.#inTag = false
      return
    }
    if (this.#repeating) {
      this.#repetitions.push({ element: this.#elements.length, components: this.#components })
    } else {
      this.#elements.push(this.#components)
    }
    this.#components = []
    this.#repeating = separator === Kind.repetition
  }
}

/** Faulty characters reported of one segment. */
const charactersReported = 20

interface Extent {
  bytes: Buffer
  kinds: ByteKinds
  from: number
  end: number
  encoded: boolean
}

function finish(builder: Builder, extent: Extent): CarefulRead {
  const { bytes, kinds, from, end, encoded } = extent
  const charset = encoded ? kinds.charset : null
  if (charset && !charset.wellFormed(bytes.subarray(from, end))) {
    builder.odd('character', from + firstIllFormed(charset, bytes.subarray(from, end)))
  }
  const segment = builder.segment(charset ? (value) => decodeValue(charset, value) : null)
  return { segment, oddities: builder.oddities, overfull: builder.overfull, end }
}

function decodeValue(charset: Charset, value: string): string {
  return /[\x80-\xff\x1b]/.test(value) ? charset.decode(value) : value
}

/** Index of the first byte that belongs to no whole character. Only faulty segments come here. */
function firstIllFormed(charset: Charset, bytes: Buffer): number {
  let at = 0
  while (at < bytes.length) {
    let size = 1
    while (size < 4 && !charset.wellFormed(bytes.subarray(at, at + size))) size++
    if (!charset.wellFormed(bytes.subarray(at, at + size))) return at
    at += size
  }
  return 0
}

/** A CR before the LF that terminates the segment belongs to the line end. */
function endsWithTerminator(bytes: Buffer, kinds: ByteKinds, at: number): boolean {
  return bytes[at] === 0x0d && bytes[at + 1] === 0x0a && kinds.separators.terminator === 0x0a
}

/** Whether a line end stands where a terminator is missing: a service segment begins behind it. */
function isCut(bytes: Buffer, kinds: ByteKinds, lineEnd: number): boolean {
  let at = lineEnd
  while (bytes[at] === 0x0a || bytes[at] === 0x0d) at++
  if (bytes[at] !== 0x55 || bytes[at + 1] !== 0x4e) return false
  const third = String.fromCharCode(bytes[at + 2] ?? 0)
  return 'ABEGHTZ'.includes(third) && (third === 'A' || bytes[at + 3] === kinds.separators.element)
}
