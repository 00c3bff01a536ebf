import { calmName, changeMarks, linesOfText, sectionsOf, words } from './text.ts'

/** Segments and composites as their directories list them: EDSD, EDCD and what they were called before. */
export interface Specification {
  readonly name: string
  readonly items: readonly Item[]
}

/** A row of a specification. */
export interface Item {
  /** `3035`, `C082`. */
  readonly id: string
  readonly mandatory: boolean
  readonly max: number
  /** Of an element; of a composite empty. */
  readonly format: string
  /** Of a composite in a segment: its components as they are printed with it. */
  readonly components: Item[]
}

export interface ElementFacts {
  readonly name: string
  readonly format: string
}

/**
 * Reads a directory of segments or of composites: a section each, between rules.
 *
 *     010    C817 ADDRESS USAGE                              C    1
 *            3299  Address purpose code                      C      an..3
 *     030    3164 CITY NAME                                  C    1 an..35
 *
 * Rows of elements that belong to the composite above have no position; where no row has one (D.93A) their name is not
 * in capitals. A status that went to the wrong line of a long name is found there.
 */
export function readSpecifications(bytes: Buffer): Map<string, Specification> {
  const found = new Map<string, Specification>()
  for (const section of sectionsOf(linesOfText(bytes))) {
    const begin = section.findIndex((line) => line.trim() !== '')
    const parts = sectionHeading.exec(section[begin] ?? '')
    if (!parts) continue
    const items = itemsOf(section.slice(begin + 1))
    if (items.length > 0) found.set(parts[1]!, { name: calmName(parts[2]!), items })
  }
  return found
}

/**
 * Reads a directory of elements (EDED): a section each with name and representation. One marked as deleted is taken: in some
 * releases composites go on using it.
 */
export function readElements(bytes: Buffer): Map<string, ElementFacts> {
  const found = new Map<string, ElementFacts>()
  for (const section of sectionsOf(linesOfText(bytes))) {
    const begin = section.findIndex((line) => line.trim() !== '')
    const parts = elementHeading.exec(section[begin] ?? '')
    const format = section.map((line) => representation.exec(line)?.[1]).find((one) => one !== undefined)
    if (!parts || format === undefined) continue
    const [, id = '', head = ''] = parts
    const more: string[] = []
    for (
      let index = begin + 1;
      /^\s+[^\s:]/.test(section[index] ?? '') && !/^\s*(Desc|Note|Repr)/i.test(section[index]!);
      index++
    )
      more.push(section[index]!)
    found.set(id, { name: elementName([head, ...more].join(' ')), format: formatText(format) })
  }
  return found
}

const sectionHeading = new RegExp(
  String.raw`^\s*(?:[+*#|]+\s*|X\s+)*([A-Z][A-Z0-9]{2}|[CES]\d{3})\s+(\S.*?)\s*$`,
)
const elementHeading = new RegExp(String.raw`^\s*(?:[${changeMarks}-]+\s*)?(\d{4})\s+(\S.*?)\s*$`)
const representation = /^\s*Repr:\s*((?:an|a|n)\s?(?:\.\.)?\s?\d+)/i
const itemRow = new RegExp(
  String.raw`^\s{0,3}(\d{3})?\s*(?:[${changeMarks}-]+\s+)?(\d{4}|[CES]\d{3})\s+(\S.*?)\s+([MC])\s*(?:\s(\d+))?(?:\s+((?:an|a|n)\s?(?:\.\.)?\s?\d+))?(?:\s.*)?$`,
)
const itemBegin = new RegExp(String.raw`^\s{0,3}(\d{3})?\s*(?:[${changeMarks}-]+\s+)?(\d{4}|[CES]\d{3})\s+\S`)

/** The usage mark (`[B]`, `[I]`, `[C]`) and a change bar are no part of a name. */
export function elementName(text: string): string {
  return calmName(
    words(text)
      .replace(/\s*\[[A-Z]\]/g, '')
      .replace(/[\s|]+$/, ''),
  )
}

interface RawItem {
  positioned: boolean
  name: string
  item: Item
}

function itemsOf(lines: readonly string[]): Item[] {
  const raw: RawItem[] = []
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!
    if (!itemBegin.test(line)) continue
    const one = rawItem(line) ?? rawItem(`${line.trimEnd()} ${(lines[index + 1] ?? '').trim()}`)
    if (one !== null) raw.push(one)
  }
  const anyPosition = raw.some((one) => one.positioned)
  const items: Item[] = []
  for (const { positioned, name, item } of raw) {
    const standsAlone = anyPosition ? positioned : !/[a-z]/.test(name)
    const composite = items.at(-1)
    if (standsAlone || composite === undefined || composite.format !== '') items.push(item)
    else composite.components.push(item)
  }
  return items
}

function rawItem(line: string): RawItem | null {
  const parts = itemRow.exec(line)
  if (!parts) return null
  const [, position, id = '', name = '', status = '', max = '1', format = ''] = parts
  const isElement = /^\d/.test(id)
  if (isElement && format === '') return null
  return {
    positioned: position !== undefined,
    name,
    item: { id, mandatory: status === 'M', max: Number(max), format: formatText(format), components: [] },
  }
}

function formatText(text: string): string {
  return text.replace(/\s/g, '').toLowerCase()
}
