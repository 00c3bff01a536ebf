import { PlaceError } from './place.ts'

/**
 * A segment by its tag and, if given, the qualifier that stands first in it, what stands elsewhere in it, and the
 * how-manieth of those.
 */
export interface SegmentStep {
  tag: string
  /** One of these, or with `not` none of them; undefined where any will do. A new segment gets the first. */
  qualifiers: readonly string[] | undefined
  not: boolean
  conditions: readonly ValueCondition[]
  /** What a new segment gets besides; nothing that is looked for. */
  given: readonly { at: Cell; value: string }[]
  occurrence: number
}

/** `(2=79|DSC)`: what a value must be; an empty text stands for none. With `not` what it must not be. */
export interface ValueCondition {
  at: Cell
  among: readonly string[]
  not: boolean
}

/** An element and a component from 1. `open`: that element or one behind it, the one for which the condition holds. */
export interface Cell {
  element: number
  component: number
  open: boolean
}

/** What of the last segment is meant: a component, components as one text, or a part of its moment. */
export type EdifactValue =
  { kind: 'cell'; at: Cell } | { kind: 'text'; at: Cell; to: number } | { kind: 'moment'; part: MomentPart }

export const momentParts = ['date', 'time', 'endDate', 'endTime'] as const
export type MomentPart = (typeof momentParts)[number]

/** A place in an EDIFACT message: groups by their first segment, a segment, and what of it. */
export interface EdifactPlace {
  steps: SegmentStep[]
  value: EdifactValue
}

/**
 * Reads `QTY+21/1.2` (segment QTY whose first value is 21, element 1, component 2), `NAD+BY/RFF+VA/1.2` (in the group that
 * NAD+BY opens), `FTX+AAI[1]/4.1` (the second of those), `1` (element 1 of the loop's own segment). Names of groups
 * (`SG25`) may stand in front and mean nothing. Further: `NAD+SU|SE` (the first of these that is there), `RFF+!ON|CT`
 * (none of them), `IMD(2=79|DSC)/3.4` (by another value), `PRI+AAA(1.3:=CT)` (what a new one gets), `FTX+AAI/4.1-5`
 * (components as one text), `PIA(2*.2=SA)/2*.1` (in the element, the second or one behind it, for which that holds),
 * `.1` (a component, in a loop over elements), `DTM+137/date`. Throws PlaceError.
 */
export function edifactPlace(place: string): EdifactPlace {
  const pieces = piecesOf(place)
  const value = valueOf(pieces.at(-1) ?? '')
  if (value === null)
    throw new PlaceError(`expected an element behind the segment, such as \`QTY+21/1.2\`, not \`${place}\``)
  return { steps: pieces.slice(0, -1).map((piece) => segmentStep(piece, place)), value }
}

/** Reads `LIN`, `FTX+AAI` or `NAD+BY/RFF`: segments or groups, without an element. Throws PlaceError. */
export function edifactSteps(place: string): SegmentStep[] {
  const steps = piecesOf(place).map((piece) => segmentStep(piece, place))
  if (steps.length === 0) throw new PlaceError(`expected a segment such as \`LIN\`, not \`${place}\``)
  return steps
}

/** Reads a list: segments or groups, or with `PIA/2*` the elements of segments from the second on. Throws PlaceError. */
export function edifactList(place: string): { steps: SegmentStep[]; elementsFrom: number | null } {
  const pieces = piecesOf(place)
  const elements = /^(\d{1,3})\*$/.exec(pieces.at(-1) ?? '')
  const steps = (elements === null ? pieces : pieces.slice(0, -1)).map((piece) => segmentStep(piece, place))
  if (steps.length === 0) throw new PlaceError(`expected a segment such as \`LIN\`, not \`${place}\``)
  return { steps, elementsFrom: elements === null ? null : Number(elements[1]) }
}

/** Whether a place names a value and not a whole segment. */
export function namesValue(place: string): boolean {
  return /(^|\/)\s*\d{1,3}(\.\d{1,3})?\s*$/.test(place)
}

function piecesOf(place: string): string[] {
  return place
    .split('/')
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '' && !/^SG\d+$/.test(piece))
}

function valueOf(piece: string): EdifactValue | null {
  const part = momentParts.find((one) => one === piece)
  if (part !== undefined) return { kind: 'moment', part }
  const found = /^(\d{1,3})?(\*)?(?:\.(\d{1,3})(?:-(\d{1,3}))?)?$/.exec(piece)
  if (found === null || piece === '') return null
  const [, element, star, component = '1', to] = found
  // without a number: of the element that the loop goes through
  const at = { element: Number(element ?? '1'), component: Number(component), open: star !== undefined }
  if (element === undefined) {
    if (star !== undefined) return null
    at.open = true
  }
  if (at.element < 1 || at.component < 1) throw new PlaceError('elements and components count from 1')
  return to === undefined ? { kind: 'cell', at } : { kind: 'text', at, to: Number(to) }
}

const stepPattern =
  /^([A-Z][A-Z0-9]{2})(?:\+(!?)([^[\]+()]{1,200}))?((?:\(\d{1,3}\*?(?:\.\d{1,3})?(?:=|!=|:=)[^()]{0,200}\))*)(?:\[(\d{1,6})\])?$/

function segmentStep(piece: string, place: string): SegmentStep {
  const found = stepPattern.exec(piece)
  if (found === null)
    throw new PlaceError(`expected a segment such as \`QTY+21\`, not \`${piece}\` in \`${place}\``)
  const [, tag = '', not = '', qualifiers, written = '', occurrence] = found
  const conditions: ValueCondition[] = []
  const given: { at: Cell; value: string }[] = []
  for (const [, element, star, component, sign, values = ''] of written.matchAll(
    /\((\d{1,3})(\*?)(?:\.(\d{1,3}))?(=|!=|:=)([^()]*)\)/g,
  )) {
    const at = { element: Number(element), component: Number(component ?? '1'), open: star === '*' }
    if (sign === ':=') given.push({ at, value: values })
    else conditions.push({ at, among: values.split('|'), not: sign === '!=' })
  }
  return {
    tag,
    qualifiers: qualifiers?.split('|'),
    not: not === '!',
    conditions,
    given,
    occurrence: Number(occurrence ?? '0'),
  }
}
