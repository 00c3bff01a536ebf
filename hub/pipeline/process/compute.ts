import { limits } from '#hub/base/limits.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { SyntaxAcknowledgement } from '#hub/model/format.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import type { Channel } from '#hub/model/transport.ts'
import type { WaitingDocument } from '#hub/store/process-load.ts'
import type { CanonicalDocument } from '#hub/model/mapping.ts'
import { letGoOfSource, writeAhead } from './ahead.ts'
import { opaqueFound, travelOpaque } from './opaque.ts'
import { computingSteps } from './pipeline.ts'
import { ask, inCharset, questionOf } from './resolve.ts'
import { split, unread } from './split.ts'
import type { Envelope, FoundDocument, Known, ReceivedFile, Tools } from './stages.ts'
import { learn, roundedMs, travel } from './travel.ts'
import { takingTurns } from './turns.ts'
import { asNote, unroutableVerdict } from './unroutable.ts'
import { unresolvedFinding } from './unresolved.ts'
import { judgementOf, owesAnswer } from './answer.ts'
import type { ProcessStep } from '#hub/model/states.ts'
import type { ComputedDocument, ComputedEnvelope, ComputedWork, Traveller } from './computed.ts'

/** Takes a whole file through the computing steps. Null where it has more documents than are committed together. */
export async function computeFile(
  file: ReceivedFile,
  from: number | null,
  tools: Tools,
): Promise<ComputedWork | null> {
  const startedMs = performance.now()
  const found = await findDocuments(file, tools)
  if (found.length > limits.splitCommitDocuments) return null
  const turn = takingTurns()
  const splitMs = roundedMs((performance.now() - startedMs) / Math.max(found.length, 1))
  const documents: ComputedDocument[] = []
  for (const each of found) {
    documents.push(await writeAhead(await computeFound(each, splitMs, tools), tools))
    letGoOfSource(each)
    each.message = null
    await turn()
  }
  return {
    transmissionId: file.transmissionId,
    partnerId: file.partnerId,
    task: { kind: 'split', from, to: file.sizeBytes },
    envelopes: await envelopesOf(found, documents, tools),
    documents,
  }
}

/**
 * Takes one found document on, from `resolve`, to the step named `last` or to the end; a received acknowledgement is not mapped, but
 * matched later.
 */
export async function computeFound(
  found: FoundDocument,
  splitMs: number,
  tools: Tools,
  last?: ProcessStep,
): Promise<ComputedDocument> {
  const traveller = travellerOf(found, splitMs)
  if (found.file.opaque !== undefined) return refused(found, await travelOpaque(found, traveller, tools))
  if (found.answer !== null) return computeAnswer(found, traveller, tools)
  return refused(found, await travel(traveller, computingSteps('resolve', last), found, tools))
}

/** To what was refused already resolve only added who it is from and for. */
function refused({ refusal }: FoundDocument, computed: ComputedDocument): ComputedDocument {
  if (refusal === null) return computed
  return { ...computed, verdict: { kind: 'rejected', code: refusal.code, step: 'split' } }
}

/** A document that waited, with what it goes on from: its message in the file, or its canonical form and what was found. */
export interface Arrival {
  document: WaitingDocument
  found: FoundDocument | null
  canonical: CanonicalDocument | null
}

/** Takes documents that waited on: from the file where a step before `judge` is due, else from the canonical document. */
export async function computeWaiting(
  work: Pick<ComputedWork, 'transmissionId' | 'partnerId'>,
  waiting: Arrival[],
  channel: Channel,
  tools: Tools,
): Promise<ComputedWork> {
  const documents: ComputedDocument[] = []
  const turn = takingTurns()
  for (const { document, found, canonical } of waiting) {
    await turn()
    if (canonical !== null)
      documents.push(await writeAhead(await resume(document, canonical, channel, tools), tools))
    else if (found !== null) {
      const cleared = document.resumeAt === 'map'
      const again = { ...found, documentId: document.id, replayed: document.versions, cleared }
      const computed = await computeFound(again, 0, tools)
      documents.push(await writeAhead({ ...computed, interchangeId: document.interchangeId }, tools))
    } else documents.push(lost(document))
  }
  return { ...work, task: { kind: 'resume' }, envelopes: [], documents }
}

/** The interchanges of found documents, with what their judgement needs. */
async function envelopesOf(
  found: FoundDocument[],
  documents: ComputedDocument[],
  tools: Tools,
): Promise<ComputedEnvelope[]> {
  const envelopes = new Map<Envelope, ComputedDocument[]>()
  for (const [index, { envelope }] of found.entries()) {
    if (envelope === null) continue
    const of = envelopes.get(envelope)
    if (of === undefined) envelopes.set(envelope, [documents[index]!])
    else of.push(documents[index]!)
  }
  const computed: ComputedEnvelope[] = []
  for (const [envelope, of] of envelopes) computed.push(await computedEnvelope(envelope, of, tools))
  return computed
}

/** What the judgement of an interchange needs, from its documents. */
async function computedEnvelope(
  envelope: Envelope,
  documents: ComputedDocument[],
  tools: Tools,
): Promise<ComputedEnvelope> {
  const computed = {
    envelope,
    sender: documents[0]?.known.sender ?? envelope.file.partnerId,
    documents,
    total: documents.length,
    final: true,
    claims: false,
    answerChannel: await answerChannelOf(envelope, documents, tools),
  }
  return { ...computed, claims: judgementOf(computed, null).state !== 'rejected' }
}

/** The channel that an interchange is answered over, or null where no answer is owed. */
export async function answerChannelOf(
  envelope: Envelope,
  documents: readonly ComputedDocument[],
  tools: Tools,
): Promise<Channel | null> {
  const profile = documents.find((document) => document.known.profile !== null)?.known.profile ?? null
  return profile !== null && owesAnswer(envelope, profile) ? tools.agreements.answerWay(profile) : null
}

/** The documents of a file, read in the charset that its sender writes. */
export async function findDocuments(file: ReceivedFile, tools: Tools): Promise<FoundDocument[]> {
  if (file.opaque !== undefined) return [opaqueFound(file)]
  const found = await splitOnce(file, tools)
  const written = await inCharset(file, found, tools)
  return written === file ? found : splitOnce(written, tools)
}

async function splitOnce(file: ReceivedFile, tools: Tools): Promise<FoundDocument[]> {
  const outcome = await split.run(file, tools)
  return outcome.kind === 'many' ? outcome.values : []
}

async function computeAnswer(
  found: FoundDocument,
  traveller: Traveller,
  tools: Tools,
): Promise<ComputedDocument> {
  const question = questionOf(found, found.message!, tools)
  const { resolution, known } = await ask(question, tools)
  Object.assign(traveller.known, known, { type: 'acknowledgement', receiver: null, profile: null })
  traveller.known.findings.push(...reasonsOf(found.answer!))
  if (found.refusal !== null)
    return { ...traveller, verdict: { kind: 'rejected', code: found.refusal.code, step: 'split' } }
  const unresolved = resolution.kind === 'unresolved' ? resolution : null
  // no agreement is needed to be answered; but a stranger's answer, or a test one for a live order, counts for nothing
  if (unresolved?.code === 'senderUnknown' || unresolved?.code === 'environmentMismatch') {
    traveller.known.findings.push(unresolvedFinding(unresolved, question, found))
    return { ...traveller, verdict: { kind: 'rejected', code: unresolved.code, step: 'resolve' } }
  }
  return { ...traveller, verdict: { kind: 'answer', answer: found.answer! } }
}

/** What an answer gives as its reasons; its own document shows them. */
function reasonsOf({ findings, messages }: SyntaxAcknowledgement): Finding[] {
  return [...findings, ...messages.flatMap((message) => message.findings)]
}

/** Goes on after a hold, or at any step that needs the canonical document only. */
async function resume(
  document: WaitingDocument,
  canonical: CanonicalDocument,
  channel: Channel,
  tools: Tools,
): Promise<ComputedDocument> {
  const traveller = travellerOfRow(document)
  const { question } = document.versions
  if (question === undefined) return lost(document)
  const startedMs = performance.now()
  const asked = { ...question, channel, at: tools.clock.now() }
  const { only, today, agreements = [] } = document.versions
  const isPinned = agreements.length > 0 && today !== true
  const { resolution, known } = await ask(asked, tools, {
    pins: isPinned ? document.versions : null,
    replayed: document.versions,
  })
  traveller.stepsMs['resolve'] = roundedMs(performance.now() - startedMs)
  learn(traveller, { kind: 'next', value: null, known })
  if (only !== undefined) traveller.known.versions = { ...traveller.known.versions, only }
  traveller.known.canonical = canonical
  if (resolution.kind === 'unresolved') {
    const verdict = unroutableVerdict(resolution.code, resolution.profile)
    const finding = unresolvedFinding(resolution, asked)
    traveller.known.findings = [
      ...traveller.known.findings,
      verdict.kind === 'held' ? asNote(finding) : finding,
    ]
    return { ...traveller, verdict }
  }
  const sizeBytes = document.known.length ?? 0
  const routed = { documentId: document.id, resolution, canonical, sizeBytes, clearedBy: 'person' as const }
  return travel(traveller, computingSteps(document.resumeAt === 'judge' ? 'judge' : 'map'), routed, tools)
}

/** A waiting document that cannot go on: by default its message is no longer found, because the reader has changed. */
export function lost(document: WaitingDocument, code: CodeName = 'readerFailed'): ComputedDocument {
  return { ...travellerOfRow(document), verdict: { kind: 'rejected', code, step: 'split' } }
}

/** A file of which nothing can be had: one document of type `unread`, with the code. */
export function unreadable(file: ReceivedFile, from: number | null, code: CodeName): ComputedWork {
  const traveller = travellerOf(unread(file, null, 1, { code, findings: [] }), 0)
  return {
    transmissionId: file.transmissionId,
    partnerId: file.partnerId,
    task: { kind: 'split', from, to: file.sizeBytes },
    envelopes: [],
    documents: [{ ...traveller, verdict: { kind: 'rejected', code, step: 'split' } }],
  }
}

function travellerOf(
  { documentId, file, envelope, position, message }: FoundDocument,
  splitMs: number,
): Traveller {
  const known: Known = {
    sender: file.partnerId,
    receiver: null,
    env: envelope?.read.env ?? file.channel.env,
    format: envelope?.format.name ?? null,
    type: message === null ? 'unread' : message.wireType,
    wireType: message?.wireType ?? '',
    number: message?.number ?? null,
    reference: message?.reference ?? '',
    function: message?.function ?? null,
    lines: message?.lines ?? 0,
    offset: message?.offset ?? null,
    length: message?.length ?? null,
    findings: message === null ? [] : [...message.findings],
    versions: {},
    profile: null,
    canonical: null,
  }
  return {
    documentId,
    transmissionId: file.transmissionId,
    interchangeId: envelope?.id ?? null,
    position,
    known,
    stepsMs: { split: splitMs },
  }
}

function travellerOfRow(document: WaitingDocument): Traveller {
  const { id, transmissionId, interchangeId, position, known } = document
  return { documentId: id, transmissionId, interchangeId, position, known: { ...known }, stepsMs: {} }
}
