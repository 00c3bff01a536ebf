import { afterAll, beforeAll, expect, test } from 'vitest'
import { exportLedger } from './export.ts'
import { makeLedger, verifyLines, type LedgerWorld } from '#tests/support/ledger.ts'
import { growLedger } from '#tests/support/ledger-growth.ts'
import { proofHolds, proveEntry } from './prove.ts'
import { verifyExport } from './verify.ts'

/** The short form by default; CROSSDOCK_FULL=1 takes CROSSDOCK_FULL_LEAVES, ten million. */
const full = process.env['CROSSDOCK_FULL'] === '1'
const leaves = full ? Number(process.env['CROSSDOCK_FULL_LEAVES'] ?? 10_000_000) : 20_000

let world: LedgerWorld
beforeAll(
  async () => {
    world = await makeLedger()
    const few = full ? 3_000 : leaves
    await world.write(few)
    expect(await world.sequence()).toBe(few)
    if (full) await growLedger(world, leaves - few)
    await world.database.admin.query('analyze')
  },
  full ? 24 * 3_600_000 : 120_000,
)
afterAll(async () => {
  await world.close()
})

test(
  `V8 with ${leaves} leaves a proof takes under 50 ms and verifying is linear`,
  { timeout: full ? 3_600_000 : 60_000 },
  async () => {
    const { worker } = world.database.store
    const { rows } = await world.database.admin.query<{ id: string }>(
      `select id from entry_place where idx = any($1) order by idx`,
      [[0, 1, 255, 256, leaves / 2, leaves - 1]],
    )
    const took: number[] = []
    for (const { id } of [...rows, ...rows]) {
      const began = performance.now()
      const proof = await proveEntry(worker, id)
      took.push(performance.now() - began)
      expect(proof !== null && proofHolds(proof)).toBe(true)
      expect(proofHolds({ ...proof!, body: `${proof!.body} ` })).toBe(false)
      expect(proofHolds({ ...proof!, leaf: proof!.leaf.replace('"hub', '"hun').replace('T', 'U') })).toBe(
        false,
      )
      expect(proofHolds({ ...proof!, proof: proof!.proof.replace('index ', 'index 1') })).toBe(false)
    }
    expect(took.toSorted((a, b) => a - b)[Math.floor(took.length / 2)]).toBeLessThan(50)

    const perEntry = full ? await streamed() : await linear()
    process.stdout.write(
      `  ${leaves} leaves: proof ${took.at(-1)!.toFixed(1)} ms, verify ${perEntry.toFixed(1)} µs an entry\n`,
    )
  },
)

/** Microseconds an entry, with the export going straight into the verifier; the second half takes no longer than the first. */
async function streamed(): Promise<number> {
  const began = performance.now()
  let lines = 0
  let halfMs = 0
  const bytes = async function* () {
    for await (const line of exportLedger(world.database.store.worker, { partnerId: null, kept: null })) {
      lines += 1
      if (lines === leaves / 2) halfMs = performance.now() - began
      yield Buffer.from(line)
    }
  }
  expect(await verifyExport(bytes(), { kept: null, key: null })).toMatchObject({
    fault: null,
    entries: leaves,
  })
  const wholeMs = performance.now() - began
  expect(wholeMs).toBeLessThan(halfMs * 3)
  return (wholeMs * 1000) / leaves
}

/** Microseconds an entry; twice the entries take twice the time, with room for a busy machine. */
async function linear(): Promise<number> {
  const lines = await world.export()
  const half = [...lines.slice(0, 2 + leaves / 2), 'cut']
  const [halfMs, wholeMs] = [await timed(half), await timed(lines)]
  expect(wholeMs).toBeLessThan(halfMs * 6 + 200)
  return (wholeMs * 1000) / leaves
}

async function timed(lines: string[]): Promise<number> {
  const began = performance.now()
  const { entries } = await verifyLines(lines)
  expect(entries).toBeGreaterThanOrEqual(leaves / 2)
  return performance.now() - began
}

test('an entry without a place has no proof yet', async () => {
  await world.write(1)
  const { rows } = await world.database.admin.query<{ id: string }>(
    'select unnest(ids) as id from ledger_waiting',
  )
  expect(await proveEntry(world.database.store.worker, rows[0]!.id)).toBeNull()
})
