import { createHash } from 'node:crypto'
import type { CodeName } from '#hub/model/codes/index.ts'
import { HubError } from '#hub/model/errors.ts'
import type { FormatName } from '#hub/model/format.ts'
import { derivedId, type DeliveryId, type InterchangeId, type PayloadId } from '#hub/model/ids.ts'
import { numberText, type NumberRange } from '#hub/model/numbers.ts'
import { takeNumbers, type TakenNumbers } from '#hub/pipeline/process/numbers.ts'
import { fileRange, mediaTypes, rangeName, wireIdOf } from '#hub/pipeline/process/write.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { placeInOrder } from '#hub/store/order.ts'
import { insertPayloads, readPayload } from '#hub/store/payload.ts'
import { insertWireIds } from '#hub/store/process-claim.ts'
import { insertAcknowledgements, insertDeliveries, insertInterchanges } from '#hub/store/process-record.ts'
import type { ItemEnd } from '#hub/store/replay.ts'
import { insertCopy, lockOutput, type CopiedOutput } from '#hub/store/replay-work.ts'
import { rollUpDocuments } from '#hub/store/settle-documents.ts'
import type { ReplayWork } from './execute.ts'

/**
 * Sends what a receiver got of a document once more as something new: the same content, in an interchange of its own, with a new
 * identity on the wire and new control numbers. The first one stays as it is.
 */
export async function sendAsNew(work: ReplayWork): Promise<ItemEnd> {
  const { client, replay, item } = work
  const { documentId, deliveryId } = item
  if (documentId === null || deliveryId === null) return { outcome: 'skipped', code: 'replayNothing' }
  const output = await lockOutput(client, documentId, deliveryId)
  if (output === null) return { outcome: 'skipped', code: 'replayNothing' }
  if (output.env !== replay.env || output.channelEnv !== replay.env)
    return { outcome: 'skipped', code: 'replayEnvironmentsMixed' }
  const ranges = rangesOf(output)
  const numbers = await takeNumbers(client, Object.values(ranges))
  const wanted = Object.values(ranges).filter((range) => range !== null)
  if (!numbers.suffice(wanted)) {
    numbers.lose(wanted, { documentId, code: 'numbersExhausted' })
    await appendEntries(client, numbers.explained())
    return { outcome: 'skipped', code: 'numbersExhausted' }
  }
  const copy = await writeCopy(work, output, { numbers, ranges })
  if ('code' in copy) {
    numbers.lose(wanted, { documentId, code: 'notWritable' })
    await appendEntries(client, numbers.explained())
    return { outcome: 'skipped', code: copy.code }
  }
  await insert(work, output, copy)
  await appendEntries(client, numbers.explained())
  work.jobs.deliver.push({ deliveryId: copy.deliveryId, channelId: output.channelId })
  return { outcome: 'done', madeId: copy.deliveryId }
}

type Ranges = ReturnType<typeof rangesOf>

/** The ranges that the first one took its numbers from. */
function rangesOf(output: CopiedOutput) {
  const { wireSender, wireReceiver, sender, partnerId, numberTerms, channelId, channelKind } = output
  const between = {
    sender: rangeName(wireSender, sender),
    receiver: rangeName(wireReceiver, partnerId),
    partnerId,
  }
  return {
    interchange: { ...between, kind: 'interchange', ...(numberTerms && { terms: numberTerms }) },
    message: { ...between, kind: 'message' },
    file: fileRange({ id: channelId, kind: channelKind, partnerId }),
  } satisfies Record<string, NumberRange | null>
}

interface Copy {
  copy: number
  interchangeId: InterchangeId
  deliveryId: DeliveryId
  payloadId: PayloadId
  reference: string
  messageReference: string
  wireId: string
  bytes: Buffer
  format: FormatName
}

/** A code where the bytes are damaged, or cannot be taken into an interchange of their own. */
async function writeCopy(
  { client, deps }: ReplayWork,
  output: CopiedOutput,
  { numbers, ranges }: { numbers: TakenNumbers; ranges: Ranges },
): Promise<Copy | { code: CodeName }> {
  const format = formatOf(output.mediaType)
  const copy = output.lastCopy + 1
  numbers.begin()
  const reference = numberText(numbers.next(ranges.interchange), ranges.interchange.terms)
  const messageReference = String(numbers.next(ranges.message))
  const sequence = ranges.file === null ? null : numbers.next(ranges.file)
  const interchangeId = derivedId<InterchangeId>(output.documentId, output.agreementKey, copy, 'interchange')
  const deliveryId = derivedId<DeliveryId>(interchangeId, 'delivery')
  const { wireType, number, position } = output
  const as = { position, reference, messageReference, at: deps.clock.now() }
  try {
    const sent = await readPayload(client, deps.sealer, output.payloadId)
    return {
      copy,
      interchangeId,
      deliveryId,
      payloadId: derivedId<PayloadId>(interchangeId, 'output'),
      reference,
      messageReference,
      wireId: wireIdOf(deliveryId, sequence === null ? null : { wireType, number, sequence, format }),
      bytes: deps.formats[format].renumber?.(sent, as) ?? sent,
      format,
    }
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    deps.log.warn({ err: error, documentId: output.documentId, step: 'replay' }, 'not sent as new')
    return { code: error.code === 'payloadDamaged' ? 'payloadDamaged' : 'notWritable' }
  }
}

async function insert(work: ReplayWork, output: CopiedOutput, copy: Copy): Promise<void> {
  const { client, deps } = work
  const { interchangeId, deliveryId, payloadId, wireId, bytes, reference, messageReference } = copy
  const { documentId, agreementId, partnerId, channelId, mediaType, orderKey, sender } = output
  await insertWireIds(client, [{ channelId, wireId, deliveryId }])
  await insertPayloads(client, deps.sealer, [{ id: payloadId, partnerId, mediaType, bytes }])
  await insertInterchanges(client, [
    {
      id: interchangeId,
      partner_id: partnerId,
      direction: 'out',
      transmission_id: null,
      position: 1,
      sender: output.wireSender,
      receiver: output.wireReceiver,
      reference,
      env: output.env,
      documents: 1,
      code: null,
      state: 'accepted',
      findings_id: null,
    },
  ])
  const number = copy.copy
  await insertCopy(client, {
    documentId,
    agreementId,
    copy: number,
    partnerId,
    interchangeId,
    messageReference,
  })
  await insertDeliveries(client, [
    {
      id: deliveryId,
      partner_id: partnerId,
      channel_id: channelId,
      interchange_id: interchangeId,
      payload_id: payloadId,
      media_type: mediaType,
      wire_id: wireId,
      order_key: orderKey,
      name: copy.format === 'opaque' ? output.number : null,
    },
  ])
  if (orderKey !== null) await placeInOrder(client, [{ deliveryId, transmissionId: null, sender, place: 0 }])
  await expectAnswer(work, output, interchangeId)
  await rollUpDocuments(client, [interchangeId])
  await tell(work, output, copy)
}

/** An answer is expected to the copy, where one was to the first. */
async function expectAnswer(
  { client }: ReplayWork,
  { partnerId, answerDueInMinutes }: CopiedOutput,
  interchangeId: InterchangeId,
): Promise<void> {
  if (answerDueInMinutes === null) return
  await insertAcknowledgements(client, [
    {
      about_id: interchangeId,
      level: 'syntax',
      way: 'expected',
      partner_id: partnerId,
      delivery_id: null,
      state: 'waiting',
      code: null,
      due_in_minutes: answerDueInMinutes,
    },
  ])
}

async function tell(
  { client, replay, actor }: ReplayWork,
  { documentId, sender, partnerId, channelKey }: CopiedOutput,
  { deliveryId, wireId, bytes, format, copy }: Copy,
): Promise<void> {
  await appendEntries(client, [
    {
      type: 'document.replayed',
      body: { replay: replay.id, kind: 'as_new', made: deliveryId, reason: replay.reason },
      partnerId: sender,
      documentId,
      actor,
    },
    {
      type: 'output.queued',
      body: {
        channel: channelKey,
        format,
        wireId,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        sizeBytes: bytes.length,
        copy,
      },
      partnerId,
      documentId,
      deliveryId,
      actor,
    },
  ])
}

/** The format that a media type of ours stands for. */
function formatOf(mediaType: string): FormatName {
  const found = Object.entries(mediaTypes).find(([, type]) => type === mediaType)
  return (found?.[0] ?? 'opaque') as FormatName
}
