import { limits } from '#hub/base/limits.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { EdifactMessage, EdifactSegment, SegmentGroup } from '#hub/formats/edifact/index.ts'
import type { Taken } from '#mappings/rules/edifact-taken.ts'
import { leftOut } from './carried.ts'

/**
 * The values of a message that no rule has read: a note for each segment, and the values themselves by their place, as
 * mappings write places (`LIN[2]/FTX+ZZZ/4.1`), so that they are kept with the document.
 */
export function leftBehind(
  { segments }: EdifactMessage,
  message: SegmentGroup,
  taken: Taken,
): { notes: Finding[]; extensions: Record<string, string> | null } {
  const notes: Finding[] = []
  const extensions: Record<string, string> = {}
  let places: Map<EdifactSegment, string> | null = null
  for (const [index, segment] of segments.entries()) {
    if (service.has(segment.tag)) continue
    const values = unread(segment, taken)
    if (values.length === 0) continue
    if (notes.length >= limits.findingsKept) break
    places ??= placesIn(message)
    const place = places.get(segment) ?? `${segment.tag}[${index}]`
    // the qualifier is in the place
    if (
      values.length > 1 &&
      values[0]!.element === 1 &&
      values[0]!.component === 1 &&
      stepOf(segment).includes('+')
    )
      values.shift()
    for (const { element, component, text } of values) extensions[`${place}/${element}.${component}`] = text
    const position = {
      segment: index + 1,
      tag: segment.tag,
      offset: segment.offset,
      element: values[0]!.element,
    }
    const shown = values.map(({ text }) => JSON.stringify(text.slice(0, 60))).join(', ')
    notes.push(
      leftOut(position, `${shown.slice(0, 200)} (${place})`, 'the canonical document but its extensions'),
    )
  }
  return { notes, extensions: places === null ? null : extensions }
}

const service: ReadonlySet<string> = new Set(['UNH', 'UNT', 'UNS'])

function unread(
  segment: EdifactSegment,
  taken: Taken,
): { element: number; component: number; text: string }[] {
  const values: { element: number; component: number; text: string }[] = []
  const add = (element: number, components: readonly string[]) => {
    for (const [at, value] of components.entries())
      if (value.trim() !== '' && !taken.has(segment, element, at + 1))
        values.push({ element, component: at + 1, text: value.trim() })
  }
  for (const [at, components] of segment.elements.entries()) add(at + 1, components)
  for (const [at, { components }] of segment.repetitions?.entries() ?? []) add(101 + at, components)
  return values
}

/** Each segment by the groups it stands in: those of a tag and qualifier are counted. */
function placesIn(message: SegmentGroup): Map<EdifactSegment, string> {
  const places = new Map<EdifactSegment, string>()
  const name = (group: SegmentGroup, prefix: string): void => {
    const counted = new Map<string, number>()
    const nextOf = (segment: EdifactSegment): string => {
      const step = stepOf(segment)
      const before = counted.get(step) ?? 0
      counted.set(step, before + 1)
      return `${prefix}${before === 0 ? step : `${step}[${before}]`}`
    }
    for (const segment of group.segments) if (!places.has(segment)) places.set(segment, nextOf(segment))
    for (const child of group.children) {
      const trigger = child.segments[0]
      if (trigger === undefined) continue
      const place = nextOf(trigger)
      places.set(trigger, place)
      name(child, `${place}/`)
    }
  }
  name(message, '')
  return places
}

/** `NAD+BY`; of segments whose first value is no qualifier the tag alone. */
function stepOf({ tag, elements }: EdifactSegment): string {
  const first = elements[0]?.[0] ?? ''
  return qualified.has(tag) && /^[A-Z0-9]{1,4}$/.test(first) ? `${tag}+${first}` : tag
}

const qualified: ReadonlySet<string> = new Set(
  'ALC ALI CNT CTA CUX DTM FII FTX GIN GIR LOC MEA MOA NAD PAT PCD PRI QTY RFF STS TAX TDT TOD'.split(' '),
)
