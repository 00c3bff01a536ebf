import type { Finding } from '#hub/model/findings.ts'
import { limits } from '#hub/base/limits.ts'
import { decimalFrom, type Amount, type Period, type Quantity } from '#hub/canonical/index.ts'
import { valueOf, type EdifactSegment, type SegmentGroup } from '#hub/formats/edifact/index.ts'
import { compact } from '#mappings/engine/compact.ts'
import { leftOut } from '#mappings/engine/carried.ts'

/** A day, and a time where the message gives one. */
export interface Moment {
  date: string
  time: string | undefined
}

/**
 * Reads values out of an EDIFACT message and remembers which segments were read, so that what no rule took is told.
 * A value that is not of its kind is a finding and counts as absent.
 */
export class EdifactReading {
  readonly findings: Finding[] = []
  readonly #taken: Set<EdifactSegment> | null

  /** With `remember` false nobody will ask for what was left over: a message of our own is read back. */
  constructor({ remember = true }: { remember?: boolean } = {}) {
    this.#taken = remember ? new Set() : null
  }

  /** The first segment of a group with this tag and, if given, one of these qualifiers, in their order. */
  one(group: SegmentGroup | undefined, tag: string, ...qualifiers: string[]): EdifactSegment | undefined {
    if (group === undefined) return undefined
    let found = qualifiers.length === 0 ? group.first(tag) : undefined
    for (let index = 0; found === undefined && index < qualifiers.length; index++)
      found = group.first(tag, qualifiers[index])
    if (found !== undefined) this.#taken?.add(found)
    return found
  }

  /** All segments of a group with this tag. */
  all(group: SegmentGroup, tag: string, qualifier?: string): EdifactSegment[] {
    const found = group.all(tag, qualifier)
    for (const segment of found) this.#taken?.add(segment)
    return found
  }

  /** Marks segments as understood, where what they say follows from others. */
  ignore(group: SegmentGroup, ...tags: string[]): void {
    for (const tag of tags) this.all(group, tag)
  }

  /** A segment that was taken turns out to say something that is not known. */
  refuse(segment: EdifactSegment): void {
    this.#taken?.delete(segment)
  }

  text(segment: EdifactSegment | undefined, element: number, component = 1): string | undefined {
    const text = valueOf(segment, element, component)
    return text === '' ? undefined : text.trim() || undefined
  }

  /** Components of an element from one to another, those with a text, joined by blanks. */
  lines(segment: EdifactSegment | undefined, element: number, from: number, to: number): string | undefined {
    let joined: string | undefined
    for (let component = from; component <= to; component++) {
      const text = this.text(segment, element, component)
      if (text !== undefined) joined = joined === undefined ? text : `${joined} ${text}`
    }
    return joined
  }

  decimal(segment: EdifactSegment | undefined, element: number, component: number): string | undefined {
    const text = this.text(segment, element, component)
    if (text === undefined) return undefined
    return decimalFrom(text) ?? this.wrong(segment!, text, 'a number')
  }

  /** The amount of the MOA with one of these qualifiers; `currency` is the order's, where the segment names none. */
  amount(
    group: SegmentGroup | undefined,
    qualifiers: readonly string[],
    currency: string | undefined,
  ): Amount | undefined {
    const segment = this.one(group, 'MOA', ...qualifiers)
    const value = this.decimal(segment, 1, 2)
    if (value === undefined) return undefined
    return compact<Amount>({ value, currencyId: this.text(segment, 1, 3) ?? currency })
  }

  quantity(group: SegmentGroup, ...qualifiers: string[]): Quantity | undefined {
    const segment = this.one(group, 'QTY', ...qualifiers)
    const value = this.decimal(segment, 1, 2)
    return value === undefined ? undefined : compact<Quantity>({ value, unitCode: this.text(segment, 1, 3) })
  }

  /** The moment of the DTM with this qualifier. */
  moment(group: SegmentGroup | undefined, qualifier: string): Moment | undefined {
    const segment = this.one(group, 'DTM', qualifier)
    return segment && this.#momentsOf(segment)?.[0]
  }

  /** Requested delivery: DTM 2 on one day, or 64 and 63 from and until. */
  deliveryPeriod(group: SegmentGroup): Period | undefined {
    const exact = this.one(group, 'DTM', '2')
    const [on, until] = (exact && this.#momentsOf(exact)) ?? []
    const start = on ?? this.moment(group, '64')
    const end = on ? (until ?? on) : this.moment(group, '63')
    return compact<Period>({
      startDate: start?.date,
      startTime: start?.time,
      endDate: end?.date,
      endTime: end?.time,
    })
  }

  /** Notes for the segments that no rule took, with their number in the message (UNH is 1). */
  leftovers(segments: readonly EdifactSegment[], offsetOfFirst: number): Finding[] {
    const notes: Finding[] = []
    for (let index = 0; index < segments.length; index++) {
      const segment = segments[index]!
      if (this.#taken?.has(segment) === true || envelope.has(segment.tag)) continue
      if (notes.length >= limits.findingsKept) break
      const position = { segment: index + offsetOfFirst, tag: segment.tag, offset: segment.offset }
      notes.push(leftOut(position, `the segment ${shown(segment)}`, 'the canonical document'))
    }
    return notes
  }

  wrong(segment: EdifactSegment, text: string, kind: string): undefined {
    this.#find('error', segment, `${JSON.stringify(text.slice(0, 60))} in ${shown(segment)} is not ${kind}`)
  }

  /** A value that does not agree with others, where senders are known to count otherwise. */
  warn(segment: EdifactSegment, message: string): void {
    this.#find('warning', segment, `${shown(segment)}: ${message}`)
  }

  #find(severity: Finding['severity'], { tag, offset }: EdifactSegment, message: string): void {
    this.findings.push({ code: 'valueNotMapped', severity, message, position: { tag, offset } })
  }

  /** By format qualifier 2379: one moment, or two of a period. */
  #momentsOf(segment: EdifactSegment): Moment[] | undefined {
    const text = this.text(segment, 1, 2) ?? ''
    const pattern = momentPatterns[this.text(segment, 1, 3) ?? '102']
    const moments = pattern?.test(text) ? text.split('-').map(momentOf) : []
    if (moments.length > 0 && moments.every(isReal)) return moments
    return this.wrong(segment, text, 'a date in a format that is known (2379: 101, 102, 203, 204, 718)')
  }
}

/** The groups whose trigger has this tag and, if given, one of these qualifiers, in the qualifiers' order. */
export function triggered(group: SegmentGroup, tag: string, ...qualifiers: string[]): SegmentGroup[] {
  const groups: SegmentGroup[] = []
  for (const child of group.children) if (child.segments[0]?.tag === tag) groups.push(child)
  if (qualifiers.length === 0 || groups.length === 0) return groups
  return qualifiers.flatMap((qualifier) => groups.filter((one) => valueOf(one.segments[0], 1) === qualifier))
}

const envelope = new Set(['UNH', 'UNT'])

const momentPatterns: Readonly<Record<string, RegExp>> = {
  '101': /^\d{6}$/,
  '102': /^\d{8}$/,
  '203': /^\d{12}$/,
  '204': /^\d{14}$/,
  '718': /^\d{8}-\d{8}$/,
}

function momentOf(digits: string): Moment {
  const full = digits.length === 6 ? `20${digits}` : digits
  const date = `${full.slice(0, 4)}-${full.slice(4, 6)}-${full.slice(6, 8)}`
  if (full.length === 8) return { date, time: undefined }
  return { date, time: `${full.slice(8, 10)}:${full.slice(10, 12)}:${full.slice(12, 14) || '00'}` }
}

function isReal({ date, time }: Moment): boolean {
  const instant = new Date(`${date}T${time ?? '00:00:00'}Z`)
  return instant.getUTCDate() === Number(date.slice(8))
}

function shown({ tag, elements }: EdifactSegment): string {
  return [tag, ...elements.map((components) => components.join(':'))].join('+').slice(0, 80)
}
