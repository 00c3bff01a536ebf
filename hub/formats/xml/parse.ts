import { SaxesParser, type SaxesTagNS } from 'saxes'
import type { CodeName } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import {
  hubTrafficLimits,
  limitWords,
  type TrafficLimitName,
  type TrafficLimits,
} from '#hub/base/traffic-limits.ts'
import type { ReadOptions } from '#hub/model/format.ts'
import { declarationBytesMax, detectEncoding, TextSource, type Encoding } from './decode.ts'
import { qualifiedName, type XmlElement } from './tree.ts'

/**
 * Reads one XML document into a tree: well-formed XML 1.0 with namespaces, by saxes. No document type declaration and
 * therefore no entity but the five of XML; every limit of the table holds while the bytes come in. The first fault
 * ends the reading: after it nothing of the text has a meaning. Comments and processing instructions are left out.
 */
export class XmlParser {
  readonly #charset: string | undefined
  readonly #limits: TrafficLimits
  readonly #sax = new SaxesParser({ xmlns: true, forceXMLVersion: true, defaultXMLVersion: '1.0' })
  #head: Buffer | null = Buffer.alloc(0)
  #source: TextSource | null = null
  #bytes = 0
  #references = 0
  #elements = 0
  /** Of the start tag being read. */
  #attributes = 0
  #fileAttributes = 0
  readonly #open: XmlElement[] = []
  #closed: XmlElement | null = null
  #root: XmlElement | null = null
  /** Where the text that saxes has now begins, in its characters and in bytes of the file. */
  #chunk = { text: '', startsAtCharacter: 0, startsAtByte: 0 }
  /** Of the start tag being read. */
  #line = 1
  #column = 1
  #fault: Finding | null = null

  constructor({ charset, limits = hubTrafficLimits }: ReadOptions = {}) {
    this.#charset = charset
    this.#limits = limits
    this.#sax.on('error', (error) => this.#stopAt('xmlNotWellFormed', this.#sentenceOf(error)))
    this.#sax.on('doctype', () => this.#stopAt('xmlDoctype', 'the document has a <!DOCTYPE> declaration'))
    this.#sax.on('xmldecl', ({ version }) => {
      if (version !== '1.0')
        this.#stopAt('xmlVersionUnsupported', `the declaration says version ${version ?? ''}`)
    })
    this.#sax.on('opentagstart', (tag) => {
      this.#takeStart(tag.name)
      this.#checkName(tag.name, 'an element')
      this.#attributes = 0
    })
    this.#sax.on('attribute', ({ name }) => {
      this.#attributes++
      if (++this.#fileAttributes > limits.xmlFileAttributes)
        this.#tooLarge('the file', 'xmlFileAttributes', 'attributes')
      if (this.#attributes > limits.xmlAttributes) this.#tooLarge('an element', 'xmlAttributes', 'attributes')
      this.#checkName(name, 'an attribute')
    })
    this.#sax.on('opentag', (tag) => this.#start(tag))
    this.#sax.on('closetag', () => this.#finish())
    this.#sax.on('text', (text) => this.#characters(text))
    this.#sax.on('cdata', (text) => this.#characters(text))
  }

  /** Takes the next bytes. After a fault they are ignored. */
  push(bytes: Buffer): void {
    if (this.#fault) return
    this.#bytes += bytes.length
    if (this.#head === null) return this.#feed(bytes, false)
    this.#head = Buffer.concat([this.#head, bytes])
    if (this.#head.length >= declarationBytesMax) this.#begin(false)
  }

  /** Takes the end of the file: the tree, or the one fault that ended it. */
  end(): { root: XmlElement; findings: [] } | { root: null; findings: Finding[] } {
    if (!this.#fault) {
      if (this.#head !== null) this.#begin(true)
      else this.#feed(Buffer.alloc(0), true)
    }
    if (!this.#fault) this.#guarded(() => this.#sax.close())
    if (this.#fault) return { root: null, findings: [this.#fault] }
    return { root: this.#root!, findings: [] }
  }

  get bytes(): number {
    return this.#bytes
  }

  get elements(): number {
    return this.#elements
  }

  #begin(last: boolean): void {
    const head = this.#head!
    this.#head = null
    const detected = detectEncoding(head, this.#charset)
    if ('refused' in detected) {
      this.#fault = this.#finding('xmlEncoding', detected.refused)
      return
    }
    this.#source = new TextSource(detected.encoding satisfies Encoding)
    this.#chunk = { text: '', startsAtCharacter: 0, startsAtByte: detected.bomBytes }
    this.#feed(head.subarray(detected.bomBytes), last)
  }

  #feed(bytes: Buffer, last: boolean): void {
    if (this.#bytes > this.#limits.fileBytes)
      return this.#guarded(() => this.#tooLarge('the file', 'fileBytes', 'bytes'))
    // Slices keep the work between two looks at the limits small; the end of the file is one even when it is empty.
    const slices = last
      ? Math.max(1, Math.ceil(bytes.length / sliceBytes))
      : Math.ceil(bytes.length / sliceBytes)
    for (let index = 0; index < slices && !this.#fault; index++) {
      const slice = bytes.subarray(index * sliceBytes, (index + 1) * sliceBytes)
      const text = this.#source!.decode(slice, last && index === slices - 1)
      if (text === null)
        return this.#guarded(() => this.#stopAt('xmlEncoding', 'a byte is not in the encoding of the file'))
      this.#take(text)
    }
  }

  #take(text: string): void {
    const { text: before, startsAtCharacter, startsAtByte } = this.#chunk
    this.#chunk = {
      text,
      startsAtCharacter: startsAtCharacter + before.length,
      startsAtByte: startsAtByte + this.#source!.bytesOf(before),
    }
    this.#guarded(() => {
      for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) this.#references++
      if (this.#references > this.#limits.xmlReferences)
        this.#tooLarge('the file', 'xmlReferences', 'references')
      this.#sax.write(text)
    })
  }

  /** Saxes tells of a start tag once it has seen the character after its name, which may be the end of the line. */
  #takeStart(name: string): void {
    const { line, column } = this.#sax
    this.#line = column === 0 ? line - 1 : line
    this.#column = column === 0 ? 1 : column - name.length - 1
  }

  #start(tag: SaxesTagNS): void {
    this.#elements++
    if (this.#elements > this.#limits.xmlElements) this.#tooLarge('the file', 'xmlElements', 'elements')
    if (this.#open.length >= this.#limits.xmlDepth)
      this.#tooLarge('the file', 'xmlDepth', 'levels of elements')
    const element: XmlElement = {
      name: tag.local,
      prefix: tag.prefix,
      namespace: tag.uri,
      attributes: [],
      content: [],
      line: this.#line,
      column: this.#column,
    }
    for (const name in tag.attributes) {
      const { local, prefix, uri, value } = tag.attributes[name]!
      element.attributes.push({ name: local, prefix, namespace: uri, value })
    }
    const open = this.#open
    if (open.length > 0) add(open[open.length - 1]!, element)
    else this.#root ??= element
    open.push(element)
  }

  #finish(): void {
    const element = this.#open.pop()
    this.#closed = element ?? null
    if (!element) return
    if (element.content.length > 1) dropBlanks(element)
    // an array that grew has room for sixteen more
    if (element.content.length > 1) element.content = element.content.slice()
  }

  #characters(text: string): void {
    const element = this.#open[this.#open.length - 1]
    if (element === undefined || text === '') return
    const { content } = element
    const before = content[content.length - 1]
    if (typeof before === 'string') content[content.length - 1] = before + text
    else add(element, text)
  }

  /** Counts bytes only of names that could be too long: a character has at most three bytes for each of its units. */
  #checkName(name: string, of: string): void {
    const { xmlNameBytes } = this.#limits
    if (name.length * 3 > xmlNameBytes && Buffer.byteLength(name) > xmlNameBytes)
      this.#tooLarge(`the name of ${of}`, 'xmlNameBytes', 'bytes')
  }

  #tooLarge(what: string, limit: TrafficLimitName, unit: string): never {
    this.#stopAt('xmlTooLarge', `${what} has more than ${limitWords(this.#limits, limit, unit)}`)
  }

  #stopAt(code: CodeName, message: string): never {
    this.#fault = this.#finding(code, message)
    // nobody asks for what was read before it
    this.#open.length = 0
    this.#root = null
    this.#closed = null
    throw new Stop()
  }

  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof Stop)) throw error
    }
  }

  /** The parser's words without the position it puts before them, and with the name it leaves out. */
  #sentenceOf(error: Error): string {
    const sentence = error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')
    if (sentence !== 'unexpected close tag' || this.#closed === null) return sentence
    return `the element ${qualifiedName(this.#closed)} of line ${this.#closed.line} is not closed`
  }

  #finding(code: CodeName, message: string): Finding {
    const { line, column, position } = this.#sax
    const before = this.#chunk.text.slice(0, Math.max(0, position - this.#chunk.startsAtCharacter))
    const path = pathTo(this.#open)
    return {
      code,
      severity: 'error',
      message: `${message} (line ${line}, column ${column + 1})`,
      position: {
        line,
        column: column + 1,
        offset: this.#chunk.startsAtByte + (this.#source?.bytesOf(before) ?? 0),
        ...(path === '' ? {} : { path }),
      },
    }
  }
}

const sliceBytes = 64 * 1024

/** Unwinds saxes, which has no other way to be stopped. Never leaves this file. */
class Stop extends Error {}

/** `/Order/cac:OrderLine[2]`: the open elements, each with its number among its like where it is not the first. */
export function pathTo(open: readonly XmlElement[]): string {
  return open.map((element, depth) => `/${step(element, open[depth - 1])}`).join('')
}

function step(element: XmlElement, parent: XmlElement | undefined): string {
  const name = qualifiedName(element)
  const alike = (parent?.content ?? []).filter(
    (node) => typeof node !== 'string' && qualifiedName(node) === name,
  )
  const place = alike.indexOf(element)
  return place > 0 ? `${name}[${place + 1}]` : name
}

/** A list of one has no room to spare: most elements hold one text. */
function add(element: XmlElement, one: XmlElement | string): void {
  if (element.content.length === 0) element.content = [one]
  else element.content.push(one)
}

/** White space between elements says nothing, unless there is other text among it. */
function dropBlanks(element: XmlElement): void {
  const { content } = element
  let kept = 0
  for (const node of content) {
    if (typeof node !== 'string') kept++
    else if (!isBlank(node)) return
  }
  if (kept === 0 || kept === content.length) return
  element.content = content.filter((node) => typeof node !== 'string')
}

function isBlank(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return false
  }
  return true
}
