import { expect, test } from 'vitest'
import { dayIn, instantOf, isWorkingDay } from './calendar.ts'

test('a time of a day is the instant it has in its zone, in winter and in summer', () => {
  expect(instantOf('Europe/Paris', '2026-01-15', '10:00').toISOString()).toBe('2026-01-15T09:00:00.000Z')
  expect(instantOf('Europe/Paris', '2026-07-15', '10:00').toISOString()).toBe('2026-07-15T08:00:00.000Z')
  expect(instantOf('Pacific/Auckland', '2026-01-15', '10:00').toISOString()).toBe('2026-01-14T21:00:00.000Z')
})

test('on the days when the clock changes the time is still that of the people', () => {
  expect(instantOf('Europe/Paris', '2026-03-29', '10:00').toISOString()).toBe('2026-03-29T08:00:00.000Z')
  expect(instantOf('Europe/Paris', '2026-10-25', '10:00').toISOString()).toBe('2026-10-25T09:00:00.000Z')
  // 02:30 comes twice, and is meant the first time
  expect(instantOf('Europe/Paris', '2026-10-25', '02:30').toISOString()).toBe('2026-10-25T00:30:00.000Z')
  // 02:30 does not come at all: half an hour into the next hour
  expect(instantOf('Europe/Paris', '2026-03-29', '02:30').toISOString()).toBe('2026-03-29T01:30:00.000Z')
})

test('a day is the one that people have', () => {
  expect(dayIn('Europe/Paris', new Date('2026-11-21T23:30:00Z'))).toBe('2026-11-22')
  expect(dayIn('America/New_York', new Date('2026-11-22T04:30:00Z'))).toBe('2026-11-21')
})

test('nobody works on other days of the week and on holidays', () => {
  const calendar = {
    timeZone: 'Europe/Paris',
    days: ['mon', 'tue', 'wed', 'thu', 'fri'] as const,
    holidays: ['2026-07-14'],
  }
  expect(isWorkingDay(calendar, '2026-07-13')).toBe(true)
  expect(isWorkingDay(calendar, '2026-07-14')).toBe(false)
  expect(isWorkingDay(calendar, '2026-07-18')).toBe(false)
})
