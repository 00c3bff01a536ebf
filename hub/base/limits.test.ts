import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { limits, readLimits } from './limits.ts'
import { mostOf, trafficLimitNames } from './traffic-limits.ts'

interface Row {
  name: string
  meaning: string
  unit: string
  value: string
}

async function rowsOfPage(): Promise<Row[]> {
  const page = await readFile(new URL('../../docs/limits.md', import.meta.url), 'utf8')
  const rows = page.matchAll(/^\| `(\w+)` +\| (.+?) +\| (\w+) +\| (\d+) +\|$/gm)
  return [...rows].map(([, name = '', meaning = '', unit = '', value = '']) => ({
    name,
    meaning,
    unit,
    value,
  }))
}

test('docs/limits.md lists every limit once, with its default', async () => {
  const rows = await rowsOfPage()
  const listed = rows.map(({ name, value }) => `${name} ${value}`).toSorted()
  const standing = Object.entries(limits).map(([name, value]) => `${name} ${value}`)
  expect(listed).toEqual(standing.toSorted())
})

test('docs/limits.md lists every limit that a channel may set, with its most', async () => {
  const page = await readFile(new URL('../../docs/limits.md', import.meta.url), 'utf8')
  const listed = [...page.matchAll(/^\| `(\w+)` \| (\d+) \|$/gm)].map(([, name, most]) => `${name} ${most}`)
  expect(listed).toEqual(trafficLimitNames.map((name) => `${name} ${mostOf(name)}`))
})

test('the unit on the page is the last word of the name, where that is a unit', async () => {
  const units: Record<string, string> = {
    Bytes: 'bytes',
    Ms: 'ms',
    Seconds: 's',
    Minutes: 'minutes',
    Hours: 'hours',
    Days: 'days',
    Characters: 'characters',
    Length: 'characters',
  }
  for (const { name, unit } of await rowsOfPage()) {
    const last = /[A-Z][a-z]*$/.exec(name)?.[0] ?? ''
    expect(unit, name).toBe(units[last] ?? unit)
  }
})

test('CROSSDOCK_LIMITS sets some limits and leaves the others as they are', () => {
  expect(readLimits('')).toEqual({})
  expect(readLimits(' fileBytes = 1000 , pageRows=5,')).toEqual({ fileBytes: 1000, pageRows: 5 })
})

test.each([
  ['fileByte=1', 'CROSSDOCK_LIMITS: there is no limit fileByte'],
  ['toString=1', 'CROSSDOCK_LIMITS: there is no limit toString'],
  ['=1', 'CROSSDOCK_LIMITS: there is no limit '],
  ['fileBytes', 'CROSSDOCK_LIMITS: fileBytes is a whole number above 0, not '],
  ['fileBytes=0', 'CROSSDOCK_LIMITS: fileBytes is a whole number above 0, not 0'],
  ['fileBytes=-1', 'CROSSDOCK_LIMITS: fileBytes is a whole number above 0, not -1'],
  ['fileBytes=1e6', 'CROSSDOCK_LIMITS: fileBytes is a whole number above 0, not 1e6'],
  ['fileBytes=1.5', 'CROSSDOCK_LIMITS: fileBytes is a whole number above 0, not 1.5'],
  ['pageRows=9, fileBytes=10MB', 'CROSSDOCK_LIMITS: fileBytes is a whole number above 0, not 10MB'],
  [
    'fileBytes=1000000000000000',
    'CROSSDOCK_LIMITS: fileBytes is a whole number above 0, not 1000000000000000',
  ],
])('CROSSDOCK_LIMITS of %j is refused with the name of the limit', (text, message) => {
  expect(() => readLimits(text)).toThrow(message)
})
