import type { CodeName } from '#hub/model/codes/index.ts'
import {
  hubTrafficLimits,
  limitWords,
  type TrafficLimitName,
  type TrafficLimits,
} from '#hub/base/traffic-limits.ts'
import { JsonNumber, jsonObject, type JsonObject, type JsonValue } from './tree.ts'

/**
 * Reads one JSON text (RFC 8259) strictly, in one pass. `JSON.parse` does not serve: it takes the last of two equal
 * members, any depth, and rounds numbers, and says no position. Throws `JsonFault` and nothing else.
 */
export function scanJson(
  text: string,
  limits: TrafficLimits = hubTrafficLimits,
): { value: JsonValue; parts: number } {
  const scanner = new Scanner(text, limits)
  return { value: scanner.document(), parts: scanner.parts }
}

/** What is wrong, and at which index of the text. `path` leads to the value, e.g. `orderLine[2].lineItem`. */
export class JsonFault extends Error {
  readonly code: CodeName
  readonly index: number
  readonly path: string

  constructor(code: CodeName, message: string, index: number, path: string) {
    super(message)
    this.code = code
    this.index = index
    this.path = path
  }
}

class Scanner {
  readonly #text: string
  readonly #limits: TrafficLimits
  #at = 0
  #depth = 0
  readonly #path: (string | number)[] = []
  parts = 0

  constructor(text: string, limits: TrafficLimits) {
    this.#text = text
    this.#limits = limits
  }

  document(): JsonValue {
    this.#blanks()
    const value = this.#value()
    this.#blanks()
    if (this.#at < this.#text.length) this.#wrong(`${this.#here()} stands after the end of the document`)
    return value
  }

  #value(): JsonValue {
    if (++this.parts > this.#limits.jsonValues)
      this.#tooLarge('the document', 'jsonValues', 'values', this.#at)
    switch (this.#text.charAt(this.#at)) {
      case '{':
        return this.#object()
      case '[':
        return this.#array()
      case '"':
        return this.#string('a text')
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  #object(): JsonObject {
    this.#descend()
    const members = jsonObject()
    let count = 0
    if (this.#closes('}')) return members
    do {
      this.#blanks()
      const start = this.#at
      if (this.#text[start] !== '"') this.#wrong(`expected a member name in quotes, found ${this.#here()}`)
      const name = this.#string('a member name')
      if (name in members) this.#wrong(`the member ${shown(name)} stands twice`, 'jsonDuplicateKey', start)
      if (++count > this.#limits.jsonMembers) this.#tooLarge('an object', 'jsonMembers', 'members', start)
      if (!this.#skip(':')) this.#wrong(`expected ":" after ${shown(name)}, found ${this.#here()}`)
      this.#path.push(name)
      this.#blanks()
      members[name] = this.#value()
      this.#path.pop()
    } while (this.#skip(','))
    if (!this.#closes('}')) this.#wrong(`expected "," or "}", found ${this.#here()}`)
    return members
  }

  #array(): JsonValue[] {
    this.#descend()
    const items: JsonValue[] = []
    if (this.#closes(']')) return items
    do {
      this.#path.push(items.length)
      this.#blanks()
      items.push(this.#value())
      this.#path.pop()
    } while (this.#skip(','))
    if (!this.#closes(']')) this.#wrong(`expected "," or "]", found ${this.#here()}`)
    return items
  }

  #descend(): void {
    if (++this.#depth > this.#limits.jsonDepth)
      this.#tooLarge('the document', 'jsonDepth', 'levels', this.#at)
    this.#at++
  }

  #closes(bracket: string): boolean {
    if (!this.#skip(bracket)) return false
    this.#depth--
    return true
  }

  #string(what: string): string {
    const text = this.#text
    const start = this.#at
    let pieces = ''
    let from = start + 1
    for (let at = from; ; at++) {
      const code = text.charCodeAt(at)
      if (code === 0x22) {
        this.#at = at + 1
        return this.#checked(pieces + text.slice(from, at), what, start)
      }
      if (code === 0x5c) {
        this.#at = at
        pieces += text.slice(from, at) + this.#escape()
        at = this.#at - 1
        from = this.#at
      } else if (!(code >= 0x20)) {
        this.#at = at
        if (at >= text.length) this.#wrong(`${what} is not closed`, 'jsonNotValid', start)
        this.#wrong(`${what} holds the control character ${hex(code)}; write it as an escape`)
      }
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? ''
    if (letter === 'u') {
      const digits = this.#text.slice(this.#at + 2, this.#at + 6)
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#wrong(`"\\u${digits}" is no escape`)
      this.#at += 6
      return String.fromCharCode(Number.parseInt(digits, 16))
    }
    const character = escapes[letter]
    if (character === undefined) this.#wrong(`"\\${letter}" is no escape`)
    this.#at += 2
    return character
  }

  #checked(value: string, what: string, start: number): string {
    if (value.length > this.#limits.jsonTextCharacters)
      this.#tooLarge(what, 'jsonTextCharacters', 'characters', start)
    if (value.includes('\0')) this.#wrong(`${what} holds a NUL character`, 'jsonTextForbidden', start)
    if (!value.isWellFormed())
      this.#wrong(`${what} holds half of a surrogate pair`, 'jsonTextForbidden', start)
    return value
  }

  #number(): JsonNumber {
    numberPattern.lastIndex = this.#at
    const match = numberPattern.exec(this.#text)
    if (!match) this.#wrong(`expected a value, found ${this.#here()}`)
    const [written, exponent = ''] = match
    const { jsonNumberCharacters, jsonExponentDigits } = this.#limits
    if (written.length > jsonNumberCharacters)
      this.#numberTooLarge('a number has', 'jsonNumberCharacters', 'characters')
    if (exponent.length > jsonExponentDigits)
      this.#numberTooLarge('a number has an exponent of', 'jsonExponentDigits', 'digits')
    this.#at += written.length
    return new JsonNumber(written)
  }

  #word<Value>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) this.#wrong(`expected a value, found ${this.#here()}`)
    this.#at += word.length
    return value
  }

  #skip(character: string): boolean {
    this.#blanks()
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #blanks(): void {
    const text = this.#text
    let at = this.#at
    for (let code = text.charCodeAt(at); isBlank(code); code = text.charCodeAt(at)) at++
    this.#at = at
  }

  #here(): string {
    if (this.#at >= this.#text.length) return 'the end'
    return shown(String.fromCodePoint(this.#text.codePointAt(this.#at)!))
  }

  #tooLarge(what: string, limit: TrafficLimitName, unit: string, index: number): never {
    this.#wrong(`${what} has more than ${limitWords(this.#limits, limit, unit)}`, 'jsonTooLarge', index)
  }

  #numberTooLarge(what: string, limit: TrafficLimitName, unit: string): never {
    this.#wrong(`${what} more than ${limitWords(this.#limits, limit, unit)}`, 'jsonNumberTooLarge')
  }

  #wrong(message: string, code: CodeName = 'jsonNotValid', index = this.#at): never {
    throw new JsonFault(code, message, index, pathOf(this.#path))
  }
}

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?(\d+))?/y

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

function pathOf(path: readonly (string | number)[]): string {
  let joined = ''
  for (const part of path) {
    if (typeof part === 'number') joined += `[${part}]`
    else joined += joined === '' ? part.slice(0, 256) : `.${part.slice(0, 256)}`
  }
  return joined
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}

function hex(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}
