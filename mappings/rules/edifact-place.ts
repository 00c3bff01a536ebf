import { PlaceError } from './place.ts'

/** A segment by its tag and, if given, the qualifier that stands first in it, and the how-manieth of those. */
export interface SegmentStep {
  tag: string
  qualifier: string | undefined
  occurrence: number
}

/** A place in an EDIFACT message: groups by their first segment, a segment, an element and a component, from 1. */
export interface EdifactPlace {
  steps: SegmentStep[]
  element: number
  component: number
}

/**
 * Reads `QTY+21/1.2` (segment QTY whose first value is 21, element 1, component 2), `NAD+BY/RFF+VA/1.2` (in the group that
 * NAD+BY opens), `FTX+AAI[1]/4.1` (the second of those), `1` (element 1 of the loop's own segment). Names of groups
 * (`SG25`) may stand in front and mean nothing. Throws PlaceError.
 */
export function edifactPlace(place: string): EdifactPlace {
  const pieces = piecesOf(place)
  const value = /^(\d{1,3})(?:\.(\d{1,3}))?$/.exec(pieces.at(-1) ?? '')
  if (value === null)
    throw new PlaceError(`expected an element behind the segment, such as \`QTY+21/1.2\`, not \`${place}\``)
  const [element, component] = [Number(value[1]), Number(value[2] ?? '1')]
  if (element < 1 || component < 1) throw new PlaceError('elements and components count from 1')
  return { steps: pieces.slice(0, -1).map((piece) => segmentStep(piece, place)), element, component }
}

/** Reads `LIN`, `FTX+AAI` or `NAD+BY/RFF`: segments or groups, without an element. Throws PlaceError. */
export function edifactSteps(place: string): SegmentStep[] {
  const steps = piecesOf(place).map((piece) => segmentStep(piece, place))
  if (steps.length === 0) throw new PlaceError(`expected a segment such as \`LIN\`, not \`${place}\``)
  return steps
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

function segmentStep(piece: string, place: string): SegmentStep {
  const found = /^([A-Z][A-Z0-9]{2})(?:\+([^[\]+]{1,35}))?(?:\[(\d{1,6})\])?$/.exec(piece)
  if (found === null)
    throw new PlaceError(`expected a segment such as \`QTY+21\`, not \`${piece}\` in \`${place}\``)
  const [, tag = '', qualifier, occurrence] = found
  return { tag, qualifier, occurrence: Number(occurrence ?? '0') }
}
