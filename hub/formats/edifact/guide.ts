import type { CodeName } from '#hub/model/codes/index.ts'
import type { Position } from '#hub/model/findings.ts'
import type { Guide, GuideRule } from '#hub/model/guide.ts'
import { groupMessage, type SegmentGroup } from './groups.ts'
import { quoted } from './findings.ts'
import { valueOf, type EdifactMessage, type EdifactSegment } from './tree.ts'

/** Takes a fault, at a segment of the message or null where there is none to point at. */
export type ReportRule = (
  code: CodeName,
  text: string,
  at: { segment: EdifactSegment | null; where: Position },
) => void

/**
 * The guide for a message: of its type and directory, for exactly its association code before one for any. Null if there
 * is none.
 */
export function guideFor(
  guides: readonly Guide[],
  message: { wireType: string; version: string; guide: string },
): Guide | null {
  const fitting = guides.filter(
    (one) => one.message === message.wireType && one.directory === message.version,
  )
  const exact = fitting.find((one) => one.association !== undefined && one.association === message.guide)
  return exact ?? fitting.find((one) => one.association === undefined) ?? null
}

/**
 * Checks a message against a guide. A rule on a segment that opens its group counts within what the group stands in; one on
 * any other segment, or on an element, within each occurrence of the group. Linear in the message for each rule.
 */
export function checkGuide(guide: Guide, tree: EdifactMessage, report: ReportRule): void {
  const root = groupMessage(tree, guide.message, guide.directory)
  for (const rule of guide.rules) {
    const place = readPlace(rule.at)
    if (place !== null) new RuleCheck(guide, rule, place, report).run(root)
  }
}

/** A rule's `at`, taken apart. */
export interface GuidePlace {
  groups: readonly string[]
  tag: string
  /** The first value of the segment; null for any. */
  qualifier: string | null
  element: number | null
  component: number | null
}

/** Takes `SG2/NAD+BY/2/1` apart; null where it is none. */
export function readPlace(at: string): GuidePlace | null {
  const parts =
    /^((?:SG\d{1,3}\/)*)([A-Z][A-Z0-9]{2})(?:\+([^/]{1,35}))?(?:\/(\d{1,2}))?(?:\/(\d{1,2}))?$/.exec(at)
  if (!parts || /^SG\d/.test(parts[2]!)) return null
  const [, groups = '', tag = '', qualifier, element, component] = parts
  return {
    groups: groups.split('/').filter(Boolean),
    tag,
    qualifier: qualifier ?? null,
    element: element === undefined ? null : Number(element),
    component: component === undefined ? null : Number(component),
  }
}

class RuleCheck {
  readonly #guide: Guide
  readonly #rule: GuideRule
  readonly #place: GuidePlace
  readonly #report: ReportRule

  constructor(guide: Guide, rule: GuideRule, place: GuidePlace, report: ReportRule) {
    this.#guide = guide
    this.#rule = rule
    this.#place = place
    this.#report = report
  }

  run(root: SegmentGroup): void {
    for (const scope of this.#scopes(root)) {
      const segments = this.#segmentsOf(scope)
      if (this.#place.element === null) this.#checkPresence(segments, scope)
      else for (const segment of segments) this.#checkValue(segment, this.#place.element)
    }
  }

  /** Within what the segments are counted. */
  #scopes(root: SegmentGroup): SegmentGroup[] {
    let scopes: SegmentGroup[] = [root]
    const { groups, tag } = this.#place
    for (const [index, name] of groups.entries()) {
      const inner = scopes.flatMap((scope) => scope.groups(name))
      const isTrigger = index === groups.length - 1 && inner.every((group) => group.segments[0]?.tag === tag)
      if (isTrigger) return scopes
      scopes = inner
    }
    return scopes
  }

  #segmentsOf(scope: SegmentGroup): EdifactSegment[] {
    const { groups, tag, qualifier } = this.#place
    const own = groups.at(-1)
    const holders = own === undefined || scope.name === own ? [scope] : scope.groups(own)
    return holders.flatMap((holder) => holder.all(tag, qualifier ?? undefined))
  }

  #checkPresence(segments: readonly EdifactSegment[], scope: SegmentGroup): void {
    const { use, max } = this.#rule
    const what = `segment ${this.#place.tag}${this.#place.qualifier === null ? '' : ` with ${quoted(this.#place.qualifier)}`}`
    if (use === 'mandatory' && segments.length === 0) {
      const where = scope.segments[0] ?? null
      this.#say(
        'segmentMissing',
        `wants ${what}${this.#place.groups.length > 0 ? ` (${this.#rule.at})` : ''}`,
        where,
        {},
      )
    }
    if (use === 'forbidden')
      for (const segment of segments) this.#say('segmentUnexpected', `does not allow ${what}`, segment, {})
    if (max !== undefined && segments.length > max)
      this.#say(
        'segmentRepeatedTooOften',
        `allows ${what} ${max} times; this is one more`,
        segments[max]!,
        {},
      )
  }

  #checkValue(segment: EdifactSegment, element: number): void {
    const { use, values, lengthMin, lengthMax } = this.#rule
    const { component } = this.#place
    const value = component === null ? wholeOf(segment, element) : valueOf(segment, element, component)
    const where = component === null ? { element } : { element, component }
    const what = `${segment.tag} element ${element}${component === null ? '' : ` component ${component}`}`
    if (value === '') {
      if (use === 'mandatory') this.#say('elementMissing', `wants ${what}`, segment, where)
      return
    }
    const length = Array.from(value).length
    if (use === 'forbidden')
      this.#say('elementForbidden', `does not allow ${what}, which is ${quoted(value)}`, segment, where)
    if (values !== undefined && !values.includes(value))
      this.#say(
        'valueNotAllowed',
        `allows ${listOf(values)} for ${what}, not ${quoted(value)}`,
        segment,
        where,
      )
    if (lengthMax !== undefined && length > lengthMax)
      this.#say(
        'elementTooLong',
        `allows ${lengthMax} characters for ${what}; ${quoted(value)} has ${length}`,
        segment,
        where,
      )
    if (lengthMin !== undefined && length < lengthMin)
      this.#say(
        'elementTooShort',
        `wants ${lengthMin} characters for ${what}; ${quoted(value)} has ${length}`,
        segment,
        where,
      )
  }

  #say(code: CodeName, text: string, segment: EdifactSegment | null, where: Position): void {
    this.#report(code, `Guide ${this.#guide.key} ${text}`, { segment, where })
  }
}

/** Values that are named in a message before it says how many more there are. */
const valuesNamed = 8

function listOf(values: readonly string[]): string {
  const named = values.slice(0, valuesNamed).map(quoted).join(', ')
  return values.length > valuesNamed ? `${named} and ${values.length - valuesNamed} others` : named
}

function wholeOf(segment: EdifactSegment, element: number): string {
  const components = segment.elements[element - 1] ?? []
  return components.some((value) => value !== '') ? components.join(':') : ''
}
