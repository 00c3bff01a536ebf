import { limits } from '#hub/base/limits.ts'
import type { WireIdentity, WritableInterchange, WritableMessage } from '#hub/model/format.ts'
import { HubError } from '#hub/model/errors.ts'
import { charsetOfLevel, type Charset } from './charset.ts'
import { envelopeTags } from './service-layouts.ts'
import { noSeparator, separatorFault, separatorsOf, type Separators } from './separators.ts'
import { segment, type EdifactMessage, type EdifactSegment } from './tree.ts'
import { valueWriter, type ValueWriter } from './value-writer.ts'

/**
 * Writes an interchange: UNA if its separators are not the usual ones, UNB, the messages, UNZ. A message's tree
 * (`EdifactMessage`) holds its content without UNH and UNT, which are made from `wireType`, `version`, `agency`, `guide`
 * and `reference`; counts and references are computed. Trailing empty components and elements are left out (ISO 9735-1
 * clause 8.7). Dates have six digits below syntax 4 and eight from it on.
 *
 * Throws HubError `notWritable`, with message, segment, element and component in its detail, for what has no place: a
 * character that the charset lacks or the level does not allow, a control character, a tag that makes envelopes, a
 * missing identity or reference. No value can end its segment: separators in it are released.
 */
export function writeInterchange(interchange: WritableInterchange): Buffer {
  const syntax = syntaxOf(interchange)
  const writer = new SegmentWriter(syntax)
  if (syntax.advice !== null) writer.raw(`UNA${syntax.advice}`)
  writer.write(header(interchange, syntax), {})
  interchange.messages.forEach((message, index) => writeMessage(writer, message, index + 1))
  if (interchange.messages.length === 0) throw notWritable('The interchange has no message', {})
  writer.write(segment('UNZ', String(interchange.messages.length), interchange.reference), {})
  return writer.bytes()
}

interface WriteSyntax {
  level: string
  version: number
  charset: Charset
  separators: Separators
  /** The six characters of UNA, or null where the usual ones hold. */
  advice: string | null
  lineEnd: string
}

const lineEnds = { none: '', lf: '\n', crlf: '\r\n' } as const
const usual = ":+.?*'"

function syntaxOf(interchange: WritableInterchange): WriteSyntax {
  const { terms } = interchange
  const [level = '', versionText = ''] = (terms.syntax ?? 'UNOC:3').split(':')
  const version = Number(versionText)
  const charset = charsetOfLevel(level)
  if (!charset || ![1, 2, 3, 4].includes(version)) {
    throw notWritable(`The syntax ${terms.syntax} is none of UNOA to UNOY in version 1 to 4`, {})
  }
  const given = terms.separators ?? usual
  // Below version 4 the fifth character of UNA is reserved and a blank.
  const six = version < 4 ? `${given.slice(0, 4)} ${given.slice(5)}` : given
  const separators = separatorsOf(six)
  const fault = separatorFault(separators, version)
  if (given.length !== 6 || fault) {
    throw notWritable(
      `The separators ${JSON.stringify(given)} cannot be used: ${fault?.message ?? 'six are needed'}`,
      {},
    )
  }
  const isUsual = six === (version < 4 ? ":+.? '" : usual)
  const lineEnd = lineEnds[terms.lineEnds ?? 'none']
  return { level, version, charset, separators, advice: isUsual ? null : six, lineEnd }
}

function header(interchange: WritableInterchange, syntax: WriteSyntax): EdifactSegment {
  const { reference, env, at, terms } = interchange
  if (reference === '' || reference.length > 14) {
    throw notWritable(`An interchange reference has 1 to 14 characters, not ${JSON.stringify(reference)}`, {})
  }
  const iso = at.toISOString()
  const date = iso.slice(0, 10).replaceAll('-', '')
  return segment(
    'UNB',
    [syntax.level, String(syntax.version)],
    identity(interchange.sender, 'sender', syntax.version),
    identity(interchange.receiver, 'receiver', syntax.version),
    [syntax.version < 4 ? date.slice(2) : date, iso.slice(11, 16).replace(':', '')],
    reference,
    null,
    null,
    null,
    terms.acknowledgementRequest ? '1' : null,
    null,
    env === 'test' ? '1' : null,
  )
}

/** UNB qualifiers (0007) by scheme; `unb:ZZ` carries its own. */
const qualifiers: Readonly<Record<string, string>> = { unb: '', gln: '14', duns: '1' }

function identity(from: WireIdentity | null, role: 'sender' | 'receiver', version: number): string[] {
  if (!from || from.value === '') throw notWritable(`The interchange names no ${role}`, { role })
  const qualifier = from.scheme.startsWith('unb:') ? from.scheme.slice(4) : qualifiers[from.scheme]
  if (qualifier === undefined) {
    throw notWritable(`A ${role} of scheme ${from.scheme} has no place in UNB`, { role, scheme: from.scheme })
  }
  const name = [from.value, qualifier, from.internal ?? '']
  // syntax 3 and before have three components in S002 and S003
  return version < 4 ? name : [...name, from.internalSub ?? '']
}

function writeMessage(writer: SegmentWriter, message: WritableMessage, position: number): void {
  const { wireType, version, guide = '', agency = 'UN', reference } = message
  const { segments } = message.tree as EdifactMessage
  const dot = version.indexOf('.')
  const [major, release] = dot < 0 ? [version, ''] : [version.slice(0, dot), version.slice(dot + 1)]
  if (reference === '') throw notWritable(`Message ${position} has no reference`, { message: position })
  writer.write(segment('UNH', reference, [wireType, major, release, agency, guide]), {
    message: position,
    segment: 1,
  })
  segments.forEach((one, index) => {
    const place = { message: position, segment: index + 2 }
    if (!/^[A-Z][A-Z0-9]{2}$/.test(one.tag) || envelopeTags.has(one.tag)) {
      throw notWritable(`${JSON.stringify(one.tag)} is no tag for the content of a message`, place)
    }
    writer.write(one, place)
  })
  writer.write(segment('UNT', String(segments.length + 2), reference), {
    message: position,
    segment: segments.length + 2,
  })
}

/** Where in the output a segment stands: empty for the envelope's. */
type Place = Record<string, number>

class SegmentWriter {
  readonly #syntax: WriteSyntax
  readonly #values: ValueWriter
  readonly #component: string
  readonly #element: string
  readonly #repetition: string
  readonly #ending: string
  #parts: Buffer[] = []
  #text = ''

  constructor(syntax: WriteSyntax) {
    const { separators } = syntax
    this.#syntax = syntax
    this.#values = valueWriter(separators, syntax.version, syntax.charset)
    this.#component = String.fromCharCode(separators.component)
    this.#element = String.fromCharCode(separators.element)
    this.#repetition =
      syntax.version >= 4 && separators.repetition !== noSeparator
        ? String.fromCharCode(separators.repetition)
        : ''
    this.#ending = String.fromCharCode(separators.terminator) + syntax.lineEnd
  }

  raw(text: string): void {
    this.#text += text + this.#syntax.lineEnd
  }

  write(from: EdifactSegment, place: Place): void {
    const start = this.#text.length
    this.#text += from.tag
    if (from.nesting) for (const one of from.nesting) this.#text += this.#component + one
    const last = lastFilled(from)
    for (let index = 0; index <= last; index++) {
      this.#text += this.#element + this.#joined(from, index, from.elements[index]!, place)
      if (from.repetitions) this.#text += this.#repeated(from, index, place)
    }
    this.#text += this.#ending
    const length = this.#text.length - start
    if (length > limits.segmentBytes) {
      throw notWritable(`Segment ${from.tag} would have ${length} characters, more than a segment may`, place)
    }
    if (this.#text.length > flushLength) this.#flush()
  }

  bytes(): Buffer {
    this.#flush()
    return Buffer.concat(this.#parts)
  }

  #joined(from: EdifactSegment, element: number, components: readonly string[], place: Place): string {
    let last = components.length - 1
    while (last > 0 && components[last] === '') last--
    let text = ''
    for (let index = 0; index <= last; index++) {
      const value = components[index]!
      const written = this.#values(value)
      if (typeof written !== 'string') {
        const where = { ...place, tag: from.tag, element: element + 1, component: index + 1 }
        throw notWritable(`${from.tag} element ${element + 1}.${index + 1}: ${written.fault}`, where)
      }
      text = index === 0 ? written : text + this.#component + written
    }
    return text
  }

  #repeated(from: EdifactSegment, element: number, place: Place): string {
    let text = ''
    for (const one of from.repetitions ?? []) {
      if (one.element !== element + 1) continue
      if (this.#repetition === '') {
        throw notWritable(`${from.tag} element ${one.element} repeats, which this syntax cannot say`, place)
      }
      text += this.#repetition + this.#joined(from, element, one.components, place)
    }
    return text
  }

  #flush(): void {
    const encoded = this.#syntax.charset.encode(this.#text)
    // Values were checked one by one; only a tag or a nesting indication could still be outside the charset.
    if (typeof encoded === 'number') throw notWritable('A character is not in the charset', {})
    this.#parts.push(encoded)
    this.#text = ''
  }
}

/** Text is encoded in pieces of about this many characters. */
const flushLength = 1024 * 1024

function lastFilled(from: EdifactSegment): number {
  let last = from.elements.length - 1
  while (last >= 0 && from.elements[last]!.every((value) => value === '')) {
    if (from.repetitions?.some((one) => one.element === last + 1)) break
    last--
  }
  return last
}

function notWritable(message: string, detail: Record<string, string | number>): HubError {
  return new HubError('notWritable', message, { detail })
}
