import { HubError } from '#hub/model/errors.ts'
import type { Amount, Period, Quantity } from '#hub/canonical/index.ts'
import { segment, type EdifactSegment } from '#hub/formats/edifact/index.ts'
import type { CharacterSet } from './edifact-characters.ts'

/** Makes segments of canonical values, in the lengths of the directory; undefined values make no segment. */
export class EdifactWriting {
  readonly segments: EdifactSegment[] = []
  readonly #characters: CharacterSet

  constructor(characters: CharacterSet) {
    this.#characters = characters
  }

  add(
    tag: string,
    ...elements: Parameters<typeof segment> extends [string, ...infer Rest] ? Rest : never
  ): void {
    this.segments.push(segment(tag, ...elements))
  }

  /** Free text, with the characters the receiver's charset has, cut to its length. */
  text(value: string | undefined, lengthMax: number): string | undefined {
    return value === undefined ? undefined : this.#characters(value).slice(0, lengthMax)
  }

  /** Free text broken at blanks into lines of at most this length, and at most so many. */
  lines(value: string | undefined, lengthMax: number, linesMax = Number.POSITIVE_INFINITY): string[] {
    return value === undefined ? [] : wrapped(this.#characters(value), lengthMax).slice(0, linesMax)
  }

  moment(qualifier: string, date: string | undefined, time: string | undefined): void {
    if (date === undefined) return
    const day = date.replaceAll('-', '')
    const clock = time?.slice(0, 8).replaceAll(':', '') ?? ''
    if (clock === '') this.add('DTM', [qualifier, day, '102'])
    else if (clock.endsWith('00')) this.add('DTM', [qualifier, day + clock.slice(0, 4), '203'])
    else this.add('DTM', [qualifier, day + clock, '204'])
  }

  deliveryPeriod(period: Period | undefined, latestDate: string | undefined): void {
    const { startDate, startTime, endDate, endTime } = period ?? {}
    if (startDate !== undefined && startDate === endDate && startTime === endTime)
      return this.moment('2', startDate, startTime)
    this.moment('64', startDate, startTime)
    this.moment('63', endDate ?? latestDate, endTime)
  }

  amount(qualifier: string, amount: Amount | undefined, currency: string | undefined): void {
    if (amount === undefined) return
    const named = amount.currencyId === currency ? undefined : amount.currencyId
    this.add('MOA', [qualifier, number(amount.value, 18), named])
  }

  quantity(qualifier: string, { value, unitCode }: Quantity): void {
    this.add('QTY', [qualifier, number(value, 15), strict(unitCode, 3, 'unit')])
  }
}

/**
 * A value that may not be cut, because it would name something else then. Throws HubError `notWritable` if it is too
 * long for its element.
 */
export function strict(value: string | undefined, lengthMax: number, what: string): string | undefined {
  if (value === undefined || value.length <= lengthMax) return value
  throw new HubError(
    'notWritable',
    `the ${what} ${JSON.stringify(value.slice(0, 60))} has more than ${lengthMax} characters`,
  )
}

/** A number in its element: signs and marks do not count (ISO 9735-1 clause 10). */
export function number(value: string, digitsMax: number): string {
  if (value.replace(/[-.]/g, '').length <= digitsMax) return value
  throw new HubError('notWritable', `the number ${value.slice(0, 60)} has more than ${digitsMax} digits`)
}

function wrapped(text: string, lengthMax: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= lengthMax) line = longer
    else {
      if (line !== '') lines.push(line)
      line = word
    }
    for (; line.length > lengthMax; line = line.slice(lengthMax)) lines.push(line.slice(0, lengthMax))
  }
  return line === '' ? lines : [...lines, line]
}
