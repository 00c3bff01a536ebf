import { isAscii, isUtf8 } from 'node:buffer'
import { hubTrafficLimits, type TrafficLimits } from '#hub/base/traffic-limits.ts'
import type { FormatEvent, FormatReader, ReadOptions } from '#hub/model/format.ts'
import type { Position } from '#hub/model/findings.ts'
import { Assembly, type PlacedOddity } from './assembly.ts'
import { locate } from './careful-scan.ts'
import { interchangeOf, syntaxOf } from './envelope.ts'
import { overfull, quoted } from './findings.ts'
import { byteKinds, Kind } from './byte-kinds.ts'
import { batch, interactive } from './service-layouts.ts'
import { Scanner } from './scanner.ts'
import { acceptedDecimalMarks, defaultSeparators, noSeparator } from './separators.ts'
import { findStart, nextCandidate, startsInterchange, type Start } from './start.ts'
import { valueOf, type EdifactSegment } from './tree.ts'

/**
 * Reads EDIFACT (ISO 9735 syntax versions 1 to 4, batch and interactive) from chunks cut anywhere.
 *
 *     file         = { padding  interchange }
 *     interchange  = [ UNA ]  UNB  { [ UNG ]  { UNH … UNT }  [ UNE ] }  UNZ
 *
 * Never throws for content. A damaged message keeps its faults to itself: reading goes on at the next UNH, UNE, UNZ or
 * UNB that stands at a segment boundary. Memory is bounded by one message. The bytes of an object (UNO … UNP) are passed
 * over by their length; they stand before the offset of UNP.
 * `options.charset` wins over the envelope's.
 */
export function edifactReader(options: ReadOptions = {}): FormatReader {
  return new Reader(options)
}

/** A window much smaller than this would cost more than it saves. */
const leastWindowBytes = 8 * 1024

/** Shown of garbage: as many bytes as are there whenever it is told. */
const previewBytes = 9

const none: readonly PlacedOddity[] = []

/** Until an interchange begins. */
const initialKinds = byteKinds(defaultSeparators, null)

class Reader implements FormatReader {
  readonly #options: ReadOptions
  readonly #limits: TrafficLimits
  /** Bytes turned into text at once: more than a segment may have, so that a whole one always fits. */
  readonly #windowBytes: number
  readonly #scanner: Scanner
  readonly #assembly: Assembly
  #state: 'outside' | 'inside' | 'skipping' | 'object' = 'outside'
  /** Bytes of an object that are still to come. */
  #objectBytes = 0
  /** Bytes not used yet, and the offset of their first within the file. */
  #rest: Buffer = Buffer.alloc(0)
  #base = 0
  #final = false
  #interchanges = 0
  /** Garbage is reported once, however many chunks it fills. */
  #inGarbage = false
  /** Whether the bytes that are read have some above 127, in a charset of single bytes. */
  #mayBeUtf8 = false
  /** While skipping: whether the next byte is released. */
  #released = false

  constructor(options: ReadOptions) {
    this.#options = options
    this.#limits = options.limits ?? hubTrafficLimits
    this.#windowBytes = 2 * Math.max(this.#limits.segmentBytes, leastWindowBytes)
    this.#scanner = new Scanner(initialKinds, this.#limits.segmentElements)
    this.#assembly = new Assembly(this.#limits, options.wantsTree)
  }

  push(chunk: Buffer): FormatEvent[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    this.#advance()
    return this.#assembly.drain()
  }

  end(): FormatEvent[] {
    const { terminator } = this.#scanner.kinds.separators
    // A file whose segments end with the line may lack its last line end.
    if (this.#state === 'inside' && this.#rest.length > 0 && (terminator === 0x0a || terminator === 0x0d)) {
      this.#rest = Buffer.concat([this.#rest, Buffer.of(terminator)])
    }
    this.#final = true
    this.#advance()
    if (this.#state !== 'outside') {
      const unterminated = this.#rest.length > 0 ? this.#rest.toString('latin1', 0, 24) : null
      this.#assembly.abandon(this.#base, unterminated)
    }
    return this.#assembly.drain()
  }

  #advance(): void {
    let at = 0
    for (;;) {
      const before = at
      const state = this.#state
      if (state === 'outside') at = this.#readOutside(at)
      else if (state === 'inside') at = this.#readInside(at)
      else if (state === 'object') at = this.#passObject(at)
      else at = this.#skip(at)
      if (at === before && state === this.#state) break
    }
    // Copied, so that a short rest does not keep a whole chunk in memory.
    if (at > 0) this.#rest = Buffer.from(this.#rest.subarray(at))
    this.#base += at
  }

  /** Looks for an interchange. This and the next three return up to where the bytes are used. */
  #readOutside(at: number): number {
    if (this.#inGarbage) return this.#readGarbage(at)
    const start = findStart(this.#rest, at, this.#final)
    if (start.kind === 'wait') return start.from
    if (start.kind === 'garbage') {
      this.#reportGarbage(start.from)
      return start.from
    }
    return this.#openOrWait(start)
  }

  /** Goes through garbage, whose last byte is `at`: it is kept, to tell whether what follows stands at a boundary. */
  #readGarbage(at: number): number {
    const next = nextCandidate(this.#rest, at, this.#final)
    if (next >= this.#rest.length)
      return this.#final ? this.#rest.length : Math.max(at, this.#rest.length - 1)
    const start = findStart(this.#rest, next, this.#final)
    if (start.kind === 'wait') return next - 1
    return start.kind === 'garbage' ? next : this.#openOrWait(start)
  }

  #openOrWait(start: Extract<Start, { kind: 'interchange' }>): number {
    const used = this.#open(start)
    if (used >= 0) return used
    const waits = !this.#final && this.#rest.length - start.headerAt <= this.#limits.segmentBytes
    if (waits) return this.#inGarbage ? start.from - 1 : start.from
    this.#reportGarbage(start.from)
    return start.headerAt
  }

  /** Reads segments until the bytes or the interchange end. */
  #readInside(at: number): number {
    const rest = this.#rest
    let used = at
    for (;;) {
      const bytes = rest.subarray(used, used + this.#windowBytes)
      const read = this.#readWindow(bytes, this.#base + used)
      used += read
      if (this.#state !== 'inside') return used
      if (read > 0) continue
      if (bytes.length <= this.#limits.segmentBytes) return used
      this.#assembly.takeTooLong(bytes.toString('latin1', 0, 3), this.#base + used)
      this.#state = 'skipping'
      this.#released = false
      return used
    }
  }

  #readWindow(bytes: Buffer, base: number): number {
    const scanner = this.#scanner
    const { element } = scanner.kinds.separators
    scanner.load(bytes, base)
    this.#mayBeUtf8 = scanner.kinds.charset?.singleByte === true && !isAscii(bytes)
    let from = 0
    for (;;) {
      from = scanner.skipLayout(from)
      if (bytes[from] === 0x55 && startsInterchange(bytes, from, element)) {
        this.#assembly.abandon(base + from, null)
        this.#state = 'outside'
        return from
      }
      const end = scanner.next(from)
      if (end < 0) return from
      if (!this.#take(from, end)) {
        this.#state = 'outside'
        return end
      }
      if (scanner.segment.tag === 'UNO') {
        this.#objectBytes = objectBytesOf(scanner.segment)
        this.#state = 'object'
        return end
      }
      from = end
    }
  }

  #take(from: number, end: number): boolean {
    const { segment, oddities } = this.#scanner
    const length = end - from
    if (length > this.#limits.segmentBytes) {
      this.#assembly.takeTooLong(segment.tag.slice(0, 3), segment.offset)
      return true
    }
    if (this.#scanner.overfull) {
      this.#assembly.takeOverfull(segment)
      return true
    }
    const placed = oddities.length === 0 ? none : this.#placed(from)
    const taken = { segment, length, oddities: placed }
    if (!this.#mayBeUtf8) return this.#assembly.take(taken)
    const bytes = this.#scanner.bytes.subarray(from, end)
    return this.#assembly.take(isAscii(bytes) ? taken : { ...taken, utf8: isUtf8(bytes) })
  }

  #passObject(at: number): number {
    const passed = Math.min(this.#objectBytes, this.#rest.length - at)
    this.#objectBytes -= passed
    if (this.#objectBytes === 0) this.#state = 'inside'
    return at + passed
  }

  /** Passes over a segment that is too long, up to its terminator. */
  #skip(at: number): number {
    const { table } = this.#scanner.kinds
    const rest = this.#rest
    for (let index = at; index < rest.length; index++) {
      const kind = table[rest[index]!]
      if (this.#released) this.#released = false
      else if (kind === Kind.release) this.#released = true
      else if (kind === Kind.terminator) {
        this.#state = 'inside'
        return index + 1
      }
    }
    return rest.length
  }

  /** Opens the interchange that begins here; -1 if its header is not complete yet. */
  #open(start: Extract<Start, { kind: 'interchange' }>): number {
    const { from, headerAt } = start
    const scanner = this.#scanner
    scanner.kinds = byteKinds({ ...start.separators, repetition: noSeparator }, null, true)
    const bytes = this.#rest.subarray(headerAt, headerAt + this.#limits.segmentBytes)
    scanner.load(bytes, this.#base + headerAt)
    const hasHeader = /^U[NI]B/.test(bytes.toString('latin1', 0, 3))
    if (hasHeader && scanner.next(0) < 0) return -1
    const syntax = syntaxOf(hasHeader ? scanner.segment : assumedHeader, start, this.#options.charset)
    // Read once more, now that the charset is known: names in the header are written in it.
    scanner.kinds = byteKinds(syntax.separators, syntax.charset, true)
    const length = hasHeader ? scanner.next(0) : 0
    const header = hasHeader ? scanner.segment : null
    const layout = header?.tag === interactive.header ? interactive : batch
    const place = { position: ++this.#interchanges, offset: this.#base + from }
    const interchange = interchangeOf(header, layout, place)
    for (const one of syntax.findings) interchange.findings.push(one)
    if (header !== null && scanner.overfull) interchange.findings.push(overfull(header, this.#limits))
    for (const one of interchange.findings) one.position.interchange = place.position
    const decimalMarks = acceptedDecimalMarks(syntax.separators, start.advised, syntax.version)
    const syntaxVersion = syntax.version
    this.#assembly.open(interchange, { layout, decimalMarks, charset: syntax.charset.name, syntaxVersion })
    if (header)
      this.#assembly.reportHeader(interchange, { segment: header, length, oddities: this.#placed(0) })
    scanner.kinds = byteKinds(syntax.separators, syntax.charset)
    this.#inGarbage = false
    this.#state = 'inside'
    return headerAt + length
  }

  #placed(from: number): PlacedOddity[] {
    const { bytes, kinds, base, oddities } = this.#scanner
    return oddities.map(({ kind, at }) => {
      const where: Position = { ...locate(bytes, kinds, from, at), offset: base + at }
      return { kind, byte: bytes[at] ?? 0, where }
    })
  }

  #reportGarbage(at: number): void {
    if (this.#inGarbage) return
    this.#inGarbage = true
    const preview = quoted(this.#rest.toString('latin1', at, at + previewBytes))
    this.#assembly.fault(`No interchange begins at byte ${this.#base + at}: ${preview}`, this.#base + at)
  }
}

/** ISO 9735-8: the length of the object (0810) is the first component of S022, the fourth element. */
function objectBytesOf(header: EdifactSegment): number {
  const length = valueOf(header, 4)
  return /^\d{1,15}$/.test(length) ? Number(length) : 0
}

/** What is assumed of a message that stands in no interchange. */
const assumedHeader: EdifactSegment = { tag: 'UNB', offset: 0, elements: [['UNOC', '3']] }
