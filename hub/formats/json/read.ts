import { isUtf8 } from 'node:buffer'
import type { CodeName } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import type {
  FormatEvent,
  FormatReader,
  ReadInterchange,
  ReadMessage,
  ReadOptions,
} from '#hub/model/format.ts'
import { hubTrafficLimits, limitWords, type TrafficLimits } from '#hub/base/traffic-limits.ts'
import { factsOf } from './facts.ts'
import { JsonFault, scanJson } from './scan.ts'
import { JsonSplitter, type Cut, type Place } from './split.ts'
import { isJsonObject } from './tree.ts'

/**
 * A file is one document, or an array of them: an interchange with as many messages. The items of an array are told
 * as they come; the first fault ends the reading and leaves the interchange open, so that nothing of it leaves the hub.
 */
export class JsonReader implements FormatReader {
  readonly #limits: TrafficLimits
  readonly #splitter: JsonSplitter
  readonly #transcoder: InstanceType<typeof TextDecoder> | null
  #started: 'no' | 'yes' | 'over' = 'no'
  #begun = false
  #bytes = 0
  #messages = 0

  constructor({ charset, limits = hubTrafficLimits }: ReadOptions = {}) {
    this.#limits = limits
    this.#splitter = new JsonSplitter(limits)
    this.#transcoder = transcoderFor(charset)
  }

  push(chunk: Buffer): FormatEvent[] {
    if (this.#started === 'over' || chunk.length === 0) return []
    this.#bytes += chunk.length
    const { fileBytes } = this.#limits
    if (this.#bytes > fileBytes)
      return this.#fail(
        found('jsonTooLarge', `the file has more than ${limitWords(this.#limits, 'fileBytes', 'bytes')}`, {
          offset: fileBytes,
        }),
      )
    const bytes = this.#utf8(chunk)
    if (bytes === null)
      return this.#fail(found('jsonEncoding', 'the file is UTF-16 or UTF-32, not UTF-8', { offset: 0 }))
    return this.#take(this.#splitter.push(bytes))
  }

  end(): FormatEvent[] {
    if (this.#started === 'over') return []
    const events = this.#take(this.#splitter.end())
    if (this.#started === 'yes') events.push(this.#trailer(true, []))
    return events
  }

  #take(cuts: Cut[]): FormatEvent[] {
    const events: FormatEvent[] = []
    if (this.#started === 'no' && this.#splitter.isArray === true) events.push(this.#open(null))
    for (const cut of cuts) {
      const faultAt = this.#splitter.isArray ? `[${this.#messages}]` : ''
      const read =
        cut.kind === 'fault' ? found(cut.code, cut.message, cut.at) : this.#read(cut.bytes, cut.at, faultAt)
      if ('severity' in read) return [...events, ...this.#fail(read)]
      if (this.#started === 'no') events.push(this.#open(read))
      events.push({ kind: 'message', message: read })
    }
    return events
  }

  #read(bytes: Buffer, at: Place, path: string): ReadMessage | Finding {
    if (!isUtf8(bytes))
      return found('jsonEncoding', 'a byte is not UTF-8', { ...at, offset: at.offset + faultyByte(bytes) })
    if (this.#messages >= this.#limits.interchangeMessages) {
      const most = limitWords(this.#limits, 'interchangeMessages', 'documents')
      return found('jsonTooLarge', `the file has more than ${most}`, at)
    }
    const text = bytes.toString('utf8')
    try {
      const { value, parts } = scanJson(text, this.#limits)
      if (!isJsonObject(value)) return found('jsonNotADocument', 'a document is an object', at, path)
      this.#messages++
      return {
        format: 'json',
        position: this.#messages,
        ...factsOf(value),
        reference: '',
        tree: value,
        parts,
        offset: at.offset,
        length: bytes.length,
      }
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error
      return found(error.code, error.message, placeIn(text, error.index, at), joined(path, error.path))
    }
  }

  #open(only: ReadMessage | null): FormatEvent {
    this.#started = 'yes'
    const interchange: ReadInterchange = {
      format: 'json',
      syntax: '',
      position: 1,
      sender: only?.sender ?? null,
      receiver: only?.receiver ?? null,
      reference: '',
      env: null,
      acknowledgementRequested: 'none',
      header: null,
      offset: 0,
      findings: [],
    }
    return { kind: 'interchange', interchange }
  }

  #fail(finding: Finding): FormatEvent[] {
    const open = this.#started === 'yes'
    this.#started = 'over'
    return [open ? this.#trailer(false, [finding]) : { kind: 'fault', findings: [finding] }]
  }

  #trailer(closed: boolean, findings: Finding[]): FormatEvent {
    return { kind: 'trailer', trailer: { closed, messages: this.#messages, offset: this.#bytes, findings } }
  }

  /** The bytes as UTF-8 without a byte-order mark; null if they are of another Unicode encoding. */
  #utf8(chunk: Buffer): Buffer | null {
    const bytes = this.#transcoder ? Buffer.from(this.#transcoder.decode(chunk, { stream: true })) : chunk
    if (this.#begun) return bytes
    this.#begun = true
    // A first chunk of one or two bytes may split the mark; then it is refused by name, which no sender has met yet.
    if (bytes.subarray(0, 3).toString('hex') === 'efbbbf') {
      this.#splitter.skip(3)
      return bytes.subarray(3)
    }
    return bytes.subarray(0, 4).includes(0) || /^(fffe|feff)/.test(bytes.subarray(0, 2).toString('hex'))
      ? null
      : bytes
  }
}

function transcoderFor(charset: string | undefined): InstanceType<typeof TextDecoder> | null {
  if (charset === undefined || /^utf-?8$/i.test(charset)) return null
  return new TextDecoder(charset)
}

function found(code: CodeName, message: string, at: Partial<Place>, path = ''): Finding {
  const where = at.line === undefined ? '' : ` (line ${at.line}, column ${at.column})`
  return {
    code,
    severity: 'error',
    message: `${message}${where}`,
    position: path === '' ? at : { ...at, path },
  }
}

/** Where an index of a piece's text is in the file. */
function placeIn(text: string, index: number, at: Place): Place {
  const before = text.slice(0, index)
  const lineStart = before.lastIndexOf('\n') + 1
  return {
    offset: at.offset + Buffer.byteLength(before, 'utf8'),
    line: at.line + linesIn(before),
    column: lineStart === 0 ? at.column + index : index - lineStart + 1,
  }
}

function linesIn(text: string): number {
  let lines = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

function faultyByte(bytes: Buffer): number {
  let [good, bad] = [0, bytes.length]
  // The longest prefix that is UTF-8, give or take a character that the cut splits.
  while (bad - good > 4) {
    const middle = (good + bad) >> 1
    if (isPrefix(bytes.subarray(0, middle))) good = middle
    else bad = middle
  }
  return good
}

function isPrefix(bytes: Buffer): boolean {
  return [0, 1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, Math.max(0, bytes.length - cut))))
}

function joined(outer: string, inner: string): string {
  return outer === '' || inner === '' || inner.startsWith('[') ? outer + inner : `${outer}.${inner}`
}
