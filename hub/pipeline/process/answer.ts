import type { Profile } from '#hub/model/agreement.ts'
import { codes, type CodeName } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { JudgedInterchange, WritableMessage } from '#hub/model/format.ts'
import { derivedId, type DeliveryId, type InterchangeId, type PayloadId } from '#hub/model/ids.ts'
import type { NumberRange } from '#hub/model/numbers.ts'
import type { Channel } from '#hub/model/transport.ts'
import type { ComputedDocument, ComputedEnvelope } from './computed.ts'
import { findingOf } from './finding-of.ts'
import type { Envelope, Tools } from './stages.ts'
import { faultsOf, fileRange, rangeName, wireIdOf } from './write.ts'

/** What an interchange comes to when all its documents are known. */
export interface Judgement {
  state: 'accepted' | 'partial' | 'rejected'
  code: CodeName | null
  accepted: number
  findings: Finding[]
}

/** An answer with its bytes and identity, ready to be recorded. */
export interface WrittenAnswer {
  channel: Channel
  interchangeId: InterchangeId
  deliveryId: DeliveryId
  payloadId: PayloadId
  reference: string
  wireId: string
  bytes: Buffer
}

/**
 * Whether the sender gets a syntax acknowledgement: its profile decides, and without a word of it the envelope. Where
 * the envelope names no sender or receiver there is nothing to copy, hence no answer (ISO 9735-4). Never one to an answer.
 */
export function owesAnswer({ read }: Envelope, { terms }: Profile): boolean {
  if (read.sender === null || read.receiver === null) return false
  switch (terms.acknowledgements?.syntax ?? 'as_requested') {
    case 'none':
      return false
    case 'always':
      return true
    case 'as_requested':
      return read.acknowledgementRequested !== 'none'
  }
}

/** Why nothing of an interchange that came before was taken. */
export type RepeatCode = Extract<
  CodeName,
  'interchangeDuplicate' | 'interchangeReferenceReused' | 'messageIdReused'
>

/** Judges an interchange by its envelope, its documents, and the code of a reference that was used before, if it was. */
export function judgementOf({ envelope, documents }: ComputedEnvelope, used: RepeatCode | null): Judgement {
  const code = used ?? envelope.code
  if (code !== null)
    return { state: 'rejected', code, accepted: 0, findings: [...envelope.findings, findingOf(code, null)] }
  const accepted = documents.filter(isTaken).length
  const state = accepted === documents.length ? 'accepted' : accepted > 0 ? 'partial' : 'rejected'
  const misaddressed = state === 'rejected' ? misaddressedOf(documents) : null
  if (misaddressed !== null)
    return { state, accepted, ...misaddressed, findings: [...envelope.findings, ...misaddressed.findings] }
  const only = state === 'rejected' ? documents[0]?.verdict : undefined
  return {
    state,
    code: only?.kind === 'rejected' ? only.code : null,
    accepted,
    findings: envelope.findings,
  }
}

/** Codes about what the envelope says for all its messages: they are answered for the interchange as a whole. */
const envelopeCodes: ReadonlySet<CodeName> = new Set<CodeName>([
  'senderUnknown',
  'receiverUnknown',
  'environmentMismatch',
])

/** Why an interchange of which no message found its way came from or went to nobody; null if that is not why. */
function misaddressedOf(documents: readonly ComputedDocument[]): Pick<Judgement, 'code' | 'findings'> | null {
  for (const { verdict, known } of documents) {
    if (verdict.kind !== 'rejected' || verdict.step !== 'resolve') return null
    if (!envelopeCodes.has(verdict.code)) continue
    return {
      code: verdict.code,
      findings: known.findings.filter((one) => one.code === verdict.code).slice(0, 1),
    }
  }
  return null
}

/**
 * Whether the answer calls a document accepted. It speaks about what the sender wrote: a fault of the hub's own, after
 * the message was found right, is mended here and needs no second sending.
 */
export function isTaken({ verdict }: Pick<ComputedDocument, 'verdict'>): boolean {
  // one that is known by its business key stands in an interchange of its own, which was right
  if (verdict.kind === 'duplicate') return verdict.step === 'judge'
  if (verdict.kind !== 'rejected') return true
  const early = verdict.step === 'split' || verdict.step === 'resolve' || verdict.step === 'check'
  return !early && codes[verdict.code].turn !== 'sender'
}

/** The ranges that an answer takes numbers from: its own, so that it never bears an order's reference. */
export function answerRanges({ envelope, sender }: ComputedEnvelope, channel: Channel) {
  const between = {
    sender: rangeName(envelope.read.receiver, 'hub'),
    receiver: rangeName(envelope.read.sender, sender),
    partnerId: sender,
  }
  return {
    interchange: { ...between, kind: 'answer' } satisfies NumberRange,
    message: { ...between, kind: 'answer-message' } satisfies NumberRange,
    file: fileRange(channel),
  }
}

/**
 * Composes and writes the answer to a judged interchange, with sender and receiver swapped and a reference of its own
 * range. Null where the format has none to give. Throws HubError `notWritable`.
 */
export function writeAnswer(
  computed: ComputedEnvelope,
  judgement: Judgement,
  channel: Channel,
  tools: Tools,
): WrittenAnswer | null {
  const { envelope } = computed
  const message = composeAnswer(computed, judgement)
  if (message === null) return null
  const ranges = answerRanges(computed, channel)
  // an A before the number: the partner sees one row of references from us, and no two may be alike
  const reference = `A${String(tools.numbers.next(ranges.interchange)).padStart(6, '0')}`
  const messageReference = String(tools.numbers.next(ranges.message))
  const sequence = ranges.file === null ? null : tools.numbers.next(ranges.file)
  const bytes = envelope.format.write({
    sender: envelope.read.receiver,
    receiver: envelope.read.sender,
    reference,
    env: envelope.read.env ?? channel.env,
    at: tools.clock.now(),
    messages: [{ ...message, reference: messageReference }],
    terms: profileOf(computed)?.terms.write ?? {},
  })
  if (faultsOf(envelope.format, bytes) !== null) return null
  const interchangeId = derivedId<InterchangeId>(envelope.id, 'answer', 'interchange')
  const deliveryId = derivedId<DeliveryId>(interchangeId, 'delivery')
  const named = { wireType: message.wireType, number: envelope.read.reference, format: envelope.format.name }
  return {
    channel,
    interchangeId,
    deliveryId,
    payloadId: derivedId<PayloadId>(envelope.id, 'answer'),
    reference,
    wireId: wireIdOf(deliveryId, sequence === null ? null : { ...named, sequence }),
    bytes,
  }
}

function composeAnswer(computed: ComputedEnvelope, judgement: Judgement): WritableMessage | null {
  const { envelope, documents } = computed
  const judged: JudgedInterchange = {
    interchange: envelope.read,
    trailer: envelope.trailer,
    messages: envelope.messages.map((message, index) => ({
      message,
      accepted: judgement.state !== 'rejected' && isTaken(documents[index]!),
      findings: documents[index]!.known.findings,
    })),
    findings: judgement.findings,
    state: judgement.state,
  }
  const version = profileOf(computed)?.terms.acknowledgements?.syntaxVersion
  return envelope.format.acknowledge(judged, version === undefined ? {} : { version })
}

function profileOf({ documents }: ComputedEnvelope): Profile | null {
  return documents.find((document) => document.known.profile !== null)?.known.profile ?? null
}
