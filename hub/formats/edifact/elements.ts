import type { CodeName } from '#hub/model/codes/index.ts'
import type { Position } from '#hub/model/findings.ts'
import type { ElementSpec, SegmentSpec, ValueFormat } from './directory.ts'
import { quoted } from './findings.ts'
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
  const count = Math.max(segment.elements.length, spec.elements.length)
  for (let index = 0; index < count; index++) {
    const components = segment.elements[index]
    const element = spec.elements[index]
    const where = { element: index + 1 }
    if (!element) {
      if (isFilled(components)) {
        const text = `${segment.tag} has ${spec.elements.length} elements; this one is too many`
        report('elementTooMany', text, where)
      }
    } else if (!isFilled(components)) {
      if (element.mandatory) report('elementMissing', `${segment.tag} lacks ${named(element)}`, where)
    } else {
      checkElement(components, element, { where, decimalMarks, report })
    }
  }
  if (segment.repetitions) checkRepetitions(segment, spec, decimalMarks, report)
}

/** Where a segment ends with a separator behind its last value; null where none does. The tag's own is element 1. */
export function trailingSeparator(segment: EdifactSegment): Position | null {
  const { elements } = segment
  for (let index = 0; index < elements.length; index++) {
    const components = elements[index]!
    if (components.length > 1 && components.at(-1) === '') {
      return { element: index + 1, component: components.length }
    }
  }
  const last = elements.at(-1)
  return last && last.length === 1 && last[0] === '' ? { element: elements.length } : null
}

interface Terms {
  where: Position
  decimalMarks: string
  report: ReportElement
}

function checkElement(components: readonly string[], element: ElementSpec, terms: Terms): void {
  const { where, decimalMarks, report } = terms
  const specs = element.components ?? [element]
  for (let index = 0; index < Math.max(components.length, specs.length); index++) {
    const value = components[index] ?? ''
    const spec = specs[index]
    // A simple element has no components to count: UCD names its position alone.
    const at = element.components || index > 0 ? { ...where, component: index + 1 } : where
    if (!spec) {
      if (value !== '') {
        report('elementTooMany', `${named(element)} has ${specs.length} components; this one is too many`, at)
      }
    } else if (value !== '') {
      checkValue(value, spec, decimalMarks, (code, text) => report(code, text, at))
    } else if (spec.mandatory) {
      report('elementMissing', `${named(element)} lacks ${named(spec)}`, at)
    }
  }
}

function checkRepetitions(
  segment: EdifactSegment,
  spec: SegmentSpec,
  decimalMarks: string,
  report: ReportElement,
): void {
  const seen = new Map<number, number>()
  for (const { element: position, components } of segment.repetitions ?? []) {
    const repetition = (seen.get(position) ?? 1) + 1
    seen.set(position, repetition)
    const element = spec.elements[position - 1]
    const where = { element: position, repetition }
    if (element && repetition === element.max + 1) {
      report(
        'elementRepeatedTooOften',
        `${named(element)} may come ${element.max} times; this is one more`,
        where,
      )
    }
    if (element && isFilled(components)) checkElement(components, element, { where, decimalMarks, report })
  }
}

function checkValue(
  value: string,
  spec: ElementSpec,
  decimalMarks: string,
  report: (code: CodeName, text: string) => void,
): void {
  const { format } = spec
  if (!format) return
  if (format.kind === 'n' && !isNumber(value, decimalMarks)) {
    report('elementTypeWrong', `${quoted(value)} is no number; ${named(spec)} is ${format.text}`)
    return
  }
  if (format.kind === 'a' && /[0-9]/.test(value)) {
    report('elementTypeWrong', `${quoted(value)} has digits; ${named(spec)} is ${format.text}`)
  }
  if (value.length <= format.lengthMax && value.length >= format.lengthMin) return
  const length = lengthOf(value, format)
  if (length > format.lengthMax) {
    report('elementTooLong', `${quoted(value)} has ${length} characters; ${named(spec)} is ${format.text}`)
  } else if (length < format.lengthMin) {
    report('elementTooShort', `${quoted(value)} has ${length} characters; ${named(spec)} is ${format.text}`)
  }
}

/** ISO 9735-1 clause 10: digits, a leading minus, one decimal mark with a digit somewhere. */
function isNumber(value: string, decimalMarks: string): boolean {
  let digits = 0
  let marks = 0
  for (let index = 0; index < value.length; index++) {
    const unit = value.charCodeAt(index)
    if (unit >= 0x30 && unit <= 0x39) digits++
    else if (decimalMarks.includes(value.charAt(index))) marks++
    else if (unit !== 0x2d || index > 0) return false
  }
  return digits > 0 && marks <= 1
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

function named(element: ElementSpec): string {
  return `${element.id} ${element.name}`
}
