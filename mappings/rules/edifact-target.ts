import {
  groupMessage,
  segment as segmentOf,
  type EdifactMessage,
  type EdifactSegment,
  type SegmentGroup,
} from '#hub/formats/edifact/index.ts'
import { edifactPlace, edifactSteps, namesValue, type SegmentStep } from './edifact-place.ts'
import { PlaceError } from './place.ts'
import { textOfValue, type Target } from './ports.ts'

/** A segment in the order of the message. */
interface Link {
  segment: EdifactSegment
  order: number
  before: Link | null
  after: Link | null
}

/** A group that is written into: one of the message as it was, or one that rules made. */
interface WrittenGroup {
  /** The segment that opens it; null for the whole message. */
  trigger: EdifactSegment | null
  was: SegmentGroup | null
  segments: EdifactSegment[]
  groups: WrittenGroup[]
  /** The last segment that was put into it. */
  end: Link | null
  outer: WrittenGroup | null
}

export interface WrittenScope {
  draft: EdifactDraft
  group: WrittenGroup
}

/** An outgoing message while rules change it: segments stand in their order, and new ones go where they belong. */
export class EdifactDraft {
  readonly root: WrittenScope
  #first: Link | null = null
  #last: Link | null = null
  readonly #links = new Map<EdifactSegment, Link>()

  constructor({ segments }: EdifactMessage, wireType: string, version: string) {
    for (const [order, segment] of segments.entries()) this.#append(segment, order)
    const was = segments.length === 0 ? null : groupMessage({ segments }, wireType, version)
    this.root = { draft: this, group: writtenGroup(null, was, null) }
  }

  /** The message as it stands; segments without a value are left out. */
  segments(): EdifactSegment[] {
    const list: EdifactSegment[] = []
    for (let link = this.#first; link !== null; link = link.after) list.push(link.segment)
    return list
  }

  /** Puts a new segment into a group, beside what is named, else behind its equals, else at the group's end. */
  insert(group: WrittenGroup, segment: EdifactSegment, beside: { after?: string; before?: string }): void {
    const anchor = this.#anchor(group, segment.tag, beside)
    const link: Link = { segment, order: anchor?.link.order ?? 0, before: null, after: null }
    this.#links.set(segment, link)
    if (anchor === null) this.#insertAfter(this.#last, link)
    else this.#insertAfter(anchor.side === 'after' ? anchor.link : anchor.link.before, link)
    const previous = group.end
    group.end = link
    // what comes next in the groups around it stands behind it, unless they have gone on already
    for (let outer = group.outer; outer !== null && outer.end === previous; outer = outer.outer)
      outer.end = link
  }

  remove(segment: EdifactSegment): void {
    const link = this.#links.get(segment)
    if (link === undefined) return
    if (link.before === null) this.#first = link.after
    else link.before.after = link.after
    if (link.after === null) this.#last = link.before
    else link.after.before = link.before
    this.#links.delete(segment)
  }

  #anchor(
    group: WrittenGroup,
    tag: string,
    { after, before }: { after?: string; before?: string },
  ): { link: Link; side: 'after' | 'before' } | null {
    const named = after ?? before
    if (named !== undefined) {
      const steps = edifactSteps(named)
      const at = steps.length === 1 ? matching(group, steps[0]!) : []
      const found = after === undefined ? at[0] : at.at(-1)
      if (found !== undefined) {
        const link = after === undefined ? this.#links.get(triggerOf(found))! : this.#endOf(found)
        if (link !== null && link !== undefined)
          return { link, side: after === undefined ? 'before' : 'after' }
      }
    }
    if (group.was === null) return group.end === null ? null : { link: group.end, side: 'after' }
    const equals = matching(group, { tag, qualifier: undefined, occurrence: 0 }).at(-1)
    const end = equals === undefined ? null : this.#endOf(equals)
    if (end !== null) return { link: end, side: 'after' }
    return this.#beforeInnerGroups(group)
  }

  /** Behind the group's own segments, before the groups in it; in the whole message before its lines. */
  #beforeInnerGroups(group: WrittenGroup): { link: Link; side: 'after' | 'before' } | null {
    if (group.trigger === null) {
      const line = group.groups.find(({ trigger }) => trigger?.tag === 'LIN')
      const link = line && this.#links.get(line.trigger!)
      if (link !== undefined) return { link, side: 'before' }
    }
    const own = group.segments.flatMap((segment) => this.#links.get(segment) ?? []).at(-1)
    return own === undefined ? null : { link: own, side: 'after' }
  }

  #endOf(found: WrittenGroup | EdifactSegment): Link | null {
    if (!('groups' in found)) return this.#links.get(found) ?? null
    const inner = found.groups.at(-1)
    const own = found.segments.map((one) => this.#links.get(one) ?? null)
    let last: Link | null = null
    // of those that stand in one place of the original, the one that came last
    for (const end of [inner === undefined ? null : this.#endOf(inner), ...own, found.end])
      if (end !== null && (last === null || end.order >= last.order)) last = end
    return last
  }

  #append(segment: EdifactSegment, order: number): void {
    const link: Link = { segment, order, before: null, after: null }
    this.#links.set(segment, link)
    this.#insertAfter(this.#last, link)
  }

  #insertAfter(at: Link | null, link: Link): void {
    link.before = at
    link.after = at === null ? this.#first : at.after
    if (link.after === null) this.#last = link
    else link.after.before = link
    if (at === null) this.#first = link
    else at.after = link
  }
}

export const edifactTarget: Target = {
  set: (place, beside = {}) => {
    const { steps, element, component } = edifactPlace(place)
    if (beside.after !== undefined) edifactSteps(beside.after)
    if (beside.before !== undefined) edifactSteps(beside.before)
    return (scope, value) => {
      const segment = reach(scope as WrittenScope, steps, beside)
      const elements = segment.elements
      while (elements.length < element) elements.push([''])
      const components = elements[element - 1]!
      while (components.length < component) components.push('')
      components[component - 1] = textOfValue(value)
    }
  },
  remove: (place) => (namesValue(place) ? removeValue(place) : removeSegments(place)),
  list: (place) => {
    const steps = edifactSteps(place)
    const [step] = steps
    if (steps.length !== 1) throw new PlaceError(`expected one segment such as \`LIN\`, not \`${place}\``)
    return (scope) => {
      const { draft, group } = scope as WrittenScope
      const items = matching(group, step!)
      return {
        get length() {
          return items.length
        },
        at: (index, make) => {
          const found = items[index]
          if (found !== undefined) return { draft, group: 'groups' in found ? found : alone(found, group) }
          if (!make) return undefined
          const made = makeGroup(draft, group, step!, {})
          items.push(made)
          return { draft, group: made }
        },
      }
    }
  },
}

/** A segment that opens no group, as an item of a loop. */
function alone(trigger: EdifactSegment, outer: WrittenGroup): WrittenGroup {
  return { trigger, was: null, segments: [trigger], groups: [], end: null, outer }
}

function removeValue(place: string): (scope: unknown) => void {
  const { steps, element, component } = edifactPlace(place)
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
  const { draft } = scope
  let { group } = scope
  if (steps.length === 0) {
    if (group.trigger === null)
      throw new PlaceError('a segment belongs in front of the element, such as `BGM/2`')
    return group.trigger
  }
  for (const [depth, step] of steps.entries()) {
    const found = matching(group, step)[step.occurrence]
    const isLast = depth === steps.length - 1
    if (isLast) {
      if (found === undefined) return makeSegment(draft, group, step, beside)
      return triggerOf(found)
    }
    if (found !== undefined && !('groups' in found)) throw new PlaceError(`${step.tag} opens no group`)
    group = found ?? makeGroup(draft, group, step, beside)
  }
  throw new PlaceError('a place has a segment')
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

function makeSegment(
  draft: EdifactDraft,
  group: WrittenGroup,
  step: SegmentStep,
  beside: { after?: string; before?: string },
): EdifactSegment {
  const made = step.qualifier === undefined ? segmentOf(step.tag) : segmentOf(step.tag, [step.qualifier])
  draft.insert(group, made, beside)
  group.segments.push(made)
  return made
}

function makeGroup(
  draft: EdifactDraft,
  outer: WrittenGroup,
  step: SegmentStep,
  beside: { after?: string; before?: string },
): WrittenGroup {
  const trigger = step.qualifier === undefined ? segmentOf(step.tag) : segmentOf(step.tag, [step.qualifier])
  draft.insert(outer, trigger, beside)
  const made: WrittenGroup = { trigger, was: null, segments: [trigger], groups: [], end: outer.end, outer }
  outer.groups.push(made)
  return made
}

/** Segments directly in a group, and groups that they open, with this tag and qualifier, in order. */
function matching(group: WrittenGroup, { tag, qualifier }: SegmentStep): (WrittenGroup | EdifactSegment)[] {
  const isIt = (one: EdifactSegment | null) =>
    one?.tag === tag && (qualifier === undefined || one.elements[0]?.[0] === qualifier)
  return [...group.segments.filter(isIt), ...group.groups.filter(({ trigger }) => isIt(trigger))]
}

function triggerOf(found: WrittenGroup | EdifactSegment): EdifactSegment {
  return 'groups' in found ? found.trigger! : found
}

function segmentsIn(found: WrittenGroup | EdifactSegment): EdifactSegment[] {
  return 'groups' in found ? [...found.segments, ...found.groups.flatMap(segmentsIn)] : [found]
}

function writtenGroup(
  trigger: EdifactSegment | null,
  was: SegmentGroup | null,
  outer: WrittenGroup | null,
): WrittenGroup {
  const group: WrittenGroup = {
    trigger,
    was,
    segments: [...(was?.segments ?? [])],
    groups: [],
    end: null,
    outer,
  }
  for (const child of was?.children ?? [])
    group.groups.push(writtenGroup(child.segments[0] ?? null, child, group))
  return group
}
