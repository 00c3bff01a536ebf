import { decimalFrom } from '#hub/base/decimal.ts'

/**
 * The tree of a JSON document. Objects have no prototype, so that no member name means anything to the program;
 * numbers keep their text, so that no digit is lost.
 */
export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject
export type JsonObject = { [member: string]: JsonValue }

/** A number as it was written: `12.50`, `1e3`. `JSON.stringify` writes it exactly so again. */
export class JsonNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toJSON(): unknown {
    return rawJson(this.text)
  }
}

/**
 * What objects are made of: nothing is inherited, as without a prototype. Those that Object.create(null) makes are hash
 * tables from the beginning, of five times the memory.
 */
const Bare = function () {} as unknown as new () => JsonObject
Bare.prototype = Object.freeze(Object.create(null))

/** An object that inherits nothing, with these members. */
export function jsonObject(members: Iterable<readonly [string, JsonValue]> = []): JsonObject {
  const made = new Bare()
  for (const [name, value] of members) made[name] = value
  return made
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
  )
}

/** A canonical document's values of what was read: numbers become decimal strings, members that are null are absent. */
export type PlainValue = null | boolean | string | PlainValue[] | { [member: string]: PlainValue }

export function plainOf(value: JsonValue): PlainValue {
  if (value instanceof JsonNumber) return decimalFrom(value.text) ?? value.text
  if (Array.isArray(value)) return value.map(plainOf)
  if (!isJsonObject(value)) return value
  const plain = jsonObject() as { [member: string]: PlainValue }
  for (const [name, member] of Object.entries(value)) if (member !== null) plain[name] = plainOf(member)
  return plain
}

/** TypeScript's library does not have it yet: https://tc39.es/proposal-json-parse-with-source/ */
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON
