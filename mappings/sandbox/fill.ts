import type { EdifactSegment } from '#hub/formats/edifact/index.ts'
import { segment } from '#hub/formats/edifact/index.ts'
import { JsonNumber, jsonObject, type JsonValue } from '#hub/formats/json/index.ts'
import { formats } from '#hub/formats/index.ts'
import type { XmlElement } from '#hub/formats/xml/index.ts'
import { HubError } from '#hub/model/errors.ts'
import type { ReadFormat } from '#hub/model/format.ts'
import { readXmlText } from './xml-text.ts'
import { markClose, markOpen, type Rendered } from './program.ts'

/**
 * The tree of a rendered text. The text is read with a mark in the place of each value, and only then are the values put
 * into the tree: whatever a value holds, it can never begin a segment, an element, a member or a tag. The writer of the
 * format escapes it like any other. Throws HubError `notWritable` for a text that is not of the format, and for a value
 * that stands where a name or a tag belongs.
 */
export function filledTree(format: ReadFormat, rendered: Rendered, fit: (text: string) => string): unknown {
  switch (format) {
    case 'edifact':
      return { segments: segmentsOf(rendered, fit) }
    case 'xml':
      return filledXml(readXmlText(rendered.text), rendered)
    case 'json':
      return filledJson(readJson(quotedMarks(rendered.text)) as JsonValue, rendered)
  }
}

const marks = new RegExp(`${markOpen}(\\d+)${markClose}`, 'g')

/** The text with its values in the place of their marks. */
function filled(text: string, { values }: Rendered): string {
  // mostly the value is all there is
  if (text.startsWith(markOpen) && text.indexOf(markClose) === text.length - 1)
    return values[Number(text.slice(1, -1))] ?? ''
  return text.includes(markOpen) ? text.replace(marks, (_mark, at: string) => values[Number(at)] ?? '') : text
}

function withoutMark(name: string, what: string): string {
  if (!name.includes(markOpen)) return name
  throw new HubError('notWritable', `a value of the document stands in the place of ${what}`)
}

/** Segments by the usual separators `+ : ' ?`; line ends between segments mean nothing. */
function segmentsOf(rendered: Rendered, fit: (text: string) => string): EdifactSegment[] {
  const segments: EdifactSegment[] = []
  let elements: string[][] = [['']]
  const add = (text: string): void => {
    const components = elements.at(-1)!
    components[components.length - 1] += text
  }
  const { text } = rendered
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (character === '?') add(text[++at] ?? '')
    else if (character === "'") {
      segments.push(segmentFrom(elements, rendered, fit))
      elements = [['']]
    } else if (character === '+') elements.push([''])
    else if (character === ':') elements.at(-1)!.push('')
    else if (character !== '\n' && character !== '\r') add(character)
  }
  if (elements.length > 1 || elements[0]![0]!.trim() !== '')
    throw new HubError('notWritable', `the last segment ${quoted(elements[0]![0]!)} has no terminator '`)
  return segments
}

function segmentFrom(
  [tag, ...elements]: string[][],
  rendered: Rendered,
  fit: (text: string) => string,
): EdifactSegment {
  const name = withoutMark(tag!.join(':'), "a segment's tag").trim()
  if (!/^[A-Z][A-Z0-9]{2}$/.test(name)) throw new HubError('notWritable', `${quoted(name)} is no segment`)
  const values = elements.map((components) =>
    components.map((component) =>
      component.includes(markOpen) ? fit(filled(component, rendered)) : component,
    ),
  )
  return segment(name, ...values)
}

function filledXml(element: XmlElement, rendered: Rendered): XmlElement {
  withoutMark(element.name, 'the name of an element')
  withoutMark(element.prefix, 'the name of an element')
  for (const attribute of element.attributes) {
    withoutMark(attribute.name, 'the name of an attribute')
    withoutMark(attribute.prefix, 'the name of an attribute')
    if (attribute.prefix === 'xmlns' || attribute.name === 'xmlns')
      withoutMark(attribute.value, 'a namespace')
    attribute.value = filled(attribute.value, rendered)
  }
  const { content } = element
  for (let at = 0; at < content.length; at++) {
    const one = content[at]!
    content[at] = typeof one === 'string' ? filled(one, rendered) : filledXml(one, rendered)
  }
  return element
}

const bare = `${markClose}${markOpen}`

/** Marks outside of texts become texts of their own, which say that they stood bare: a number, true, false or null. */
function quotedMarks(text: string): string {
  let quotedText = ''
  let inText = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (inText && character === '\\') {
      quotedText += character + (text[++at] ?? '')
      continue
    }
    if (character === '"') inText = !inText
    if (character === markOpen && !inText) {
      const end = text.indexOf(markClose, at)
      quotedText += `"${bare}${text.slice(at, end + 1)}"`
      at = end
    } else quotedText += character
  }
  return quotedText
}

function filledJson(value: JsonValue, rendered: Rendered): JsonValue {
  if (typeof value === 'string') {
    if (!value.startsWith(bare)) return filled(value, rendered)
    return bareValue(filled(value.slice(bare.length), rendered))
  }
  if (Array.isArray(value)) return value.map((item) => filledJson(item, rendered))
  if (typeof value !== 'object' || value === null || value instanceof JsonNumber) return value
  return jsonObject(
    Object.entries(value).map(
      ([name, member]) => [withoutMark(name, 'the name of a member'), filledJson(member, rendered)] as const,
    ),
  )
}

function bareValue(text: string): JsonValue {
  if (text === 'true' || text === 'false') return text === 'true'
  if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(text)) return new JsonNumber(text)
  throw new HubError(
    'notWritable',
    `${quoted(text)} stands without quotes and is neither a number nor true or false`,
  )
}

/** The one document in a text. */
function readJson(text: string): unknown {
  const reader = formats.json.reader()
  const trees: unknown[] = []
  const faults: string[] = []
  for (const event of [...reader.push(Buffer.from(text.trim(), 'utf8')), ...reader.end()]) {
    if (event.kind === 'message') trees.push(event.message.tree)
    const findings =
      event.kind === 'fault' ? event.findings : event.kind === 'trailer' ? event.trailer.findings : []
    for (const { severity, message } of findings) if (severity === 'error') faults.push(message)
  }
  if (faults.length === 0 && trees.length === 1) return trees[0]
  const why = faults[0] ?? `it has ${trees.length} documents`
  throw new HubError('notWritable', `the template's text is no JSON document: ${why}`)
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 40))
}
