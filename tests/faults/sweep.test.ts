import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { discoverPoints, good, killAt, killEach, strikeEach } from './sweep.ts'

/**
 * R1. The points are those that the code itself passed in a run without a fault; none is listed by hand. Killed
 * (SIGKILL), the hub is started again; an exception or a standstill it must get over by itself, in the same process.
 */
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-sweep-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

// longer than the lease of a delivery, so that what hangs is overtaken
const hangMs = 2_500

test(
  'R1 capability 1: stopped at every commit, send and receive, by a kill, an exception or a standstill, the hub loses nothing and delivers nothing under two identities',
  { timeout: 1_800_000 },
  async () => {
    const { all, running } = await discoverPoints(folder)
    expect(all.length).toBeGreaterThan(30)
    const later = all.filter((point) => running.has(point))
    const kill = (part: number) =>
      killEach(
        folder,
        later.filter((_, place) => place % 2 === part),
      )
    const killStarting = async (): Promise<Map<string, string>> => {
      const ended = new Map<string, string>()
      for (const point of all.filter((one) => !running.has(one)))
        ended.set(point, await killAt(folder, point))
      return ended
    }
    const [even, odd, starting, thrown, hung] = await Promise.all([
      kill(0),
      kill(1),
      killStarting(),
      strikeEach(folder, 'throw', { points: later, hangMs }),
      strikeEach(folder, 'hang', { points: later, hangMs }),
    ])
    const ofAll = 'all of them'
    const both = [even.get(ofAll), odd.get(ofAll)].find((ended) => ended !== good) ?? good
    const killed = new Map([...starting, ...even, ...odd, [ofAll, both]])
    const lines = [...all, ofAll].map((point) => {
      const cells = [killed, thrown, hung].map((ended) => ended.get(point) ?? 'only at the start')
      return `  ${point.padEnd(28)} ${cells.map((cell) => cell.padEnd(18)).join(' ')}`
    })
    const heads = ['kill', 'throw', 'hang'].map((head) => head.padEnd(18)).join(' ')
    process.stdout.write(`  ${''.padEnd(28)} ${heads}\n${lines.join('\n')}\n`)
    const wrong = [killed, thrown, hung].flatMap((ended) => [...ended].filter(([, how]) => how !== good))
    expect(wrong).toEqual([])
  },
)
