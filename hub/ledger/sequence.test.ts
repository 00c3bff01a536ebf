import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLog } from '#hub/base/log.ts'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { until } from '#tests/support/poll.ts'
import { openKeeper } from './keeper.ts'
import { makeLedger, sequenceAll, verifyLines, type LedgerWorld } from '#tests/support/ledger.ts'
import { createSequencer, type Sequencer } from './sequence.ts'

const program = fileURLToPath(new URL('../../tests/support/killed-sequencer.ts', import.meta.url))
let world: LedgerWorld

beforeEach(async () => {
  world = await makeLedger()
})
afterEach(async () => {
  await world.close()
})

test('entries get places without gaps, each partner’s from 1, and the nine checks hold', async () => {
  await world.write(1_100)
  expect(await world.sequence()).toBe(1_100)
  const { rows } = await world.database.admin.query(
    `select count(distinct idx)::int as places, min(idx)::int as first, max(idx)::int as last,
       count(*) filter (where pseq = 1)::int as histories, count(*) filter (where partner_id is null and pseq is not null)::int as odd
     from entry join entry_place using (id)`,
  )
  expect(rows).toEqual([{ places: 1_100, first: 0, last: 1_099, histories: 3, odd: 0 }])
  expect(await broken()).toEqual([])
  expect(await verifyLines(await world.export())).toMatchObject({ fault: null, entries: 1_100 })
  const { mode } = await stat(join(world.folder, 'ledger.key'))
  expect(mode & 0o777).toBe(0o600)
})

test('an entry that commits late under a small id is found later, and one from a clock ahead as well', async () => {
  await world.write(4)
  await world.sequence()
  const id = '01000000-0000-7000-8000-000000000001'
  await world.database.admin.query(
    `select ensure_partitions(to_timestamp(1099511627), to_timestamp(1099511628))`,
  )
  const insert = `insert into entry (id, type, actor, at, body) values ($1, 'config.applied', 'cli', now() + $2::interval, '{}')`
  await world.database.admin.query(insert, [id, '-1 minute'])
  await world.database.admin.query(insert, [id.replace(/1$/, '2'), '10 years'])
  await world.database.admin.query(insert, [id.replace(/1$/, '3'), '0 s'])
  expect(await sequenceAll(world.sequencer)).toBeGreaterThanOrEqual(2)
  await until('the young one has settled', async () =>
    (await world.sequence()) + (await waiting()) === 0 ? true : null,
  )
  expect(await verifyLines(await world.export())).toMatchObject({ fault: null, entries: 7 })
})

test('the worker’s role can add to the tree and change nothing of it', async () => {
  await world.write(4)
  await world.sequence()
  for (const table of ['ledger_tile', 'ledger_bundle', 'ledger_epoch', 'ledger_checkpoint', 'ledger_place'])
    await expect(
      world.database.store.worker.query(
        `update ${table} set ${table === 'ledger_place' ? 'first_idx' : 'epoch'} = 9`,
      ),
    ).rejects.toThrow('permission denied')
  for (const table of [
    'ledger_tile',
    'ledger_bundle',
    'ledger_epoch',
    'ledger_partner',
    'ledger_head',
    'ledger_place',
  ])
    await expect(world.database.store.worker.query(`delete from ${table}`)).rejects.toThrow(
      'permission denied',
    )
})

test('V5 a tree whose edge was changed, and a key that is not its own, are not signed on', async () => {
  await world.write(10)
  await world.sequence()
  await world.write(1)
  const { admin } = world.database
  await admin.query(`update ledger_tile set hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1)`)
  await expect(world.sequencer.runOnce()).rejects.toMatchObject({ code: 'ledgerBehind' })
  await admin.query(`update ledger_tile set hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1)`)
  await writeFile(join(world.folder, 'ledger.key'), Buffer.alloc(32, 9).toString('base64'))
  await expect(world.sequencer.runOnce()).rejects.toMatchObject({ code: 'ledgerKeyMissing' })
  expect(await waiting()).toBe(1)
})

test(
  'V6 killed at each of its points, the sequencer leaves no gap and gives no place twice',
  { timeout: 120_000 },
  async () => {
    const record = join(world.folder, 'points')
    await world.write(300)
    await run({ CROSSDOCK_FAULT_RECORD: record })
    const points = [...new Set((await readFile(record, 'utf8')).trim().split('\n'))]
    expect(points).toEqual([
      'ledger.sequence:begin',
      'ledger.append:placed',
      'ledger.append:tiles',
      'ledger.sequence:commit',
      'ledger.sequence:committed',
      'ledger.keep:rename',
      'ledger.keep:kept',
    ])
    let entries = 300
    for (const point of points) {
      await world.write(100)
      entries += 100
      expect(await run({ CROSSDOCK_FAULT: `${point}:1:kill` })).toBe('SIGKILL')
      await leaseRunsOut()
      await sequenceAll(world.sequencer)
      await world.sequencer.stop()
      const kept = (await world.keeper.kept())!.note
      expect(await verifyLines(await world.export(), { kept }), point).toMatchObject({ fault: null, entries })
    }
    expect(await broken()).toEqual([])
  },
)

test('R23 a sequencer that stands still in its transaction is cut off, and another leads', async () => {
  await world.write(50)
  const record = join(world.folder, 'points')
  const child = start({
    CROSSDOCK_FAULT: 'ledger.append:tiles:1:hang',
    CROSSDOCK_FAULT_RECORD: record,
    CROSSDOCK_LIMITS: 'ledgerLeaseSeconds=1',
  })
  const point = /append:tiles/
  await until('it stands still', async () =>
    point.test(await readFile(record, 'utf8').catch(() => '')) ? true : null,
  )
  expect(await world.sequencer.runOnce()).toEqual({ kind: 'notLeading' })
  await until('another leads', async () =>
    (await world.sequencer.runOnce()).kind === 'sequenced' ? true : null,
  )
  expect(await waiting()).toBe(0)
  child.kill('SIGKILL')
  expect(await verifyLines(await world.export())).toMatchObject({ fault: null, entries: 50 })
})

test('R23 whoever lost the lease between two turns is refused by its token', async () => {
  await world.write(10)
  await world.sequence()
  await leaseRunsOut()
  const other = second()
  await world.write(10)
  expect(await sequenceAll(other)).toBe(10)
  await world.write(10)
  expect(await world.sequencer.runOnce()).toEqual({ kind: 'notLeading' })
  await leaseRunsOut()
  // it leads again, and goes on from what the other signed
  expect(await world.sequence()).toBe(10)
  await other.stop()
  expect(await verifyLines(await world.export())).toMatchObject({ fault: null, entries: 30 })
})

test('R24 of two sequencers at once one leads', async () => {
  const other = second()
  const kinds = new Map<Sequencer, Set<string>>([
    [world.sequencer, new Set()],
    [other, new Set()],
  ])
  for (let round = 0; round < 10; round++) {
    await world.write(40)
    await Promise.all([...kinds].map(async ([each, seen]) => seen.add((await each.runOnce()).kind)))
  }
  const seen = [...kinds.values()].map((each) => [...each].join())
  expect(seen.toSorted()).toEqual(['notLeading', 'sequenced'])
  expect(await verifyLines(await world.export())).toMatchObject({ fault: null, entries: 400 })
  await other.stop()
})

function second(): Sequencer {
  const keeper = openKeeper({ ledgerKey: null, dataFolder: world.folder })
  return createSequencer({ store: world.database.store, keeper, log: createLog('silent') })
}

function start(env: Record<string, string>) {
  return spawn(process.execPath, [program, world.database.url, world.folder], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
}

/** Runs a sequencer in a process of its own; how it ended: the signal, or its exit code. */
async function run(env: Record<string, string>): Promise<string | number> {
  const [code, signal] = (await once(start(env), 'exit')) as [number | null, string | null]
  return signal ?? code!
}

async function leaseRunsOut(): Promise<void> {
  await world.database.admin.query(`update ledger_head set lease_until = now() - interval '1 second'`)
}

async function waiting(): Promise<number> {
  const { rows } = await world.database.admin.query<{ n: number }>(
    `select coalesce(sum(cardinality(ids)), 0)::int as n from ledger_waiting`,
  )
  return rows[0]!.n
}

async function broken(): Promise<string[]> {
  const facts = await findBrokenFacts(world.database.store.worker, null)
  return facts.map(({ check }) => check).filter((check) => check === 'C9')
}
