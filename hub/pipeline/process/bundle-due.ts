import { dayIn, instantOf, isWorkingDay } from '#hub/base/calendar.ts'
import type { BundleTerms } from '#hub/model/bundle.ts'

/**
 * When a bundle leaves whose first document comes now: after so many minutes, or at the next of its hours on one of its
 * days, by the clocks of the zone.
 */
export function bundleDueAt({ everyMinutes, at = [], ...terms }: BundleTerms, zone: string, now: Date): Date {
  if (everyMinutes !== undefined) return new Date(now.getTime() + everyMinutes * 60_000)
  const { timeZone = zone, days = ['mon', 'tue', 'wed', 'thu', 'fri'], holidays = [] } = terms
  const today = Date.parse(`${dayIn(timeZone, now)}T12:00:00Z`)
  for (let ahead = 0; ahead <= daysAhead; ahead++) {
    const day = new Date(today + ahead * 86_400_000).toISOString().slice(0, 10)
    if (!isWorkingDay({ timeZone, days, holidays }, day)) continue
    const [next] = at
      .map((time) => instantOf(timeZone, day, time))
      .filter((instant) => instant > now)
      .toSorted((one, other) => one.getTime() - other.getTime())
    if (next !== undefined) return next
  }
  // a calendar without a day: nothing is kept for ever
  return new Date(now.getTime() + 86_400_000)
}

/** More than the holidays that a calendar may name, on the one day of a week that it may have. */
const daysAhead = 3_000
