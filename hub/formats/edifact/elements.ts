import type { CodeName } from '#hub/model/codes/index.ts'
import type { Position } from '#hub/model/findings.ts'
import type { ElementSpec, NamedElement, SegmentSpec, ValueFormat } from './directory.ts'
import { quoted } from './findings.ts'
import { hasForeignCodes, isNumber } from './sound.ts'
import type { EdifactSegment } from './tree.ts'

/** Takes a fault of a segment's content; `where` has element, component and repetition. */
export type ReportElement = (code: CodeName, text: string, where: Position) => void

/**
 * Checks what a segment holds against its specification: presence, number, length and characters. An empty value is an
 * absent one. `decimalMarks` are the marks a number may have.
 */
export function checkElements(
  segment: EdifactSegment,
  spec: SegmentSpec,
  decimalMarks: string,
  report: ReportElement,
): void {
  const { elements } = segment
  const specs = spec.elements
  // one for all elements: what is told takes over what it says
  const terms: Terms = { where: 0, decimalMarks, report }
  for (let index = 0; index < elements.length || index < specs.length; index++) {
    const components = elements[index]
    const element = specs[index]
    if (!isFilled(components)) {
      if (element?.mandatory)
        report('elementMissing', `${segment.tag} lacks ${named(element)}`, { element: index + 1 })
    } else if (element) {
      terms.where = index + 1
      checkElement(components, element, terms)
    } else {
      const text = `${segment.tag} has ${specs.length} elements; this one is too many`
      report('elementTooMany', text, { element: index + 1 })
    }
  }
  if (segment.repetitions) checkRepetitions(segment, spec, decimalMarks, report)
}

/** Where a segment ends with a separator behind its last value; null where none does. The tag's own is element 1. */
export function trailingSeparator(segment: EdifactSegment): Position | null {
  const { elements } = segment
  for (let index = 0; index < elements.length; index++) {
    const components = elements[index]!
    const { length } = components
    if (length > 1 && components[length - 1] === '') return { element: index + 1, component: length }
  }
  const last = elements[elements.length - 1]
  return last && last.length === 1 && last[0] === '' ? { element: elements.length } : null
}

interface Terms {
  /** Position of the element. */
  where: number
  repetition?: number
  decimalMarks: string
  report: ReportElement
}

function checkElement(components: readonly string[], element: ElementSpec, terms: Terms): void {
  const specs = element.components
  if (specs === null) {
    checkSimple(components, element, terms)
    return
  }
  const foreign = hasForeignCodes(components, element)
  for (let index = 0; index < components.length || index < specs.length; index++) {
    const value = components[index] ?? ''
    const spec = specs[index]
    if (value === '') {
      if (!spec?.mandatory) continue
      terms.report('elementMissing', `${named(element)} lacks ${named(spec)}`, position(terms, index + 1))
    } else if (spec) {
      const fault = faultOf(value, spec, terms.decimalMarks)
      if (fault) terms.report(fault.code, fault.text, position(terms, index + 1))
      else if (spec.values !== null && !foreign && !spec.values.has(value))
        terms.report('codeNotInList', codeText(value, spec), position(terms, index + 1))
    } else {
      const text = `${named(element)} has ${specs.length} components; this one is too many`
      terms.report('elementTooMany', text, position(terms, index + 1))
    }
  }
}

function codeText(value: string, element: NamedElement): string {
  return `${quoted(value)} is no code of ${named(element)}`
}

/** A simple element has no components to count: its faults have the position of the element alone. */
function checkSimple(components: readonly string[], element: ElementSpec, terms: Terms): void {
  const [value = ''] = components
  const fault = value === '' ? null : faultOf(value, element, terms.decimalMarks)
  if (fault) terms.report(fault.code, fault.text, position(terms))
  else if (element.values !== null && value !== '' && !element.values.has(value))
    terms.report('codeNotInList', codeText(value, element), position(terms))
  for (let index = 1; index < components.length; index++) {
    if (components[index] === '') continue
    terms.report('elementTooMany', `${named(element)} has no components`, position(terms, index + 1))
  }
}

function position({ where, repetition }: Terms, component?: number): Position {
  const position: Position = { element: where }
  if (component !== undefined) position.component = component
  if (repetition !== undefined) position.repetition = repetition
  return position
}

function checkRepetitions(
  segment: EdifactSegment,
  spec: SegmentSpec,
  decimalMarks: string,
  report: ReportElement,
): void {
  const seen = new Map<number, number>()
  for (const { element: where, components } of segment.repetitions ?? []) {
    const repetition = (seen.get(where) ?? 1) + 1
    seen.set(where, repetition)
    const element = spec.elements[where - 1]
    if (!element) continue
    const terms = { where, repetition, decimalMarks, report }
    if (repetition === element.max + 1) {
      const times = element.max === 1 ? 'once' : `${element.max} times`
      report(
        'elementRepeatedTooOften',
        `${named(element)} may come ${times}; this is one more`,
        position(terms),
      )
    }
    if (isFilled(components)) checkElement(components, element, terms)
  }
}

function faultOf(
  value: string,
  spec: ElementSpec,
  decimalMarks: string,
): { code: CodeName; text: string } | null {
  const { format } = spec
  if (!format) return null
  if (format.kind === 'n' && !isNumber(value, decimalMarks)) {
    return {
      code: 'elementTypeWrong',
      text: `${quoted(value)} is no number; ${named(spec)} is ${format.text}`,
    }
  }
  if (format.kind === 'a' && /[0-9]/.test(value)) {
    return { code: 'elementTypeWrong', text: `${quoted(value)} has digits; ${named(spec)} is ${format.text}` }
  }
  if (value.length <= format.lengthMax && value.length >= format.lengthMin) return null
  const length = lengthOf(value, format)
  const code =
    length > format.lengthMax ? 'elementTooLong' : length < format.lengthMin ? 'elementTooShort' : null
  return code && { code, text: `${quoted(value)} has ${length} characters; ${named(spec)} is ${format.text}` }
}

/** Characters that count: in a number neither the minus nor the decimal mark does. */
function lengthOf(value: string, format: ValueFormat): number {
  if (format.kind === 'n') return value.replace(/[-.,]/g, '').length
  return Array.from(value).length
}

function isFilled(components: readonly string[] | undefined): components is readonly string[] {
  if (components === undefined) return false
  for (const value of components) if (value !== '') return true
  return false
}

function named(element: NamedElement): string {
  return `${element.id} ${element.name}`
}
