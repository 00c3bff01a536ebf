import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '#hub/base/log.ts'
import { namedId, newId, type PartnerId } from '#hub/model/ids.ts'
import type { Queryable } from '#hub/store/connect.ts'
import { testDatabase, type TestDatabase } from './database.ts'
import { exportLedger, type ExportTerms } from '#hub/ledger/export.ts'
import { openKeeper, type Keeper } from '#hub/ledger/keeper.ts'
import type { Checkpoint } from '#hub/ledger/note.ts'
import { createSequencer, type Sequencer } from '#hub/ledger/sequence.ts'
import { verifyExport, type Verified } from '#hub/ledger/verify.ts'

/** A ledger of a test's own: a database, a data folder with its key, and a sequencer on both. */
export interface LedgerWorld {
  database: TestDatabase
  folder: string
  keeper: Keeper
  sequencer: Sequencer
  /** Writes entries as of a minute ago, those of three partners and of none by turns. */
  write(count: number): Promise<void>
  /** Runs the sequencer until nothing waits; returns how many entries got their place. */
  sequence(): Promise<number>
  /** Lets the last checkpoint be of an hour ago, so that the next one does not take its place. */
  anHourPasses(): Promise<void>
  export(terms?: { partnerId?: string | null; kept?: Checkpoint | null }): Promise<string[]>
  close(): Promise<void>
}

export const partners = ['anders', 'brun', 'chevalier'].map((key) => namedId<PartnerId>('partner', key))

export async function makeLedger(): Promise<LedgerWorld> {
  const database = await testDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'crossdock-ledger-'))
  const keeper = openKeeper({ ledgerKey: null, dataFolder: folder })
  const sequencer = createSequencer({ store: database.store, keeper, log: createLog('silent') })
  let written = 0
  return {
    database,
    folder,
    keeper,
    sequencer,
    write: async (count) => {
      await insertEntries(database, { from: written, count })
      written += count
    },
    sequence: () => sequenceAll(sequencer),
    anHourPasses: async () => {
      await database.admin.query(`update ledger_checkpoint set at = at - interval '1 hour'`)
    },
    export: (terms = {}) => exportedLines(database.store.worker, { partnerId: null, kept: null, ...terms }),
    close: async () => {
      await sequencer.stop()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function exportedLines(db: Queryable, terms: ExportTerms): Promise<string[]> {
  const lines: string[] = []
  for await (const line of exportLedger(db, terms)) lines.push(line)
  return lines
}

export async function sequenceAll(sequencer: Sequencer): Promise<number> {
  let all = 0
  let passed = 0
  for (;;) {
    const done = await sequencer.runOnce()
    if (done.kind === 'notLeading') {
      // the lease was taken from it, as a new epoch does: the next turn asks for it again
      passed += 1
      if (passed > 1) throw new Error('another sequencer leads')
      continue
    }
    if (done.entries === 0) return all
    all += done.entries
  }
}

/** Verifies lines of an export as they stand. */
export async function verifyLines(
  lines: readonly string[],
  terms: { kept?: string | null; key?: string | null } = {},
): Promise<Verified> {
  const bytes = (async function* () {
    for (const line of lines) yield Buffer.from(line)
  })()
  return verifyExport(bytes, { kept: null, key: null, ...terms })
}

async function insertEntries(
  database: TestDatabase,
  { from, count }: { from: number; count: number },
): Promise<void> {
  const since = Date.now() - 60_000
  const numbers = Array.from({ length: count }, (_, place) => from + place)
  await database.admin.query(
    `insert into entry (id, partner_id, type, transmission_id, actor, at, body)
     select id, partner_id, 'transmission.accepted', id, 'channel:api', now() - interval '1 minute', body
     from unnest($1::uuid[], $2::uuid[], $3::bytea[]) as made (id, partner_id, body)`,
    [
      numbers.map((number) => newId(since + (number % 50_000))),
      numbers.map((number) => partners[number % 4] ?? null),
      numbers.map((number) => Buffer.from(`{"channel":"api","kind":"file","sizeBytes":${number}}`)),
    ],
  )
}
