import { readFile, rm } from 'node:fs/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '#hub/base/log.ts'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { openStore, type Store } from '#hub/store/connect.ts'
import { beginEpoch } from './epoch.ts'
import { examineLedger } from './examine.ts'
import { openKeeper } from './keeper.ts'
import {
  exportedLines,
  makeLedger,
  partners,
  sequenceAll,
  verifyLines,
  type LedgerWorld,
} from '#tests/support/ledger.ts'
import { createSequencer, type Sequencer } from './sequence.ts'

let world: LedgerWorld
let backup: Backup
let restored: Store
let sequencer: Sequencer

interface Backup {
  url: string
  drop(): Promise<void>
}

/** A backup of 40 entries; then the hub signs 60; then the backup is put in the database's place. */
beforeAll(async () => {
  world = await makeLedger()
  await world.write(40)
  await world.sequence()
  backup = await backUp(world)
  const going = openStore(world.database.url, { workerConnections: 2 })
  const admin = new pg.Client({ connectionString: world.database.url })
  await admin.connect()
  await admin.query(insertTwenty, [partners[0]])
  await admin.end()
  expect(
    await sequenceAll(createSequencer({ store: going, keeper: world.keeper, log: createLog('silent') })),
  ).toBe(20)
  await going.close()
  restored = openStore(backup.url, { workerConnections: 3 })
  sequencer = createSequencer({ store: restored, keeper: world.keeper, log: createLog('silent') })
})
afterAll(async () => {
  await sequencer.stop()
  await restored.close()
  await backup.drop()
  await world.close()
})

test('V5 a restored database is smaller than what was signed: nothing is signed until a new epoch carries the old checkpoint', async () => {
  const kept = (await world.keeper.kept())!
  expect(kept.checkpoint.size).toBe(60)
  await asOwner(insertTwenty, [partners[0]])
  await asOwner(insertTwenty, [partners[1]])
  await expect(sequencer.runOnce()).rejects.toMatchObject({ code: 'ledgerBehind' })
  await expect(sequencer.runOnce()).rejects.toMatchObject({ code: 'ledgerBehind' })
  expect((await examineLedger(restored, world.keeper))[0]).toMatchObject({ good: false, name: 'ledger' })
  expect((await world.keeper.kept())!.note).toBe(kept.note)

  const begun = await beginEpoch(
    { store: restored, keeper: world.keeper },
    { reason: 'restored', actor: 'cli' },
  )
  expect(begun).toMatchObject({ epoch: 2, previous: kept.note })
  // who led before has to ask again
  expect((await sequencer.runOnce()).kind).toBe('notLeading')
  expect(await sequenceAll(sequencer)).toBe(40)
  expect((await examineLedger(restored, world.keeper))[0]).toMatchObject({ good: true })
  expect((await findBrokenFacts(restored.worker, null)).filter(({ check }) => check === 'C9')).toEqual([])

  const lines = await exportedLines(restored.worker, { partnerId: null, kept: null })
  expect(await verifyLines(lines)).toMatchObject({
    fault: null,
    entries: 81,
    remarks: ['epoch 2 declares that 20 entries of epoch 1 were lost'],
  })
  expect((await verifyLines(lines, { kept: kept.note })).fault).toEqual({ index: 40, reason: 'kept' })
  const own = await exportedLines(restored.worker, { partnerId: partners[0]!, kept: null })
  expect(await verifyLines(own)).toMatchObject({ fault: null, entries: 30 })
})

test('V5 another node that signed last in the old epoch goes on where the new one declares at least as much', async () => {
  const folder = `${world.folder}-other`
  const other = openKeeper({ ledgerKey: await ownSeed(), dataFolder: folder })
  const { rows } = await restored.worker.query<{ previous: string }>(
    'select previous from ledger_epoch where epoch = 2',
  )
  await other.keep(rows[0]!.previous)
  await sequencer.stop()
  await asOwner(insertTwenty, [partners[2]])
  const taking = createSequencer({ store: restored, keeper: other, log: createLog('silent') })
  expect(await sequenceAll(taking)).toBe(20)
  await taking.stop()
  await rm(folder, { recursive: true })
})

const insertTwenty = `insert into entry (id, partner_id, type, actor, at, body)
  select (lpad(to_hex((extract(epoch from now()) * 1000)::bigint), 12, '0') || '7000' || '8' || substr(md5(random()::text), 1, 15))::uuid,
    $1::uuid, 'config.applied', 'cli', now() - interval '1 minute', '{}'
  from generate_series(1, 20)`

async function asOwner(statement: string, values: unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: backup.url })
  await client.connect()
  await client.query(statement, values)
  await client.end()
}

async function ownSeed(): Promise<string> {
  return (await readFile(`${world.folder}/ledger.key`, 'utf8')).trim()
}

/** Copies the database as a whole, which needs that nobody is connected to it. */
async function backUp({ database, sequencer: running }: LedgerWorld): Promise<Backup> {
  await running.stop()
  const own = new URL(database.url)
  const server = new URL(database.url)
  server.pathname = '/postgres'
  const name = `${own.pathname.slice(1)}_backup`
  const onServer = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server.href })
    await client.connect()
    await client.query(statement)
    await client.end()
  }
  await onServer(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${own.pathname.slice(1)}'`,
  )
  await onServer(`create database ${name} template ${own.pathname.slice(1)}`)
  own.pathname = `/${name}`
  return { url: own.href, drop: () => onServer(`drop database ${name} with (force)`) }
}
