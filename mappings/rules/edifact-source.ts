import {
  groupMessage,
  valueOf,
  type EdifactMessage,
  type EdifactSegment,
  type SegmentGroup,
} from '#hub/formats/edifact/index.ts'
import type { ReadMessage } from '#hub/model/format.ts'
import { edifactPlace, edifactSteps, type SegmentStep } from './edifact-place.ts'
import type { Scope, Source } from './ports.ts'

/** A group of a message, or one of its segments; with what was read of the message so far. */
export interface EdifactScope {
  group: SegmentGroup | null
  segment: EdifactSegment | undefined
  /** Segments that rules have read. */
  taken: Set<EdifactSegment>
}

/** A message as rules read it: by the groups of its directory, or of D.96A where there is none. */
export function edifactScope({
  tree,
  wireType,
  version,
}: Pick<ReadMessage, 'tree' | 'wireType' | 'version'>): EdifactScope {
  const message = tree as EdifactMessage
  const grouped = groupMessage(message, wireType, version)
  const group = grouped.known ? grouped : groupMessage(message, wireType, 'D.96A')
  return { group, segment: undefined, taken: new Set() }
}

export const edifactSource: Source = {
  value: (place) => {
    const { steps, element, component } = edifactPlace(place)
    return (scope) => {
      const found = follow(scope as EdifactScope, steps)
      if (found?.segment === undefined) return undefined
      found.taken.add(found.segment)
      return valueOf(found.segment, element, component).trim() || undefined
    }
  },
  list: (place) => {
    const steps = edifactSteps(place)
    const way = steps.slice(0, -1)
    const last = steps.at(-1)!
    return (scope) => {
      const at = follow(scope as EdifactScope, way)
      return at === undefined ? [] : all(at, last)
    }
  },
}

function follow(scope: EdifactScope, steps: readonly SegmentStep[]): EdifactScope | undefined {
  let at: EdifactScope | undefined = scope
  for (const step of steps) {
    if (at === undefined) return undefined
    at = one(at, step)
  }
  return at
}

function one({ group, segment, taken }: EdifactScope, step: SegmentStep): EdifactScope | undefined {
  // a loop over segments: the segment itself may be named
  if (group === null)
    return segment !== undefined && isIt(segment, step) ? { group, segment, taken } : undefined
  let left = step.occurrence
  for (const direct of group.segments)
    if (isIt(direct, step) && left-- === 0) return { group: null, segment: direct, taken }
  for (const child of group.children)
    if (isIt(child.segments[0], step) && left-- === 0)
      return { group: child, segment: child.segments[0], taken }
  return undefined
}

function all({ group, taken }: EdifactScope, step: SegmentStep): Scope[] {
  const found: EdifactScope[] = []
  for (const direct of group?.segments ?? [])
    if (isIt(direct, step)) found.push({ group: null, segment: direct, taken })
  for (const child of group?.children ?? [])
    if (isIt(child.segments[0], step)) found.push({ group: child, segment: child.segments[0], taken })
  // a group's own trigger is the group, not one more item
  for (const { segment } of found) if (segment !== undefined) taken.add(segment)
  return found
}

function isIt(segment: EdifactSegment | undefined, { tag, qualifier }: SegmentStep): boolean {
  return segment?.tag === tag && (qualifier === undefined || segment.elements[0]?.[0] === qualifier)
}
