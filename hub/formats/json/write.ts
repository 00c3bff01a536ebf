import type { WritableInterchange } from '#hub/model/format.ts'
import { HubError } from '#hub/model/errors.ts'
import { limits } from '#hub/base/limits.ts'
import { JsonNumber, type JsonValue } from './tree.ts'

/**
 * Writes the documents of an interchange in UTF-8: one as an object, several as an array. Throws HubError `notWritable`
 * for what JSON should not hold: NUL, half a surrogate pair, a JavaScript number (whose digits are not certain).
 */
export function writeJson({ messages, terms }: WritableInterchange): Buffer {
  const documents = messages.map((message) => message.tree as JsonValue)
  if (documents.length === 0) throw new HubError('notWritable', 'there is no document to write')
  const first = terms.indent === false ? '' : '\n'
  const [only] = documents
  const text = documents.length === 1 ? textOf(only, 1, first) : listOf(documents, 1, first)
  return Buffer.from(`${text}\n`, 'utf8')
}

/** A value as text, as JSON.stringify writes it; `line` begins a line at its level, and is empty where all is one line. */
function textOf(value: JsonValue | undefined, depth: number, line: string): string {
  if (depth > limits.jsonDepth + 1)
    throw new HubError('notWritable', `deeper than ${limits.jsonDepth} levels`)
  if (typeof value === 'string') return quoted(value)
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (value instanceof JsonNumber) return numberOf(value.text)
  if (typeof value !== 'object')
    throw new HubError('notWritable', `a ${typeof value} has no exact form in JSON`)
  return Array.isArray(value) ? listOf(value, depth + 1, line) : objectOf(value, depth + 1, line)
}

function objectOf(members: { [member: string]: JsonValue }, depth: number, line: string): string {
  const inner = innerLine(line)
  const colon = line === '' ? ':' : ': '
  let text = ''
  for (const name of Object.keys(members)) {
    const member = members[name]
    if (member === undefined) continue
    text += (text === '' ? '{' : ',') + inner + nameOf(name) + colon + textOf(member, depth, inner)
  }
  return text === '' ? '{}' : `${text}${line}}`
}

/** `depth` is that of its items. */
function listOf(items: readonly (JsonValue | undefined)[], depth: number, line: string): string {
  const inner = innerLine(line)
  let text = ''
  for (const item of items) text += (text === '' ? '[' : ',') + inner + textOf(item, depth, inner)
  return text === '' ? '[]' : `${text}${line}]`
}

/** The line one level further in, two blanks; each is made once. */
function innerLine(line: string): string {
  return line === '' ? '' : (lines[line.length] ??= `${line}  `)
}
const lines: string[] = []

/** Names in quotes, as far as they are kept: documents of one kind have the same. */
const names = new Map<string, string>()
const namesMost = 4_096

function nameOf(name: string): string {
  const kept = names.get(name)
  if (kept !== undefined) return kept
  const text = quoted(name)
  if (names.size < namesMost) names.set(name, text)
  return text
}

function quoted(text: string): string {
  if (!notable.test(text)) return `"${text}"`
  checkText(text)
  return JSON.stringify(text)
}

/** Whatever JSON escapes, or may be forbidden: most texts have none of it. */
// oxlint-disable-next-line no-control-regex -- these are the characters that are escaped
const notable = /["\\\u0000-\u001F\uD800-\uDFFF]/

function checkText(text: string): void {
  if (text.includes('\0') || !text.isWellFormed())
    throw new HubError(
      'notWritable',
      `the text ${JSON.stringify(text.slice(0, 60))} holds a character no text may hold`,
    )
}

function numberOf(text: string): string {
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,3})?$/.test(text)) return text
  throw new HubError('notWritable', `${JSON.stringify(text.slice(0, 60))} is no number`)
}
