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
  const context: Context = { depth: 0, indent, scope: new Map([['', '']]) }
  const document = [
    { '?xml': [{ '#text': '' }], ':@': { '@_version': '1.0', '@_encoding': 'UTF-8' } },
    { '#text': '\n' },
    node(root, declarationsFor(root), context),
    { '#text': '\n' },
  ]
  return builder.build(document)
}

/*
 * The builder only puts names, quotes and brackets in their places. Values are escaped here, because white space in
 * attributes and a carriage return in text need references too, or a reader would change them.
 */
const builder = new XMLBuilder({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '@_',
  processEntities: false,
  suppressBooleanAttributes: false,
  suppressEmptyNode: true,
  format: false,
  maxNestedTags: limits.xmlDepth + 1,
})

type Node = Record<string, unknown>

interface Context {
  depth: number
  indent: boolean
  /** Namespace by prefix, of what encloses. */
  scope: ReadonlyMap<string, string>
}

function node(element: XmlElement, declarations: ReadonlyMap<string, string>, context: Context): Node {
  if (context.depth >= limits.xmlDepth)
    throw new HubError('notWritable', `deeper than ${limits.xmlDepth} elements`)
  const scope = new Map(context.scope)
  const attributes = attributesOf(element, declarations, scope)
  const inner = { ...context, depth: context.depth + 1, scope }
  return { [named(element)]: contentOf(element, inner), ':@': attributes }
}

function contentOf(element: XmlElement, context: Context): Node[] {
  const none = new Map<string, string>()
  const spaced =
    context.indent && element.content.length > 0 && element.content.every((one) => typeof one !== 'string')
  const nodes: Node[] = []
  for (const one of element.content) {
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
  scope: Map<string, string>,
): Record<string, string> {
  const written = new Map<string, string>()
  for (const attribute of element.attributes.filter(isDeclaration))
    scope.set(declared(attribute), attribute.value)
  for (const [prefix, namespace] of declarations) declare(prefix, namespace, scope, written)
  for (const { prefix, namespace } of [element, ...element.attributes.filter(isQualified)]) {
    if (scope.get(prefix) !== namespace) declare(prefix, namespace, scope, written)
  }
  for (const attribute of element.attributes) {
    const name = named(attribute)
    if (written.has(name))
      throw new HubError('notWritable', `the attribute ${name} stands twice in one element`)
    written.set(name, escapeAttribute(attribute.value))
  }
  return Object.fromEntries([...written].map(([name, value]) => [`@_${name}`, value]))
}

function declare(
  prefix: string,
  namespace: string,
  scope: Map<string, string>,
  written: Map<string, string>,
): void {
  const name = prefix === '' ? 'xmlns' : `xmlns:${checkedName(prefix)}`
  if (written.has(name))
    throw new HubError('notWritable', `${name} would stand for two namespaces in one element`)
  if (prefix !== '' && namespace === '')
    throw new HubError('notWritable', `the prefix "${prefix}" has no namespace`)
  written.set(name, escapeAttribute(namespace))
  scope.set(prefix, namespace)
}

/** The prefix that a declaration is for. */
function declared({ name, prefix }: XmlAttribute): string {
  return prefix === '' ? '' : name
}

/**
 * What the root declares so that no element below has to: each prefix that means the same namespace throughout and
 * that nobody declares by himself.
 */
function declarationsFor(root: XmlElement): Map<string, string> {
  const meanings = new Map<string, string | null>()
  const visit = (element: XmlElement, depth: number): void => {
    if (depth > limits.xmlDepth) return
    note(meanings, element.prefix, element.namespace)
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

function named(of: { name: string; prefix: string }): string {
  checkedName(of.name)
  if (of.prefix !== '') checkedName(of.prefix)
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
  return checkedText(text).replace(/[&<>\r]/g, (character) => references[character]!)
}

function escapeAttribute(value: string): string {
  return checkedText(value).replace(/[&<>"'\r\n\t]/g, (character) => references[character]!)
}

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
