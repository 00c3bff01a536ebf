import { stableCode } from '#hub/model/codes/index.ts'
import type { DocumentEntry, NewEntry } from '#hub/model/entries.ts'
import type { DocumentId, PayloadId } from '#hub/model/ids.ts'
import type { NewNotice } from '#hub/model/notice.ts'
import type { DeliverJob } from '#hub/model/queue.ts'
import type { OrderedDelivery } from '#hub/store/order.ts'
import type { NewPayload } from '#hub/store/payload.ts'
import type { SharedPayload } from '#hub/store/share.ts'
import type {
  AcknowledgementRow,
  DeliveryRow,
  DocumentRow,
  HoldRow,
  InterchangeRow,
  OutputRow,
} from '#hub/store/process-record.ts'
import { hash } from 'node:crypto'
import type { Judgement, WrittenAnswer } from './answer.ts'
import { noticesOf } from './causes.ts'
import { holdRow } from './hold-row.ts'
import type { ComputedDocument, ComputedEnvelope, PartedDocument, Verdict } from './computed.ts'
import { addCanonical, addFindings } from './row-payloads.ts'
import type { WrittenOutput } from './stages.ts'
import { mediaTypes } from './write.ts'

/** Everything one transaction writes, collected before the first statement. */
export interface Rows {
  payloads: NewPayload[]
  /** Those that go out as they came. */
  shared: SharedPayload[]
  interchanges: InterchangeRow[]
  documents: DocumentRow[]
  /** Documents that come from others. */
  origins: { id: DocumentId; originId: DocumentId; kind: 'split' }[]
  holds: HoldRow[]
  outputs: OutputRow[]
  deliveries: DeliveryRow[]
  /** Outputs that leave with others; what else there is of them is added when they have their places (bundle.ts). */
  bundled: { document: ComputedDocument; output: WrittenOutput }[]
  /** Those of the deliveries that leave in order. */
  ordered: OrderedDelivery[]
  acknowledgements: AcknowledgementRow[]
  entries: NewEntry[]
  notices: NewNotice[]
  jobs: DeliverJob[]
}

export function noRows(): Rows {
  return {
    payloads: [],
    shared: [],
    interchanges: [],
    documents: [],
    origins: [],
    holds: [],
    outputs: [],
    deliveries: [],
    bundled: [],
    ordered: [],
    acknowledgements: [],
    entries: [],
    notices: [],
    jobs: [],
  }
}

/** The verdict that is recorded: after the bytes were written, or the answer was matched. */
export type FinalVerdict =
  | Exclude<Verdict, { kind: 'mapped' | 'answer' }>
  | { kind: 'written'; outputs: WrittenOutput[] }
  | { kind: 'matched' }

/** Adds what is recorded of a document, with its outputs. */
export function addDocument(rows: Rows, document: ComputedDocument, verdict: FinalVerdict): void {
  const canonicalId = addCanonical(rows, document)
  const findingsId = addFindings(rows, document.documentId, document.known.sender, document.known.findings)
  const outputs = verdict.kind === 'written' ? verdict.outputs : []
  for (const output of outputs) addOutput(rows, document, output)
  rows.documents.push(documentRow(document, verdict, { canonicalId, findingsId }))
  if (verdict.kind === 'held') rows.holds.push(holdRow(document, verdict))
  rows.notices.push(...noticesOf(document, verdict))
  const entry = documentEntry(document, verdict)
  if (entry !== null) rows.entries.push(entry)
}

/** Adds what went apart from a document: a row of its own, and a word in the ledger of the one it comes from. */
export function addParted(rows: Rows, part: PartedDocument): void {
  const { verdict, originId, documentId, transmissionId, known } = part
  if (verdict.kind === 'mapped' || verdict.kind === 'answer') return
  addDocument(rows, part, verdict)
  rows.origins.push({ id: documentId, originId, kind: 'split' })
  rows.entries.push({
    type: 'document.parted',
    body: {
      part: documentId,
      state: verdict.kind,
      code: 'code' in verdict ? stableCode(verdict.code) : null,
      agreements: known.versions.only ?? [],
    },
    partnerId: known.sender,
    transmissionId,
    documentId: originId,
    actor: 'hub',
  })
}

/** Adds an inbound interchange; without a judgement it is still open. */
export function addInterchange(rows: Rows, computed: ComputedEnvelope, judgement: Judgement | null): void {
  const { envelope, sender } = computed
  const { read, file } = envelope
  const findingsId = addFindings(rows, envelope.id, sender, judgement?.findings ?? [])
  rows.interchanges.push({
    id: envelope.id,
    partner_id: sender,
    direction: 'in',
    transmission_id: file.transmissionId,
    position: envelope.position,
    sender: read.sender,
    receiver: read.receiver,
    reference: read.reference,
    env: read.env ?? file.channel.env,
    documents: computed.total,
    code: judgement?.code ? stableCode(judgement.code) : null,
    state: judgement?.state ?? 'open',
    findings_id: findingsId,
  })
  if (judgement === null) return
  rows.entries.push({
    type: 'interchange.judged',
    body: {
      reference: read.reference,
      state: judgement.state,
      documents: computed.total,
      accepted: judgement.accepted,
      code: judgement.code ? stableCode(judgement.code) : null,
    },
    partnerId: sender,
    transmissionId: file.transmissionId,
    actor: 'hub',
  })
}

/** Adds the answer owed for an interchange, with its delivery. */
export function addAnswer(
  rows: Rows,
  { envelope, sender }: ComputedEnvelope,
  judgement: Judgement,
  answer: WrittenAnswer,
): void {
  const mediaType = mediaTypes[envelope.format.name]
  rows.payloads.push({ id: answer.payloadId, partnerId: sender, mediaType, bytes: answer.bytes })
  rows.interchanges.push({
    ...outbound,
    id: answer.interchangeId,
    partner_id: sender,
    sender: envelope.read.receiver,
    receiver: envelope.read.sender,
    reference: answer.reference,
    env: envelope.read.env ?? answer.channel.env,
  })
  rows.deliveries.push({
    id: answer.deliveryId,
    partner_id: sender,
    channel_id: answer.channel.id,
    interchange_id: answer.interchangeId,
    payload_id: answer.payloadId,
    media_type: mediaType,
    wire_id: answer.wireId,
    order_key: null,
  })
  rows.acknowledgements.push({
    about_id: envelope.id,
    level: 'syntax',
    way: 'owed',
    partner_id: sender,
    delivery_id: answer.deliveryId,
    state: judgement.state,
    code: judgement.code ? stableCode(judgement.code) : null,
    due_in_minutes: null,
  })
  rows.entries.push({
    type: 'acknowledgement.owed',
    body: { level: 'syntax', state: judgement.state, wireId: answer.wireId },
    partnerId: sender,
    transmissionId: envelope.file.transmissionId,
    deliveryId: answer.deliveryId,
    actor: 'hub',
  })
  rows.jobs.push({ deliveryId: answer.deliveryId, channelId: answer.channel.id })
}

const outbound = {
  direction: 'out',
  transmission_id: null,
  position: 1,
  documents: 1,
  code: null,
  state: 'accepted',
  findings_id: null,
} as const

function addOutput(rows: Rows, document: ComputedDocument, output: WrittenOutput): void {
  const { agreement, bytes, kept } = output
  const { channel, receiver } = agreement
  const partner = receiver.partnerId
  const mediaType = kept?.mediaType ?? mediaTypes[output.format]
  const sha256 = kept?.sha256 ?? hash('sha256', bytes, 'buffer')
  if (kept === undefined)
    rows.payloads.push({ id: output.payloadId, partnerId: partner, mediaType, bytes, sha256 })
  else rows.shared.push({ payloadId: kept.payloadId, partnerId: partner })
  if (output.bundledAs !== undefined) {
    rows.bundled.push({ document, output })
    return
  }
  rows.interchanges.push({
    ...outbound,
    id: output.interchangeId,
    partner_id: partner,
    sender: agreement.wireSender,
    receiver: agreement.wireReceiver,
    reference: output.reference,
    env: output.env,
  })
  rows.outputs.push({
    document_id: document.documentId,
    agreement_id: output.agreementId,
    partner_id: partner,
    interchange_id: output.interchangeId,
    message_ref: output.messageReference,
  })
  rows.deliveries.push({
    id: output.deliveryId,
    partner_id: partner,
    channel_id: channel.id,
    interchange_id: output.interchangeId,
    payload_id: output.payloadId,
    media_type: mediaType,
    wire_id: output.wireId,
    order_key: standInOrder(rows, document, output),
    name: kept?.name ?? null,
  })
  const dueInMinutes = receiver.terms.acknowledgements?.expectSyntaxWithinMinutes
  if (dueInMinutes !== undefined) rows.acknowledgements.push(expected(output, dueInMinutes))
  rows.entries.push({
    type: 'output.queued',
    body: {
      channel: channel.key,
      format: output.format,
      wireId: output.wireId,
      sha256: sha256.toString('hex'),
      sizeBytes: kept?.sizeBytes ?? bytes.length,
      copy: 0,
    },
    partnerId: partner,
    documentId: document.documentId,
    deliveryId: output.deliveryId,
    actor: 'hub',
  })
  rows.jobs.push({ deliveryId: output.deliveryId, channelId: channel.id })
}

/** The key of an ordered flow, or null; its place in it is given when all rows are there. */
function standInOrder(
  rows: Rows,
  { transmissionId, position, known, marks }: ComputedDocument,
  { agreement, deliveryId }: WrittenOutput,
): string | null {
  const key = marks?.orderKeys?.get(agreement.key) ?? null
  const { sender, offset } = known
  if (key !== null) rows.ordered.push({ deliveryId, transmissionId, sender, place: offset ?? position })
  return key
}

function expected(output: WrittenOutput, dueInMinutes: number): AcknowledgementRow {
  return {
    about_id: output.interchangeId,
    level: 'syntax',
    way: 'expected',
    partner_id: output.agreement.receiver.partnerId,
    delivery_id: null,
    state: 'waiting',
    code: null,
    due_in_minutes: dueInMinutes,
  }
}

function documentRow(
  document: ComputedDocument,
  verdict: FinalVerdict,
  payloads: { canonicalId: PayloadId | null; findingsId: PayloadId | null },
): DocumentRow {
  const { known } = document
  const stopped = verdict.kind === 'written' || verdict.kind === 'matched' ? null : verdict.step
  const outputs = verdict.kind === 'written' ? verdict.outputs : []
  const awaited = outputs.some(
    ({ agreement }) => agreement.receiver.terms.acknowledgements?.expectSyntaxWithinMinutes !== undefined,
  )
  return {
    id: document.documentId,
    transmission_id: document.transmissionId,
    interchange_id: document.interchangeId,
    position: document.position,
    sender: known.sender,
    receiver: known.receiver,
    env: known.env,
    format: known.format,
    type: known.type,
    wire_type: known.wireType,
    number: known.number,
    reference: known.reference,
    function: known.function,
    lines: known.lines,
    processing: processingOf(verdict),
    resume_at: verdict.kind === 'held' ? resumeAt(document, verdict) : null,
    stopped_at: stopped,
    code: verdict.kind === 'rejected' || verdict.kind === 'held' ? stableCode(verdict.code) : null,
    raw_offset: known.offset,
    raw_length: known.length,
    canonical_id: payloads.canonicalId,
    findings_id: payloads.findingsId,
    versions: known.versions,
    delivery: outputs.length > 0 ? 'waiting' : 'none',
    acknowledgement: awaited ? 'waiting' : 'none',
  }
}

/** A person's release goes on where the rail stood; a document without a way looks for one again. */
function resumeAt(
  { canonicalBytes }: ComputedDocument,
  { step }: Extract<FinalVerdict, { kind: 'held' }>,
): DocumentRow['resume_at'] {
  if (step !== 'resolve') return 'map'
  return canonicalBytes === undefined ? 'resolve' : 'judge'
}

function processingOf(verdict: FinalVerdict): DocumentRow['processing'] {
  switch (verdict.kind) {
    case 'written':
    case 'matched':
      return 'processed'
    case 'rejected':
    case 'held':
    case 'duplicate':
      return verdict.kind
  }
}

function documentEntry(document: ComputedDocument, verdict: FinalVerdict): NewEntry | null {
  const { known, stepsMs, documentId, transmissionId } = document
  const about = { partnerId: known.sender, transmissionId, documentId, actor: 'hub' }
  const body: DocumentEntry = {
    type: known.type,
    number: known.number,
    findings: known.findings.length,
    stepsMs,
    ...(document.repeat && { repeat: document.repeat }),
  }
  switch (verdict.kind) {
    case 'written':
      return { ...about, type: 'document.processed', body: { ...body, outputs: verdict.outputs.length } }
    case 'rejected':
      return {
        ...about,
        type: 'document.rejected',
        body: { ...body, code: stableCode(verdict.code), step: verdict.step },
      }
    case 'held':
      return {
        ...about,
        type: 'document.held',
        body: { ...body, code: stableCode(verdict.code), rule: verdict.rule, step: verdict.step },
      }
    case 'duplicate':
      return { ...about, type: 'document.duplicate', body: { ...body, of: verdict.of } }
    case 'matched':
      // match.ts has written document.matched
      return null
  }
}
