import type { ReadInterchange, WireIdentity } from '#hub/model/format.ts'
import type { Finding } from '#hub/model/findings.ts'
import { charsetNamed, charsetOfLevel, type Charset } from './charset.ts'
import { detached, finding, quoted } from './findings.ts'
import type { EnvelopeLayout } from './service-layouts.ts'
import { noSeparator, separatorFault, type Separators } from './separators.ts'
import { valueOf, type EdifactSegment } from './tree.ts'

/** How the rest of an interchange is to be read, from S001 of its header. */
export interface Syntax {
  level: string
  version: number
  charset: Charset
  separators: Separators
  findings: Finding[]
}

/**
 * Takes charset level and version from UNB S001. An unknown level is read as ISO 8859-1, with a warning; a charset named
 * by the profile wins over the envelope (ISO 9735-1 clause 6 leaves that to the partners).
 */
export function syntaxOf(
  header: EdifactSegment,
  start: { separators: Separators; advised: boolean },
  charsetOverride: string | undefined,
): Syntax {
  const level = valueOf(header, 1, 1)
  const versionText = valueOf(header, 1, 2)
  const version = /^[1-4]$/.test(versionText) ? Number(versionText) : 3
  const findings: Finding[] = []
  const position = { segment: 1, tag: header.tag, offset: header.offset, element: 1 }
  if (header.tag === 'UNB' && versionText !== '' && String(version) !== versionText) {
    const message = `Syntax version ${quoted(versionText)} is none of 1, 2, 3 and 4; read as version 3`
    findings.push(finding('syntaxUnsupported', message, { ...position, component: 2 }))
  }
  const charset = chosenCharset(level, charsetOverride, (message) =>
    findings.push(finding('charsetUnsupported', message, { ...position, component: 1 }, 'warning')),
  )
  const separators = { ...start.separators }
  const fault = start.advised ? separatorFault(separators, version) : null
  if (fault) {
    const bad = finding('serviceCharacterInvalid', `UNA: ${fault.message}`, { offset: header.offset })
    findings.push({ ...bad, answerCode: fault.answerCode })
  }
  if (version < 4) separators.repetition = noSeparator
  else if (separators.repetition === noSeparator) {
    const message = 'Syntax 4 with a blank as repetition separator: nothing repeats'
    findings.push(finding('repetitionSeparatorNone', message, { offset: header.offset }, 'note'))
  }
  return { level, version, charset, separators, findings }
}

/** What the header says about the interchange. `header` is null where the file begins with a message. */
export function interchangeOf(
  header: EdifactSegment | null,
  layout: EnvelopeLayout,
  at: { position: number; offset: number },
): ReadInterchange {
  const interchange: ReadInterchange = {
    format: 'edifact',
    syntax: '',
    position: at.position,
    sender: null,
    receiver: null,
    reference: '',
    env: null,
    acknowledgementRequested: 'none',
    header,
    offset: at.offset,
    findings: [],
  }
  if (header === null) {
    const message = 'The first message stands in no interchange: UNB is missing'
    interchange.findings.push(finding('interchangeHeaderMissing', message, at))
    return interchange
  }
  interchange.syntax = printable(detached((header.elements[0] ?? []).slice(0, 2).join(':')))
  interchange.sender = identityOf(header, layout.sender)
  interchange.receiver = identityOf(header, layout.receiver)
  interchange.reference = printable(
    detached(layout.reference.map((at) => valueOf(header, at)).find(Boolean) ?? ''),
  )
  interchange.env = valueOf(header, layout.test) === '' ? 'live' : 'test'
  interchange.acknowledgementRequested = acknowledgementOf(valueOf(header, layout.acknowledgement))
  if (layout.strict) interchange.findings.push(...missingInHeader(header, layout))
  interchange.findings.push(...faultyInHeader(header, layout))
  return interchange
}

/** Schemes of WireIdentity by UNB qualifier (0007): 14 and 9 are GS1 location numbers, 1 is DUNS. */
const schemeOfQualifier: Readonly<Record<string, string>> = {
  '': 'unb',
  '14': 'gln',
  '9': 'gln',
  '1': 'duns',
}

/** The identity in S002 or S003, or null where it is empty. */
export function identityOf(header: EdifactSegment, element: number): WireIdentity | null {
  const value = printable(detached(valueOf(header, element, 1)))
  if (value === '') return null
  const qualifier = printable(detached(valueOf(header, element, 2)))
  const scheme = schemeOfQualifier[qualifier] ?? `unb:${qualifier}`
  const internal = printable(detached(valueOf(header, element, 3)))
  const internalSub = printable(detached(valueOf(header, element, 4)))
  return {
    scheme,
    value,
    ...(internal === '' ? {} : { internal }),
    ...(internalSub === '' ? {} : { internalSub }),
  }
}

function acknowledgementOf(request: string): ReadInterchange['acknowledgementRequested'] {
  if (request === '1') return 'full'
  return request === '2' ? 'receipt' : 'none'
}

function missingInHeader(header: EdifactSegment, layout: EnvelopeLayout): Finding[] {
  const mandatory: [number, number, string][] = [
    [1, 1, 'syntax identifier (0001)'],
    [1, 2, 'syntax version (0002)'],
    [layout.sender, 1, 'sender (0004)'],
    [layout.receiver, 1, 'receiver (0010)'],
    [layout.dateTime, 1, 'date of preparation (0017)'],
    [layout.reference[0] ?? 0, 1, 'interchange control reference (0020)'],
  ]
  return mandatory
    .filter(([element, component]) => valueOf(header, element, component) === '')
    .map(([element, component, name]) =>
      finding('interchangeHeaderFaulty', `${header.tag} lacks its ${name}`, {
        segment: 1,
        tag: header.tag,
        element,
        component,
        offset: header.offset,
      }),
    )
}

/** No name or reference in a header is longer, in any version (0004, 0010, 0008: an..35). */
const longestName = 35

/** ISO 9735-1 annex C: 0020 is an..14 in UNB; the dialogue and transaction references of UIB are an..35. */
const longestReference = 14

/** Names and references that the standard does not allow, by their length or by control characters in them. */
function faultyInHeader(header: EdifactSegment, layout: EnvelopeLayout): Finding[] {
  const reference = layout.strict ? longestReference : longestName
  const checked: [number, number, string, number][] = [
    [1, 1, 'syntax identifier (0001)', longestName],
    [1, 2, 'syntax version (0002)', longestName],
    ...[layout.sender, layout.receiver].flatMap((element, index): [number, number, string, number][] => [
      [element, 1, index === 0 ? 'sender (0004)' : 'receiver (0010)', longestName],
      [element, 2, 'qualifier (0007)', longestName],
      [element, 3, `internal address (${index === 0 ? '0008' : '0014'})`, longestName],
      [element, 4, `internal sub-identification (${index === 0 ? '0042' : '0046'})`, longestName],
    ]),
    ...layout.reference.map((element): [number, number, string, number] => [
      element,
      1,
      'interchange control reference (0020)',
      reference,
    ]),
  ]
  return checked.flatMap(([element, component, name, most]) => {
    const value = valueOf(header, element, component)
    const where = { segment: 1, tag: header.tag, element, component, offset: header.offset }
    const said = `${header.tag}: the ${name} ${quoted(value)}`
    if (/\p{Cc}/u.test(value))
      return [finding('elementTypeWrong', `${said} has control characters in it`, where)]
    if (value.length <= most) return []
    return [finding('elementTooLong', `${said} has ${value.length} characters, ${most} are allowed`, where)]
  })
}

/** As it is kept: cut where it is too long, control characters replaced, so that it never is the name of somebody else. */
export function printable(text: string): string {
  const shown = text.length > longestName ? `${text.slice(0, longestName)}…` : text
  return shown.replace(/\p{Cc}/gu, '\ufffd')
}

function chosenCharset(
  level: string,
  override: string | undefined,
  warn: (message: string) => void,
): Charset {
  if (override !== undefined) {
    const chosen = charsetNamed(override) ?? charsetOfLevel(override)
    if (chosen) return chosen
    warn(`The charset ${quoted(override)} of the profile is unknown; the envelope's is used`)
  }
  const own = charsetOfLevel(level)
  if (own) return own
  if (level !== '') warn(`The character set ${quoted(level)} is none of UNOA to UNOY; read as ISO 8859-1`)
  return charsetOfLevel('UNOC')!
}
