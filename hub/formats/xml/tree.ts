/**
 * The tree of an XML document: what the reader makes, the writer takes and mappings read. Plain data; every value is
 * the exact text of the document.
 */
export interface XmlElement {
  /** Local name, e.g. `ID`. */
  name: string
  /** As written, e.g. `cbc`; empty for the default namespace. */
  prefix: string
  /** Namespace URI, or empty. */
  namespace: string
  /** In order; declarations (`xmlns`) are among them when read. The writer adds those that are missing. */
  attributes: XmlAttribute[]
  /**
   * Child elements and character data, in order. White space between elements is left out where an element has no
   * other character data; text and CDATA that touch are one string.
   */
  content: (XmlElement | string)[]
  /** Of the start tag, from 1; 0 in a tree made for writing. */
  line: number
  column: number
}

export interface XmlAttribute {
  name: string
  prefix: string
  namespace: string
  value: string
}

/** What `element` takes beside children: attributes without a prefix, by name; absent ones are left out. */
export type AttributeInput = Readonly<Record<string, string | undefined>>

/** Makes elements of one namespace and prefix for writing: `const cbc = elementsOf(uri, 'cbc')`, `cbc('ID', '345')`. */
export function elementsOf(namespace: string, prefix: string) {
  return (name: string, content: Content, attributes?: AttributeInput): XmlElement => ({
    name,
    prefix,
    namespace,
    attributes: attributes === undefined ? [] : attributesFrom(attributes),
    content: contentFrom(content),
    line: 0,
    column: 0,
  })
}

/** A text, or children of which null and undefined stand for nothing. */
export type Content = string | readonly (XmlElement | null | undefined)[]

/** The child elements with this local name (all of them without one), whatever their namespace, in order. */
export function childrenOf(parent: XmlElement | undefined, name?: string): XmlElement[] {
  const children: XmlElement[] = []
  if (parent === undefined) return children
  for (const node of parent.content) {
    if (typeof node !== 'string' && (name === undefined || node.name === name)) children.push(node)
  }
  return children
}

/** The first child element with this local name. */
export function childOf(parent: XmlElement | undefined, name: string): XmlElement | undefined {
  if (parent === undefined) return undefined
  const { content } = parent
  for (let index = 0; index < content.length; index++) {
    const node = content[index]!
    if (typeof node !== 'string' && node.name === name) return node
  }
  return undefined
}

/** The element at the end of a path of local names, each time the first. */
export function elementAt(from: XmlElement | undefined, ...path: string[]): XmlElement | undefined {
  let at = from
  for (let index = 0; at !== undefined && index < path.length; index++) at = childOf(at, path[index]!)
  return at
}

/** The character data directly in an element, exactly as written; empty without an element. */
export function textOf(from: XmlElement | undefined): string {
  if (from === undefined) return ''
  const { content } = from
  const [first] = content
  if (content.length === 1 && typeof first === 'string') return first
  let text = ''
  for (const node of content) if (typeof node === 'string') text += node
  return text
}

/** The exact text at the end of a path, with white space at its ends removed; undefined where there is none. */
export function textAt(from: XmlElement | undefined, ...path: string[]): string | undefined {
  return textOf(elementAt(from, ...path)).trim() || undefined
}

/** The value of an attribute without a prefix; undefined where it is absent. */
export function attributeOf(from: XmlElement | undefined, name: string): string | undefined {
  if (from === undefined) return undefined
  for (const attribute of from.attributes)
    if (attribute.name === name && attribute.prefix === '') return attribute.value
  return undefined
}

/** The name with its prefix: `cbc:ID`. */
export function qualifiedName(of: { name: string; prefix: string }): string {
  return of.prefix === '' ? of.name : `${of.prefix}:${of.name}`
}

function attributesFrom(input: AttributeInput): XmlAttribute[] {
  const attributes: XmlAttribute[] = []
  for (const name in input) {
    const value = input[name]
    if (value !== undefined) attributes.push({ name, prefix: '', namespace: '', value })
  }
  return attributes
}

function contentFrom(content: Content): (XmlElement | string)[] {
  if (typeof content === 'string') return content === '' ? [] : [content]
  const kept: (XmlElement | string)[] = []
  for (const child of content) if (child !== null && child !== undefined) kept.push(child)
  return kept
}
