import type { Finding } from '#hub/model/findings.ts'
import { compareDecimals } from '#hub/canonical/index.ts'
import { limits } from '#hub/base/limits.ts'

/**
 * What a mapping left behind: it compares a canonical document with what is read back from the form it was written in,
 * and gives a note for each value that is missing or different there. Nothing is left out in silence.
 */
export function notCarried(before: unknown, after: unknown, form: string): Finding[] {
  if (isCarried(before, after)) return []
  const notes: Finding[] = []
  compare({ before, after, path: '', form }, notes)
  return notes
}

/** The note for one value that has no place in the form it is mapped to. */
export function leftOut(position: Finding['position'], what: string, form: string): Finding {
  return { code: 'notCarried', severity: 'note', message: `${what} has no place in ${form}`, position }
}

/** Whether nothing is missing or different: nearly always, and told without the path of each value. */
function isCarried(before: unknown, after: unknown): boolean {
  if (before === undefined || same(before, after)) return true
  if (typeof before !== 'object' || before === null || typeof after !== 'object' || after === null)
    return false
  if (Array.isArray(before)) {
    if (!Array.isArray(after)) return false
    for (let index = 0; index < before.length; index++)
      if (!isCarried(before[index], after[index])) return false
    return true
  }
  for (const member in before) {
    const value = (before as Record<string, unknown>)[member]
    const other = (after as Record<string, unknown>)[member]
    if (value !== other && !isCarried(value, other)) return false
  }
  return true
}

interface Pair {
  before: unknown
  after: unknown
  path: string
  form: string
}

function compare({ before, after, path, form }: Pair, notes: Finding[]): void {
  if (notes.length >= limits.findingsKept || before === undefined || same(before, after)) return
  if (typeof before !== 'object' || before === null) {
    const became = after === undefined ? '' : `; it became ${shown(after)}`
    notes.push(leftOut({ path }, `${path} (${shown(before)})`, `${form}${became}`))
    return
  }
  const inside = (typeof after === 'object' && after !== null ? after : {}) as Record<string, unknown>
  const inList = Array.isArray(before)
  for (const [member, value] of Object.entries(before)) {
    const other = inside[member]
    // most values are carried: their paths are not put together
    if (value !== other)
      compare({ before: value, after: other, path: joined(path, member, inList), form }, notes)
  }
}

/** A value in quotes as far as a note has room; where one text became a list or a group, its JSON. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return JSON.stringify(text.slice(0, 60))
}

/** Equal texts, or equal numbers: a form may write 12.50 as 12.5. */
function same(before: unknown, after: unknown): boolean {
  if (before === after) return true
  if (typeof before !== 'string' || typeof after !== 'string') return false
  return isDecimal(before) && isDecimal(after) && compareDecimals(before, after) === 0
}

function isDecimal(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text)
}

function joined(path: string, member: string, inList: boolean): string {
  if (inList) return `${path}[${member}]`
  return path === '' ? member : `${path}.${member}`
}
