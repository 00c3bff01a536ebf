import { faultPoint } from '#hub/base/fault.ts'
import { limits } from '#hub/base/limits.ts'
import { stableCode, type CodeName } from '#hub/model/codes/index.ts'
import { HubError } from '#hub/model/errors.ts'
import type { PayloadId, TransmissionId } from '#hub/model/ids.ts'
import type { CanonicalDocument } from '#hub/model/mapping.ts'
import type { Channel } from '#hub/model/transport.ts'
import { isDataFault } from '#hub/store/data-fault.ts'
import { isDatabaseAway } from '#hub/store/outage.ts'
import { readPayload, readSmallPayloads } from '#hub/store/payload.ts'
import {
  loadFiles,
  loadWaitingDocuments,
  type DueFile,
  type WaitingDocument,
} from '#hub/store/process-load.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { computeFile, computeWaiting, findDocuments, lost, unreadable, type Arrival } from './compute.ts'
import type { ComputedWork } from './computed.ts'
import type { Parts } from './deps.ts'
import { readFindings } from './judged.ts'
import { findInLarge, isLong, processLarge } from './large.ts'
import { opaqueDue, type OpaqueDue } from './opaque.ts'
import { record } from './record.ts'
import { formatOf } from './split.ts'
import type { FoundDocument, ReceivedFile } from './stages.ts'

/**
 * Does all that waits in these transmissions: computing first, then one transaction for all of them; if that fails, one
 * for each. What fails by itself is recorded as rejected, in a transaction of its own. Large files, and those of many
 * documents, come last, each alone; and after them what a process died with. Throws, after the others are done, where
 * the reason is an outage: then the job is tried again.
 */
export async function processBatch(ids: readonly TransmissionId[], parts: Parts): Promise<void> {
  const outages: unknown[] = []
  const due = await handOnLarge(await loadDue([...new Set(ids)], parts), parts)
  await parts.runs.go(due, {
    work: (some) => processDue(some, parts, outages),
    giveUp: (one) => giveUp(one, parts).catch((error: unknown) => void outages.push(error)),
  })
  if (outages.length > 0) throw new AggregateError(outages, `${outages.length} transmissions are tried again`)
}

/** Leaves files of large documents that wait to whoever takes their queue; returns the others. */
async function handOnLarge(due: Due[], { leavesLarge, store, queue }: Parts): Promise<Due[]> {
  const isHandedOn = ({ waiting }: Due) => leavesLarge && waiting.some(({ known }) => isLong(known.length))
  const large = due.filter(isHandedOn).map(({ file }) => file.transmissionId)
  if (large.length === 0) return due
  await queue.processLarge(store.worker, large)
  return due.filter((each) => !isHandedOn(each))
}

async function processDue(due: Due[], parts: Parts, outages: unknown[]): Promise<void> {
  const long = due.filter(isLargeSplit)
  for (const together of portionsOf(due)) long.push(...(await processTogether(together, parts, outages)))
  for (const each of long) {
    try {
      await processLargeOne(each, parts)
    } catch (error) {
      outages.push(error)
    }
  }
}

/** One transmission and what waits in it. */
interface Due {
  /** The content, where it was read along with that of others. */
  bytes?: Buffer | undefined
  file: DueFile
  channel: Channel
  toSplit: boolean
  waiting: WaitingDocument[]
  /** That it is passed through unread, or may be. */
  opaque: OpaqueDue | null
}

async function loadDue(ids: TransmissionId[], parts: Parts): Promise<Due[]> {
  const { store, tools } = parts
  const files = await loadFiles(store.worker, ids)
  const waiting = await loadWaitingDocuments(store.worker, ids)
  const due: Due[] = []
  for (const file of files) {
    const own = waiting.filter((document) => document.transmissionId === file.transmissionId)
    const toSplit = file.splitTo === null || file.splitTo < file.sizeBytes
    if (!toSplit && own.length === 0) continue
    const channel = await tools.agreements.channel(file.channelId)
    if (channel === null) throw new HubError('unexpected', `channel ${file.channelId} is not known`)
    const found = { file, channel, toSplit, waiting: own }
    due.push({ ...found, opaque: await opaqueDue(found, parts) })
  }
  return due
}

/** What is computed at once is bounded, by its bytes too: trees and canonical documents are many times larger. */
function portionsOf(due: readonly Due[]): Due[][] {
  const portions: Due[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const each of due) {
    bytes += readsFile(each) ? each.file.sizeBytes : 0
    if (bytes > limits.splitCommitBytes || portions.at(-1)!.length === limits.processBatch) {
      portions.push([])
      bytes = readsFile(each) ? each.file.sizeBytes : 0
    }
    portions.at(-1)!.push(each)
  }
  return portions
}

/** Returns those that are split by themselves, for they have many documents. */
async function processTogether(due: Due[], parts: Parts, outages: unknown[]): Promise<Due[]> {
  const { store, sealer } = parts
  const ids = due.filter(readsFile).map(({ file }) => file.payloadId)
  const recent = new Map(ids.map((id) => [id, store.recent.take(id)]))
  const reading = ids.filter((id) => recent.get(id) === null)
  const read = reading.length > 1 ? await readSmallPayloads(store.worker, sealer, reading) : null
  const bytesOf = (id: PayloadId) => recent.get(id) ?? read?.get(id)
  const works: ComputedWork[] = []
  const long: Due[] = []
  for (const each of due) {
    try {
      const computed = await compute({ ...each, bytes: bytesOf(each.file.payloadId) }, parts)
      works.push(...computed.works)
      if (computed.hasMany) long.push(each)
    } catch (error) {
      outages.push(error)
    }
  }
  if (works.length > 0) await recordTogether(works, parts, outages)
  return long
}

async function recordTogether(works: ComputedWork[], parts: Parts, outages: unknown[]): Promise<void> {
  try {
    const written = await inTransaction(parts.store.worker, 'process', (client) =>
      record(client, works, parts),
    )
    for (const { id, bytes } of written) parts.store.recent.keep(id, bytes)
  } catch (error) {
    // each alone would only wait for the same database
    if (isDatabaseAway(error)) return void outages.push(error)
    const ids = new Set(works.map((work) => work.transmissionId))
    parts.tools.log.warn({ err: error, transmissions: ids.size }, 'batch not recorded; each is tried alone')
    for (const id of ids) {
      try {
        await processAlone(id, parts)
      } catch (outage) {
        outages.push(outage)
      }
    }
  }
}

/** Loads and computes afresh: the failed transaction may have told lies about what came before what. */
async function processAlone(id: TransmissionId, parts: Parts): Promise<void> {
  for (const due of await loadDue([id], parts)) {
    const { works, hasMany } = await compute(due, parts)
    if (hasMany) await processLargeOne(due, parts)
    if (works.length === 0) continue
    try {
      await inTransaction(parts.store.worker, 'process.alone', (client) => record(client, works, parts))
    } catch (error) {
      if (!isDataFault(error)) throw error
      parts.tools.log.error({ err: error, transmissionId: id, code: 'notRecorded' }, 'not recorded')
      const failed = failedWorks(due, 'notRecorded')
      await inTransaction(parts.store.worker, 'process.failed', (client) => record(client, failed, parts))
    }
  }
}

function isLarge({ file }: Due): boolean {
  return file.sizeBytes > limits.splitWholeBytes
}

function isLargeSplit(due: Due): boolean {
  return due.toSplit && isLarge(due) && due.opaque === null
}

async function processLargeOne(due: Due, parts: Parts): Promise<void> {
  await faultPoint('process:large', due.file.sha256)
  try {
    await processLarge(emptyFile(due), due.file.splitTo, parts)
  } catch (error) {
    if (!isDataFault(error)) throw error
    // not a document, which large.ts would have found, but the envelope itself
    const { transmissionId } = due.file
    parts.tools.log.error({ err: error, transmissionId, code: 'notRecorded' }, 'not recorded')
    for (const { file } of await loadDue([transmissionId], parts)) {
      const failed = [unreadable(emptyFile(due), file.splitTo, 'notRecorded')]
      await inTransaction(parts.store.worker, 'process.failed', (client) => record(client, failed, parts))
    }
  }
}

/** `hasMany`: the file is still to be split, by itself. */
async function compute(due: Due, parts: Parts): Promise<{ works: ComputedWork[]; hasMany: boolean }> {
  const { file, channel, toSplit, waiting } = due
  await faultPoint('process:compute', file.sha256)
  const works: ComputedWork[] = []
  const whole = await contentOf(due, parts)
  let hasMany = false
  if (toSplit && !isLargeSplit(due)) {
    const split =
      whole === null
        ? unreadable(emptyFile(due), file.splitTo, 'payloadDamaged')
        : await computeFile(whole, file.splitTo, parts.tools)
    if (split === null) hasMany = true
    else works.push(split)
  }
  if (waiting.length > 0) {
    const found = needsFile(due) ? await findAgain(due, whole, parts) : []
    const arrivals = await Promise.all(waiting.map((document) => arrival(document, found, parts)))
    works.push(await computeWaiting(file, arrivals, channel, parts.tools))
  }
  return { works, hasMany }
}

/** Whether the content of a file is read whole for what is due. */
function readsFile(due: Due): boolean {
  return !isLarge(due) && due.opaque?.sure !== true && (due.toSplit || needsFile(due))
}

/** Whether a document that waits is to be found in its file again. */
function needsFile({ waiting }: Due): boolean {
  return waiting.some((document) => !hasCanonical(document))
}

/** What is taken through the steps: nothing of a file that is surely passed through; null where there is nothing, or it is damaged. */
async function contentOf(due: Due, parts: Parts): Promise<ReceivedFile | null> {
  const { opaque } = due
  if (opaque?.sure === true) return passedThrough(emptyFile(due), opaque, parts)
  if (!readsFile(due)) return null
  const whole = await wholeFile(due, parts)
  if (opaque === null || whole === null || formatOf(whole.bytes, parts.tools) !== null) return whole
  return passedThrough(whole, opaque, parts)
}

function passedThrough(file: ReceivedFile, { name, guide }: OpaqueDue, { tools }: Parts): ReceivedFile {
  return { ...file, opaque: { format: tools.formats.opaque, name, guide } }
}

/** The file with its content, or null where that is damaged. */
async function wholeFile(due: Due, { store, sealer }: Parts): Promise<ReceivedFile | null> {
  if (due.bytes !== undefined) return { ...emptyFile(due), bytes: due.bytes }
  try {
    return { ...emptyFile(due), bytes: await readPayload(store.worker, sealer, due.file.payloadId) }
  } catch (error) {
    if (error instanceof HubError && error.code === 'payloadDamaged') return null
    throw error
  }
}

function emptyFile({ file, channel }: Due): ReceivedFile {
  const { transmissionId, partnerId, payloadId, sha256, sizeBytes } = file
  return { transmissionId, partnerId, channel, payloadId, sha256, sizeBytes, bytes: Buffer.alloc(0) }
}

/** The documents of a file that was split before. */
async function findAgain(due: Due, whole: ReceivedFile | null, parts: Parts): Promise<FoundDocument[]> {
  if (isLarge(due) && due.opaque === null) {
    const wanted = (found: FoundDocument) => due.waiting.some((document) => isSame(found, document))
    return findInLarge(emptyFile(due), wanted, parts)
  }
  return whole === null ? [] : findDocuments(whole, parts.tools)
}

function isSame(found: FoundDocument, document: WaitingDocument): boolean {
  return (found.envelope?.id ?? null) === document.interchangeId && found.position === document.position
}

async function arrival(document: WaitingDocument, found: FoundDocument[], parts: Parts): Promise<Arrival> {
  if (!hasCanonical(document))
    return { document, found: found.find((each) => isSame(each, document)) ?? null, canonical: null }
  const bytes = await readPayload(parts.store.worker, parts.sealer, document.canonicalId!)
  const canonical = JSON.parse(bytes.toString('utf8')) as CanonicalDocument
  const findings = await readFindings(document.findingsId, parts)
  return { document: { ...document, known: { ...document.known, findings } }, found: null, canonical }
}

/** Whether a document goes on from its canonical form, without its file. */
function hasCanonical({ canonicalId, resumeAt }: WaitingDocument): boolean {
  return canonicalId !== null && (resumeAt === 'judge' || resumeAt === 'map' || resumeAt === 'write')
}

/** What processes died with is computed no more: its documents are rejected, and its bytes stay. */
async function giveUp(due: Due, parts: Parts): Promise<void> {
  const { transmissionId } = due.file
  parts.tools.log.error({ transmissionId, code: stableCode('processingCrashed') }, 'given up')
  const failed = failedWorks(due, 'processingCrashed')
  await inTransaction(parts.store.worker, 'process.failed', (client) => record(client, failed, parts))
}

function failedWorks(due: Due, code: CodeName): ComputedWork[] {
  const { transmissionId, partnerId, splitTo } = due.file
  const works: ComputedWork[] = due.toSplit ? [unreadable(emptyFile(due), splitTo, code)] : []
  if (due.waiting.length === 0) return works
  const documents = due.waiting.map((document) => lost(document, code))
  return [...works, { transmissionId, partnerId, task: { kind: 'resume' }, envelopes: [], documents }]
}
