import type { MomentPart } from './edifact-place.ts'

/** One moment, or two of a period: what a DTM says, whatever its format (UN/EDIFACT 2379). */
export type Moments = Partial<Record<MomentPart, string>>

/**
 * Reads the value of a DTM by its format: 101, 102, 201 to 204, 303, 304 (their zone is left out), 602, 610, 616
 * and the periods 713, 716 to 719. A week is its days from Monday to Sunday, a month its first and last day. Null for another format, or a day
 * that is none.
 */
export function momentsOf(value: string, format: string): Moments | null {
  const single = singles[format]
  if (single !== undefined) return single(value.replaceAll(/[-:. ]/g, ''))
  const of = singles[periods[format] ?? '']
  if (of === undefined) return null
  const [from = '', until = ''] = halves(value)
  const [start, end] = [of(from), of(until)]
  if (start === null || end === null) return null
  return { ...start, ...endOf(end) }
}

/** The end of what is one moment, or a period itself, is the same moment, or its last. */
export function endOf({ date, time, endDate = date, endTime = time }: Moments): Moments {
  return { ...(endDate !== undefined && { endDate }), ...(endTime !== undefined && { endTime }) }
}

/** The value and format of a DTM for these moments: days, and times only where there are some. */
export function momentWritten(moments: Moments): { value: string; format: string } {
  const { endDate, endTime } = moments
  const date = moments.date ?? endDate ?? ''
  const time = moments.date === undefined ? (moments.time ?? endTime) : moments.time
  if (date === '') return { value: '', format: '' }
  const from = digits(date)
  if (endDate !== undefined && (endDate !== date || endTime !== time)) {
    if (time === undefined && endTime === undefined)
      return { value: `${from}-${digits(endDate)}`, format: '718' }
    const ends = `${digits(endDate)}${clock(endTime).slice(0, 4)}`
    return { value: `${from}${clock(time).slice(0, 4)}-${ends}`, format: '719' }
  }
  if (time === undefined) return { value: from, format: '102' }
  const at = clock(time)
  return at.endsWith('00')
    ? { value: from + at.slice(0, 4), format: '203' }
    : { value: from + at, format: '204' }
}

type Read = (digits: string) => Moments | null

const singles: Readonly<Record<string, Read>> = {
  '2': (text) => day(`20${text.slice(4)}`, text.slice(2, 4), text.slice(0, 2), text.length === 6),
  '101': (text) => day(`20${text.slice(0, 2)}`, text.slice(2, 4), text.slice(4), text.length === 6),
  '102': (text) => day(text.slice(0, 4), text.slice(4, 6), text.slice(6), text.length === 8),
  '201': (text) => dayAndTime(`20${text}`, 12),
  '202': (text) => dayAndTime(`20${text}`, 14),
  '203': (text) => dayAndTime(text, 12),
  '204': (text) => dayAndTime(text, 14),
  '303': (text) => dayAndTime(text.slice(0, 12), 12),
  '304': (text) => dayAndTime(text.slice(0, 14), 14),
  '602': (text) => (/^\d{4}$/.test(text) ? { date: `${text}-01-01`, endDate: `${text}-12-31` } : null),
  '610': month,
  '616': week,
}

const periods: Readonly<Record<string, string>> = {
  '713': '201',
  '716': '616',
  '717': '101',
  '718': '102',
  '719': '203',
}

/** With a hyphen between, or as two halves of equal length. */
function halves(value: string): string[] {
  const parts = value.split('-').map((part) => part.replaceAll(/[:. ]/g, ''))
  if (parts.length === 2) return parts
  const half = value.length / 2
  return [value.slice(0, half), value.slice(half)]
}

function day(year: string, monthOf: string, dayOf: string, isLong: boolean): Moments | null {
  const date = `${year}-${monthOf}-${dayOf}`
  return isLong && isDay(date) ? { date } : null
}

function dayAndTime(text: string, length: number): Moments | null {
  const of = text.length === length ? day(text.slice(0, 4), text.slice(4, 6), text.slice(6, 8), true) : null
  const time = `${text.slice(8, 10)}:${text.slice(10, 12)}:${text.slice(12) || '00'}`
  if (of === null || !/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(time)) return null
  return { ...of, time }
}

function month(text: string): Moments | null {
  if (!/^\d{4}(0[1-9]|1[0-2])$/.test(text)) return null
  const last = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(4)), 0))
  return { date: `${text.slice(0, 4)}-${text.slice(4)}-01`, endDate: last.toISOString().slice(0, 10) }
}

/** ISO 8601: week 1 is the one with 4 January. */
function week(text: string): Moments | null {
  const number = Number(text.slice(4))
  if (!/^\d{6}$/.test(text) || number < 1 || number > 53) return null
  const fourth = new Date(Date.UTC(Number(text.slice(0, 4)), 0, 4))
  const monday = 4 - ((fourth.getUTCDay() + 6) % 7) + (number - 1) * 7
  const at = (offset: number) =>
    new Date(Date.UTC(Number(text.slice(0, 4)), 0, monday + offset)).toISOString().slice(0, 10)
  return { date: at(0), endDate: at(6) }
}

function isDay(date: string): boolean {
  const instant = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(date)
}

function digits(date: string): string {
  return date.replaceAll('-', '')
}

function clock(time: string | undefined): string {
  return (time?.slice(0, 8) ?? '00:00:00').replaceAll(':', '')
}
