import type { z } from 'zod'
import type { Finding } from '#hub/model/findings.ts'
import { canonicalTypes, type CanonicalDocument } from '#hub/model/mapping.ts'
import { limits } from '#hub/base/limits.ts'
import { hubTrafficLimits, limitWords, type TrafficLimits } from '#hub/base/traffic-limits.ts'
import type { Order } from './order.ts'
import { canonicalSchemaOf, isCanonicalType, linesMemberOf, surelyAccepts } from './types.ts'

/**
 * Checks a value against the canonical type it names, and against the rules that no schema says.
 * Findings carry the member's path, e.g. `orderLine[0].lineItem.quantity.value` (members count from 0, as in JSON).
 * A document with more lines than it may have is not looked at further.
 */
export function checkCanonical(document: unknown, held: TrafficLimits = hubTrafficLimits): Finding[] {
  const type = isRecord(document) ? document.type : undefined
  if (!isCanonicalType(type)) return [unknownType(type)]
  const member = linesMemberOf(type)
  const lines = member !== null && isRecord(document) ? document[member] : undefined
  if (Array.isArray(lines) && lines.length > held.documentLines) return [tooManyLines(held, member!)]
  if (!surelyAccepts(type, document)) {
    const parsed = canonicalSchemaOf(type).safeParse(document, { reportInput: true })
    if (!parsed.success) return parsed.error.issues.flatMap(findingsOf).slice(0, limits.findingsKept)
  }
  const findings = checkExtensions(document)
  if (type === 'order') return [...findings, ...checkOrder(document as Order)]
  return [...findings, ...checkUnits(document as CanonicalDocument)]
}

/** Tells an order from other canonical documents. It trusts that `checkCanonical` found no error in it. */
export function isOrder(document: CanonicalDocument): document is Order {
  return document.type === 'order'
}

/** The schema passes over a member of this name, which would mean something to whoever copies it. */
function checkExtensions(document: unknown): Finding[] {
  const extensions = isRecord(document) ? document.extensions : undefined
  if (!isRecord(extensions) || !Object.hasOwn(extensions, '__proto__')) return []
  return [at('canonicalUnknown', 'extensions.__proto__', 'no extension may be called __proto__')]
}

function checkOrder(order: Order): Finding[] {
  const findings: Finding[] = []
  const seen = new Map<string, number>()
  for (const [index, { lineItem }] of order.orderLine.entries()) {
    const before = seen.get(lineItem.id)
    if (before !== undefined) {
      findings.push(
        at(
          'canonicalWrong',
          `orderLine[${index}].lineItem.id`,
          `the line number ${lineItem.id} stands twice: also in orderLine[${before}]`,
        ),
      )
    }
    seen.set(lineItem.id, index)
    if (findings.length === limits.findingsKept) break
  }
  return findings
}

/** Lines name the handling unit or the group of products that they are in: one that is there. */
function checkUnits(document: CanonicalDocument): Finding[] {
  const { type } = document
  if (type !== 'despatchAdvice' && type !== 'receiptAdvice' && type !== 'catalogue') return []
  const member = type === 'catalogue' ? 'productGroup' : 'handlingUnitId'
  const { transportHandlingUnit } = (document.shipment ?? {}) as Record<string, unknown>
  const units = type === 'catalogue' ? document.productGroup : transportHandlingUnit
  const known = new Set(((units ?? []) as { id: string }[]).map(({ id }) => id))
  const lines = linesMemberOf(type)!
  const findings: Finding[] = []
  for (const [index, line] of ((document[lines] ?? []) as Record<string, unknown>[]).entries()) {
    const named = line[member]
    if (typeof named !== 'string' || known.has(named)) continue
    const path = `${lines}[${index}].${member}`
    findings.push(
      at('canonicalWrong', path, `${path}: there is no ${shown(named)} that the line could be in`),
    )
    if (findings.length === limits.findingsKept) break
  }
  return findings
}

function tooManyLines(held: TrafficLimits, member: string): Finding {
  const words = limitWords(held, 'documentLines', 'lines')
  return at('documentTooLong', member, `the document has more than ${words}`)
}

function unknownType(type: unknown): Finding {
  const known = canonicalTypes.map((one) => `"${one}"`).join(', ')
  if (type === undefined)
    return at('canonicalMissing', 'type', `the member "type" is missing; known are ${known}`)
  return at('canonicalWrong', 'type', `${shown(type)} is no type of canonical document; known are ${known}`)
}

function findingsOf(issue: z.core.$ZodIssue): Finding[] {
  const path = pathOf(issue.path)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      at('canonicalUnknown', pathOf([...issue.path, key]), `the member ${shown(key)} is not known here`),
    )
  }
  if (issue.code === 'invalid_type' && issue.input === undefined)
    return [at('canonicalMissing', path, `${path} is missing`)]
  return [at('canonicalWrong', path, `${path}: ${wordsOf(issue)}`)]
}

function wordsOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${nameOf(issue.expected)}`
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`
    case 'too_big':
      return `is longer than ${issue.maximum}`
    case 'too_small':
      return issue.origin === 'array' ? `needs at least ${issue.minimum}` : 'must not be empty'
    case 'invalid_format':
      return `must be ${issue.message}`
    case 'custom':
    case 'invalid_element':
    case 'invalid_key':
    case 'invalid_union':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return issue.message
  }
}

function nameOf(type: string): string {
  const names: Record<string, string> = { array: 'a list', object: 'an object', string: 'a text' }
  return names[type] ?? type
}

/** `a.b[2].c` from the parts of a path. */
function pathOf(path: readonly PropertyKey[]): string {
  let joined = ''
  for (const part of path) {
    if (typeof part === 'number') joined += `[${part}]`
    else joined += joined === '' ? String(part) : `.${String(part)}`
  }
  return joined
}

function at(
  code: 'canonicalMissing' | 'canonicalWrong' | 'canonicalUnknown' | 'documentTooLong',
  path: string,
  message: string,
): Finding {
  return { code, severity: 'error', message, position: { path } }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : `a ${typeof value}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
