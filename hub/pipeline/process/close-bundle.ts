import { createHash } from 'node:crypto'
import type { Clock } from '#hub/base/clock.ts'
import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import { HubError, messageOf } from '#hub/model/errors.ts'
import type { NewEntry } from '#hub/model/entries.ts'
import type { Format, FormatName } from '#hub/model/format.ts'
import { derivedId, newId, type DeliveryId, type InterchangeId, type PayloadId } from '#hub/model/ids.ts'
import { numberText } from '#hub/model/numbers.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import {
  findBundleItems,
  findDueBundles,
  findNumberTerms,
  finishBundle,
  postponeBundle,
  setApart,
  takeDueBundle,
  type Bundle,
  type WaitingItem,
} from '#hub/store/bundle.ts'
import type { Client, Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { placeInOrder } from '#hub/store/order.ts'
import { insertPayloads, readPayload, readSmallPayloads } from '#hub/store/payload.ts'
import { insertWireIds } from '#hub/store/process-claim.ts'
import { insertAcknowledgements, insertDeliveries } from '#hub/store/process-record.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { takeNumbers } from './numbers.ts'
import { faultsOf, mediaTypes, wireIdOf } from './write.ts'

export interface BundleDeps {
  store: Store
  sealer: Sealer
  queue: JobQueue
  formats: Readonly<Record<FormatName, Format>>
  clock: Clock
  log: Log
}

/**
 * Closes the bundles that are due by now or full: each becomes one interchange with one delivery, in one transaction of its
 * own, whoever else is at it. One that cannot be closed is logged and tried again later. Returns how many were closed.
 */
export async function closeDueBundles(deps: BundleDeps): Promise<number> {
  const { store, clock, log } = deps
  const now = clock.now()
  let closed = 0
  for (const id of await findDueBundles(store.worker, now, limits.bundlesClosed)) {
    try {
      if (await closeOne(deps, id, now)) closed += 1
    } catch (error) {
      log.error({ bundle: id, reason: messageOf(error), step: 'watch' }, 'a bundle could not be closed')
      const later = new Date(now.getTime() + limits.bundleRetryMinutes * 60_000)
      await postponeBundle(store.worker, id, later)
    }
  }
  return closed
}

interface Message extends WaitingItem {
  bytes: Buffer
}

async function closeOne(deps: BundleDeps, id: InterchangeId, now: Date): Promise<boolean> {
  return inTransaction(deps.store.worker, 'bundle.close', async (client) => {
    const bundle = await takeDueBundle(client, id, now)
    if (bundle === null) return false
    const items = await findBundleItems(client, id)
    const messages = await soundOnes(client, deps, { bundle, items, now })
    if (messages.length === 0)
      throw new HubError('notWritable', 'none of the messages of the bundle can be written')
    if (messages.length < items.length) await leaveBehind(client, deps, { bundle, items, messages, now })
    await leave(client, deps, { bundle, messages, now })
    return true
  })
}

/** The messages that can be read and put into an interchange; what was kept sound is not to wait for what was damaged. */
async function soundOnes(
  client: Client,
  { sealer, formats }: BundleDeps,
  { bundle, items, now }: { bundle: Bundle; items: readonly WaitingItem[]; now: Date },
): Promise<Message[]> {
  const format = formats[bundle.facts.format]
  const small = await readSmallPayloads(
    client,
    sealer,
    items.map(({ payloadId }) => payloadId),
  )
  const sound: Message[] = []
  for (const item of items) {
    try {
      const bytes = small.get(item.payloadId) ?? (await readPayload(client, sealer, item.payloadId))
      bundleOf(format, [bytes], { reference: '1', messageReferences: ['1'], at: now })
      sound.push({ ...item, bytes })
    } catch (error) {
      if (!(error instanceof HubError)) throw error
    }
  }
  return sound
}

async function leaveBehind(
  client: Client,
  { log }: BundleDeps,
  about: { bundle: Bundle; items: readonly WaitingItem[]; messages: readonly Message[]; now: Date },
): Promise<void> {
  const { bundle, items, messages, now } = about
  const going = new Set(messages.map(({ place }) => place))
  const places = items.map(({ place }) => place).filter((place) => !going.has(place))
  const dueAt = new Date(now.getTime() + limits.bundleRetryMinutes * 60_000)
  const apart = { ...bundle, id: newId<InterchangeId>(), documents: places.length, dueAt }
  await setApart(client, bundle.id, apart, places)
  log.error({ bundle: apart.id, step: 'watch' }, 'messages of a bundle cannot be written; the others leave')
}

/** The bytes, read back before they are believed. Throws HubError `notWritable`. */
function bundleOf(
  format: Format,
  parts: readonly Buffer[],
  as: { reference: string; messageReferences: string[]; at: Date },
): Buffer {
  if (format.bundle === undefined) throw new HubError('notWritable', `${format.name} has no bundles`)
  const bytes = format.bundle(parts, as)
  const faults = faultsOf(format, bytes, parts.length)
  if (faults !== null) throw new HubError('notWritable', faults[0]?.message ?? 'it does not read back')
  return bytes
}

async function leave(
  client: Client,
  { sealer, queue, formats }: BundleDeps,
  { bundle, messages, now }: { bundle: Bundle; messages: readonly Message[]; now: Date },
): Promise<void> {
  const { id, partnerId, facts } = bundle
  const { channel, format } = facts
  const ranges = await rangesNow(client, facts.ranges, messages[0]!)
  const wanted = [ranges.interchange, ...messages.map(() => ranges.message), ranges.file]
  const numbers = await takeNumbers(client, wanted)
  numbers.begin()
  if (!numbers.suffice(wanted.filter((range) => range !== null)))
    throw new HubError('numbersExhausted', 'there is no control number left')
  const reference = numberText(numbers.next(ranges.interchange), ranges.interchange.terms)
  const messageReferences = messages.map(() => String(numbers.next(ranges.message)))
  const sequence = ranges.file === null ? null : numbers.next(ranges.file)
  const parts = messages.map(({ bytes }) => bytes)
  const bytes = bundleOf(formats[format], parts, { reference, messageReferences, at: now })
  const deliveryId = derivedId<DeliveryId>(id, 'delivery')
  const payloadId = derivedId<PayloadId>(id, 'output')
  const file = sequence === null ? null : { wireType: facts.wireType, number: null, sequence, format }
  const wireId = wireIdOf(deliveryId, file)
  await insertPayloads(client, sealer, [{ id: payloadId, partnerId, mediaType: mediaTypes[format], bytes }])
  await insertWireIds(client, [{ channelId: channel.id, wireId, deliveryId }])
  const numbered = messages.map((message, at) => ({ ...message, reference: messageReferences[at]! }))
  await finishBundle(client, { id, reference }, numbered)
  const delivery = { id: deliveryId, interchange_id: id, payload_id: payloadId, wire_id: wireId }
  await insertDelivery(client, bundle, delivery, messages[0]!)
  const body = { channel: channel.key, format, wireId, sha256: sha256Of(bytes), sizeBytes: bytes.length }
  const queued = messages.map(({ documentId }): NewEntry => ({
    type: 'output.queued',
    body: { ...body, copy: 0 },
    partnerId,
    documentId,
    deliveryId,
    actor: 'hub',
  }))
  await appendEntries(client, [...numbers.explained(), ...queued])
  await queue.deliver(client, [{ deliveryId, channelId: channel.id }])
}

/** The ranges of a bundle with the terms that its agreement has now: one whose end was raised goes on. */
async function rangesNow(
  client: Client,
  ranges: Bundle['facts']['ranges'],
  { agreementId }: Message,
): Promise<Bundle['facts']['ranges']> {
  const now = await findNumberTerms(client, agreementId)
  if (now === undefined) return ranges
  const { terms: _, ...interchange } = ranges.interchange
  return { ...ranges, interchange: now === null ? interchange : { ...interchange, terms: now } }
}

/** One delivery, and the answer to it that is waited for. */
async function insertDelivery(
  client: Client,
  { partnerId, facts }: Bundle,
  row: { id: DeliveryId; interchange_id: InterchangeId; payload_id: PayloadId; wire_id: string },
  { sender }: Message,
): Promise<void> {
  const { channel, format, orderKey, expectSyntaxWithinMinutes: dueInMinutes } = facts
  const media_type = mediaTypes[format]
  await insertDeliveries(client, [
    { ...row, partner_id: partnerId, channel_id: channel.id, media_type, order_key: orderKey },
  ])
  if (orderKey !== null)
    await placeInOrder(client, [{ deliveryId: row.id, transmissionId: null, sender, place: 0 }])
  if (dueInMinutes === null) return
  await insertAcknowledgements(client, [
    {
      about_id: row.interchange_id,
      level: 'syntax',
      way: 'expected',
      partner_id: partnerId,
      delivery_id: null,
      state: 'waiting',
      code: null,
      due_in_minutes: dueInMinutes,
    },
  ])
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
