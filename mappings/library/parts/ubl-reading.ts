import type { Finding } from '#hub/model/findings.ts'
import { limits } from '#hub/base/limits.ts'
import { decimalFrom, type Amount, type Identifier, type Quantity } from '#hub/canonical/index.ts'
import {
  attributeOf,
  childrenOf,
  elementAt,
  qualifiedName,
  textOf,
  type XmlElement,
} from '#hub/formats/xml/index.ts'
import { compact } from '#mappings/engine/compact.ts'
import { leftOut } from '#mappings/engine/carried.ts'

/**
 * Reads values out of a UBL tree and remembers which elements were read, so that what no rule took is told. Paths are
 * local names, each time the first child. A value that is not of its kind is a finding and counts as absent.
 */
export class UblReading {
  readonly findings: Finding[] = []
  readonly #taken: Set<XmlElement> | null

  /** With `remember` false nobody will ask for what was left over: a tree of our own is read back. */
  constructor({ remember = true }: { remember?: boolean } = {}) {
    this.#taken = remember ? new Set() : null
  }

  text(from: XmlElement | undefined, ...path: string[]): string | undefined {
    const element = elementAt(from, ...path)
    return element && this.#textOf(element)
  }

  /** Of every child with this name. */
  texts(from: XmlElement | undefined, name: string): string[] {
    return childrenOf(from, name).map((element) => this.#textOf(element) ?? '')
  }

  identifier(from: XmlElement | undefined, ...path: string[]): Identifier | undefined {
    const element = elementAt(from, ...path)
    const id = element && this.#textOf(element)
    if (id === undefined) return undefined
    return compact<Identifier>({ id, schemeId: attributeOf(element, 'schemeID')?.trim() })
  }

  decimal(from: XmlElement | undefined, ...path: string[]): string | undefined {
    const element = elementAt(from, ...path)
    const text = element && this.#textOf(element)
    if (text === undefined) return undefined
    return decimalFrom(text) ?? this.#wrong(element!, text, 'a number')
  }

  amount(from: XmlElement | undefined, ...path: string[]): Amount | undefined {
    const value = this.decimal(from, ...path)
    if (value === undefined) return undefined
    return compact<Amount>({ value, currencyId: attributeOf(elementAt(from, ...path), 'currencyID')?.trim() })
  }

  quantity(from: XmlElement | undefined, ...path: string[]): Quantity | undefined {
    const value = this.decimal(from, ...path)
    if (value === undefined) return undefined
    return compact<Quantity>({ value, unitCode: attributeOf(elementAt(from, ...path), 'unitCode')?.trim() })
  }

  /** A date without its zone, which is kept nowhere: a calendar day is what the parties agreed on. */
  date(from: XmlElement | undefined, ...path: string[]): string | undefined {
    const text = this.text(from, ...path)
    if (text === undefined) return undefined
    const match = /^(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?$/.exec(text)
    if (!match) return this.#wrong(elementAt(from, ...path)!, text, 'a date')
    if (match[2]) this.#note(elementAt(from, ...path)!, `the zone ${match[2]} of the date ${match[1]}`)
    return match[1]
  }

  /** Notes for the elements with text that nobody asked for. */
  leftovers(root: XmlElement): Finding[] {
    const notes: Finding[] = []
    const visit = (element: XmlElement, path: string): void => {
      const counts = new Map<string, number>()
      for (const child of childrenOf(element)) {
        if (notes.length >= limits.findingsKept) return
        const name = qualifiedName(child)
        const count = (counts.get(name) ?? 0) + 1
        counts.set(name, count)
        visit(child, `${path}/${name}${count > 1 ? `[${count}]` : ''}`)
      }
      const text = textOf(element).trim()
      if (text !== '' && this.#taken?.has(element) !== true)
        notes.push(
          leftOut({ path, line: element.line, column: element.column }, `${path} (${shown(text)})`, form),
        )
    }
    visit(root, `/${qualifiedName(root)}`)
    return notes
  }

  /** Marks an element as understood, where its value follows from others. */
  ignore(from: XmlElement | undefined, ...names: string[]): void {
    for (const name of names) for (const element of childrenOf(from, name)) this.#taken?.add(element)
  }

  #textOf(element: XmlElement): string | undefined {
    this.#taken?.add(element)
    return textOf(element).trim() || undefined
  }

  #wrong(element: XmlElement, text: string, kind: string): undefined {
    this.findings.push({
      code: 'valueNotMapped',
      severity: 'error',
      message: `${qualifiedName(element)} is ${shown(text)}, which is not ${kind} (line ${element.line})`,
      position: { tag: qualifiedName(element), line: element.line, column: element.column },
    })
    return undefined
  }

  #note(element: XmlElement, what: string): void {
    const position = { tag: qualifiedName(element), line: element.line, column: element.column }
    this.findings.push(leftOut(position, what, form))
  }
}

const form = 'the canonical document'

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}
