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
  for (const document of documents) checkValue(document, 1)
  const value = documents.length === 1 ? documents[0] : documents
  const text = terms.indent === false ? JSON.stringify(value) : JSON.stringify(value, null, 2)
  return Buffer.from(`${text}\n`, 'utf8')
}

function checkValue(value: JsonValue | undefined, depth: number): void {
  if (depth > limits.jsonDepth + 1)
    throw new HubError('notWritable', `deeper than ${limits.jsonDepth} levels`)
  if (value === null || value === undefined || typeof value === 'boolean') return
  if (typeof value === 'string') return checkText(value)
  if (value instanceof JsonNumber) return checkNumber(value.text)
  if (typeof value !== 'object')
    throw new HubError('notWritable', `a ${typeof value} has no exact form in JSON`)
  for (const [name, member] of Object.entries(value)) {
    checkText(name)
    checkValue(member, depth + 1)
  }
}

function checkText(text: string): void {
  if (text.includes('\0') || !text.isWellFormed())
    throw new HubError(
      'notWritable',
      `the text ${JSON.stringify(text.slice(0, 60))} holds a character no text may hold`,
    )
}

function checkNumber(text: string): void {
  if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,3})?$/.test(text))
    throw new HubError('notWritable', `${JSON.stringify(text.slice(0, 60))} is no number`)
}
