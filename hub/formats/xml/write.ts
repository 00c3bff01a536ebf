import type { WritableInterchange } from '#hub/model/format.ts'
import { HubError } from '#hub/model/errors.ts'
import { limits } from '#hub/base/limits.ts'
import { qualifiedName, type XmlAttribute, type XmlElement } from './tree.ts'

/**
 * Writes the one document of an interchange: UTF-8 with its declaration. Throws HubError `notWritable` for what XML
 * cannot hold (a control character, a name that is none) and where there is not exactly one document.
 */
export function writeXml({ messages, terms }: WritableInterchange): Buffer {
  const [message, ...further] = messages
  if (!message || further.length > 0)
    throw new HubError('notWritable', 'an XML file holds exactly one document')
  return Buffer.from(xmlText(message.tree as XmlElement, terms.indent ?? true), 'utf8')
}

/** A tree as XML text. With `indent`, white space is put only where there are elements and no text. */
export function xmlText(root: XmlElement, indent: boolean): string {
  const writer = new Writer(indent)
  writer.element(root, { depth: 0, scope: initialScope, declarations: declarationsFor(root) })
  return `<?xml version="1.0" encoding="UTF-8"?>\n${writer.text}\n`
}

/** Where an element stands: how deep, which prefix means which namespace, and what it has to declare for all below. */
interface Place {
  depth: number
  scope: ReadonlyMap<string, string>
  declarations: ReadonlyMap<string, string>
}

const initialScope: ReadonlyMap<string, string> = new Map([['', '']])
const none: ReadonlyMap<string, string> = new Map()

class Writer {
  text = ''
  readonly #indent: boolean

  constructor(indent: boolean) {
    this.#indent = indent
  }

  element(element: XmlElement, place: Place): void {
    const { content } = element
    const tag = tagOf(element)
    this.text += tag.start
    const scope = this.#attributes(element, place)
    const [first] = content
    if (content.length === 0 || (content.length === 1 && first === '')) this.text += '/>'
    else if (content.length === 1 && typeof first === 'string') this.text += `>${escapeText(first)}${tag.end}`
    else this.#content(content, place.depth + 1, scope, tag.end)
  }

  #content(
    content: XmlElement['content'],
    depth: number,
    scope: ReadonlyMap<string, string>,
    end: string,
  ): void {
    if (depth >= limits.xmlDepth + 1) throw tooDeep()
    const spaced = this.#indent && content.every(isElement)
    const place = { depth, scope, declarations: none }
    this.text += '>'
    for (const one of content) {
      if (spaced) this.text += lineStart(depth)
      if (typeof one === 'string') this.text += escapeText(one)
      else this.element(one, place)
    }
    this.text += spaced ? lineStart(depth - 1) + end : end
  }

  /** Writes the attributes, missing declarations first; returns what prefixes mean below. */
  #attributes(element: XmlElement, { scope, declarations }: Place): ReadonlyMap<string, string> {
    const { attributes } = element
    const declares = declarations.size > 0 || scope.get(element.prefix) !== element.namespace
    if (!declares && attributes.length === 0) return scope
    if (declares || attributes.length > 1 || attributes.some(hasPrefix))
      return this.#declarations(element, scope, declarations)
    const only = attributes[0]!
    this.text += `${tagOf(only).attribute}${escapeAttribute(only.value)}"`
    return scope
  }

  #declarations(
    element: XmlElement,
    outside: ReadonlyMap<string, string>,
    declarations: ReadonlyMap<string, string>,
  ): ReadonlyMap<string, string> {
    const scope = new Map(outside)
    for (const [start, value] of attributesOf(element, declarations, scope))
      this.text += `${start}${escapeAttribute(value)}"`
    return scope
  }
}

/** The attributes by how they begin when written, missing declarations first; `scope` learns what the element declares. */
function attributesOf(
  element: XmlElement,
  declarations: ReadonlyMap<string, string>,
  scope: Map<string, string>,
): Map<string, string> {
  const written = new Map<string, string>()
  for (const attribute of element.attributes)
    if (isDeclaration(attribute)) scope.set(declared(attribute), attribute.value)
  for (const [prefix, namespace] of declarations) declare({ prefix, namespace }, scope, written)
  if (scope.get(element.prefix) !== element.namespace) declare(element, scope, written)
  for (const attribute of element.attributes) {
    if (isQualified(attribute) && scope.get(attribute.prefix) !== attribute.namespace)
      declare(attribute, scope, written)
  }
  for (const attribute of element.attributes) {
    const start = tagOf(attribute).attribute
    if (written.has(start))
      throw new HubError(
        'notWritable',
        `the attribute ${qualifiedName(attribute)} stands twice in one element`,
      )
    written.set(start, attribute.value)
  }
  return written
}

function declare(
  { prefix, namespace }: { prefix: string; namespace: string },
  scope: Map<string, string>,
  written: Map<string, string>,
): void {
  const name = prefix === '' ? { prefix: '', name: 'xmlns' } : { prefix: 'xmlns', name: prefix }
  const start = tagOf(name).attribute
  if (written.has(start))
    throw new HubError('notWritable', `${qualifiedName(name)} would stand for two namespaces in one element`)
  if (prefix !== '' && namespace === '')
    throw new HubError('notWritable', `the prefix "${prefix}" has no namespace`)
  written.set(start, namespace)
  scope.set(prefix, namespace)
}

/** The prefix that a declaration is for. */
function declared({ name, prefix }: XmlAttribute): string {
  return prefix === '' ? '' : name
}

/**
 * What the root declares so that no element below has to: each prefix that means the same namespace throughout and that
 * nobody declares by himself.
 */
function declarationsFor(root: XmlElement): ReadonlyMap<string, string> {
  const meanings = new Map<string, string | null>()
  // elements have few prefixes, each with one namespace: those seen first are not noted again
  const noted: XmlElement[] = []
  const isNoted = ({ prefix, namespace }: XmlElement): boolean => {
    for (const one of noted) if (one.prefix === prefix && one.namespace === namespace) return true
    return false
  }
  const visit = (element: XmlElement, depth: number): void => {
    if (depth >= limits.xmlDepth) throw tooDeep()
    if (!isNoted(element)) {
      note(meanings, element.prefix, element.namespace)
      if (noted.length < notedMost) noted.push(element)
    }
    for (const attribute of element.attributes) {
      if (isDeclaration(attribute)) meanings.set(declared(attribute), null)
      else if (isQualified(attribute)) note(meanings, attribute.prefix, attribute.namespace)
    }
    for (const one of element.content) if (typeof one !== 'string') visit(one, depth + 1)
  }
  visit(root, 0)
  const same = new Map<string, string>()
  for (const [prefix, namespace] of meanings)
    if (namespace !== null && namespace !== '') same.set(prefix, namespace)
  return same
}

const notedMost = 4

function note(meanings: Map<string, string | null>, prefix: string, namespace: string): void {
  const before = meanings.get(prefix)
  if (before === undefined) meanings.set(prefix, namespace)
  else if (before !== namespace) meanings.set(prefix, null)
}

function isDeclaration({ name, prefix }: { name: string; prefix: string }): boolean {
  return prefix === 'xmlns' || (prefix === '' && name === 'xmlns')
}

/** Whether an attribute's prefix needs a declaration. */
function isQualified({ prefix }: XmlAttribute): boolean {
  return prefix !== '' && prefix !== 'xml' && prefix !== 'xmlns'
}

function hasPrefix({ name, prefix }: XmlAttribute): boolean {
  return prefix !== '' || name === 'xmlns'
}

function isElement(one: XmlElement | string): one is XmlElement {
  return typeof one !== 'string'
}

/** A line of its own, two blanks a level. */
function lineStart(depth: number): string {
  return (lineStarts[depth] ??= `\n${'  '.repeat(depth)}`)
}
const lineStarts: string[] = []

/** A name with what stands around it, once it was found good. */
interface Tag {
  name: string
  prefix: string
  start: string
  end: string
  /** Where it is the name of an attribute. */
  attribute: string
  /** The name that came after this one when it came last: lists and documents repeat themselves. */
  next: Tag | null
}

/** By prefix and name. Documents of one kind have the same names: each is put together and checked once. */
const tags = new Map<string, Map<string, Tag>>()
let tagsKept = 0

let latest: Tag = { name: '', prefix: '', start: '', end: '', attribute: '', next: null }

function tagOf(of: { name: string; prefix: string }): Tag {
  const foretold = latest.next
  if (foretold === null || foretold.name !== of.name || foretold.prefix !== of.prefix)
    latest.next = tagByName(of)
  latest = latest.next!
  return latest
}

function tagByName(of: { name: string; prefix: string }): Tag {
  const kept = tags.get(of.prefix)?.get(of.name)
  if (kept !== undefined) return kept
  checkedName(of.name)
  if (of.prefix !== '') checkedName(of.prefix)
  const name = qualifiedName(of)
  const tag: Tag = {
    name: of.name,
    prefix: of.prefix,
    start: `<${name}`,
    end: `</${name}>`,
    attribute: ` ${name}="`,
    next: null,
  }
  if (++tagsKept > limits.xmlNamesKept) {
    tags.clear()
    tagsKept = 1
  }
  const alike = tags.get(of.prefix)
  if (alike === undefined) tags.set(of.prefix, new Map([[of.name, tag]]))
  else alike.set(of.name, tag)
  return tag
}

/** A name without a colon, as Namespaces in XML has it (NCName). */
const ncName =
  /^[A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\u{10000}-\u{EFFFF}][-.0-9A-Z_a-z\u00B7\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u037D\u037F-\u1FFF\u200C-\u200D\u203F\u2040\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\u{10000}-\u{EFFFF}]*$/u

function checkedName(name: string): void {
  if (ncName.test(name) && Buffer.byteLength(name) <= limits.xmlNameBytes) return
  throw new HubError(
    'notWritable',
    `${JSON.stringify(name.slice(0, 60))} cannot be the name of an element or attribute`,
  )
}

function tooDeep(): HubError {
  return new HubError('notWritable', `deeper than ${limits.xmlDepth} elements`)
}

function escapeText(text: string): string {
  if (!notable.test(text)) return text
  return checkedText(text).replace(/[&<>\r]/g, (character) => references[character]!)
}

function escapeAttribute(value: string): string {
  if (!notable.test(value)) return value
  return checkedText(value).replace(/[&<>"'\r\n\t]/g, (character) => references[character]!)
}

/** Whatever is escaped somewhere, forbidden, or half of a pair: most texts have none of it. */
// oxlint-disable-next-line no-control-regex -- as below
const notable = /[&<>"'\u0000-\u001F\uD800-\uDFFF\uFFFE\uFFFF]/

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
}

// oxlint-disable-next-line no-control-regex -- these are the characters that XML 1.0 §2.2 has no place for
const forbidden = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/

function checkedText(text: string): string {
  if (!forbidden.test(text) && text.isWellFormed()) return text
  throw new HubError(
    'notWritable',
    `the text ${JSON.stringify(text.slice(0, 60))} holds a character that XML has no place for`,
  )
}
