import { isUtf8 } from 'node:buffer'
import { limits } from '#hub/base/limits.ts'

/**
 * Whether bytes are surely one document that the reader takes without a fault. It knows only what the writer writes
 * (UTF-8, no comments, instructions or CDATA, quotes and references in one form, ASCII names, each prefix declared at the
 * root) and says no to all else, which may be good XML nevertheless: then the reader is to be asked. Each tag is looked at,
 * no tree is made.
 */
export function isIntactXml(bytes: Buffer): boolean {
  if (bytes.length > limits.fileBytes || !isUtf8(bytes)) return false
  const text = bytes.toString('utf8')
  if (!text.startsWith(declaration) || forbidden.test(text) || !referencesAreKnown(text)) return false
  return new Tags(text).areIntact(declaration.length)
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'

// XML 1.0 §2.2; a carriage return would be read as another character than was written, and U+FFFD is no harm
// oxlint-disable-next-line no-control-regex -- these are the characters that have no place
const forbidden = /[\u0000-\u0008\u000B-\u001F\uFFFE\uFFFF]/

function referencesAreKnown(text: string): boolean {
  let count = 0
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) {
    reference.lastIndex = at
    if (++count > limits.xmlReferences || !reference.test(text)) return false
  }
  return true
}

const reference = /&(?:amp|lt|gt|quot|apos|#13|#10|#9);/y

/** A start tag with what follows it up to the next tag, and an end tag likewise; attributes come from the writer alone. */
const start =
  /<((?:([A-Za-z_][\w.-]*):)?[A-Za-z_][\w.-]*)((?: [A-Za-z_][\w.:-]*="[^"<\t\n]*")*)(\/?)>([^<>]*)/y
const end = /<\/([^<>/ ]+)>([^<>]*)/y
const attribute = / ((?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*))="([^"]*)"/y

class Tags {
  readonly #text: string
  readonly #open: string[] = []
  /** Prefixes that the root declares. */
  #prefixes = new Set<string>()
  #elements = 0

  constructor(text: string) {
    this.#text = text
  }

  areIntact(from: number): boolean {
    const text = this.#text
    let at = from
    while (at < text.length) {
      const isEnd = text.charCodeAt(at + 1) === 0x2f
      const pattern = isEnd ? end : start
      pattern.lastIndex = at
      const found = pattern.exec(text)
      if (found === null) return false
      at = pattern.lastIndex
      if (!(isEnd ? this.#close(found[1]!) : this.#start(found))) return false
      // outside the root there is white space only
      if (this.#open.length === 0) return /^\s*$/.test(found.at(-1)!) && at === text.length
    }
    return false
  }

  #start([, name = '', prefix = '', attributes = '', empty = '']: RegExpExecArray): boolean {
    if (++this.#elements > limits.xmlElements || this.#open.length >= limits.xmlDepth) return false
    if (name.length > limits.xmlNameBytes) return false
    if (attributes !== '' && !this.#attributesAreIntact(attributes)) return false
    if (prefix !== '' && !this.#prefixes.has(prefix)) return false
    if (empty === '') this.#open.push(name)
    return true
  }

  #close(name: string): boolean {
    return this.#open.pop() === name
  }

  #attributesAreIntact(attributes: string): boolean {
    const isRoot = this.#elements === 1
    const names = new Set<string>()
    let count = 0
    attribute.lastIndex = 0
    while (attribute.lastIndex < attributes.length) {
      const found = attribute.exec(attributes)
      if (found === null) return false
      const [, name = '', prefix = '', local = '', value = ''] = found
      // two prefixes may stand for one namespace: names are compared without them
      if (names.has(local) || name.length > limits.xmlNameBytes) return false
      names.add(local)
      if (++count > limits.xmlAttributes || !this.#isPlaced(prefix, local, value, isRoot)) return false
    }
    return true
  }

  /** Declarations stand at the root and declare something; other attributes have a prefix that is declared, or none. */
  #isPlaced(prefix: string, local: string, value: string, isRoot: boolean): boolean {
    if (/^xml/i.test(prefix === '' ? local : prefix)) {
      const declares = prefix === 'xmlns' && value !== '' && !/^xml/i.test(local) && !reserved.test(value)
      const isDefault = prefix === '' && local === 'xmlns' && !reserved.test(value)
      if (!isRoot || !(declares || isDefault)) return false
      if (declares) this.#prefixes.add(local)
      return true
    }
    // declarations come before what uses them: the writer puts them first
    return prefix === '' || this.#prefixes.has(prefix)
  }
}

/** The namespaces that no prefix may be bound to; a reference could hide one. */
const reserved = /w3\.org|&/
