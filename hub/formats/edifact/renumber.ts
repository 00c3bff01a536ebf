import type { BundledInterchange } from '#hub/model/bundle.ts'
import { HubError } from '#hub/model/errors.ts'
import type { ReadMessage, RenumberedInterchange } from '#hub/model/format.ts'
import { edifactReader } from './reader.ts'
import type { Separators } from './separators.ts'
import { findStart } from './start.ts'
import { valueOf, type EdifactMessage, type EdifactSegment } from './tree.ts'

/**
 * Takes one message of a written interchange into an interchange of its own: control reference (0020), message reference (0062),
 * count (0036) and date of preparation (S004) are new; every other byte stays. Throws HubError `notWritable` for what is not
 * one whole interchange from UNB to UNZ with this message in it, without groups.
 */
export function renumberInterchange(bytes: Buffer, as: RenumberedInterchange): Buffer {
  const start = findStart(bytes, 0, true)
  if (start.kind !== 'interchange') throw unfit('it does not begin as an interchange')
  const { header, messages, trailerAt } = partsOf(bytes)
  const at = messages.findIndex(({ position }) => position === as.position)
  const message = messages[at]
  if (message === undefined || message.group !== undefined)
    throw unfit(`it has no message ${as.position} of its own`)
  const { segments } = message.tree as EdifactMessage
  const end = messages[at + 1]?.offset ?? trailerAt
  const said = stampOf(as.at, valueOf(header, 4, 1), start.separators)
  return replaced(bytes, start.separators, [
    {
      span: [0, messages[0]!.offset],
      put: [
        [header.offset, 4, said],
        [header.offset, 5, as.reference],
      ],
    },
    {
      span: [message.offset, end],
      put: [
        [message.offset, 1, as.messageReference],
        [segments.at(-1)!.offset, 2, as.messageReference],
      ],
    },
    {
      span: [trailerAt, bytes.length],
      put: [
        [trailerAt, 1, '1'],
        [trailerAt, 2, as.reference],
      ],
    },
  ])
}

/**
 * Puts the single messages of several interchanges between the same two into one, with the head of the first: control
 * reference, date of preparation, message references and count are new; every other byte of the messages stays. Throws
 * HubError `notWritable` as above.
 */
export function bundleInterchanges(interchanges: readonly Buffer[], as: BundledInterchange): Buffer {
  const pieces = interchanges.map((bytes, at) => {
    const messageReference = as.messageReferences[at]!
    const alone = renumberInterchange(bytes, { ...as, position: 1, messageReference })
    const { messages, trailerAt } = partsOf(alone)
    return { alone, from: messages[0]!.offset, trailerAt }
  })
  const [first] = pieces
  if (first === undefined) throw unfit('there is nothing in it')
  const start = findStart(first.alone, 0, true)
  if (start.kind !== 'interchange') throw unfit('it does not begin as an interchange')
  const trailer = first.alone.subarray(first.trailerAt)
  const count = String(pieces.length)
  return Buffer.concat([
    first.alone.subarray(0, first.from),
    ...pieces.map(({ alone, from, trailerAt }) => alone.subarray(from, trailerAt)),
    replaced(trailer, start.separators, [{ span: [0, trailer.length], put: [[0, 1, count]] }]),
  ])
}

interface Part {
  /** Bytes from and to, the second exclusive. */
  span: [number, number]
  /** Offset of a segment, one of its elements (from 1), and what is to stand there; in the order of the bytes. */
  put: [number, number, string][]
}

function partsOf(bytes: Buffer): { header: EdifactSegment; messages: ReadMessage[]; trailerAt: number } {
  const reader = edifactReader()
  const events = [...reader.push(bytes), ...reader.end()]
  const [head, ...others] = events.flatMap((event) => (event.kind === 'interchange' ? event.interchange : []))
  const messages = events.flatMap((event) => (event.kind === 'message' ? event.message : []))
  const [trailer] = events.flatMap((event) => (event.kind === 'trailer' ? event.trailer : []))
  const header = head?.header as EdifactSegment | null | undefined
  if (!header || header.tag !== 'UNB' || others.length > 0 || trailer?.closed !== true)
    throw unfit('it is not one whole interchange')
  return { header, messages, trailerAt: trailer.offset }
}

/** The date in as many digits as it had. */
function stampOf(at: Date, date: string, { component }: Separators): string {
  const digits = at.toISOString().replaceAll(/\D/g, '')
  const day = date.length === 6 ? digits.slice(2, 8) : digits.slice(0, 8)
  return `${day}${String.fromCharCode(component)}${digits.slice(8, 12)}`
}

function replaced(bytes: Buffer, separators: Separators, parts: readonly Part[]): Buffer {
  const pieces: Buffer[] = []
  for (const { span, put } of parts) {
    let from = span[0]
    for (const [segmentAt, element, text] of put) {
      const [begin, end] = elementAt(bytes, segmentAt, element, separators)
      pieces.push(bytes.subarray(from, begin), Buffer.from(text, 'latin1'))
      from = end
    }
    pieces.push(bytes.subarray(from, span[1]))
  }
  return Buffer.concat(pieces)
}

/** From where to where an element stands; throws where the segment has not so many. */
function elementAt(
  bytes: Buffer,
  segmentAt: number,
  element: number,
  separators: Separators,
): [number, number] {
  let counted = 0
  let begin = segmentAt
  for (let at = segmentAt; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === separators.release) at++
    else if (byte === separators.element || byte === separators.terminator) {
      if (counted === element) return [begin, at]
      if (byte === separators.terminator) break
      counted += 1
      begin = at + 1
    }
  }
  throw unfit(`a segment at byte ${segmentAt} has no element ${element}`)
}

function unfit(why: string): HubError {
  return new HubError('notWritable', `the interchange cannot be numbered anew: ${why}`)
}
