import { limits } from '#hub/base/limits.ts'
import { Refusal } from '../refusal.ts'
import { drain, type ByteReader } from './byte-reader.ts'
import type { MimeValue } from './parameters.ts'

const lineFeed = 0x0a
const carriageReturn = 0x0d
const dash = 0x2d
/** Blanks that may stand behind a boundary before its line ends. */
const paddingBytes = 128

/** The boundary of a multipart (RFC 2046 §5.1.1): 1 to 70 characters, given once. */
export function boundaryOf(type: MimeValue): string {
  const boundary = type.parameters.get('boundary')
  if (boundary === undefined || type.repeated.includes('boundary'))
    throw new Refusal('mimeUnreadable', { reason: 'a multipart has one boundary' })
  if (!/^[\x20-\x7e]{0,69}[\x21-\x7e]$/.test(boundary))
    throw new Refusal('mimeUnreadable', { reason: 'a boundary has 1 to 70 characters' })
  return boundary
}

/**
 * Splits a multipart by exact bytes: every part is a stream of its headers and body as they came, without the line break
 * before the next boundary, which belongs to that (RFC 2046 §5.1.1). Lines end in CRLF or LF. Parts are read in their order.
 */
export class Multipart {
  #reader: ByteReader
  #delimiter: Buffer
  #state: 'preamble' | 'open' | 'closed' = 'preamble'
  #parts = 0
  #current: AsyncGenerator<Buffer> | null = null

  constructor(reader: ByteReader, boundary: string) {
    this.#reader = reader
    this.#delimiter = Buffer.from(`--${boundary}`, 'latin1')
  }

  /** The next part; null behind the last. What of the part before was not read is skipped. */
  async next(): Promise<AsyncGenerator<Buffer> | null> {
    if (this.#state === 'preamble') await this.#skipPreamble()
    else if (this.#current !== null) await drain(this.#current)
    if (this.#state === 'closed') return null
    this.#parts += 1
    if (this.#parts > limits.mimeParts)
      throw new Refusal('mimeTooLarge', { limit: 'mimeParts', most: limits.mimeParts })
    this.#current = this.#section()
    return this.#current
  }

  /** Reads what stands behind the last boundary; true where that is more than blanks and line ends. */
  async hasEpilogue(): Promise<boolean> {
    let found = false
    for await (const chunk of this.#reader.rest())
      found ||= chunk.some(
        (byte) => byte !== 0x20 && byte !== 0x09 && byte !== carriageReturn && byte !== lineFeed,
      )
    return found
  }

  async #skipPreamble(): Promise<void> {
    this.#state = 'open'
    await drain(this.#section())
  }

  /** The bytes up to the next boundary, which is taken off as well. */
  async *#section(): AsyncGenerator<Buffer> {
    const reader = this.#reader
    let from = 0
    for (let first = true; ;) {
      const found = this.#find(from, first)
      if (found.kind === 'delimiter') {
        if (found.start > 0) yield reader.take(found.start)
        reader.take(found.end - found.start)
        this.#state = found.closes ? 'closed' : 'open'
        return
      }
      if (found.kind === 'none') {
        const safe = reader.window.length - this.#heldBytes()
        if (safe > 0) {
          yield reader.take(safe)
          first = false
        }
      }
      from = found.kind === 'unsure' ? found.at : 0
      if (!(await reader.more())) {
        const last = this.#find(from, first)
        if (last.kind === 'delimiter') continue
        throw new Refusal('mimeUnreadable', { reason: 'the last boundary of a multipart is missing' })
      }
    }
  }

  #find(from: number, first: boolean): Found {
    const window = this.#reader.window
    for (let at = from; ;) {
      const hit = window.indexOf(this.#delimiter, at)
      if (hit < 0) return { kind: 'none' }
      at = hit + 1
      if (hit === 0 ? !first : window[hit - 1] !== lineFeed) continue
      const line = this.#lineEnd(hit + this.#delimiter.length)
      if (line === 'other') continue
      if (line === 'unsure') return { kind: 'unsure', at: hit }
      const breakBytes = hit === 0 ? 0 : hit > 1 && window[hit - 2] === carriageReturn ? 2 : 1
      return { kind: 'delimiter', start: hit - breakBytes, ...line }
    }
  }

  /** How many of the last bytes may be the beginning of a delimiter: mostly none, so that chunks pass through uncopied. */
  #heldBytes(): number {
    const { window } = this.#reader
    const tail = window.subarray(Math.max(0, window.length - this.#delimiter.length - 2))
    const at = tail.lastIndexOf(lineFeed)
    const line = tail.subarray(at + 1)
    const begins = this.#delimiter.subarray(0, line.length).equals(line)
    if (at < 0) return begins || tail.at(-1) === carriageReturn ? tail.length : 0
    if (begins) return tail.length - at + (at > 0 && tail[at - 1] === carriageReturn ? 1 : 0)
    return tail.at(-1) === carriageReturn ? 1 : 0
  }

  /** What stands on the line of a delimiter behind its boundary: `--`, or blanks and the line's end. */
  #lineEnd(after: number): { end: number; closes: boolean } | 'other' | 'unsure' {
    const { window, ended } = this.#reader
    if (window[after] === dash && window[after + 1] === dash) return { end: after + 2, closes: true }
    if (window.length < after + 2 && !ended) return 'unsure'
    let at = after
    while (at < window.length && at - after < paddingBytes && (window[at] === 0x20 || window[at] === 0x09))
      at += 1
    if (window[at] === carriageReturn) at += 1
    if (at >= window.length) return ended ? 'other' : 'unsure'
    return window[at] === lineFeed ? { end: at + 1, closes: false } : 'other'
  }
}

type Found =
  | { kind: 'none' }
  | { kind: 'unsure'; at: number }
  | { kind: 'delimiter'; start: number; end: number; closes: boolean }
