import { XMLBuilder } from 'fast-xml-parser'
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
  const { declarations, mixed } = surveyOf(root)
  // the builder's own format would put white space beside text too
  const formatted = indent && !mixed
  const context: Context = { depth: 0, indent: indent && mixed, scope: initialScope, names: new Set() }
  const document = [
    { '?xml': [{ '#text': '' }], ':@': { '@_version': '1.0', '@_encoding': 'UTF-8' } },
    ...(formatted ? [] : [{ '#text': '\n' }]),
    node(root, declarations, context),
    // where it formats, the builder begins a line before each text
    { '#text': formatted ? '' : '\n' },
  ]
  return (formatted ? formatting : plain).build(document)
}

/*
 * The builder only puts names, quotes and brackets in their places. Values are escaped here, because white space in
 * attributes and a carriage return in text need references too, or a reader would change them.
 */
const options = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '@_',
  processEntities: false,
  suppressBooleanAttributes: false,
  suppressEmptyNode: true,
  maxNestedTags: limits.xmlDepth + 1,
}
const plain = new XMLBuilder({ ...options, format: false })
const formatting = new XMLBuilder({ ...options, format: true, indentBy: '  ' })

type Node = Record<string, unknown>

interface Context {
  depth: number
  /** Whether white space is to be put between elements here, and not by the builder. */
  indent: boolean
  /** Namespace by prefix, of what encloses. */
  scope: ReadonlyMap<string, string>
  /** Names and prefixes of this document that were found good. */
  names: Set<string>
}

const initialScope: ReadonlyMap<string, string> = new Map([['', '']])
const none: ReadonlyMap<string, string> = new Map()

function node(element: XmlElement, declarations: ReadonlyMap<string, string>, context: Context): Node {
  if (context.depth >= limits.xmlDepth)
    throw new HubError('notWritable', `deeper than ${limits.xmlDepth} elements`)
  const name = named(element, context.names)
  const isPlain = element.attributes.length === 0 && declarations.size === 0
  if (isPlain && context.scope.get(element.prefix) === element.namespace)
    return { [name]: contentOf(element, { ...context, depth: context.depth + 1 }) }
  const scope = new Map(context.scope)
  const attributes = attributesOf(element, declarations, { ...context, scope })
  return { [name]: contentOf(element, { ...context, depth: context.depth + 1, scope }), ':@': attributes }
}

/** What stands in an element as the builder takes it: a text, or nodes. */
function contentOf({ content }: XmlElement, context: Context): Node[] | string {
  const [first] = content
  if (content.length === 1 && typeof first === 'string') return escapeText(first)
  const spaced = context.indent && content.length > 0 && content.every((one) => typeof one !== 'string')
  const nodes: Node[] = []
  for (const one of content) {
    if (spaced) nodes.push({ '#text': `\n${'  '.repeat(context.depth)}` })
    nodes.push(typeof one === 'string' ? { '#text': escapeText(one) } : node(one, none, context))
  }
  if (spaced) nodes.push({ '#text': `\n${'  '.repeat(context.depth - 1)}` })
  return nodes
}

/** The attributes as the builder takes them, missing declarations first; `scope` learns what the element declares. */
function attributesOf(
  element: XmlElement,
  declarations: ReadonlyMap<string, string>,
  { scope, names }: { scope: Map<string, string>; names: Set<string> },
): Record<string, string> {
  const written: Record<string, string> = {}
  for (const attribute of element.attributes)
    if (isDeclaration(attribute)) scope.set(declared(attribute), attribute.value)
  for (const [prefix, namespace] of declarations) declare({ prefix, namespace }, scope, written)
  if (scope.get(element.prefix) !== element.namespace) declare(element, scope, written)
  for (const attribute of element.attributes) {
    if (isQualified(attribute) && scope.get(attribute.prefix) !== attribute.namespace)
      declare(attribute, scope, written)
  }
  for (const attribute of element.attributes) {
    const name = named(attribute, names)
    if (Object.hasOwn(written, `@_${name}`))
      throw new HubError('notWritable', `the attribute ${name} stands twice in one element`)
    written[`@_${name}`] = escapeAttribute(attribute.value)
  }
  return written
}

function declare(
  { prefix, namespace }: { prefix: string; namespace: string },
  scope: Map<string, string>,
  written: Record<string, string>,
): void {
  const name = prefix === '' ? 'xmlns' : `xmlns:${checkedName(prefix)}`
  if (Object.hasOwn(written, `@_${name}`))
    throw new HubError('notWritable', `${name} would stand for two namespaces in one element`)
  if (prefix !== '' && namespace === '')
    throw new HubError('notWritable', `the prefix "${prefix}" has no namespace`)
  written[`@_${name}`] = escapeAttribute(namespace)
  scope.set(prefix, namespace)
}

/** The prefix that a declaration is for. */
function declared({ name, prefix }: XmlAttribute): string {
  return prefix === '' ? '' : name
}

/**
 * What is to be known of a tree before it is written: `declarations` for the root, so that no element below has to (each
 * prefix that means the same namespace throughout and that nobody declares by himself), and whether any element has text
 * among elements.
 */
function surveyOf(root: XmlElement): { declarations: ReadonlyMap<string, string>; mixed: boolean } {
  const meanings = new Map<string, string | null>()
  let mixed = false
  const visit = (element: XmlElement, depth: number): void => {
    if (depth > limits.xmlDepth) return
    note(meanings, element.prefix, element.namespace)
    for (const attribute of element.attributes) {
      if (isDeclaration(attribute)) meanings.set(declared(attribute), null)
      else if (isQualified(attribute)) note(meanings, attribute.prefix, attribute.namespace)
    }
    let texts = 0
    for (const one of element.content) {
      if (typeof one === 'string') texts++
      else visit(one, depth + 1)
    }
    if (texts > 0 && element.content.length > 1) mixed = true
  }
  visit(root, 0)
  const same = new Map<string, string>()
  for (const [prefix, namespace] of meanings)
    if (namespace !== null && namespace !== '') same.set(prefix, namespace)
  return { declarations: same, mixed }
}

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

/** The name as it is written; names that were found good in this document are not looked at again. */
function named(of: { name: string; prefix: string }, names: Set<string>): string {
  if (!names.has(of.name)) names.add(checkedName(of.name))
  if (of.prefix !== '' && !names.has(of.prefix)) names.add(checkedName(of.prefix))
  return qualifiedName(of)
}

/** A name without a colon, as Namespaces in XML has it (NCName). */
const ncName =
  /^[A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\u{10000}-\u{EFFFF}][-.0-9A-Z_a-z\u00B7\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u037D\u037F-\u1FFF\u200C-\u200D\u203F\u2040\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\u{10000}-\u{EFFFF}]*$/u

function checkedName(name: string): string {
  if (ncName.test(name) && Buffer.byteLength(name) <= limits.xmlNameBytes) return name
  throw new HubError(
    'notWritable',
    `${JSON.stringify(name.slice(0, 60))} cannot be the name of an element or attribute`,
  )
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
