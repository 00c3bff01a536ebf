import type { CheckOptions, ReadMessage } from '#hub/model/format.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import { limits } from '#hub/base/limits.ts'
import { isUbl } from './document-types.ts'
import { orderTable, type ElementTable, type ValueKind } from './order-table.ts'
import { attributeOf, childrenOf, qualifiedName, textOf, type XmlElement } from './tree.ts'

const tables: Readonly<Record<string, ElementTable>> = { Order: orderTable }

/** Checks a document against the table of its type; of a type without one, only that it was well-formed is known. */
export function checkXml(message: ReadMessage, _options?: CheckOptions): Finding[] {
  const root = message.tree as XmlElement
  if (!isUbl(root) || !Object.hasOwn(tables, root.name)) return []
  const findings: Finding[] = []
  checkElement({ element: root, path: `/${qualifiedName(root)}` }, tables[root.name]!, findings)
  return findings.slice(0, limits.findingsKept)
}

interface Place {
  element: XmlElement
  path: string
}

function checkElement(place: Place, table: ElementTable, findings: Finding[]): void {
  const names = Object.keys(table.children)
  const counts = new Map<string, number>()
  let furthest = 0
  for (const child of childrenOf(place.element)) {
    if (findings.length > limits.findingsKept) return
    const count = (counts.get(child.name) ?? 0) + 1
    counts.set(child.name, count)
    const at = {
      element: child,
      path: `${place.path}/${qualifiedName(child)}${count > 1 ? `[${count}]` : ''}`,
    }
    const rank = names.indexOf(child.name)
    if (rank === -1) findings.push(unexpected(at, `${child.name} is no element of ${place.element.name}`))
    else if (rank < furthest)
      findings.push(unexpected(at, `${child.name} stands after ${names[furthest]}, but belongs before it`))
    furthest = Math.max(furthest, rank)
    checkValue(at, ownOf(table.values, child.name), findings)
    const below = ownOf(table.tables, child.name)
    if (below) checkElement(at, below, findings)
  }
  checkCounts(place, table, counts, findings)
}

/** The row of this name; an element may be called `__proto__` or `constructor`, which every object has. */
function ownOf<Row>(rows: Readonly<Record<string, Row>> | undefined, name: string): Row | undefined {
  return rows !== undefined && Object.hasOwn(rows, name) ? rows[name] : undefined
}

function checkCounts(
  place: Place,
  table: ElementTable,
  counts: Map<string, number>,
  findings: Finding[],
): void {
  for (const [name, often] of Object.entries(table.children)) {
    const count = counts.get(name) ?? 0
    if (count === 0 && (often === '1' || often === '+'))
      findings.push(finding('xmlElementMissing', place, `${place.element.name} has no ${name}`))
    if (count > 1 && (often === '1' || often === '?'))
      findings.push(
        finding(
          'xmlElementRepeats',
          place,
          `${place.element.name} has ${count} of ${name}, and may have one`,
        ),
      )
  }
}

function checkValue(place: Place, kind: ValueKind | undefined, findings: Finding[]): void {
  if (kind === undefined) return
  const text = textOf(place.element).trim()
  if (!patterns[kind].test(text)) {
    const message = `${place.element.name} is ${JSON.stringify(text.slice(0, 60))}, and must be ${words[kind]}`
    findings.push(finding('xmlValueWrong', place, message))
  }
  if (kind === 'amount' && attributeOf(place.element, 'currencyID') === undefined)
    findings.push(finding('xmlElementMissing', place, `${place.element.name} has no attribute currencyID`))
}

const patterns: Readonly<Record<ValueKind, RegExp>> = {
  date: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(Z|[+-]\d{2}:\d{2})?$/,
  time: /^([01]\d|2[0-4]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/,
  decimal: /^[+-]?(\d+(\.\d*)?|\.\d+)$/,
  amount: /^[+-]?(\d+(\.\d*)?|\.\d+)$/,
  boolean: /^(true|false|0|1)$/,
  text: /./s,
}

const words: Readonly<Record<ValueKind, string>> = {
  date: 'a date such as 2026-11-21',
  time: 'a time such as 14:30:00',
  decimal: 'a number such as 12.50',
  amount: 'an amount such as 12.50',
  boolean: 'true or false',
  text: 'a text that is not empty',
}

function unexpected(place: Place, message: string): Finding {
  return finding('xmlElementUnexpected', place, message)
}

function finding(code: CodeName, { element, path }: Place, message: string): Finding {
  const { line, column } = element
  return {
    code,
    severity: 'error',
    message: `${message} (line ${line})`,
    position: { line, column, path, tag: qualifiedName(element) },
  }
}
