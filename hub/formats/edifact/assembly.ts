import { limits } from '#hub/base/limits.ts'
import { limitWords, type TrafficLimits } from '#hub/base/traffic-limits.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import type { FormatEvent, ReadInterchange } from '#hub/model/format.ts'
import type { Position, Severity } from '#hub/model/findings.ts'
import type { Oddity } from './careful-scan.ts'
import { detached, finding, overfull, quoted } from './findings.ts'
import type { EnvelopeLayout } from './service-layouts.ts'
import { OpenInterchange } from './open-interchange.ts'
import { OpenMessage } from './message.ts'
import { valueOf, type EdifactSegment } from './tree.ts'

/** An oddity with its place: what the reader adds to what the scanner saw. */
export interface PlacedOddity {
  kind: Oddity['kind']
  byte: number
  where: Position
}

/** A segment as it came in; `length` counts its terminator. */
export interface TakenSegment {
  segment: EdifactSegment
  length: number
  oddities: readonly PlacedOddity[]
  /** Where it has bytes above 127 and the charset is one of single bytes: whether they are well-formed UTF-8. */
  utf8?: boolean
}

/**
 * Puts segments together to messages and interchanges, and says what is wrong with that. What happens inside a message
 * is the message's; what happens between messages is the interchange's.
 */
export class Assembly {
  readonly #limits: TrafficLimits
  readonly #wantsTree: (offset: number) => boolean
  #events: FormatEvent[] = []
  #interchange: OpenInterchange | null = null
  #message: OpenMessage | null = null
  #messageAt = 0
  /** Segments of the interchange that stand in no message. */
  #strays = 0
  #charset = ''
  /** The header of an object whose trailer has to come next. */
  #object: EdifactSegment | null = null

  constructor(limits: TrafficLimits, wantsTree: (offset: number) => boolean = () => true) {
    this.#limits = limits
    this.#wantsTree = wantsTree
  }

  /** What was completed since the last call, in order. */
  drain(): FormatEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  fault(message: string, offset: number): void {
    this.#events.push({ kind: 'fault', findings: [finding('outsideEnvelope', message, { offset })] })
  }

  open(
    interchange: ReadInterchange,
    terms: { layout: EnvelopeLayout; decimalMarks: string; charset: string; syntaxVersion: number },
  ): void {
    const { position, reference } = interchange
    this.#interchange = new OpenInterchange(position, { ...terms, reference })
    this.#charset = terms.charset
    this.#strays = 0
    this.#events.push({ kind: 'interchange', interchange })
  }

  /** Takes the next segment. Returns false when the interchange is over. */
  take(taken: TakenSegment): boolean {
    const { segment } = taken
    if (this.#object !== null) this.#checkObject(this.#object, segment)
    if (segment.tag.charCodeAt(0) === 0x55 && this.#takeService(taken)) return this.#interchange !== null
    if (this.#message) this.#message.add(segment)
    else this.#reportStray(segment)
    if (taken.utf8 !== undefined) this.#message?.noteUtf8(segment, taken.utf8)
    if (taken.oddities.length > 0) this.#reportOddities(taken)
    if (!isTag(segment.tag)) this.#reportTag(segment)
    return this.#interchange !== null
  }

  /** Takes a segment that is too long to be read: its place in the message is kept, empty. */
  takeTooLong(tag: string, offset: number): void {
    const segment = { tag, offset, elements: [] }
    if (this.#message) this.#message.add(segment)
    const words = limitWords(this.#limits, 'segmentBytes', 'bytes')
    const text = `Segment ${quoted(tag)} is longer than ${words}; it was not read`
    this.#report('segmentTooLong', text, segment)
  }

  /** Takes a segment with more values than one may have: its place in the message is kept, empty. */
  takeOverfull({ tag, offset }: EdifactSegment): void {
    const segment = { tag: detached(tag.slice(0, 3)), offset, elements: [] }
    if (this.#message) this.#message.add(segment)
    const { code, message } = overfull(segment, this.#limits)
    this.#report(code, message, segment)
  }

  /** Ends what is open at `offset`, where the file or the interchange stops without its trailer. */
  abandon(offset: number, unterminated: string | null): void {
    const interchange = this.#interchange
    if (!interchange) return
    if (unterminated !== null) {
      const text = `The file ends inside a segment, which begins ${quoted(unterminated)}`
      const where = { tag: unterminated.slice(0, 3), offset }
      this.#report('segmentUnterminated', text, where)
    }
    this.#cutMessage(offset, unterminated === null ? 'the end' : 'the end of the file')
    this.#events.push({ kind: 'trailer', trailer: interchange.abandon(offset) })
    this.#interchange = null
  }

  /** Handles the tags that make envelopes. False for any other that begins with U (UNS, UGH). */
  #takeService(taken: TakenSegment): boolean {
    const interchange = this.#interchange
    const { segment } = taken
    if (!interchange) return false
    const { layout } = interchange
    const { tag, offset } = segment
    if (tag === layout.messageHeader) {
      this.#cutMessage(offset, tag)
      this.#openMessage(segment, interchange)
      this.#reportOddities(taken)
    } else if (tag === layout.messageTrailer) {
      this.#closeMessage(taken)
    } else if (tag === layout.trailer) {
      this.#cutMessage(offset, tag)
      this.#reportOddities(taken)
      this.#events.push({ kind: 'trailer', trailer: interchange.close(segment) })
      this.#interchange = null
    } else if (tag === 'UNG' || tag === 'UNE') {
      this.#cutMessage(offset, tag)
      if (tag === 'UNG') interchange.openGroup(segment)
      else interchange.closeGroup(segment)
      this.#reportOddities(taken)
    } else {
      return this.#takeObject(segment, interchange)
    }
    return true
  }

  /** Takes what encloses an object. In a message it is a segment of it; between messages it is a package of its own. */
  #takeObject(segment: EdifactSegment, interchange: OpenInterchange): boolean {
    if (segment.tag === 'UNO') {
      this.#object = segment
      if (!this.#message) interchange.countPackage()
      return this.#message === null
    }
    return segment.tag === 'UNP' && this.#message === null && interchange.packages > 0
  }

  /** Whether what follows an object is its trailer, with its length and reference. */
  #checkObject(header: EdifactSegment, next: EdifactSegment): void {
    this.#object = null
    const [reference, length] = [valueOf(header, 1), valueOf(header, 4)]
    if (next.tag !== 'UNP') {
      const text = `UNO announces ${quoted(length)} bytes, but no UNP follows them: ${quoted(next.tag)}`
      this.#report('objectFaulty', text, header)
    } else if (valueOf(next, 1) !== length || valueOf(next, 2) !== reference) {
      const text = `UNP has length ${quoted(valueOf(next, 1))} and reference ${quoted(valueOf(next, 2))}, UNO has ${quoted(length)} and ${quoted(reference)}`
      this.#report('objectFaulty', text, next)
    }
  }

  #openMessage(header: EdifactSegment, interchange: OpenInterchange): void {
    interchange.countMessage()
    this.#messageAt = header.offset
    const place = { interchange: interchange.position, message: interchange.messages }
    const terms = { limits: this.#limits, isKept: this.#wantsTree(header.offset) }
    this.#message = new OpenMessage(header, interchange.layout, place, terms)
  }

  #closeMessage(taken: TakenSegment): void {
    const message = this.#message
    if (!message) {
      this.#reportStray(taken.segment)
      return
    }
    message.add(taken.segment)
    this.#reportOddities(taken)
    message.checkTrailer(taken.segment)
    this.#emit(message, taken.segment.offset + taken.length)
  }

  /** Ends a message that has no trailer, where `next` begins. */
  #cutMessage(offset: number, next: string): void {
    const message = this.#message
    if (!message) return
    const trailer = this.#interchange?.layout.messageTrailer ?? 'UNT'
    const text = `The message ends without ${trailer}, at ${next}`
    message.report('messageTrailerMissing', text, { tag: trailer, offset })
    this.#emit(message, offset)
  }

  #emit(message: OpenMessage, end: number): void {
    this.#message = null
    const interchange = this.#interchange
    if (!interchange) return
    message.reportUtf8(this.#charset)
    const { decimalMarks, syntaxVersion, group } = interchange
    const terms = { decimalMarks, syntaxVersion, group }
    this.#events.push({ kind: 'message', message: message.close(end - this.#messageAt, terms) })
  }

  #report(
    code: CodeName,
    text: string,
    at: { tag: string; offset: number },
    more: Position & { severity?: Severity } = {},
  ): void {
    const { severity = 'error', ...where } = more
    if (this.#message) this.#message.report(code, text, at, more)
    else this.#interchange?.report(code, text, { tag: at.tag, offset: at.offset, ...where }, severity)
  }

  #reportStray(segment: EdifactSegment): void {
    const text = `Segment ${quoted(segment.tag)} stands outside any message`
    this.#interchange?.report('betweenMessages', text, { tag: segment.tag, offset: segment.offset })
    if (++this.#strays > limits.straySegments) this.#giveUp(segment.offset)
  }

  /** Ends an interchange that is refused already, so that its rest costs nothing. */
  #giveUp(offset: number): void {
    const text = `More than ${limits.straySegments} segments (straySegments) stand outside any message: the rest was not read`
    this.#interchange?.reportLast('betweenMessages', text, { offset })
    this.abandon(offset, null)
  }

  #reportTag(segment: EdifactSegment): void {
    const text = `${quoted(segment.tag)} is no segment tag`
    this.#report('tagInvalid', text, { tag: segment.tag.slice(0, 10), offset: segment.offset })
  }

  /** Adds to an interchange what is odd in its header. */
  reportHeader(interchange: ReadInterchange, taken: TakenSegment): void {
    for (const { kind, byte, where } of taken.oddities) {
      const { code, severity, text } = oddities[kind]
      const position = { interchange: interchange.position, segment: 1, tag: taken.segment.tag, ...where }
      interchange.findings.push(finding(code, text(byte, this.#charset), position, severity))
    }
  }

  #reportOddities(taken: TakenSegment): void {
    for (const { kind, byte, where } of taken.oddities) {
      const { code, severity, once, text } = oddities[kind]
      if (once && this.#message?.has(code)) continue
      const at = { tag: detached(taken.segment.tag), offset: taken.segment.offset }
      this.#report(code, text(byte, this.#charset), at, { ...where, severity })
    }
  }
}

interface OddityReport {
  code: CodeName
  severity: Severity
  /** Said once a message: such a thing comes in masses. */
  once: boolean
  text: (byte: number, charset: string) => string
}

const oddities: Readonly<Record<Oddity['kind'], OddityReport>> = {
  character: {
    code: 'characterInvalid',
    severity: 'error',
    once: false,
    text: (byte, charset) => `Byte ${hex(byte)} is no character of ${charset}`,
  },
  repertoire: {
    code: 'repertoireExceeded',
    severity: 'warning',
    once: true,
    text: (byte) => `${quoted(String.fromCharCode(byte))} is not in the repertoire of the announced level`,
  },
  needlessRelease: {
    code: 'releaseNeedless',
    severity: 'warning',
    once: false,
    text: () => 'The release character stands before a character that needs none; it was left out',
  },
  lineBreak: {
    code: 'lineBreakInSegment',
    severity: 'warning',
    once: true,
    text: () => 'A line break stands inside a segment; it was left out',
  },
  terminatorMissing: {
    code: 'segmentUnterminated',
    severity: 'error',
    once: false,
    text: () => 'The segment is cut off by a line break, without its terminator',
  },
}

function hex(byte: number): string {
  return `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

function isTag(tag: string): boolean {
  return (
    tag.length === 3 &&
    isCapital(tag.charCodeAt(0)) &&
    isTagUnit(tag.charCodeAt(1)) &&
    isTagUnit(tag.charCodeAt(2))
  )
}

function isTagUnit(unit: number): boolean {
  return isCapital(unit) || (unit >= 0x30 && unit <= 0x39)
}

function isCapital(unit: number): boolean {
  return unit >= 0x41 && unit <= 0x5a
}
