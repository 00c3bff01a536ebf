import { join } from 'node:path'
import { createLog } from '#hub/base/log.ts'
import { openKeeper } from '#hub/ledger/keeper.ts'
import { createSequencer } from '#hub/ledger/sequence.ts'
import { prepareDatabase } from '#hub/tools.ts'
import type { NewEntry } from '#hub/model/entries.ts'
import { newId } from '#hub/model/ids.ts'
import { openStore, type Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { createScratch } from '#hub/store/scratch.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import type { BenchServer } from './database.ts'
import type { EndToEnd } from './end-to-end.ts'
import type { Row } from './table.ts'

/**
 * B13: what the ledger costs of B3. The entries that B3 writes for a document are written by themselves and then given
 * their places, as often as in B3; CPU time of node and PostgreSQL for both, commits included, beside that of B3.
 */
export async function ledgerRows(
  server: BenchServer,
  { entries, nodeMs, postgresMs }: EndToEnd,
  { quick }: { quick: boolean },
): Promise<Row[]> {
  const scratch = await createScratch(server.url, 'ledger')
  await prepareDatabase(scratch.url)
  const store = openStore(scratch.url, { workerConnections: 2, portalConnections: 1 })
  const keeper = openKeeper({ ledgerKey: null, dataFolder: join(server.folder, 'ledger') })
  const sequencer = createSequencer({ store, keeper, log: createLog('warn') })
  const sequence = async (): Promise<void> => {
    for (;;) {
      const done = await sequencer.runOnce()
      if (done.kind === 'notLeading') throw new Error('another sequencer leads')
      if (done.entries === 0) return
    }
  }
  try {
    const documents = quick ? 1_000 : 5_000
    await write(store, batchesOf(documents / 2))
    await settled()
    await sequence()
    const batches = batchesOf(documents)
    const rowsMs = await cpuMsOf(server, () => write(store, batches))
    await settled()
    const placesMs = await cpuMsOf(server, sequence)
    const [rows, places] = [rowsMs, placesMs].map((ms) => (ms * entries) / (documents * perDocument))
    return [rowOf({ rows: rows!, places: places!, entries, documentMs: nodeMs + postgresMs })]
  } finally {
    await sequencer.stop()
    await store.close()
    await scratch.drop()
  }
}

function rowOf(cost: { rows: number; places: number; entries: number; documentMs: number }): Row {
  const share = (cost.rows + cost.places) / cost.documentMs
  return {
    bench: 'B13',
    what: `ledger, ${cost.entries.toFixed(1)} entries a document`,
    figure: `${(cost.rows + cost.places).toFixed(2)} ms CPU (rows ${cost.rows.toFixed(2)}, places ${cost.places.toFixed(2)})`,
    beside: `the document ${cost.documentMs.toFixed(2)} ms CPU`,
    ratio: share,
    reach: 'no more than 0.1',
    reached: share <= 0.1,
  }
}

const perDocument = 7
/** As B3 writes them under load. */
const documentsTogether = 50

async function write(store: Store, batches: readonly NewEntry[][][][]): Promise<void> {
  for (const four of batches) {
    await inTransaction(store.worker, 'bench', async (client) => {
      for (const step of [0, 1, 2, 3])
        await appendEntries(
          client,
          four.flatMap((entries) => entries[step]!),
        )
    })
  }
}

/** Entries of documents, by batches of those that are written together. */
function batchesOf(documents: number): NewEntry[][][][] {
  const [sender, receiver] = [newId(), newId()]
  return Array.from({ length: documents / documentsTogether }, () =>
    Array.from({ length: documentsTogether }, () => entriesOfDocument(sender, receiver)),
  )
}

const sha256 = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9'

/** What the door, process, claim and settlement write of an order that goes well. */
function entriesOfDocument(sender: string, receiver: string): NewEntry[][] {
  const [transmissionId, documentId, deliveryId, attemptId] = [newId(), newId(), newId(), newId()]
  const own = { partnerId: sender, transmissionId, actor: 'hub' }
  const theirs = { partnerId: receiver, deliveryId, actor: 'hub' }
  const received = { sha256, sizeBytes: 5_000, channel: 'api', kind: 'file' } as const
  const judged = { reference: 'B000001234', state: 'accepted', documents: 1, accepted: 1, code: null }
  const stepsMs = { resolve: 0.1, check: 0.2, canonicalise: 0.4, judge: 0.1, map: 0.5, write: 0.4 }
  const processed = { type: 'order', number: '1234', findings: 0, stepsMs, outputs: 1 }
  const queued = {
    channel: 'endpoint',
    format: 'xml',
    wireId: deliveryId,
    sha256,
    sizeBytes: 24_000,
    copy: 0,
  }
  const attempt = { ...theirs, transmissionId: attemptId }
  return [
    [{ ...own, type: 'transmission.accepted', body: received }],
    [
      { ...own, type: 'document.processed', documentId, body: processed },
      { ...theirs, type: 'output.queued', documentId, body: queued },
      { ...own, type: 'interchange.judged', body: judged },
    ],
    [{ ...attempt, type: 'delivery.attempted', body: { attempt: 1, channel: 'endpoint' } }],
    [
      { ...attempt, type: 'delivery.delivered', body: { attempt: 1, late: false } },
      { partnerId: sender, documentId, actor: 'hub', type: 'document.delivered', body: { receiver } },
    ],
  ]
}

async function cpuMsOf(server: BenchServer, work: () => Promise<void>): Promise<number> {
  // reading PostgreSQL's time costs some of ours
  const postgresMs = server.cpuMs()
  const node = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(node)
  return (user + system) / 1000 + server.cpuMs() - postgresMs
}

/** Entries get their places a moment after they were written. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 500))
}
