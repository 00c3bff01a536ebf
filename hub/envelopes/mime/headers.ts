import { limits } from '#hub/base/limits.ts'
import { Refusal } from '../refusal.ts'
import type { ByteReader } from './byte-reader.ts'
import { readMimeValue, type MimeValue } from './parameters.ts'

/** Headers as pairs of name and value, in their order; names as written, values unfolded and trimmed, as latin1. */
export type Headers = readonly (readonly [name: string, value: string])[]

/** The value of the header of this name, whatever its case: the first one, or undefined. */
export function header(headers: Headers, name: string): string | undefined {
  const wanted = name.toLowerCase()
  return headers.find(([key]) => key.toLowerCase() === wanted)?.[1]
}

/** The media type of an entity: RFC 2045 §5.2 says text/plain where none stands. Refuses two that contradict each other. */
export function contentType(headers: Headers): MimeValue {
  const all = headers.filter(([key]) => key.toLowerCase() === 'content-type')
  if (all.length > 1) throw new Refusal('mimeUnreadable', { reason: 'more than one Content-Type' })
  return readMimeValue(all[0]?.[1] ?? 'text/plain')
}

/**
 * Reads the headers of an entity and the empty line behind them. `raw` are the exact bytes of both. Lines end in CRLF or
 * LF; folded lines are joined. Refuses more than the limits, a line without a colon, and control characters.
 */
export async function readHeaders(reader: ByteReader): Promise<{ headers: Headers; raw: Buffer }> {
  for (let looked = 0; ;) {
    const end = endOfHeaders(reader.window, looked)
    if (end >= 0) {
      if (end > limits.mimeHeaderBytes) throw tooLarge('mimeHeaderBytes')
      const raw = reader.take(end)
      return { headers: parseHeaders(raw.toString('latin1')), raw }
    }
    if (reader.window.length > limits.mimeHeaderBytes) throw tooLarge('mimeHeaderBytes')
    looked = Math.max(0, reader.window.length - 3)
    if (!(await reader.more())) throw new Refusal('mimeUnreadable', { reason: 'the headers do not end' })
  }
}

/** Where the headers end, behind their empty line, or -1. */
function endOfHeaders(window: Buffer, from: number): number {
  if (window[0] === 0x0a) return 1
  if (window[0] === 0x0d && window[1] === 0x0a) return 2
  for (let at = window.indexOf(0x0a, from); at >= 0; at = window.indexOf(0x0a, at + 1)) {
    if (window[at + 1] === 0x0a) return at + 2
    if (window[at + 1] === 0x0d && window[at + 2] === 0x0a) return at + 3
  }
  return -1
}

function parseHeaders(text: string): Headers {
  const headers: [string, string][] = []
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue
    const last = headers.at(-1)
    if (/^[ \t]/.test(line)) {
      if (last === undefined)
        throw new Refusal('mimeUnreadable', { reason: 'a folded line before any header' })
      last[1] = `${last[1]} ${line.trim()}`.trim()
      continue
    }
    const match = /^([!-9;-~]+)[ \t]*:(.*)$/.exec(line)
    if (match === null) throw new Refusal('mimeUnreadable', { reason: 'a line of the headers has no name' })
    headers.push([match[1]!, match[2]!.trim()])
    if (headers.length > limits.mimeHeaders) throw tooLarge('mimeHeaders')
  }
  if (headers.some(([, value]) => /[\0-\x08\x0a-\x1f\x7f]/.test(value)))
    throw new Refusal('mimeUnreadable', { reason: 'a control character in a header' })
  return headers
}

function tooLarge(limit: 'mimeHeaderBytes' | 'mimeHeaders'): Refusal {
  return new Refusal('mimeTooLarge', { limit, most: limits[limit] })
}
