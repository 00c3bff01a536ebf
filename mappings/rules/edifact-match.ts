import { valueOf, type EdifactSegment } from '#hub/formats/edifact/index.ts'
import type { Cell, SegmentStep } from './edifact-place.ts'

/** Whether a segment is one that a step means: by tag, qualifier and conditions. */
export function isMeant(segment: EdifactSegment | null | undefined, step: SegmentStep): boolean {
  if (segment?.tag !== step.tag) return false
  if (!isQualified(segment, step)) return false
  for (const { at, among, not } of step.conditions) {
    if (at.open) {
      if (openElement(segment, step) === null) return false
    } else if (among.includes(valueOf(segment, at.element, at.component).trim()) === not) return false
  }
  return true
}

/** The element, from 1, for which the condition of an open cell holds; the first that there is where there is none. */
export function openElement(segment: EdifactSegment, step: SegmentStep): number | null {
  const condition = step.conditions.find(({ at }) => at.open)
  if (condition === undefined) return null
  const { at, among, not } = condition
  for (let element = at.element; element <= segment.elements.length; element++) {
    if (valueOf(segment, element, 1) === '') continue
    if (among.includes(valueOf(segment, element, at.component)) !== not) return element
  }
  return null
}

/** The element that a cell stands for in a segment that a step found, or in a loop over elements. */
export function elementOf(at: Cell, bound: number | null): number {
  return at.open ? (bound ?? at.element) : at.element
}

function isQualified({ elements }: EdifactSegment, { qualifiers, not }: SegmentStep): boolean {
  if (qualifiers === undefined) return true
  const first = elements[0]?.[0] ?? ''
  if (qualifiers.length === 1) return (qualifiers[0] === first) !== not
  return qualifiers.includes(first) !== not
}

/** One step for each qualifier, in their order: which of them comes first in the message says nothing. */
export function alternativesOf(step: SegmentStep): readonly SegmentStep[] {
  if (step.qualifiers === undefined || step.not || step.qualifiers.length === 1) return [step]
  return step.qualifiers.map((qualifier) => ({ ...step, qualifiers: [qualifier] }))
}
