import type { Acknowledgement } from '#hub/canonical/index.ts'
import { serialiseCanonical } from '#hub/canonical/index.ts'
import { codes, stableCode } from '#hub/model/codes/index.ts'
import type { NewEntry } from '#hub/model/entries.ts'
import {
  derivedId,
  type DeliveryId,
  type DocumentId,
  type InterchangeId,
  type PayloadId,
} from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import { wireIdOf } from '#hub/pipeline/process/write.ts'
import { takeControlNumbers } from '#hub/store/control-number.ts'
import type { Client } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { insertPayloads } from '#hub/store/payload.ts'
import { insertWireIds } from '#hub/store/process-claim.ts'
import { insertAcknowledgements, insertDeliveries, insertInterchanges } from '#hub/store/process-record.ts'
import { findRefused, type RefusedDocument } from '#hub/store/refusal.ts'

/**
 * Owes the senders of refused documents a negative answer: a business acknowledgement of each, with the person's reason.
 * Where the sender's profile wants refusals told (`acknowledgements.business: refusals`) it is a canonical acknowledgement
 * in JSON over the profile's channel; otherwise it stands on the document's page and in the API alone.
 */
export async function oweRefusals(
  client: Client,
  { queue, sealer }: { queue: JobQueue; sealer: Sealer },
  { documentIds, reason, actor }: { documentIds: readonly DocumentId[]; reason: string; actor: string },
): Promise<void> {
  if (documentIds.length === 0) return
  const refused = await findRefused(client, documentIds)
  const told = refused.filter(isTold)
  const numbers = await fileNumbers(client, told)
  const letters = told.map((document) => letterOf(document, numbers))
  await insertWireIds(client, letters)
  await insertPayloads(
    client,
    sealer,
    letters.map(({ document, payloadId: id }) => ({
      id,
      partnerId: document.sender,
      mediaType: 'application/json',
      bytes: serialiseCanonical(acknowledgementOf(document, reason)),
    })),
  )
  await insertInterchanges(client, letters.map(interchangeOf))
  await insertDeliveries(client, letters.map(deliveryOf))
  const wireIds = new Map(letters.map((letter) => [letter.document.id, letter]))
  await insertAcknowledgements(
    client,
    refused.map(({ id, sender }) => ({
      about_id: id,
      level: 'business',
      way: 'owed',
      partner_id: sender,
      delivery_id: wireIds.get(id)?.deliveryId ?? null,
      state: 'rejected',
      code: stableCode('holdRejected'),
      due_in_minutes: null,
    })),
  )
  await appendEntries(
    client,
    refused.map(({ id, sender }): NewEntry => {
      const letter = wireIds.get(id)
      return {
        type: 'acknowledgement.owed',
        body: { level: 'business', state: 'rejected', wireId: letter?.wireId ?? '' },
        partnerId: sender,
        documentId: id,
        deliveryId: letter?.deliveryId ?? null,
        actor,
      }
    }),
  )
  await queue.deliver(
    client,
    letters.map(({ deliveryId, channelId }) => ({ deliveryId, channelId })),
  )
}

type Told = RefusedDocument & { channel: NonNullable<RefusedDocument['channel']> }

function isTold(document: RefusedDocument): document is Told {
  return document.business === 'refusals' && document.channel !== null
}

interface Letter {
  document: Told
  channelId: Told['channel']['id']
  interchangeId: InterchangeId
  deliveryId: DeliveryId
  payloadId: PayloadId
  wireId: string
}

/** Files have a number in their names, so that none comes twice on a channel. */
async function fileNumbers(client: Client, told: readonly Told[]): Promise<Map<DocumentId, number>> {
  const files = Map.groupBy(
    told.filter(({ channel }) => channel.kind === 'sftp' || channel.kind === 'mailbox'),
    ({ channel }) => channel.id,
  )
  const first = await takeControlNumbers(
    client,
    [...files].map(([id, { length: count }]) => ({ sender: 'channel', receiver: id, kind: 'file', count })),
  )
  const numbers = [...files.values()].flatMap((documents, at) =>
    documents.map(({ id }, place) => [id, first[at]! + place] as const),
  )
  return new Map(numbers)
}

function letterOf(document: Told, numbers: ReadonlyMap<DocumentId, number>): Letter {
  const interchangeId = derivedId<InterchangeId>(document.id, 'refusal', 'interchange')
  const deliveryId = derivedId<DeliveryId>(interchangeId, 'delivery')
  const sequence = numbers.get(document.id)
  const named = { wireType: 'REFUSAL', number: document.number, format: 'json' as const }
  return {
    document,
    channelId: document.channel.id,
    interchangeId,
    deliveryId,
    payloadId: derivedId<PayloadId>(document.id, 'refusal'),
    wireId: wireIdOf(deliveryId, sequence === undefined ? null : { ...named, sequence }),
  }
}

function acknowledgementOf(
  { type, number, reference }: RefusedDocument,
  reason: string,
): Acknowledgement & { [member: string]: unknown } {
  return {
    type: 'acknowledgement',
    version: '1',
    level: 'business',
    scope: 'document',
    status: 'rejected',
    errors: [{ code: codes.holdRejected.code, position: {}, text: reason }],
    references: {
      ...(reference !== '' && { interchange: reference }),
      ...(number !== null && { document: { type, id: number } }),
    },
  }
}

function interchangeOf({ document, interchangeId }: Letter) {
  return {
    id: interchangeId,
    partner_id: document.sender,
    direction: 'out' as const,
    transmission_id: null,
    position: 1,
    sender: null,
    receiver: null,
    reference: '',
    env: document.env,
    documents: 1,
    code: null,
    state: 'accepted' as const,
    findings_id: null,
  }
}

function deliveryOf({ document, channelId, interchangeId, deliveryId, payloadId, wireId }: Letter) {
  return {
    id: deliveryId,
    partner_id: document.sender,
    channel_id: channelId,
    interchange_id: interchangeId,
    payload_id: payloadId,
    media_type: 'application/json',
    wire_id: wireId,
    order_key: null,
  }
}
