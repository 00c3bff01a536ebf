import { isUtf8 } from 'node:buffer'
import { limits } from '#hub/base/limits.ts'

/**
 * Whether bytes are surely one document that the reader takes without a fault. It knows what the writer writes of a
 * canonical document (objects, lists, texts, true, false, null) and says no to all else, numbers and `\u` among it, which
 * may be good JSON nevertheless: then the reader is to be asked. Each byte is looked at once, no tree is made.
 */
export function isIntactJson(bytes: Buffer): boolean {
  if (bytes.length > Math.min(limits.fileBytes, limits.jsonDocumentBytes) || !isUtf8(bytes)) return false
  return new Scan(bytes).isDocument()
}

/** `at` is always what is looked at next. */
class Scan {
  readonly #bytes: Buffer
  #at = 0
  #depth = 0
  #values = 0
  /** Whether the document says what it is. */
  #typed = false
  /** Whether the text that was read last has an escape in it. */
  #escaped = false

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  isDocument(): boolean {
    if (this.#bytes[0] !== openBrace || !this.#value()) return false
    this.#blanks()
    return this.#typed && this.#at === this.#bytes.length
  }

  #value(): boolean {
    if (++this.#values > limits.jsonValues) return false
    const first = this.#bytes[this.#at]
    if (first === quote) return this.#text()
    if (first === openBrace) return this.#object()
    return first === openBracket ? this.#array() : this.#word()
  }

  #object(): boolean {
    if (!this.#opens()) return false
    if (this.#closes(closeBrace)) return true
    const names: number[] = []
    do {
      this.#blanks()
      const from = this.#at
      if (this.#bytes[from] !== quote || !this.#text() || this.#escaped) return false
      if (!this.#isNew(names, from)) return false
      const isType = this.#depth === 1 && this.#isNamedType(from)
      this.#blanks()
      if (!this.#skips(colon)) return false
      this.#blanks()
      if (isType) this.#typed = this.#bytes[this.#at] === quote && this.#bytes[this.#at + 1] !== quote
      if (!this.#value()) return false
      this.#blanks()
    } while (this.#skips(comma))
    return this.#closes(closeBrace)
  }

  #array(): boolean {
    if (!this.#opens()) return false
    if (this.#closes(closeBracket)) return true
    do {
      this.#blanks()
      if (!this.#value()) return false
      this.#blanks()
    } while (this.#skips(comma))
    return this.#closes(closeBracket)
  }

  #opens(): boolean {
    this.#at++
    this.#blanks()
    return ++this.#depth <= limits.jsonDepth
  }

  #closes(bracket: number): boolean {
    if (!this.#skips(bracket)) return false
    this.#depth--
    return true
  }

  /** Takes a text with its quotes. */
  #text(): boolean {
    const bytes = this.#bytes
    const from = this.#at
    let at = from + 1
    this.#escaped = false
    for (let byte = bytes[at]!; byte !== quote; byte = bytes[++at]!) {
      if (byte === backslash) {
        this.#escaped = true
        if (!escapes.has(bytes[++at]!)) return false
      } else if (!(byte >= blank)) return false
    }
    this.#at = at + 1
    return at - from <= limits.jsonTextCharacters
  }

  #word(): boolean {
    const bytes = this.#bytes
    const from = this.#at
    const word = words.find(
      (one) => bytes[from] === one[0] && bytes.subarray(from, from + one.length).equals(one),
    )
    if (word === undefined) return false
    this.#at += word.length
    return true
  }

  #skips(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false
    this.#at++
    return true
  }

  #blanks(): void {
    const bytes = this.#bytes
    let at = this.#at
    while (bytes[at] === blank || bytes[at] === newline) at++
    this.#at = at
  }

  /** Notes the name that was read last, which begins at `from`, unless its object has one like it. */
  #isNew(names: number[], from: number): boolean {
    const length = this.#at - from
    for (let index = 0; index < names.length; index += 2) {
      if (names[index + 1] !== length) continue
      if (this.#isSame(names[index]!, from, length)) return false
    }
    return names.push(from, length) <= 2 * membersMost
  }

  #isSame(one: number, other: number, length: number): boolean {
    const bytes = this.#bytes
    for (let index = 0; index < length; index++) if (bytes[one + index] !== bytes[other + index]) return false
    return true
  }

  #isNamedType(from: number): boolean {
    return this.#at - from === 6 && this.#bytes.toString('latin1', from, this.#at) === '"type"'
  }
}

/** More in one object are not worth comparing pair by pair. */
const membersMost = 64

const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d]
const [quote, backslash, comma, colon, blank, newline] = [0x22, 0x5c, 0x2c, 0x3a, 0x20, 0x0a]
/** What may stand behind a backslash; `u` may too, but is left to the reader. */
const escapes: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'))
const words = ['true', 'false', 'null'].map((word) => Buffer.from(word))
