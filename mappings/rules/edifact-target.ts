import type { EdifactSegment } from '#hub/formats/edifact/index.ts'
import {
  makeGroup,
  makeSegment,
  matching,
  segmentsIn,
  setCell,
  triggerOf,
  type WrittenGroup,
  type WrittenScope,
} from './edifact-draft.ts'
import { elementOf, openElement } from './edifact-match.ts'
import { momentWritten, type Moments } from './edifact-moment.ts'
import {
  edifactList,
  edifactPlace,
  edifactSteps,
  namesValue,
  type EdifactValue,
  type SegmentStep,
} from './edifact-place.ts'
import { PlaceError } from './place.ts'
import { textOfValue, type Target } from './ports.ts'
import type { RuleRun } from './run.ts'

export const edifactTarget: Target = {
  set: (place, beside = {}) => {
    const { steps, value: kind } = edifactPlace(place)
    if (beside.after !== undefined) edifactSteps(beside.after)
    if (beside.before !== undefined) edifactSteps(beside.before)
    return (scope, value, run) => {
      const to = scope as WrittenScope
      const segment = reach(to, steps, beside)
      const step = steps.at(-1)
      const bound = step === undefined ? to.element : openElement(segment, step)
      to.draft.written.add(segment)
      put(textOfValue(value), kind, { ...to, segment, bound, run })
    }
  },
  remove: (place) => (namesValue(place) ? removeValue(place) : removeSegments(place)),
  list: (place) => {
    const { steps, elementsFrom } = edifactList(place)
    const way = steps.slice(0, -1)
    const last = steps.at(-1)!
    return (scope) => {
      const { draft } = scope as WrittenScope
      let group = insideOf(scope as WrittenScope, way, false)
      const items = group === null ? [] : matching(group, last)
      return {
        get length() {
          return items.length
        },
        at: (index, make) => {
          const found = items[index]
          if (found !== undefined)
            return {
              draft,
              group: 'groups' in found ? found : alone(found, group!),
              element: elementsFrom ?? openElement(triggerOf(found), last),
            }
          if (!make) return undefined
          group ??= insideOf(scope as WrittenScope, way, true)!
          const made = makeGroup(draft, group, last, {})
          items.push(made)
          return { draft, group: made, element: elementsFrom ?? openElement(made.trigger!, last) }
        },
      }
    }
  },
}

/** A value where its place says: one component, free text broken into components, or a part of a moment. */
function put(
  text: string,
  kind: EdifactValue,
  to: WrittenScope & { segment: EdifactSegment; bound: number | null; run: RuleRun },
): void {
  const { segment, bound, draft } = to
  switch (kind.kind) {
    case 'cell': {
      const element = elementOf(kind.at, bound)
      return setCell(segment, { element, component: kind.at.component }, text)
    }
    case 'text':
      return putText(text, kind, to)
    case 'moment': {
      const moments: Moments = { ...draft.moments.get(segment), [kind.part]: text }
      draft.moments.set(segment, moments)
      const { value, format } = momentWritten(moments)
      setCell(segment, { element: 1, component: 2 }, value)
      setCell(segment, { element: 1, component: 3 }, format)
    }
  }
}

/** Free text by the lengths of its components. What is too long for an FTX goes on in another; of others it is cut. */
function putText(
  text: string,
  { at, to }: Extract<EdifactValue, { kind: 'text' }>,
  {
    segment,
    bound,
    draft,
    group,
    run,
  }: WrittenScope & { segment: EdifactSegment; bound: number | null; run: RuleRun },
): void {
  const element = elementOf(at, bound)
  const usual = segment.tag === 'FTX' ? 70 : 35
  const lengthMax = draft.lengthsOf(segment.tag)?.[element - 1]?.[at.component - 1] ?? usual
  const lines = wrapped(run.fit(text), lengthMax)
  const room = to - at.component + 1
  const fill = (one: EdifactSegment, part: readonly string[]) => {
    for (const [index, line] of part.entries())
      setCell(one, { element, component: at.component + index }, line)
  }
  fill(segment, lines.slice(0, room))
  if (segment.tag !== 'FTX') return
  let before = segment
  for (let from = room; from < lines.length; from += room) {
    const further: EdifactSegment = {
      tag: 'FTX',
      offset: 0,
      elements: segment.elements.slice(0, element - 1).map((one) => [...one]),
    }
    fill(further, lines.slice(from, from + room))
    draft.insertBehind(before, further, group)
    before = further
  }
}

/** Lines of at most this length, broken at blanks where there are any. */
function wrapped(text: string, lengthMax: number): string[] {
  if (text.length <= lengthMax) return text === '' ? [] : [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= lengthMax) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    for (; line.length > lengthMax; line = line.slice(lengthMax)) lines.push(line.slice(0, lengthMax))
  }
  return line === '' ? lines : [...lines, line]
}

/** A segment that opens no group, as an item of a loop. */
function alone(trigger: EdifactSegment, outer: WrittenGroup): WrittenGroup {
  return { trigger, was: null, segments: [trigger], groups: [], end: null, outer }
}

function removeValue(place: string): (scope: unknown) => void {
  const { steps, value } = edifactPlace(place)
  if (value.kind === 'moment')
    throw new PlaceError('expected an element and a component, not a part of a moment')
  const { element, component } = value.at
  return (scope) => {
    const segment = find(scope as WrittenScope, steps)
    const components = segment?.elements[element - 1]
    if (components === undefined || component > components.length) return
    components[component - 1] = ''
    while (components.length > 1 && components.at(-1) === '') components.pop()
    const elements = segment!.elements
    while (elements.length > 0 && elements.at(-1)!.every((one) => one === '')) elements.pop()
  }
}

function removeSegments(place: string): (scope: unknown) => void {
  const steps = edifactSteps(place)
  const last = steps.at(-1)!
  return (scope) => {
    const { draft } = scope as WrittenScope
    let { group } = scope as WrittenScope
    for (const step of steps.slice(0, -1)) {
      const inner = matching(group, step)[step.occurrence]
      if (inner === undefined || !('groups' in inner)) return
      group = inner
    }
    for (const found of matching(group, last)) {
      for (const segment of segmentsIn(found)) draft.remove(segment)
      if ('groups' in found) group.groups.splice(group.groups.indexOf(found), 1)
      else group.segments.splice(group.segments.indexOf(found), 1)
    }
  }
}

function reach(
  scope: WrittenScope,
  steps: readonly SegmentStep[],
  beside: { after?: string; before?: string },
): EdifactSegment {
  const last = steps.at(-1)
  if (last === undefined) {
    if (scope.group.trigger === null)
      throw new PlaceError('a segment belongs in front of the element, such as `BGM/2`')
    return scope.group.trigger
  }
  const group = insideOf(scope, steps.slice(0, -1), true, beside)!
  const found = matching(group, last)[last.occurrence]
  return found === undefined ? makeSegment(scope.draft, group, last, beside) : triggerOf(found)
}

/** The group that these steps lead into; one that is not there is made, or is null. */
function insideOf(
  { draft, group }: WrittenScope,
  steps: readonly SegmentStep[],
  make: boolean,
  beside: { after?: string; before?: string } = {},
): WrittenGroup | null {
  let at = group
  for (const step of steps) {
    const found = matching(at, step)[step.occurrence]
    if (found === undefined && !make) return null
    if (found === undefined) at = makeGroup(draft, at, step, beside)
    else if ('groups' in found) at = found
    else if (at.was === null) at = draft.opened(found, at)
    else throw new PlaceError(`${step.tag} opens no group`)
  }
  return at
}

function find({ group }: WrittenScope, steps: readonly SegmentStep[]): EdifactSegment | undefined {
  if (steps.length === 0) return group.trigger ?? undefined
  let at: WrittenGroup = group
  for (const [depth, step] of steps.entries()) {
    const found = matching(at, step)[step.occurrence]
    if (found === undefined) return undefined
    if (depth === steps.length - 1) return triggerOf(found)
    if (!('groups' in found)) return undefined
    at = found
  }
  return undefined
}
