import {
  groupMessage,
  segment as segmentOf,
  type EdifactMessage,
  type EdifactSegment,
  type SegmentGroup,
} from '#hub/formats/edifact/index.ts'
import { isMeant } from './edifact-match.ts'
import type { Moments } from './edifact-moment.ts'
import { edifactSteps, type Cell, type SegmentStep } from './edifact-place.ts'

/** A segment in the order of the message. */
interface Link {
  segment: EdifactSegment
  order: number
  before: Link | null
  after: Link | null
}

/** A group that is written into: one of the message as it was, or one that rules made. */
export interface WrittenGroup {
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
  /** The element that a loop over elements writes. */
  element: number | null
}

/** How long each component of a segment may be, by element and component; what a directory says. */
export type LengthsOf = (tag: string) => readonly (readonly number[])[] | null

/** An outgoing message while rules change it: segments stand in their order, and new ones go where they belong. */
export class EdifactDraft {
  readonly root: WrittenScope
  #first: Link | null = null
  #last: Link | null = null
  readonly #links = new Map<EdifactSegment, Link>()
  /** What was written into the DTM that rules made, part by part. */
  readonly moments = new Map<EdifactSegment, Moments>()
  /** Segments in which a rule has set a value. */
  readonly written = new Set<EdifactSegment>()
  readonly lengthsOf: LengthsOf

  constructor(
    { segments }: EdifactMessage,
    wireType: string,
    version: string,
    lengthsOf: LengthsOf = () => null,
  ) {
    this.lengthsOf = lengthsOf
    for (const [order, segment] of segments.entries()) this.#append(segment, order)
    const was = segments.length === 0 ? null : groupMessage({ segments }, wireType, version)
    this.root = { draft: this, group: writtenGroup(null, was, null), element: null }
  }

  /** Takes out the segments that rules made and set nothing in, unless they open a group that has something. */
  removeEmpty(): void {
    this.#keepsSomething(this.root.group)
  }

  #keepsSomething(group: WrittenGroup): boolean {
    let kept = false
    for (const inner of group.groups) kept = this.#keepsSomething(inner) || kept
    for (const segment of group.segments) {
      if (segment === group.trigger || this.written.has(segment)) continue
      this.remove(segment)
    }
    const has = kept || group.segments.some((segment) => this.written.has(segment))
    if (!has && group.trigger !== null) this.remove(group.trigger)
    return has
  }

  /** A segment becomes the first of a group: something is to stand in it. */
  opened(segment: EdifactSegment, outer: WrittenGroup): WrittenGroup {
    const made: WrittenGroup = {
      trigger: segment,
      was: null,
      segments: [segment],
      groups: [],
      end: this.#links.get(segment) ?? null,
      outer,
    }
    outer.segments.splice(outer.segments.indexOf(segment), 1)
    outer.groups.push(made)
    return made
  }

  /** The message as it stands. */
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

  /** Puts a new segment right behind another of a group. */
  insertBehind(before: EdifactSegment, segment: EdifactSegment, group: WrittenGroup): void {
    const at = this.#links.get(before) ?? null
    const link: Link = { segment, order: at?.order ?? 0, before: null, after: null }
    this.#links.set(segment, link)
    this.#insertAfter(at, link)
    for (
      let outer: WrittenGroup | null = group;
      outer !== null && (outer.end === at || outer.end === null);
      outer = outer.outer
    )
      outer.end = link
    group.segments.push(segment)
    this.written.add(segment)
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
    const equals = matching(group, anyOf(tag)).at(-1)
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

export function makeSegment(
  draft: EdifactDraft,
  group: WrittenGroup,
  step: SegmentStep,
  beside: { after?: string; before?: string },
): EdifactSegment {
  const made = madeFor(step)
  draft.insert(group, made, beside)
  group.segments.push(made)
  return made
}

export function makeGroup(
  draft: EdifactDraft,
  outer: WrittenGroup,
  step: SegmentStep,
  beside: { after?: string; before?: string },
): WrittenGroup {
  const trigger = madeFor(step)
  draft.insert(outer, trigger, beside)
  const made: WrittenGroup = { trigger, was: null, segments: [trigger], groups: [], end: outer.end, outer }
  outer.groups.push(made)
  return made
}

/** A new segment with its qualifier and what else tells it. */
function madeFor({ tag, qualifiers, not, conditions, given }: SegmentStep): EdifactSegment {
  const made = qualifiers === undefined || not ? segmentOf(tag) : segmentOf(tag, [qualifiers[0]])
  for (const condition of conditions)
    if (!condition.not) setCell(made, condition.at, condition.among[0] ?? '')
  for (const { at, value } of given) setCell(made, at, value)
  return made
}

/** Puts a value into a segment, which grows as far as that needs. */
export function setCell(
  { elements }: EdifactSegment,
  { element, component }: Pick<Cell, 'element' | 'component'>,
  value: string,
): void {
  while (elements.length < element) elements.push([''])
  const components = elements[element - 1]!
  while (components.length < component) components.push('')
  components[component - 1] = value
}

function anyOf(tag: string): SegmentStep {
  return { tag, qualifiers: undefined, not: false, conditions: [], given: [], occurrence: 0 }
}

/** Segments directly in a group, and groups that they open, with this tag and qualifier, in order. */
export function matching(group: WrittenGroup, step: SegmentStep): (WrittenGroup | EdifactSegment)[] {
  return [
    ...group.segments.filter((segment) => isMeant(segment, step)),
    ...group.groups.filter(({ trigger }) => isMeant(trigger, step)),
  ]
}

export function triggerOf(found: WrittenGroup | EdifactSegment): EdifactSegment {
  return 'groups' in found ? found.trigger! : found
}

export function segmentsIn(found: WrittenGroup | EdifactSegment): EdifactSegment[] {
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
