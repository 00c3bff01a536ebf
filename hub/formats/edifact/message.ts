import { limitWords, type TrafficLimits } from '#hub/base/traffic-limits.ts'
import type { ReadMessage } from '#hub/model/format.ts'
import type { Finding, Position } from '#hub/model/findings.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import { addFinding, nameOf, finding, quoted } from './findings.ts'
import type { EnvelopeLayout } from './service-layouts.ts'
import { valueOf, type EdifactMessage, type EdifactSegment } from './tree.ts'

/** A message while its segments come in, from UNH to UNT. */
export class OpenMessage {
  readonly segments: EdifactSegment[] = []
  readonly findings: Finding[] = []
  readonly #header: EdifactSegment
  readonly #layout: EnvelopeLayout
  readonly #place: { interchange: number; message: number }
  readonly #limits: TrafficLimits
  /** Whether more is kept of it than its heading. */
  #isKept: boolean
  #count = 0
  #lines = 0
  /** Elements and components of all segments. */
  #values = 0
  #full = false
  /** The first segment with bytes above 127, and whether such bytes were UTF-8 in all of them. */
  #utf8: { segment: EdifactSegment; number: number; all: boolean } | null = null

  constructor(
    header: EdifactSegment,
    layout: EnvelopeLayout,
    place: { interchange: number; message: number },
    terms: { limits: TrafficLimits; isKept: boolean },
  ) {
    this.#header = header
    this.#layout = layout
    this.#place = place
    this.#limits = terms.limits
    this.#isKept = terms.isKept
    this.add(header)
    this.#checkHeader()
  }

  /** Takes the next segment. Of a message past a limit, which goes no further, the heading is kept and the rest counted. */
  add(segment: EdifactSegment): void {
    this.#count++
    if (segment.tag === 'LIN') this.#lines++
    if (this.#full) return
    for (const element of segment.elements) this.#values += element.length
    const passed = this.#passedBy(segment)
    if (passed === null) {
      if (this.#isKept || this.#count <= headingSegments) this.segments.push(segment)
      return
    }
    this.#full = true
    this.segments.length = Math.min(this.segments.length, headingSegments)
    this.report('messageTooLarge', `The message has more than ${passed}; the rest was not read`, segment)
  }

  /** The limit that the message passes with this segment, in words. */
  #passedBy({ offset }: EdifactSegment): string | null {
    const limits = this.#limits
    if (this.#lines > limits.documentLines) return limitWords(limits, 'documentLines', 'lines')
    if (this.#count > limits.messageSegments) return limitWords(limits, 'messageSegments', 'segments')
    if (this.#values > limits.messageElements)
      return limitWords(limits, 'messageElements', 'elements and components')
    const bytes = offset - this.#header.offset
    return bytes > limits.messageBytes ? limitWords(limits, 'messageBytes', 'bytes') : null
  }

  /** Adds a finding at a segment, the last one unless told otherwise. */
  report(
    code: CodeName,
    message: string,
    segment: { tag: string; offset: number },
    more: Position & { severity?: Finding['severity'] } = {},
  ): void {
    const { severity = 'error', ...where } = more
    const position = {
      ...this.#place,
      segment: this.#count,
      tag: segment.tag,
      offset: segment.offset,
      ...where,
    }
    addFinding(this.findings, finding(code, message, position, severity))
  }

  /** Whether a finding of this kind was added before: some are said once a message. */
  has(code: CodeName): boolean {
    return this.findings.some((one) => one.code === code)
  }

  /** Notes that the segment added last has bytes above 127, and whether they are well-formed UTF-8. */
  noteUtf8(segment: EdifactSegment, wellFormed: boolean): void {
    this.#utf8 ??= { segment, number: this.#count, all: true }
    this.#utf8.all &&= wellFormed
  }

  /** Adds the warning that the whole message looks like UTF-8 although `charset` is announced. */
  reportUtf8(charset: string): void {
    if (!this.#utf8?.all) return
    const { segment, number } = this.#utf8
    const text = `The text looks like UTF-8, but the envelope announces ${charset}: announce UNOW or send ISO 8859-1`
    this.report('looksLikeUtf8', text, segment, { segment: number, severity: 'warning' })
  }

  /** Compares the trailer, already added, with what came in (0085: 28 references, 29 counts). */
  checkTrailer(trailer: EdifactSegment): void {
    const { count, trailerReference, messageReference } = this.#layout
    const said = valueOf(trailer, count)
    if (!/^\d+$/.test(said)) {
      const text = `${trailer.tag} says ${quoted(said)} where the number of segments belongs; ${this.#count} were found`
      this.report('countNotNumeric', text, trailer, { element: count })
    } else if (Number(said) !== this.#count) {
      const text = `${trailer.tag} says ${said} segments, ${this.#count} were found`
      this.report('messageCountMismatch', text, trailer, { element: count })
    }
    const expected = valueOf(this.#header, messageReference)
    const found = valueOf(trailer, trailerReference)
    if (expected !== found) {
      const text = `${trailer.tag} has reference ${quoted(found)}, ${this.#header.tag} has ${quoted(expected)}`
      this.report('messageReferenceMismatch', text, trailer, { element: trailerReference })
    }
  }

  /** The message as it stands, `length` bytes long. */
  close(
    length: number,
    terms: { decimalMarks: string; syntaxVersion: number; group: ReadMessage['group'] | null },
  ): ReadMessage {
    const { messageReference, messageType } = this.#layout
    const header = this.#header
    const type = header.elements[messageType - 1] ?? []
    const [wireType = '', version = '', release = '', fourth = '', fifth = '', sixth = ''] = type
    // S009 is type, version, release, agency, guide; S306 of interactive messages has the subset (0113) in fourth place.
    const [agency, guide] = header.tag === 'UNH' ? [fourth, fifth] : [fifth, sixth]
    const bgm = this.segments.slice(0, headingSegments).find((one) => one.tag === 'BGM')
    const { decimalMarks, syntaxVersion } = terms
    const tree: EdifactMessage = { segments: this.segments, decimalMarks, syntaxVersion }
    const message: ReadMessage = {
      format: 'edifact',
      position: this.#place.message,
      wireType: nameOf(wireType),
      version: nameOf(release === '' ? version : `${version}.${release}`),
      guide: nameOf(guide),
      reference: nameOf(valueOf(header, messageReference)),
      number: nameOf(valueOf(bgm, 2)) || null,
      function: functionOf(valueOf(bgm, 3)),
      sender: null,
      receiver: null,
      tree,
      parts: this.#count,
      lines: this.#lines,
      offset: header.offset,
      length,
      findings: this.findings,
    }
    if (agency !== '') message.agency = nameOf(agency)
    if (wireType === 'INVOIC') message.documentCode = nameOf(valueOf(bgm, 1))
    if (terms.group) message.group = terms.group
    return message
  }

  #checkHeader(): void {
    const { messageReference, messageType } = this.#layout
    const mandatory: [number, number, string][] = [
      [messageReference, 1, 'message reference (0062)'],
      [messageType, 1, 'message type (0065)'],
      [messageType, 2, 'message version (0052)'],
    ]
    for (const [element, component, name] of mandatory) {
      if (valueOf(this.#header, element, component) !== '') continue
      const text = `${this.#header.tag} lacks its ${name}`
      const where = element === messageType ? { element, component } : { element }
      this.report('messageHeaderFaulty', text, this.#header, where)
    }
  }
}

/** Within how many segments BGM is looked for: it stands second, but service segments may come between. */
const headingSegments = 10

/** BGM 1225 in words; other codes are kept as they are. */
const functions: Readonly<Record<string, string>> = {
  '1': 'cancel',
  '4': 'change',
  '5': 'replace',
  '7': 'copy',
  '9': 'original',
  '31': 'copy',
}

function functionOf(code: string): string | null {
  return code === '' ? null : (functions[code] ?? nameOf(code))
}
