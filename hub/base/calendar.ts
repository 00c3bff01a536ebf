/** Days and hours of people: all times are of one zone, with its changes of the clock. */
export interface WorkingDays {
  /** An IANA time zone. */
  timeZone: string
  /** `mon` to `sun`. */
  days: readonly Weekday[]
  /** Days on which nobody works, `2026-12-25`. */
  holidays: readonly string[]
}

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof weekdays)[number]

/** The day of an instant, `2026-11-22`, as it is in a zone. */
export function dayIn(timeZone: string, at: Date): string {
  return partsIn(timeZone, at).day
}

/** Whether people work on a day. */
export function isWorkingDay({ days, holidays }: WorkingDays, day: string): boolean {
  // a calendar's day is the same everywhere: noon in UTC falls on it
  const weekday = weekdays[(new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7]!
  return days.includes(weekday) && !holidays.includes(day)
}

/**
 * The instant of a time of a day (`10:00`) in a zone. A time that the clock skips is taken as the first after the gap; of one
 * that comes twice the first is meant.
 */
export function instantOf(timeZone: string, day: string, time: string): Date {
  const wanted = `${day}T${time}`
  const asUtc = Date.parse(`${wanted}:00Z`)
  // no zone is further than 15 hours from UTC, and none changes by more than some hours at once
  const offsets = [
    ...new Set([-26, 26].map((hours) => offsetMs(timeZone, new Date(asUtc + hours * 3_600_000)))),
  ]
  const exact = offsets
    .map((offset) => new Date(asUtc - offset))
    .filter((at) => `${partsIn(timeZone, at).day}T${partsIn(timeZone, at).time}` === wanted)
    .toSorted((one, other) => one.getTime() - other.getTime())
  return exact[0] ?? new Date(asUtc - Math.min(...offsets))
}

function offsetMs(timeZone: string, at: Date): number {
  const { day, time } = partsIn(timeZone, at)
  return Date.parse(`${day}T${time}:00Z`) - Math.floor(at.getTime() / 60_000) * 60_000
}

const formats = new Map<string, Intl.DateTimeFormat>()

function partsIn(timeZone: string, at: Date): { day: string; time: string } {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    })
  formats.set(timeZone, format)
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  return {
    day: `${parts['year']}-${parts['month']}-${parts['day']}`,
    time: `${parts['hour']}:${parts['minute']}`,
  }
}
