import type { AcknowledgeOptions, JudgedInterchange, WritableMessage } from '#hub/model/format.ts'
import type { Finding } from '#hub/model/findings.ts'
import { envelopeTags } from './service-layouts.ts'
import { segment, type EdifactSegment } from './tree.ts'

/**
 * Composes the CONTRL that answers an interchange (UN/EDIFACT service message, ISO 9735-4), without UNH and UNT and with an
 * empty reference, which the writing step fills in.
 *
 *     UCI   reference, sender and receiver as they stood in the received UNB; action 4, 7 or 8
 *       UCM   one for each rejected message: action 4, the fault of its UNH or UNT
 *         UCS   a segment by its position, UNH = 1
 *           UCD   an element by its position, the tag counting as 1
 *
 * With groups, UCF stands between UCI and UCM. Action 8 answers a sender who asked only for receipt. `options.version` is
 * `2:2`, `D:3` or `4:1`; without it syntax 4 is answered with `4:1`, older ones with `2:2`.
 *
 * Null where no answer may or can be given: to an interchange of nothing but answers (CONTRL, APERAK), or to one whose
 * UNB cannot be read, so that there is nothing to copy.
 */
export function composeContrl(
  judged: JudgedInterchange,
  options: AcknowledgeOptions = {},
): WritableMessage | null {
  const { interchange, messages } = judged
  const header = interchange.header as EdifactSegment | null
  if (!header || header.tag !== 'UNB' || !interchange.sender || !interchange.receiver) return null
  if (interchange.reference === '') return null
  if (messages.length > 0 && messages.every(({ message }) => answers.has(message.wireType))) return null
  const version = options.version ?? (interchange.syntax.endsWith(':4') ? '4:1' : '2:2')
  const dialect: Dialect = { isFour: version.startsWith('4') }
  const fault = envelopeFault(judged)
  const segments =
    fault !== undefined || judged.interchange.acknowledgementRequested === 'receipt'
      ? [interchangeResponse(header, fault === undefined ? '8' : '4', fault ?? null, dialect)]
      : [interchangeResponse(header, '7', null, dialect), ...messageResponses(judged, dialect)]
  return { wireType: 'CONTRL', version: version.replace(':', '.'), reference: '', tree: { segments } }
}

/** Messages that are answers themselves, and are not answered. */
const answers: ReadonlySet<string> = new Set(['CONTRL', 'APERAK'])

/** What differs between the CONTRL of syntax 3 and of syntax 4. */
interface Dialect {
  isFour: boolean
}

/** 0085 for a fault that has no code of its own. */
const unspecified = '18'

/** UCD entries of one UCS. */
const elementsOfSegment = 99

type Judged = JudgedInterchange['messages'][number]

/** The fault for which the whole interchange is rejected; undefined if it is not rejected as a whole. */
function envelopeFault(judged: JudgedInterchange): Finding | null | undefined {
  const { interchange, trailer, findings } = judged
  const faults = [...interchange.findings, ...findings, ...trailer.findings].filter(isError)
  if (faults.length > 0) return faults.find((one) => one.answerCode !== undefined) ?? null
  const rejectedWhole = judged.state === 'rejected' && judged.messages.length === 0
  return rejectedWhole || !trailer.closed ? null : undefined
}

function interchangeResponse(
  header: EdifactSegment,
  action: string,
  fault: Finding | null,
  dialect: Dialect,
): EdifactSegment {
  const party = (element: number): string[] =>
    (header.elements[element] ?? []).slice(0, dialect.isFour ? 4 : 3)
  const reference = header.elements[4]?.[0] ?? ''
  const place = action === '4' ? faultPlace(fault, dialect) : []
  return segment('UCI', reference, party(1), party(2), action, ...place)
}

function messageResponses(judged: JudgedInterchange, dialect: Dialect): EdifactSegment[] {
  const segments: EdifactSegment[] = []
  let group: string | null = null
  for (const one of judged.messages) {
    if (one.accepted) continue
    if (one.message.group && one.message.group.reference !== group) {
      group = one.message.group.reference
      segments.push(groupResponse(one.message.group.header as EdifactSegment))
    }
    segments.push(...messageResponse(one, dialect))
  }
  return segments
}

function groupResponse(header: EdifactSegment): EdifactSegment {
  const [, sender = [''], receiver = [''], , reference = ['']] = header.elements
  return segment('UCF', reference, sender, receiver, '7')
}

function messageResponse(one: Judged, dialect: Dialect): EdifactSegment[] {
  const { message, findings } = one
  const faults = findings.filter(isError)
  const own = faults.find(isOfMessage) ?? null
  const inSegments = faults.filter((fault) => fault.answerCode !== undefined && !isOfMessage(fault))
  const [major = '', release = ''] = splitVersion(message.version)
  const identifier = [message.wireType, major, release, message.agency ?? 'UN', message.guide]
  const place = own || inSegments.length === 0 ? faultPlace(own, dialect) : []
  const response = segment('UCM', message.reference, identifier, '4', ...place)
  return [response, ...segmentResponses(inSegments, dialect)]
}

/** UCS and UCD, in the order of the message: faults of a segment first, then those of its elements. */
function segmentResponses(faults: readonly Finding[], dialect: Dialect): EdifactSegment[] {
  const segments: EdifactSegment[] = []
  const bySegment = Map.groupBy(faults, (fault) => fault.position.segment ?? 1)
  for (const [position, ofSegment] of [...bySegment].sort(([one], [other]) => one - other)) {
    const inElements = ofSegment.filter((fault) => fault.position.element !== undefined)
    const whole = ofSegment.filter((fault) => fault.position.element === undefined)
    const codes = new Set(whole.map((fault) => fault.answerCode))
    for (const code of codes.size === 0 ? [undefined] : codes)
      segments.push(segment('UCS', String(position), code))
    segments.push(...elementResponses(inElements, dialect))
  }
  return segments
}

/** UCD once for each code and place: two findings may speak of one value. */
function elementResponses(faults: readonly Finding[], dialect: Dialect): EdifactSegment[] {
  const responses = new Map<string, EdifactSegment>()
  for (const fault of faults) {
    const place = elementPlace(fault, dialect)
    const key = [fault.answerCode, ...place].join(' ')
    if (!responses.has(key)) responses.set(key, segment('UCD', fault.answerCode, place))
    if (responses.size === elementsOfSegment) break
  }
  return [...responses.values()]
}

/** 0085, service segment tag and S011, for UCI and UCM. */
function faultPlace(fault: Finding | null, dialect: Dialect): (string | string[])[] {
  const code = fault?.answerCode ?? unspecified
  const { tag, element } = fault?.position ?? {}
  if (tag === undefined || !envelopeTags.has(tag)) return [code]
  return fault && element !== undefined ? [code, tag, elementPlace(fault, dialect)] : [code, tag]
}

/** S011: the tag counts as element 1; the repetition only exists in syntax 4. */
function elementPlace(fault: Finding, dialect: Dialect): string[] {
  const { element = 0, component, repetition } = fault.position
  const place = [String(element + 1), component === undefined ? '' : String(component)]
  if (dialect.isFour && repetition !== undefined) place.push(String(repetition))
  return place
}

/**
 * Whether a fault is reported by UCM itself: it is of UNH or UNT, or of no segment at all (no agreement, duplicate). A
 * segment that is missing behind UNH is no fault of UNH: UCS 1 reports it.
 */
function isOfMessage(fault: Finding): boolean {
  const { tag, segment: position } = fault.position
  if (fault.answerCode === undefined || fault.code === 'segmentMissing') return false
  return position === undefined || (tag !== undefined && envelopeTags.has(tag))
}

function isError(one: Finding): boolean {
  return one.severity === 'error'
}

function splitVersion(version: string): string[] {
  const dot = version.indexOf('.')
  return dot < 0 ? [version, ''] : [version.slice(0, dot), version.slice(dot + 1)]
}
