import { HubError } from '#hub/model/errors.ts'
import type { TransmissionId } from '#hub/model/ids.ts'
import type { CanonicalDocument } from '#hub/model/mapping.ts'
import type { Channel } from '#hub/model/transport.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Store } from '#hub/store/connect.ts'
import { isDataFault } from '#hub/store/data-fault.ts'
import { readPayload } from '#hub/store/payload.ts'
import {
  loadFiles,
  loadWaitingDocuments,
  type DueFile,
  type WaitingDocument,
} from '#hub/store/process-load.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { computeFile, computeWaiting, lost, unreadable } from './compute.ts'
import type { ComputedWork } from './computed.ts'
import { record } from './record.ts'
import { split } from './split.ts'
import type { FoundDocument, ReceivedFile, Tools } from './stages.ts'

export interface BatchDeps {
  store: Store
  sealer: Sealer
  queue: JobQueue
  tools: Tools
}

/**
 * Does all that waits in these transmissions: computing first, then one transaction for all of them; if that fails, one
 * for each. What fails by itself is recorded as rejected, in a transaction of its own. Throws, after the others are
 * done, where the reason is an outage: then the job is tried again.
 */
export async function processBatch(ids: readonly TransmissionId[], deps: BatchDeps): Promise<void> {
  const outages: unknown[] = []
  const due = await loadDue([...new Set(ids)], deps)
  const works: ComputedWork[] = []
  for (const each of due) {
    try {
      works.push(...(await compute(each, deps)))
    } catch (error) {
      outages.push(error)
    }
  }
  if (works.length > 0) await recordTogether(works, deps, outages)
  if (outages.length > 0) throw new AggregateError(outages, `${outages.length} transmissions are tried again`)
}

/** One transmission and what waits in it. */
interface Due {
  file: DueFile
  channel: Channel
  toSplit: boolean
  waiting: WaitingDocument[]
}

async function loadDue(ids: TransmissionId[], { store, tools }: BatchDeps): Promise<Due[]> {
  const files = await loadFiles(store.worker, ids)
  const waiting = await loadWaitingDocuments(store.worker, ids)
  const due: Due[] = []
  for (const file of files) {
    const own = waiting.filter((document) => document.transmissionId === file.transmissionId)
    const toSplit = file.splitTo === null || file.splitTo < file.sizeBytes
    if (!toSplit && own.length === 0) continue
    const channel = await tools.agreements.channel(file.channelId)
    if (channel === null) throw new HubError('unexpected', `channel ${file.channelId} is not known`)
    due.push({ file, channel, toSplit, waiting: own })
  }
  return due
}

async function recordTogether(works: ComputedWork[], deps: BatchDeps, outages: unknown[]): Promise<void> {
  try {
    await inTransaction(deps.store.worker, 'process', (client) => record(client, works, deps))
  } catch (error) {
    const ids = new Set(works.map((work) => work.transmissionId))
    deps.tools.log.warn({ err: error, transmissions: ids.size }, 'batch not recorded; each is tried alone')
    for (const id of ids) {
      try {
        await processAlone(id, deps)
      } catch (outage) {
        outages.push(outage)
      }
    }
  }
}

/** Loads and computes afresh: the failed transaction may have told lies about what came before what. */
async function processAlone(id: TransmissionId, deps: BatchDeps): Promise<void> {
  for (const due of await loadDue([id], deps)) {
    const works = await compute(due, deps)
    try {
      await inTransaction(deps.store.worker, 'process-alone', (client) => record(client, works, deps))
    } catch (error) {
      if (!isDataFault(error)) throw error
      deps.tools.log.error({ err: error, transmissionId: id, code: 'notRecorded' }, 'not recorded')
      const failed = failedWorks(due)
      await inTransaction(deps.store.worker, 'process-failed', (client) => record(client, failed, deps))
    }
  }
}

async function compute(due: Due, deps: BatchDeps): Promise<ComputedWork[]> {
  const { file, channel, toSplit, waiting } = due
  const works: ComputedWork[] = []
  const source = await receivedFile(due, deps)
  if (toSplit) {
    works.push(
      source.bytes === null
        ? unreadable(emptyFile(due), file.splitTo, 'payloadDamaged')
        : await computeFile({ ...source, bytes: source.bytes }, file.splitTo, deps.tools),
    )
  }
  if (waiting.length > 0) {
    const found = source.bytes === null ? [] : await findAgain({ ...source, bytes: source.bytes }, deps.tools)
    const arrivals = await Promise.all(waiting.map((document) => arrival(document, found, deps)))
    works.push(await computeWaiting(file, arrivals, channel, deps.tools))
  }
  return works
}

async function receivedFile(
  due: Due,
  { store, sealer }: BatchDeps,
): Promise<Omit<ReceivedFile, 'bytes'> & { bytes: Buffer | null }> {
  const needed = due.toSplit || due.waiting.some((document) => !hasCanonical(document))
  if (!needed) return { ...emptyFile(due), bytes: null }
  try {
    return { ...emptyFile(due), bytes: await readPayload(store.worker, sealer, due.file.payloadId) }
  } catch (error) {
    if (error instanceof HubError && error.code === 'payloadDamaged')
      return { ...emptyFile(due), bytes: null }
    throw error
  }
}

function emptyFile({ file, channel }: Due): ReceivedFile {
  const { transmissionId, partnerId, payloadId, sha256, sizeBytes } = file
  return { transmissionId, partnerId, channel, payloadId, sha256, sizeBytes, bytes: Buffer.alloc(0) }
}

async function findAgain(file: ReceivedFile, tools: Tools): Promise<FoundDocument[]> {
  const outcome = await split.run(file, tools)
  return outcome.kind === 'many' ? outcome.values : []
}

async function arrival(document: WaitingDocument, found: FoundDocument[], { store, sealer }: BatchDeps) {
  if (hasCanonical(document)) {
    const bytes = await readPayload(store.worker, sealer, document.canonicalId!)
    return { document, found: null, canonical: JSON.parse(bytes.toString('utf8')) as CanonicalDocument }
  }
  const same = found.find(
    (each) => (each.envelope?.id ?? null) === document.interchangeId && each.position === document.position,
  )
  return { document, found: same ?? null, canonical: null }
}

/** Whether a document goes on from its canonical form, without its file. */
function hasCanonical({ canonicalId, resumeAt }: WaitingDocument): boolean {
  return canonicalId !== null && (resumeAt === 'judge' || resumeAt === 'map' || resumeAt === 'write')
}

function failedWorks(due: Due): ComputedWork[] {
  const { transmissionId, partnerId, splitTo } = due.file
  const works: ComputedWork[] = due.toSplit ? [unreadable(emptyFile(due), splitTo, 'notRecorded')] : []
  if (due.waiting.length === 0) return works
  const documents = due.waiting.map((document) => lost(document, 'notRecorded'))
  return [...works, { transmissionId, partnerId, task: { kind: 'resume' }, envelopes: [], documents }]
}
