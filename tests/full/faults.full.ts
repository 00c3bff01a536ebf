import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loseDatabase } from '#tests/faults/lose-database.ts'
import { discoverPoints, good, killAt, strikeEach } from '#tests/faults/sweep.ts'

/** The long forms of tests/faults: the whole product of points and actions, and many rounds. */
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-full-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

const hangMs = 30_000
const hours = 3_600_000

test(
  'R1 every point by a kill on a database of its own, by an exception, and by a standstill of half a minute',
  { timeout: 3 * hours },
  async () => {
    const { all, running } = await discoverPoints(folder)
    const later = all.filter((point) => running.has(point))
    const ended = new Map<string, string>()
    for (const point of all) ended.set(`${point} kill`, await killAt(folder, point))
    const struck = [
      { action: 'throw' as const, points: later },
      // what hangs costs time and nothing else: four hubs at once
      ...[0, 1, 2, 3].map((part) => ({
        action: 'hang' as const,
        points: later.filter((_, place) => place % 4 === part),
      })),
    ]
    await Promise.all(
      struck.map(async ({ action, points }) => {
        const each = await strikeEach(folder, action, { points, hangMs })
        for (const [point, how] of each) ended.set(`${point} ${action} (of those from ${points[0]!})`, how)
      }),
    )
    process.stdout.write([...ended].map(([point, how]) => `  ${point.padEnd(80)} ${how}\n`).join(''))
    expect([...ended].filter(([, how]) => how !== good)).toEqual([])
  },
)

test('R2 forty rounds of a database that is stopped or killed under load', { timeout: 2 * hours }, () =>
  loseDatabase(Array.from({ length: 40 }, (_, round) => (round % 3 === 0 ? 'stop' : 'kill'))),
)
