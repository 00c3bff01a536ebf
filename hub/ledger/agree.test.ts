import { execFileSync, spawnSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '#hub/base/limits.ts'
import { beginEpoch } from './epoch.ts'
import { makeLedger, partners, type LedgerWorld } from '#tests/support/ledger.ts'
import { readLines } from './lines.ts'
import { readCheckpoint } from './note.ts'
import { CannotVerify, verifyExport } from './verify.ts'

const python = fileURLToPath(new URL('../../docs/verify_ledger.py', import.meta.url))
const hasPython = spawnSync('python3', ['--version']).status === 0
const seed = Number(process.env['CROSSDOCK_SEED'] ?? 20_261_121)

let world: LedgerWorld
let folder: string
let kept: string
/** Whole and of one partner, in two epochs, with three checkpoints. */
let exports: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-agree-'))
  world = await makeLedger()
  await world.write(9)
  await world.sequence()
  kept = (await world.keeper.kept())!.note
  await world.anHourPasses()
  await world.write(8)
  await world.sequence()
  await beginEpoch({ store: world.database.store, keeper: world.keeper }, { reason: 'test', actor: 'cli' })
  await world.write(9)
  await world.sequence()
  const whole = await world.export()
  const partner = await world.export({ partnerId: partners[1]!, kept: readCheckpoint(kept) })
  exports = [whole, partner].map((lines) => `${lines.join('\n')}\n`)
  await writeFile(join(folder, 'kept'), kept)
})
afterAll(async () => {
  await world.close()
  await rm(folder, { recursive: true, force: true })
})

test.runIf(hasPython || process.env['CI'] === 'true')(
  'V7 both verifiers give the same answer to 1,000 damaged exports',
  { timeout: 120_000 },
  async () => {
    const random = randomFrom(seed)
    for (const held of [false, true]) {
      const paths = await writeDamaged(random, { count: 500, name: held ? 'held' : 'free' })
      const ours = []
      for (const path of paths) ours.push(await answerTo(path, held ? kept : null))
      const theirs = answersOfPython(paths, held)
      for (const [place, path] of paths.entries())
        expect(theirs[place], `${path}, seed ${seed}`).toEqual(ours[place])
      expect(ours.slice(0, 2)).toEqual([{ exit: 0 }, { exit: 0 }])
      expect(ours.filter(({ exit }) => exit === 1).length).toBeGreaterThan(400)
    }
  },
)

test.runIf(hasPython || process.env['CI'] === 'true')(
  'the second verifier gives exit code 0, 1 and 2, and names the first bad entry',
  async () => {
    const good = join(folder, 'good')
    await writeFile(good, exports[0]!)
    expect(execFileSync('python3', [python, good]).toString()).toBe('good: 27 entries\n')
    const bad = join(folder, 'bad')
    await writeFile(bad, exports[0]!.replace('"sizeBytes\\":5}', '"sizeBytes\\":6}'))
    const found = spawnSync('python3', [python, bad])
    expect([found.status, found.stdout.toString()]).toEqual([
      1,
      'NOT GOOD: the first bad entry is 5 (body)\n',
    ])
    expect(spawnSync('python3', [python, python]).status).toBe(2)
    expect(spawnSync('python3', [python, join(folder, 'none')]).status).toBe(2)
  },
)

interface Answer {
  exit: number
  firstBad?: number
  reason?: string
}

async function answerTo(path: string, held: string | null): Promise<Answer> {
  try {
    const lines = readLines(createReadStream(path), limits.ledgerLineBytes)
    const { fault } = await verifyExport(lines, { kept: held, key: null })
    return fault === null ? { exit: 0 } : { exit: 1, firstBad: fault.index, reason: fault.reason }
  } catch (error) {
    if (error instanceof CannotVerify) return { exit: 2 }
    throw error
  }
}

/** All in one process: one line of JSON for each path. */
function answersOfPython(paths: string[], held: boolean): Answer[] {
  const terms = held ? ['--checkpoint', join(folder, 'kept')] : []
  const { stdout, stderr } = spawnSync('python3', [python, '--json', ...terms, ...paths], {
    maxBuffer: 2 ** 26,
  })
  expect(stderr.toString()).toBe('')
  const lines = stdout.toString().trim().split('\n')
  return lines.map((line) => {
    const { exit, firstBad, reason } = JSON.parse(line) as Answer
    return exit === 1 ? { exit, firstBad: firstBad!, reason: reason! } : { exit }
  })
}

type Random = (below: number) => number

/** The first two are whole. */
async function writeDamaged(
  random: Random,
  { count, name }: { count: number; name: string },
): Promise<string[]> {
  const paths: string[] = []
  for (let number = 0; number < count; number++) {
    const path = join(folder, `${name}-${number}`)
    const original = Buffer.from(exports[number % 2]!)
    await writeFile(path, number < 2 ? original : damage(original, random))
    paths.push(path)
  }
  return paths
}

function damage(original: Buffer, random: Random): Buffer {
  const place = random(original.length)
  const before = original.subarray(0, place)
  const after = original.subarray(place)
  const lines = original.toString().trimEnd().split('\n')
  const line = random(lines.length)
  const joined = (changed: string[]): Buffer => Buffer.from(`${changed.join('\n')}\n`)
  switch (random(9)) {
    case 0:
      return Buffer.concat([before, Buffer.of(original[place]! ^ (1 << random(8))), after.subarray(1)])
    case 1:
      return Buffer.concat([before, Buffer.of(random(256)), after.subarray(1)])
    case 2:
      return Buffer.concat([before, after.subarray(1 + random(3))])
    case 3:
      return Buffer.concat([before, Buffer.from('0123456789abcdef'[random(16)]!), after])
    case 4:
      return before
    case 5:
      return joined(lines.toSpliced(line, 1))
    case 6:
      return joined(lines.toSpliced(line, 0, lines[random(lines.length)]!))
    case 7:
      return joined(lines.with(line, lines[random(lines.length)]!))
    default:
      return joined(lines.with(line, otherDigit(lines[line]!, random)))
  }
}

function otherDigit(line: string, random: Random): string {
  const digits = [...line.matchAll(/[0-9a-f]/g)].map(({ index }) => index)
  const place = digits[random(digits.length)] ?? 0
  return `${line.slice(0, place)}${random(10)}${line.slice(place + 1)}`
}

/** xorshift32: the same numbers for the same seed. */
function randomFrom(start: number): Random {
  let state = start | 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
