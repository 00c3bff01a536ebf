import { isUtf8 } from 'node:buffer'
import { limits } from '#hub/base/limits.ts'

/**
 * Whether bytes are surely one document that the reader takes without a fault. It knows only what the writer writes
 * (UTF-8, no comments, instructions or CDATA, quotes and references in one form, ASCII names, each prefix declared at the
 * root) and says no to all else, which may be good XML nevertheless: then the reader is to be asked. Each byte is looked
 * at once, no tree is made.
 */
export function isIntactXml(bytes: Buffer): boolean {
  if (bytes.length > limits.fileBytes || !isUtf8(bytes)) return false
  if (!bytes.subarray(0, declaration.length).equals(declaration)) return false
  return new Scan(bytes).isIntact(declaration.length)
}

const declaration = Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n')

/** What a byte may be. Up to `name` it may stand in text and in values, up to `quote` in text. */
const Kind = {
  /** Digits apart: bytes of longer characters, and marks that mean nothing. */
  plain: 0,
  /** Of the first and of the further characters of a name. */
  nameStart: 1,
  name: 2,
  /** Tab and line end. */
  layout: 3,
  quote: 4,
  /** `<` and `>`. */
  bracket: 5,
  ampersand: 6,
  /** First byte of U+F000 to U+FFFF, of which the last two are no characters. */
  last: 7,
  /** XML 1.0 §2.2 has no place for it, or it would be read as another than was written (a carriage return). */
  forbidden: 8,
} as const

const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  if (byte < 0x80 && /[A-Za-z_]/.test(character)) return Kind.nameStart
  if (byte < 0x80 && /[0-9.-]/.test(character)) return Kind.name
  if (byte === 0x09 || byte === 0x0a) return Kind.layout
  if (character === '"') return Kind.quote
  if (character === '<' || character === '>') return Kind.bracket
  if (character === '&') return Kind.ampersand
  if (byte === 0xef) return Kind.last
  return byte < 0x20 ? Kind.forbidden : Kind.plain
})

const [blank, quote, slash, colon] = [0x20, 0x22, 0x2f, 0x3a]
const [semicolon, equals, open, close] = [0x3b, 0x3d, 0x3c, 0x3e]

/** More in one element than the writer's are worth comparing pair by pair. */
const attributesMax = 16

/** Goes over the bytes; `at` is always what is looked at next. Positions are kept and no strings made. */
class Scan {
  readonly #bytes: Buffer
  #at = 0
  /** Where the names of the open elements begin and end. */
  readonly #open: number[] = []
  /** Where the prefixes that the root declares begin and end. */
  readonly #prefixes: number[] = []
  /** Of the start tag: where the names of its attributes, without prefix, begin and end. */
  readonly #names: number[] = []
  #elements = 0
  #attributes = 0
  #references = 0
  /** Where the prefix of the name that was read last ends; where it begins, if it has none. */
  #prefixEnd = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  isIntact(from: number): boolean {
    const bytes = this.#bytes
    this.#at = from
    while (this.#at < bytes.length) {
      if (bytes[this.#at++] !== open) return false
      const isEnd = bytes[this.#at] === slash
      if (isEnd) this.#at++
      if (!(isEnd ? this.#end() : this.#start())) return false
      if (this.#open.length === 0) return this.#isOver()
      if (!this.#text()) return false
    }
    return false
  }

  /** Outside the root there are line ends and blanks only. */
  #isOver(): boolean {
    const bytes = this.#bytes
    for (; this.#at < bytes.length; this.#at++)
      if (bytes[this.#at] !== blank && bytes[this.#at] !== 0x0a) return false
    return true
  }

  #start(): boolean {
    const bytes = this.#bytes
    const from = this.#at
    if (++this.#elements > limits.xmlElements || this.#open.length >= 2 * limits.xmlDepth) return false
    if (!this.#name()) return false
    const [to, prefixEnd] = [this.#at, this.#prefixEnd]
    this.#names.length = 0
    while (bytes[this.#at] === blank) if (!this.#attribute()) return false
    if (prefixEnd > from && !this.#isDeclared(from, prefixEnd)) return false
    if (bytes[this.#at] === slash) this.#at++
    else this.#open.push(from, to)
    return bytes[this.#at++] === close
  }

  #end(): boolean {
    const to = this.#open.pop()!
    const from = this.#open.pop()!
    const at = this.#at
    this.#at += to - from
    return this.#isSame(at, from, to) && this.#bytes[this.#at++] === close
  }

  /** Takes what stands between two tags. */
  #text(): boolean {
    const bytes = this.#bytes
    for (let at = this.#at; ; at = this.#at + 1) {
      while (kinds[bytes[at]!]! <= Kind.quote) at++
      this.#at = at
      if (bytes[at] === open) return true
      if (!this.#oddity()) return false
    }
  }

  /** Takes a reference, or a character of which there are bad ones, up to its last byte. */
  #oddity(): boolean {
    const bytes = this.#bytes
    const kind = kinds[bytes[this.#at]!]
    if (kind === Kind.last) return !(bytes[this.#at + 1] === 0xbf && bytes[this.#at + 2]! >= 0xbe)
    if (kind !== Kind.ampersand || ++this.#references > limits.xmlReferences) return false
    const end = bytes.indexOf(semicolon, this.#at)
    if (end === -1 || !references.has(bytes.toString('latin1', this.#at + 1, Math.min(end, this.#at + 6))))
      return false
    this.#at = end
    return true
  }

  /** Takes a name with or without a prefix. */
  #name(): boolean {
    const from = this.#at
    this.#prefixEnd = from
    if (!this.#part()) return false
    if (this.#bytes[this.#at] === colon) {
      this.#prefixEnd = this.#at++
      if (!this.#part()) return false
    }
    return this.#at - from <= limits.xmlNameBytes
  }

  #part(): boolean {
    const bytes = this.#bytes
    if (kinds[bytes[this.#at]!] !== Kind.nameStart) return false
    let at = this.#at + 1
    for (let kind = kinds[bytes[at]!]; kind === Kind.nameStart || kind === Kind.name;)
      kind = kinds[bytes[++at]!]
    this.#at = at
    return true
  }

  #attribute(): boolean {
    const bytes = this.#bytes
    const from = ++this.#at
    if (++this.#attributes > limits.xmlFileAttributes || !this.#name()) return false
    const [to, prefixEnd] = [this.#at, this.#prefixEnd]
    // two prefixes may stand for one namespace: names are compared without them
    if (!this.#isNew(prefixEnd > from ? prefixEnd + 1 : from, to)) return false
    if (bytes[this.#at++] !== equals || bytes[this.#at++] !== quote) return false
    const value = this.#at
    if (!this.#value()) return false
    return this.#isPlaced(from, prefixEnd, to, bytes.subarray(value, this.#at - 1))
  }

  /** Takes a value with the quote behind it. */
  #value(): boolean {
    const bytes = this.#bytes
    for (let at = this.#at; ; at = this.#at + 1) {
      while (kinds[bytes[at]!]! <= Kind.name) at++
      this.#at = at
      if (bytes[at] === quote) return ++this.#at > 0
      if (!this.#oddity()) return false
    }
  }

  /** Declarations stand at the root and declare something; other attributes have a prefix that is declared, or none. */
  #isPlaced(from: number, prefixEnd: number, to: number, value: Buffer): boolean {
    if (this.#isReserved(from)) return this.#elements === 1 && this.#declares(from, prefixEnd, to, value)
    // declarations come before what uses them: the writer puts them first
    return prefixEnd === from || this.#isDeclared(from, prefixEnd)
  }

  #declares(from: number, prefixEnd: number, to: number, value: Buffer): boolean {
    // the namespaces that no prefix may be bound to; a reference could hide one
    if (value.includes('w3.org') || value.includes('&')) return false
    const name = this.#bytes.toString('latin1', from, to)
    if (name === 'xmlns') return true
    if (!name.startsWith('xmlns:') || value.length === 0 || this.#isReserved(prefixEnd + 1)) return false
    this.#prefixes.push(prefixEnd + 1, to)
    return true
  }

  /** Whether a name begins with `xml` in capital or small letters. */
  #isReserved(from: number): boolean {
    const bytes = this.#bytes
    return (
      (bytes[from]! | 0x20) === 0x78 &&
      (bytes[from + 1]! | 0x20) === 0x6d &&
      (bytes[from + 2]! | 0x20) === 0x6c
    )
  }

  #isDeclared(from: number, to: number): boolean {
    const prefixes = this.#prefixes
    for (let index = 0; index < prefixes.length; index += 2) {
      const [begin, end] = [prefixes[index]!, prefixes[index + 1]!]
      if (end - begin === to - from && this.#isSame(from, begin, end)) return true
    }
    return false
  }

  /** Notes the name of an attribute, unless its element has one like it. */
  #isNew(from: number, to: number): boolean {
    const names = this.#names
    for (let index = 0; index < names.length; index += 2) {
      const [begin, end] = [names[index]!, names[index + 1]!]
      if (end - begin === to - from && this.#isSame(from, begin, end)) return false
    }
    return names.push(from, to) <= 2 * attributesMax
  }

  /** Whether the bytes at `at` are those from `from` to `to`. */
  #isSame(at: number, from: number, to: number): boolean {
    const bytes = this.#bytes
    for (let index = from; index < to; index++) if (bytes[at++] !== bytes[index]) return false
    return true
  }
}

const references = new Set(['amp', 'lt', 'gt', 'quot', 'apos', '#13', '#10', '#9'])
