import type { ElementSpec, NamedElement, SegmentSpec } from './directory.ts'
import type { EdifactSegment } from './tree.ts'

/**
 * Whether a segment surely holds what its specification wants, without a separator too many: the short way for nearly every
 * segment. False says nothing: then `checkElements` looks closely.
 */
export function isSound(segment: EdifactSegment, spec: SegmentSpec, decimalMarks: string): boolean {
  const { elements } = segment
  const specs = spec.elements
  const count = elements.length
  if (segment.repetitions || count > specs.length || count < spec.mandatoryEnd) return false
  for (let index = 0; index < count; index++) {
    const components = elements[index]!
    const element = specs[index]!
    const { length } = components
    if (components[length - 1] === '') {
      if (length > 1 || element.mandatory || index === count - 1) return false
    } else if (element.components === null) {
      if (length > 1 || !fits(components[0]!, element, decimalMarks)) return false
      if (element.values !== null && !element.values.has(components[0]!)) return false
    } else if (!isSoundComposite(components, element, decimalMarks)) {
      return false
    }
  }
  return true
}

/**
 * Whether a composite says that its codes are of another list than the directory's: one that it names (1131), or one that
 * another agency than UN/CEFACT (6) keeps (3055).
 */
export function hasForeignCodes(components: readonly string[], { listAt, agencyAt }: ElementSpec): boolean {
  if (listAt >= 0 && (components[listAt] ?? '') !== '') return true
  const agency = agencyAt >= 0 ? (components[agencyAt] ?? '') : ''
  return agency !== '' && agency !== '6'
}

/** ISO 9735-1 clause 10: digits, a leading minus, one decimal mark with a digit somewhere. */
export function isNumber(value: string, decimalMarks: string): boolean {
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

function isSoundComposite(
  components: readonly string[],
  element: ElementSpec,
  decimalMarks: string,
): boolean {
  const specs = element.components!
  const { length } = components
  if (length > specs.length || length < element.mandatoryEnd) return false
  for (let index = 0; index < length; index++) {
    const value = components[index]!
    const spec = specs[index]!
    if (value === '') {
      if (spec.mandatory) return false
    } else {
      if (!fits(value, spec, decimalMarks)) return false
      if (spec.values !== null && !spec.values.has(value) && !hasForeignCodes(components, element))
        return false
    }
  }
  return true
}

function fits(value: string, { format }: NamedElement, decimalMarks: string): boolean {
  if (format === null) return true
  const { length } = value
  if (length > format.lengthMax || length < format.lengthMin) return false
  if (format.kind === 'an') return true
  if (format.kind === 'n') return isNumber(value, decimalMarks)
  return !/[0-9]/.test(value)
}
