import { derivedId, type DeliveryId } from '#hub/model/ids.ts'
import type { Client } from '#hub/store/connect.ts'
import { findGivenAnswer, type GivenAnswer } from '#hub/store/process-first.ts'
import type { ComputedEnvelope } from './computed.ts'
import type { Repeat } from './repeats.ts'
import type { Rows } from './rows.ts'
import type { Numbers } from './stages.ts'
import { fileRange, wireIdOf } from './write.ts'

/**
 * Adds a delivery of the answer that the first of a repeated interchange got: the same bytes under an identity of their
 * own, so that no channel takes them for what it has. Nothing where the first got none.
 */
export async function addAnswerAgain(
  client: Client,
  { envelope, sender, answerChannel }: ComputedEnvelope,
  { rows, repeat, numbers }: { rows: Rows; repeat: Repeat; numbers: Numbers },
): Promise<void> {
  const channel = answerChannel!
  const given = answerAmong(rows, repeat) ?? (await findGivenAnswer(client, repeat.first))
  if (given === null) return
  const deliveryId = derivedId<DeliveryId>(envelope.id, 'answer again', 'delivery')
  const range = fileRange(channel)
  const wireId = wireIdOf(
    deliveryId,
    range === null
      ? null
      : {
          wireType: envelope.format.name === 'edifact' ? 'CONTRL' : 'ANSWER',
          number: envelope.read.reference,
          format: envelope.format.name,
          sequence: numbers.next(range),
        },
  )
  rows.deliveries.push({
    id: deliveryId,
    partner_id: sender,
    channel_id: channel.id,
    interchange_id: given.interchangeId,
    payload_id: given.payloadId,
    media_type: given.mediaType,
    wire_id: wireId,
    order_key: null,
  })
  rows.acknowledgements.push({
    about_id: envelope.id,
    level: 'syntax',
    way: 'owed',
    partner_id: sender,
    delivery_id: deliveryId,
    state: given.state,
    code: given.code,
    due_in_minutes: null,
  })
  rows.entries.push({
    type: 'acknowledgement.owed',
    body: { level: 'syntax', state: given.state, wireId, again: repeat.of },
    partnerId: sender,
    transmissionId: envelope.file.transmissionId,
    deliveryId,
    actor: 'hub',
  })
  rows.jobs.push({ deliveryId, channelId: channel.id })
}

/** The answer to a first one that is recorded in the same transaction. */
function answerAmong(
  { interchanges, acknowledgements, deliveries }: Rows,
  { first }: Repeat,
): GivenAnswer | null {
  const about =
    'interchangeId' in first
      ? first.interchangeId
      : interchanges.find(
          (row) => row.transmission_id === first.transmissionId && row.position === first.position,
        )?.id
  const owed = acknowledgements.find((row) => row.about_id === about && row.way === 'owed')
  const delivery = deliveries.find((row) => row.id === owed?.delivery_id)
  if (owed === undefined || delivery === undefined) return null
  return {
    interchangeId: delivery.interchange_id,
    payloadId: delivery.payload_id,
    mediaType: delivery.media_type,
    state: owed.state,
    code: owed.code,
  }
}
