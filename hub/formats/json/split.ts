import { limitWords, type TrafficLimits } from '#hub/base/traffic-limits.ts'
import type { CodeName } from '#hub/model/codes/index.ts'

/**
 * Cuts the bytes of a JSON file into its documents without reading them: the one object of a file, or the items of the
 * array that it is. So an array larger than memory is read item by item. What is between quotes is only skipped.
 */
export class JsonSplitter {
  readonly #limits: TrafficLimits
  #state: 'start' | 'object' | 'item' | 'next' | 'done' | 'broken' = 'start'
  #kept: Buffer[] = []
  #depth = 0
  #quoted = false
  #escaped = false
  #offset = 0
  #line = 1
  #lineStart = 0
  #piece: Place = { offset: 0, line: 1, column: 1 }
  #items = 0

  constructor(limits: TrafficLimits) {
    this.#limits = limits
  }

  /** Whether the file is an array; null while nothing but blanks came. */
  get isArray(): boolean | null {
    return this.#shape
  }
  #shape: boolean | null = null

  /** Passes over bytes that are none of the text: the byte-order mark. */
  skip(bytes: number): void {
    this.#offset += bytes
    this.#lineStart += bytes
  }

  /** Takes the next bytes; returns the pieces they complete, or what cannot stand where it stands. */
  push(chunk: Buffer): Cut[] {
    const cuts: Cut[] = []
    let from = 0
    for (let at = 0; at < chunk.length && this.#state !== 'broken'; at++) {
      const byte = chunk[at]!
      const inPiece = this.#state === 'object' || this.#state === 'item'
      if (inPiece && (this.#quoted || !this.#isBorder(byte))) this.#pass(byte)
      else if (inPiece) {
        // The closing brace of the file's object belongs to it; a comma or bracket after an item does not.
        const end = this.#state === 'object' ? at + 1 : at
        cuts.push(this.#complete(chunk.subarray(from, end), byte))
      } else {
        const cut = this.#between(byte)
        if (cut) cuts.push(cut)
        from = at
      }
      this.#offset++
      if (byte === newline) {
        this.#line++
        this.#lineStart = this.#offset
      }
    }
    if (this.#state === 'object' || this.#state === 'item') this.#keep(chunk.subarray(from), cuts)
    return cuts
  }

  /** Takes the end of the file: an unfinished piece, so that its fault can be found, or that the array is open. */
  end(): Cut[] {
    if (this.#state === 'done' || this.#state === 'broken') return []
    if (this.#state === 'start') return [this.#fault('the file is empty')]
    if (this.#state === 'next') return [this.#fault('the file ends inside its array')]
    const piece: Cut = { kind: 'piece', bytes: Buffer.concat(this.#kept), at: this.#piece }
    return this.#state === 'item' ? [piece, this.#fault('the file ends inside its array')] : [piece]
  }

  /** Keeps what came of a document, unless that is too much of it: a faulty one need not end. */
  #keep(piece: Buffer, cuts: Cut[]): void {
    if (this.#offset - this.#piece.offset <= this.#limits.jsonDocumentBytes) this.#kept.push(piece)
    else cuts.push(this.#tooLarge())
  }

  get offset(): number {
    return this.#offset
  }

  /** Whether this byte, outside quotes, ends the piece. */
  #isBorder(byte: number): boolean {
    if (this.#state === 'object') return this.#depth === 1 && (byte === closeBrace || byte === closeBracket)
    return this.#depth === 0 && (byte === comma || byte === closeBracket)
  }

  #pass(byte: number): void {
    if (this.#quoted) {
      if (this.#escaped) this.#escaped = false
      else if (byte === backslash) this.#escaped = true
      else if (byte === quote) this.#quoted = false
    } else if (byte === quote) this.#quoted = true
    else if (byte === openBrace || byte === openBracket) this.#depth++
    else if ((byte === closeBrace || byte === closeBracket) && this.#depth > 0) this.#depth--
  }

  #complete(rest: Buffer, border: number): Cut {
    const closing = this.#state === 'object' ? 1 : 0
    if (this.#offset + closing - this.#piece.offset > this.#limits.jsonDocumentBytes) return this.#tooLarge()
    const bytes = this.#kept.length === 0 ? rest : Buffer.concat([...this.#kept, rest])
    const at = this.#piece
    this.#kept = []
    this.#depth = 0
    if (this.#state === 'object' || border === closeBracket) this.#state = 'done'
    else this.#state = 'next'
    return { kind: 'piece', bytes, at }
  }

  #between(byte: number): Cut | null {
    if (isBlank(byte)) return null
    if (this.#state === 'done') return this.#fault('something stands after the end of the document')
    if (this.#state === 'start' && byte === openBracket) {
      this.#shape = true
      this.#state = 'next'
      return null
    }
    if (this.#state === 'start' && byte === openBrace) this.#shape = false
    else if (this.#state === 'start') return this.#fault('the file begins neither with "{" nor with "["')
    else if (byte === closeBracket && this.#items === 0) {
      this.#state = 'done'
      return null
    } else if (byte === comma || byte === closeBracket) return this.#fault('expected a document')
    this.#items++
    this.#state = this.#shape ? 'item' : 'object'
    this.#piece = { offset: this.#offset, line: this.#line, column: this.#offset - this.#lineStart + 1 }
    this.#pass(byte)
    return null
  }

  #tooLarge(): Cut {
    this.#state = 'broken'
    this.#kept = []
    const message = `the document has more than ${limitWords(this.#limits, 'jsonDocumentBytes', 'bytes')}`
    return { kind: 'fault', code: 'jsonTooLarge', message, at: this.#piece }
  }

  #fault(message: string): Cut {
    this.#state = 'broken'
    return {
      kind: 'fault',
      code: 'jsonNotValid',
      message,
      at: { offset: this.#offset, line: this.#line, column: this.#offset - this.#lineStart + 1 },
    }
  }
}

/** Offset in bytes from 0; line and column from 1, the column in bytes. */
export interface Place {
  offset: number
  line: number
  column: number
}

export type Cut =
  { kind: 'piece'; bytes: Buffer; at: Place } | { kind: 'fault'; code: CodeName; message: string; at: Place }

const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d]
const [comma, quote, backslash, newline] = [0x2c, 0x22, 0x5c, 0x0a]

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === newline || byte === 0x0d || byte === 0x09
}
