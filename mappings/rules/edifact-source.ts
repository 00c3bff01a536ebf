import {
  groupMessage,
  valueOf,
  type EdifactMessage,
  type EdifactSegment,
  type SegmentGroup,
} from '#hub/formats/edifact/index.ts'
import type { ReadMessage } from '#hub/model/format.ts'
import { alternativesOf, elementOf, isMeant, openElement } from './edifact-match.ts'
import { endOf, momentsOf } from './edifact-moment.ts'
import {
  edifactList,
  edifactPlace,
  edifactSteps,
  type EdifactValue,
  type SegmentStep,
} from './edifact-place.ts'
import { Taken } from './edifact-taken.ts'
import type { Scope, Source, Value } from './ports.ts'
import type { RuleRun } from './run.ts'

/** A group of a message, one of its segments, or an element of one; with what was read of the message so far. */
export interface EdifactScope {
  group: SegmentGroup | null
  segment: EdifactSegment | undefined
  /** The element that a loop goes through or a condition found; null where none is meant. */
  element: number | null
  taken: Taken
}

/** A message as rules read it: by the groups of its directory, or of D.96A where there is none. */
export function edifactScope(
  { tree, wireType, version }: Pick<ReadMessage, 'tree' | 'wireType' | 'version'>,
  taken = new Taken(),
): EdifactScope {
  const message = tree as EdifactMessage
  const grouped = groupMessage(message, wireType, version)
  const group = grouped.known ? grouped : groupMessage(message, wireType, 'D.96A')
  return { group, segment: undefined, element: null, taken }
}

export const edifactSource: Source = {
  value: (place) => {
    const { steps, value } = edifactPlace(place)
    const way = steps.map(alternativesOf)
    return (scope, run) => {
      const found = follow(scope as EdifactScope, way)
      return found?.segment === undefined ? undefined : read(found, value, { place, run })
    }
  },
  list: (place) => {
    const { steps, elementsFrom } = edifactList(place)
    const way = steps.slice(0, -1).map(alternativesOf)
    const last = steps.at(-1)!
    return (scope) => {
      const at = follow(scope as EdifactScope, way)
      if (at === undefined) return []
      const found = all(at, last)
      return elementsFrom === null ? found : found.flatMap((one) => elements(one, last, elementsFrom))
    }
  },
  ignore: (place) => {
    const isValue = /(^|\/)(\d{1,3}\*?(\.\d{1,3}(-\d{1,3})?)?|\.\d{1,3})$/.test(place)
    const { steps, value } = isValue ? edifactPlace(place) : { steps: edifactSteps(place), value: null }
    const way = steps.slice(0, -1).map(alternativesOf)
    const last = steps.at(-1)
    return (scope) => {
      const at = follow(scope as EdifactScope, way)
      if (at === undefined) return
      for (const one of last === undefined ? [at] : all(at, last)) passOver(one, value)
    }
  },
}

function passOver({ segment, element, taken }: EdifactScope, value: EdifactValue | null): void {
  if (segment === undefined) return
  const last = segment.elements.length
  const [from, to] =
    value === null || value.kind === 'moment'
      ? [1, last]
      : value.at.open && element === null
        ? [value.at.element, last]
        : [elementOf(value.at, element), elementOf(value.at, element)]
  for (let at = from; at <= to; at++)
    for (let component = 1; component <= (segment.elements[at - 1]?.length ?? 0); component++)
      if (value?.kind !== 'cell' || value.at.component === component) taken.add(segment, at, component)
}

function read(
  { segment, element: bound, taken }: EdifactScope,
  value: EdifactValue,
  { place, run }: { place: string; run: RuleRun },
): Value {
  const one = segment!
  if (value.kind === 'moment') return moment(one, value.part, { place, run, taken })
  const element = elementOf(value.at, bound)
  if (value.kind === 'cell') {
    taken.add(one, element, value.at.component)
    if (taken.exact) run.lastRead = { taken, segment: one, element, component: value.at.component }
    return valueOf(one, element, value.at.component).trim() || undefined
  }
  let joined: string | undefined
  for (let { component } = value.at; component <= value.to; component++) {
    taken.add(one, element, component)
    const text = valueOf(one, element, component).trim()
    if (text !== '') joined = joined === undefined ? text : `${joined} ${text}`
  }
  return joined
}

function moment(
  segment: EdifactSegment,
  part: 'date' | 'time' | 'endDate' | 'endTime',
  { place, run, taken }: { place: string; run: RuleRun; taken: Taken },
): Value {
  const [text, format] = [valueOf(segment, 1, 2).trim(), valueOf(segment, 1, 3).trim()]
  taken.add(segment, 1, 2)
  taken.add(segment, 1, 3)
  if (text === '') return undefined
  const said = format === '' ? '102' : format
  const moments = momentsOf(text, said) ?? momentsOf(text, formatByLength(text))
  // said once, not for each part of it
  if (part === 'date' && (moments === null || momentsOf(text, said) === null))
    run.find(
      'valueNotMapped',
      place,
      `${JSON.stringify(text.slice(0, 60))} is not a date in the format ${said} (2379)`,
      moments === null ? 'error' : 'warning',
    )
  if (moments === null) return undefined
  return part === 'date' || part === 'time' ? moments[part] : endOf(moments)[part]
}

/** Senders are known to give another format than they write. */
function formatByLength(text: string): string {
  const formats: Readonly<Record<number, string>> = { 6: '101', 8: '102', 12: '203', 14: '204', 17: '718' }
  return formats[text.length] ?? ''
}

function follow(scope: EdifactScope, way: readonly (readonly SegmentStep[])[]): EdifactScope | undefined {
  let at: EdifactScope | undefined = scope
  for (const alternatives of way) {
    let found: EdifactScope | undefined
    for (const step of alternatives) {
      found = one(at, step)
      if (found !== undefined) break
    }
    if (found === undefined) return undefined
    at = found
  }
  return at
}

function one({ group, segment, taken }: EdifactScope, step: SegmentStep): EdifactScope | undefined {
  // a loop over segments: the segment itself may be named
  if (group === null)
    return segment !== undefined && isMeant(segment, step) ? scopeOf(segment, step, taken) : undefined
  let left = step.occurrence
  for (const direct of group.segments)
    if (isMeant(direct, step) && left-- === 0) return scopeOf(direct, step, taken)
  for (const child of group.children)
    if (isMeant(child.segments[0], step) && left-- === 0)
      return scopeOf(child.segments[0]!, step, taken, child)
  return undefined
}

function all({ group, taken }: EdifactScope, step: SegmentStep): EdifactScope[] {
  const found: EdifactScope[] = []
  for (const direct of group?.segments ?? [])
    if (isMeant(direct, step)) found.push(scopeOf(direct, step, taken))
  for (const child of group?.children ?? [])
    if (isMeant(child.segments[0], step)) found.push(scopeOf(child.segments[0]!, step, taken, child))
  return found
}

/** What a step found; its qualifier and what it was told by are read with that. */
function scopeOf(
  segment: EdifactSegment,
  step: SegmentStep,
  taken: Taken,
  group: SegmentGroup | null = null,
): EdifactScope {
  taken.add(segment)
  const element = openElement(segment, step)
  if (taken.exact) {
    if (step.qualifiers !== undefined && !step.not) taken.add(segment, 1, 1)
    for (const { at, not } of step.conditions)
      if (!not) taken.add(segment, elementOf(at, element), at.component)
    for (const { at } of step.given) taken.add(segment, elementOf(at, element), at.component)
  }
  return { group, segment, element, taken }
}

/** The elements of a segment that have a value and for which an open condition of the step holds. */
function elements(scope: EdifactScope, step: SegmentStep, from: number): Scope[] {
  const { segment, taken } = scope
  const condition = step.conditions.find(({ at }) => at.open)
  const found: EdifactScope[] = []
  for (let element = from; element <= segment!.elements.length; element++) {
    if (valueOf(segment, element, 1) === '') continue
    const value = valueOf(segment, element, condition?.at.component ?? 1)
    if (condition !== undefined && condition.among.includes(value) === condition.not) continue
    found.push({ group: null, segment, element, taken })
  }
  return found
}
