import { limits } from '#hub/base/limits.ts'
import type { FormatEvent, ReadMessage } from '#hub/model/format.ts'
import { isDataFault } from '#hub/store/data-fault.ts'
import { readPayloadChunks } from '#hub/store/payload.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { writeAhead } from './ahead.ts'
import { answerChannelOf, computeFound } from './compute.ts'
import type { ComputedDocument, ComputedEnvelope, ComputedWork, SplitTask } from './computed.ts'
import type { Parts } from './deps.ts'
import { slicesOf, takingTurns } from './turns.ts'
import { loadJudged, nothingJudged, type Judged } from './judged.ts'
import { record } from './record.ts'
import { inCharset } from './resolve.ts'
import {
  documentsOf,
  formatOf,
  logReaderFault,
  noFormat,
  readOptionsOf,
  startSurvey,
  withAnswer,
  type Survey,
} from './split.ts'
import type { Envelope, FoundDocument, ReceivedFile } from './stages.ts'

/*
 * Files that are not read whole, because they are large or hold many documents. The first reading finds where each interchange ends and whether its trailer is right;
 * the second takes its messages through the steps and commits them in portions, so that an end in between loses one
 * portion at most. Thus nothing leaves before its trailer was checked, and memory holds one portion.
 */

/**
 * Takes a large file through all steps, from where the last run of it came to. One with a long message is handed on, where that is
 * agreed: a document is computed in one piece, and the seconds this takes are not to keep others waiting. Throws where the reason is
 * an outage.
 */
export async function processLarge(
  received: ReceivedFile,
  splitTo: number | null,
  parts: Parts,
): Promise<void> {
  const { file, survey, heads, tooLarge } = await readHeads(received, parts)
  const isComputed = ({ message }: FoundDocument) => message !== null && !tooLarge.has(message.offset)
  if (parts.leavesLarge && heads.some((head) => isComputed(head) && isLong(head.message!.length)))
    return parts.queue.processLarge(parts.store.worker, [file.transmissionId])
  const judged = splitTo === null ? nothingJudged : await loadJudged(file.transmissionId, parts)
  const portion = newPortion(file, splitTo, { survey, judged })
  const turn = takingTurns()
  for await (const found of arriving({ file, heads, tooLarge }, parts)) {
    const before = judged.documents.get(found.documentId)
    if (before !== undefined) portion.passOver(found, before)
    else {
      const computed = await computeFound(withAnswer(found, parts.tools), 0, parts.tools)
      portion.add(found, await writeAhead(computed, parts.tools))
    }
    if (portion.isFull()) await portion.commit(parts)
    await turn()
  }
  await portion.commitLast(parts)
}

/** Whether a message of so many bytes takes so long that others would wait for it. */
export function isLong(bytes: number | null): boolean {
  return bytes !== null && bytes > limits.longMessageBytes
}

/** Finds documents of a large file again, by interchange and position. */
export async function findInLarge(
  received: ReceivedFile,
  wanted: (found: FoundDocument) => boolean,
  parts: Parts,
): Promise<FoundDocument[]> {
  const read = await readHeads(received, parts)
  const kept: FoundDocument[] = []
  for await (const found of arriving(read, parts))
    if (wanted(found)) kept.push(withAnswer(found, parts.tools))
  return kept
}

/** The first reading: what the file holds, and the charset that the second reads it in. */
async function readHeads(received: ReceivedFile, parts: Parts) {
  const tooLarge = new Set<number>()
  const survey = await surveyStream(received, parts, tooLarge)
  const heads = documentsOf(received, survey)
  const file = await inCharset(received, heads, parts.tools)
  return { file, survey, heads, tooLarge }
}

/** Reads a file for its envelopes alone: messages are kept without their trees. Where those too large begin is added. */
async function surveyStream(file: ReceivedFile, parts: Parts, tooLarge: Set<number>): Promise<Survey> {
  const started: ReturnType<typeof startSurvey>[] = []
  let head: Buffer = Buffer.alloc(0)
  const survey = (format: Envelope['format']) => (started[0] ??= startSurvey(file, format))
  try {
    const seen = (chunk: Buffer, of: Envelope['format']): void => survey(of).push(chunk)
    const unknown = (bytes: Buffer): void => void (head = bytes)
    for await (const { event, format } of eventsOf(file, parts, { seen, unknown, wantsTree: () => false })) {
      if (event.kind === 'message' && isTooLarge(event.message)) tooLarge.add(event.message.offset)
      survey(format).take(event.kind === 'message' ? { ...event, message: headOnly(event.message) } : event)
      if (survey(format).isFull()) break
    }
  } catch (error) {
    logReaderFault(file, error, parts.tools)
    return (
      started[0]?.finish({ error }) ?? { envelopes: [], strays: [{ code: 'readerFailed', findings: [] }] }
    )
  }
  return started[0]?.finish(null) ?? noFormat(head)
}

function headOnly(message: ReadMessage): ReadMessage {
  return { ...message, tree: undefined, findings: [] }
}

function isTooLarge({ findings }: ReadMessage): boolean {
  return findings.some((finding) => finding.code === 'messageTooLarge')
}

/** The documents of a survey, in order, each with its message as the stream comes to it. */
async function* arriving(
  { file, heads, tooLarge }: { file: ReceivedFile; heads: FoundDocument[]; tooLarge: ReadonlySet<number> },
  parts: Parts,
): AsyncGenerator<FoundDocument> {
  const messages = messagesOf(file, parts, (offset) => !tooLarge.has(offset))
  for (const head of heads) {
    if (head.message === null) yield head
    else {
      const next = await messages.next()
      if (next.done === true) return
      yield { ...head, message: next.value }
    }
  }
  await messages.return(undefined)
}

async function* messagesOf(
  file: ReceivedFile,
  parts: Parts,
  wantsTree: (offset: number) => boolean,
): AsyncGenerator<ReadMessage, undefined> {
  for await (const { event } of eventsOf(file, parts, { wantsTree }))
    if (event.kind === 'message') yield event.message
  return undefined
}

async function* eventsOf(
  file: ReceivedFile,
  { store, sealer, tools }: Parts,
  how: {
    wantsTree: (offset: number) => boolean
    seen?: (chunk: Buffer, format: Envelope['format']) => void
    /** Given the first bytes of a file in no format that is known. */
    unknown?: (head: Buffer) => void
  },
) {
  let reading: { format: Envelope['format']; reader: ReturnType<Envelope['format']['reader']> } | null = null
  const turn = takingTurns()
  const given = (events: FormatEvent[]) => events.map((event) => ({ event, format: reading!.format }))
  for await (const chunk of readPayloadChunks(store.worker, sealer, file.payloadId)) {
    if (reading === null) {
      const format = formatOf(chunk, tools)
      if (format === null) return how.unknown?.(chunk)
      reading = { format, reader: format.reader({ ...readOptionsOf(file), wantsTree: how.wantsTree }) }
    }
    how.seen?.(chunk, reading.format)
    for (const slice of slicesOf(chunk)) {
      yield* given(reading.reader.push(slice))
      await turn()
    }
  }
  if (reading !== null) yield* given(reading.reader.end())
}

/** Gathers documents until they are committed, and keeps what the judgement of their interchanges needs. */
function newPortion(
  file: ReceivedFile,
  splitTo: number | null,
  { survey, judged }: { survey: Survey; judged: Judged },
) {
  const all = new Map<Envelope, ComputedDocument[]>(survey.envelopes.map((envelope) => [envelope, []]))
  const final = new Set(judged.final)
  let from = splitTo
  let reached = splitTo ?? 0
  let documents: ComputedDocument[] = []
  const keep = ({ envelope }: FoundDocument, document: ComputedDocument): void => {
    if (envelope !== null) all.get(envelope)!.push(document)
  }
  /** Those that these documents are of, and those whose last document stood there already. */
  const envelopesOf = async (parts: Parts): Promise<ComputedEnvelope[]> => {
    const touched = new Set(documents.map((document) => document.interchangeId))
    const computed: ComputedEnvelope[] = []
    for (const [envelope, of] of all) {
      if (final.has(envelope.id) || (!touched.has(envelope.id) && of.length < totalOf(envelope))) continue
      computed.push(await portionOf(envelope, of, parts))
    }
    return computed
  }
  const commit = async (to: number, parts: Parts): Promise<void> => {
    const { transmissionId, partnerId } = file
    const envelopes = await envelopesOf(parts)
    const task = { kind: 'split', from, to } as const
    await recordPortion({ transmissionId, partnerId, task, envelopes, documents }, parts)
    for (const { envelope, final: isFinal } of envelopes) if (isFinal) final.add(envelope.id)
    for (const document of documents) forget(document)
    documents = []
    from = to
  }
  return {
    passOver: keep,
    add: (found: FoundDocument, document: ComputedDocument): void => {
      keep(found, document)
      documents.push(document)
      reached = Math.max(reached, (document.known.offset ?? 0) + (document.known.length ?? 0))
    },
    isFull: (): boolean =>
      documents.length >= limits.splitCommitDocuments || reached - (from ?? 0) >= limits.splitCommitBytes,
    // the whole size is the mark of a file that is done
    commit: (parts: Parts) => commit(Math.min(reached, file.sizeBytes - 1), parts),
    commitLast: (parts: Parts) => commit(file.sizeBytes, parts),
  }
}

function totalOf(envelope: Envelope): number {
  return Math.max(envelope.messages.length, 1)
}

async function portionOf(
  envelope: Envelope,
  documents: ComputedDocument[],
  { tools }: Parts,
): Promise<ComputedEnvelope> {
  const total = totalOf(envelope)
  const final = documents.length === total
  return {
    envelope,
    sender: documents[0]?.known.sender ?? envelope.file.partnerId,
    documents,
    total,
    final,
    claims: envelope.code === null,
    answerChannel: final ? await answerChannelOf(envelope, documents, tools) : null,
  }
}

/**
 * Records a portion in one transaction; if its data cannot be recorded, its halves, down to the one document that is at
 * fault. The mark of how far the file is split moves with the last: an end in between finds the documents that are there.
 */
async function recordPortion(work: ComputedWork & { task: SplitTask }, parts: Parts): Promise<void> {
  const asComputed = work.documents.map(keepComputed)
  try {
    await inTransaction(parts.store.worker, 'process.portion', (client) => record(client, [work], parts))
  } catch (error) {
    if (!isDataFault(error)) throw error
    for (const restore of asComputed) restore()
    const { transmissionId, documents } = work
    parts.tools.log.warn({ err: error, transmissionId, documents: documents.length }, 'portion not recorded')
    const here = work.task.from ?? 0
    const middle = Math.ceil(documents.length / 2)
    await recordHalf({ ...work, documents: documents.slice(0, middle) }, here, parts)
    const rest = { ...work, task: { ...work.task, from: here } }
    await recordHalf({ ...rest, documents: documents.slice(middle) }, here, parts)
    await inTransaction(parts.store.worker, 'process.portion', (client) =>
      record(client, [{ ...rest, documents: [] }], parts),
    )
  }
}

async function recordHalf(
  { task, ...work }: ComputedWork & { task: SplitTask },
  to: number,
  parts: Parts,
): Promise<void> {
  const half = { ...work, task: { ...task, to }, envelopes: openOnly(work.envelopes) }
  if (work.documents.length > 1) return recordPortion(half, parts)
  if (work.documents.length === 1) await recordOne(half, parts)
}

async function recordOne(work: ComputedWork, parts: Parts): Promise<void> {
  const { worker } = parts.store
  const asComputed = work.documents.map(keepComputed)
  try {
    await inTransaction(worker, 'process.alone', (client) => record(client, [work], parts))
  } catch (error) {
    if (!isDataFault(error)) throw error
    const { transmissionId } = work
    parts.tools.log.error({ err: error, transmissionId, code: 'notRecorded' }, 'not recorded')
    for (const restore of asComputed) restore()
    for (const document of work.documents) markNotRecorded(document)
    await inTransaction(worker, 'process.failed', (client) => record(client, [work], parts))
  }
}

/**
 * Returns what undoes all that recording makes of a document: what a transaction that failed took for a repeat, held or
 * parted may be none, once a document at fault is out of the way.
 */
function keepComputed(document: ComputedDocument): () => void {
  const { verdict, repeat, known, stepsMs, apart } = document
  const kept = { verdict, known: { ...known }, stepsMs: { ...stepsMs } }
  const parts = apart?.map((part) => ({ ...part, known: { ...part.known } }))
  return () => {
    delete document.repeat
    delete document.apart
    Object.assign(document, kept, repeat !== undefined && { repeat }, parts !== undefined && { apart: parts })
  }
}

function openOnly(envelopes: ComputedEnvelope[]): ComputedEnvelope[] {
  return envelopes.map((envelope) => ({ ...envelope, final: false }))
}

/** What could not be recorded may be any of its texts: none of them is kept. */
function markNotRecorded(document: ComputedDocument): void {
  const none = { type: 'unread', wireType: '', number: null, reference: '', function: null, versions: {} }
  Object.assign(document.known, none, { findings: [], canonical: null })
  delete document.canonicalBytes
  delete document.apart
  document.verdict = { kind: 'rejected', code: 'notRecorded', step: 'write' }
}

/** What is committed is kept only as far as the judgement of its interchange needs it. */
function forget(document: ComputedDocument): void {
  delete document.canonicalBytes
  if (document.verdict.kind === 'mapped')
    document.verdict = { kind: 'mapped', mapped: { ...document.verdict.mapped, outputs: [] } }
}
