import { randomUUID } from 'node:crypto'
import { chunksOf, type Bytes } from './byte-reader.ts'
import type { Headers } from './headers.ts'

/**
 * A MIME entity to be written: its headers are never folded (HTTP knows no folding, M11), its body is exact bytes. An entity
 * is what a layer takes and gives, so layers can be put on in any order.
 */
export interface Entity {
  headers: Headers
  body: Bytes
}

/** The headers and their empty line, as bytes; refuses what would begin a new line. */
export function headerBytes(headers: Headers): Buffer {
  for (const [name, value] of headers)
    if (!/^[!-9;-~]+$/.test(name) || /[\0-\x08\x0a-\x1f\x7f]/.test(value))
      throw new Error(`the header ${JSON.stringify(name)} cannot be written`)
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`${lines.join('')}\r\n`, 'latin1')
}

/** The exact bytes of an entity, headers and body: what a layer round it signs, compresses or encrypts. */
export function entityBytes({ headers, body }: Entity): Bytes {
  const head = headerBytes(headers)
  return Buffer.isBuffer(body) ? Buffer.concat([head, body]) : following(head, body)
}

async function* following(head: Buffer, body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield head
  yield* body
}

/** A boundary that stands in no content by chance: 122 random bits. */
export function newBoundary(): string {
  return `=_${randomUUID().replaceAll('-', '')}`
}

/** The body of a multipart of these parts, each given as its exact bytes. */
export function multipartBody(boundary: string, parts: readonly Bytes[]): Bytes {
  const close = Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1')
  const open = (index: number): Buffer =>
    Buffer.from(`${index === 0 ? '' : '\r\n'}--${boundary}\r\n`, 'latin1')
  if (parts.every((part) => Buffer.isBuffer(part)))
    return Buffer.concat([...parts.flatMap((part, index) => [open(index), part]), close])
  return (async function* () {
    for (const [index, part] of parts.entries()) {
      yield open(index)
      yield* chunksOf(part)
    }
    yield close
  })()
}
