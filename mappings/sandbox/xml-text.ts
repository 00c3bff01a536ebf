import type { XmlElement } from '#hub/formats/xml/index.ts'
import { HubError } from '#hub/model/errors.ts'

/**
 * Reads the XML of a rendered template into a tree. Smaller and faster than the reader of what partners send, because less
 * depends on it: what it makes is written by the format's writer and read back by its reader like every output. Elements,
 * attributes, text, CDATA, comments and a declaration are taken; everything else is refused. Throws HubError `notWritable`.
 */
export function readXmlText(text: string): XmlElement {
  return new XmlText(text).read()
}

type Scope = ReadonlyMap<string, string>

const nothing: Scope = new Map([
  ['', ''],
  ['xml', 'http://www.w3.org/XML/1998/namespace'],
])
const tagName = /[^\s/>="'<&]+/y
const attribute = /\s+([^\s/>="'<&]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y
const tagEnd = /\s*(\/?)>/y

class XmlText {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): XmlElement {
    let root: XmlElement | null = null
    const open: { element: XmlElement; scope: Scope; name: string }[] = []
    const text = this.#text
    while (this.#at < text.length) {
      const next = text.indexOf('<', this.#at)
      const end = next < 0 ? text.length : next
      if (end > this.#at) this.#addText(text.slice(this.#at, end), open.at(-1)?.element)
      if (next < 0) break
      this.#at = next
      if (text.startsWith('</', next)) {
        const closed = open.pop()
        this.#close(closed?.name)
        finish(closed!.element)
      } else if (text[next + 1] === '!' || text[next + 1] === '?') this.#skip(open.at(-1)?.element)
      else {
        if (open.length === 0 && root !== null) throw this.#fault('a second outermost element')
        const { element, scope, name, isEmpty } = this.#open(open.at(-1)?.scope ?? nothing)
        root ??= element
        open.at(-1)?.element.content.push(element)
        if (!isEmpty) open.push({ element, scope, name })
      }
    }
    if (root === null || open.length > 0)
      throw this.#fault(root === null ? 'no element' : `no </${open.at(-1)!.name}>`)
    return root
  }

  #open(outer: Scope): { element: XmlElement; scope: Scope; name: string; isEmpty: boolean } {
    this.#at++
    const name = this.#match(tagName, 'a name behind <')[0]
    const attributes: XmlElement['attributes'] = []
    let scope = outer
    for (let found = this.#maybe(attribute); found !== null; found = this.#maybe(attribute)) {
      const [prefix, local] = split(found[1]!)
      const value = this.#decoded(found[2] ?? found[3] ?? '')
      if (prefix === 'xmlns' || found[1] === 'xmlns')
        scope = new Map(scope).set(prefix === 'xmlns' ? local : '', value)
      attributes.push({ name: local, prefix, namespace: '', value })
    }
    const isEmpty = this.#match(tagEnd, `the end of <${name}`)[1] === '/'
    for (const one of attributes) {
      if (one.prefix === 'xmlns' || (one.prefix === '' && one.name === 'xmlns'))
        one.namespace = 'http://www.w3.org/2000/xmlns/'
      else if (one.prefix !== '') one.namespace = this.#namespaceOf(one.prefix, scope)
    }
    const [prefix, local] = split(name)
    const namespace = this.#namespaceOf(prefix, scope)
    return {
      element: { name: local, prefix, namespace, attributes, content: [], line: 0, column: 0 },
      scope,
      name,
      isEmpty,
    }
  }

  #close(name: string | undefined): void {
    this.#at += 2
    const found = this.#match(tagName, 'a name behind </')[0]
    if (found !== name)
      throw this.#fault(
        name === undefined ? `</${found}> closes nothing` : `</${found}> where </${name}> belongs`,
      )
    this.#match(tagEnd, `the end of </${found}`)
  }

  /** Comments and declarations are passed over; CDATA is text. */
  #skip(parent: XmlElement | undefined): void {
    const [begin, end] = this.#text.startsWith('<![CDATA[', this.#at)
      ? ['<![CDATA[', ']]>']
      : this.#text.startsWith('<!--', this.#at)
        ? ['<!--', '-->']
        : ['<?xml ', '?>']
    if (!this.#text.startsWith(begin, this.#at)) throw this.#fault('something that a template may not have')
    const stop = this.#text.indexOf(end, this.#at + begin.length)
    if (stop < 0) throw this.#fault(`no ${end}`)
    if (end === ']]>') addTo(parent, this.#text.slice(this.#at + begin.length, stop))
    this.#at = stop + end.length
  }

  #addText(raw: string, parent: XmlElement | undefined): void {
    if (parent === undefined && raw.trim() !== '') throw this.#fault('text outside of the outermost element')
    addTo(parent, this.#decoded(raw))
    this.#at += raw.length
  }

  #decoded(raw: string): string {
    if (!raw.includes('&')) return raw
    return raw.replace(/&([^;]*);?/g, (whole, name: string) => {
      const code = /^#(?:(\d{1,7})|x([0-9A-Fa-f]{1,6}))$/.exec(name)
      const character =
        code === null ? entities[name] : characterOf(Number.parseInt(code[1] ?? code[2]!, code[1] ? 10 : 16))
      if (character === undefined || !whole.endsWith(';'))
        throw this.#fault(`${JSON.stringify(whole.slice(0, 20))} is no reference`)
      return character
    })
  }

  #namespaceOf(prefix: string, scope: Scope): string {
    const namespace = scope.get(prefix)
    if (namespace === undefined) throw this.#fault(`the prefix ${prefix} has no namespace`)
    return namespace
  }

  #maybe(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found !== null) this.#at = pattern.lastIndex
    return found
  }

  #match(pattern: RegExp, expected: string): RegExpExecArray {
    const found = this.#maybe(pattern)
    if (found === null) throw this.#fault(`expected ${expected}`)
    return found
  }

  #fault(what: string): HubError {
    const line = this.#text.slice(0, this.#at).split('\n').length
    return new HubError('notWritable', `the template's text is no XML document: ${what} (line ${line})`)
  }
}

const entities: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
})

function characterOf(code: number): string | undefined {
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
    ? String.fromCodePoint(code)
    : undefined
}

function split(name: string): [prefix: string, local: string] {
  const at = name.indexOf(':')
  return at < 0 ? ['', name] : [name.slice(0, at), name.slice(at + 1)]
}

function addTo(parent: XmlElement | undefined, text: string): void {
  if (parent === undefined || text === '') return
  const last = parent.content.at(-1)
  if (typeof last === 'string') parent.content[parent.content.length - 1] = last + text
  else parent.content.push(text)
}

/** White space between elements is left out where there is no other text. */
function finish(element: XmlElement): void {
  const { content } = element
  if (content.length < 2 || content.some((one) => typeof one === 'string' && one.trim() !== '')) return
  element.content = content.filter((one) => typeof one !== 'string')
}
