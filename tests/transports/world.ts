import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { systemClock } from '#hub/base/clock.ts'
import { createLog } from '#hub/base/log.ts'
import { openSealer, type Sealer } from '#hub/keys/sealing.ts'
import {
  newId,
  type ChannelId,
  type DeliveryId,
  type DocumentId,
  type InterchangeId,
  type PartnerId,
  type PayloadId,
  type TransmissionId,
} from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Channel } from '#hub/model/transport.ts'
import { createDeliver, type Deliver } from '#hub/pipeline/deliver/index.ts'
import type { Store } from '#hub/store/connect.ts'
import { insertPayloads } from '#hub/store/payload.ts'
import type { TestDatabase } from '#tests/support/database.ts'
import type { TestTransport } from './test-transport.ts'

/** Rows as process leaves them, and a deliver that works on them: what the tests of this folder begin with. */
export interface World {
  database: TestDatabase
  sealer: Sealer
  masterKey: string
  sender: PartnerId
  receiver: PartnerId
  deliver(transport: TestTransport, queue?: JobQueue): Deliver
  channel(options?: { peerDedupes?: boolean }): Promise<ChannelId>
  delivery(channelId: ChannelId, options?: DeliveryOptions): Promise<Made>
  /** That many deliveries in all, of the same bytes, made at once; all but the first are receipts. */
  copies(first: Made, count: number): Promise<DeliveryId[]>
  /** A file that was accepted and waits for process. */
  file(): Promise<TransmissionId>
  /** A receipt that came in, as its door leaves it. */
  receipt(): Promise<TransmissionId>
  states(made: Made): Promise<States>
  entries(made: Made): Promise<string[]>
  /** Makes a waiting delivery due now: time passes. */
  due(id: DeliveryId): Promise<void>
}

export interface DeliveryOptions {
  documents?: number
  /** A proof of transport is expected by a receipt of its own. */
  expected?: boolean
  order?: { key: string; no: number }
  wireId?: string
}

export interface Made {
  deliveryId: DeliveryId
  interchangeId: InterchangeId
  documentIds: DocumentId[]
}

export interface States {
  delivery: string
  code: string | null
  attempt: number
  wireId: string
  attempts: string[]
  document: string
  acknowledgement: string
  holds: number
}

/** Jobs are not looked at: the test calls deliver itself. */
export const noQueue: JobQueue = {
  process: async () => {},
  processLarge: async () => {},
  deliver: async () => {},
}

export async function makeWorld(database: TestDatabase): Promise<World> {
  const masterKey = randomBytes(32).toString('base64')
  const sealer = await openSealer({ masterKey, dataFolder: tmpdir() })
  const sender = newId<PartnerId>()
  const receiver = newId<PartnerId>()
  await database.store.worker.query(
    `insert into partner (id, key, name) values ($1, 'retailer', 'Retailer'), ($2, 'supplier', 'Supplier')`,
    [sender, receiver],
  )
  const known = { database, sealer, masterKey, sender, receiver }
  return {
    ...known,
    deliver: (transport, queue) => deliverOn({ store: database.store, sealer }, transport, queue),
    channel: (options) => makeChannel(known, options),
    delivery: (channelId, options) => makeDelivery(known, channelId, options),
    copies: (first, count) => makeCopies(database, first, count),
    file: () => inbound(known, 'file', sender),
    receipt: () => inbound(known, 'receipt', receiver),
    states: (made) => statesOf(database, made),
    entries: (made) => entriesOf(database, made),
    due: async (id) => {
      await database.admin.query(
        `update delivery set next_at = now() - interval '1 second' where id = $1 and state = 'waiting'`,
        [id],
      )
    },
  }
}

type Known = Pick<World, 'database' | 'sealer' | 'sender' | 'receiver'>

/** A deliver whose channels are those of the table and are all of the test's kind. */
export function deliverOn(
  { store, sealer }: { store: Store; sealer: Sealer },
  transport: TestTransport,
  queue: JobQueue = noQueue,
): Deliver {
  return createDeliver({
    store,
    sealer,
    queue,
    agreements: { channel: (id) => findChannel(store, id) },
    transports: { test: transport },
    secrets: async () => null,
    clock: systemClock,
    log: createLog('silent'),
  })
}

async function findChannel(store: Store, id: ChannelId): Promise<Channel | null> {
  const { rows } = await store.worker.query(
    `select id, partner_id as "partnerId", key, kind, env, peer_dedupes as "peerDedupes", settings
     from channel where id = $1`,
    [id],
  )
  return rows[0] ?? null
}

async function makeChannel(
  { database, receiver }: Known,
  options: { peerDedupes?: boolean } = {},
): Promise<ChannelId> {
  const id = newId<ChannelId>()
  await database.store.worker.query(
    `insert into channel (id, partner_id, key, kind, env, peer_dedupes) values ($1, $2, $3, 'test', 'live', $4)`,
    [id, receiver, `channel-${id}`, options.peerDedupes ?? false],
  )
  return id
}

async function makeDelivery(
  { database, sealer, sender, receiver }: Known,
  channelId: ChannelId,
  options: DeliveryOptions = {},
): Promise<Made> {
  const pool = database.store.worker
  const deliveryId = newId<DeliveryId>()
  const interchangeId = newId<InterchangeId>()
  const payloadId = newId<PayloadId>()
  const documentIds = Array.from({ length: options.documents ?? 1 }, () => newId<DocumentId>())
  const transmissionId = await inbound({ database, sealer, sender, receiver }, 'file', sender)
  const acknowledgement = options.expected === true ? 'waiting' : 'none'
  await insertPayloads(pool, sealer, [
    {
      id: payloadId,
      partnerId: receiver,
      mediaType: 'application/xml',
      bytes: Buffer.from(`<o>${deliveryId}</o>`),
    },
  ])
  await pool.query(
    `insert into document (id, transmission_id, sender, receiver, env, type, processing, delivery, acknowledgement)
     select id, $2, $3, $4, 'live', 'order', 'processed', 'waiting', $5 from unnest($1::uuid[]) id`,
    [documentIds, transmissionId, sender, receiver, acknowledgement],
  )
  await pool.query(
    `insert into interchange (id, partner_id, direction, reference, env, documents, state)
     values ($1, $2, 'out', '77', 'live', $3, 'accepted')`,
    [interchangeId, receiver, documentIds.length],
  )
  await pool.query(
    `insert into output (document_id, agreement_id, partner_id, interchange_id)
     select id, $2, $3, $4 from unnest($1::uuid[]) id`,
    [documentIds, newId(), receiver, interchangeId],
  )
  await pool.query(
    `insert into delivery (id, partner_id, channel_id, interchange_id, payload_id, wire_id, state, next_at, order_key, order_no)
     values ($1, $2, $3, $4, $5, $6, 'waiting', now(), $7, $8)`,
    [
      deliveryId,
      receiver,
      channelId,
      interchangeId,
      payloadId,
      options.wireId ?? deliveryId,
      options.order?.key ?? null,
      options.order?.no ?? null,
    ],
  )
  if (options.expected === true) {
    await pool.query(
      `insert into acknowledgement (about_id, level, way, partner_id, due_at, state)
       values ($1, 'transport', 'expected', $2, now() + interval '2 hours', 'waiting')`,
      [deliveryId, receiver],
    )
  }
  return { deliveryId, interchangeId, documentIds }
}

async function makeCopies(database: TestDatabase, first: Made, count: number): Promise<DeliveryId[]> {
  const ids = Array.from({ length: count - 1 }, () => newId<DeliveryId>())
  await database.store.worker.query(
    `insert into delivery (id, partner_id, channel_id, payload_id, wire_id, state, next_at)
     select v.id, d.partner_id, d.channel_id, d.payload_id, v.id, 'waiting', now()
     from delivery d, unnest($2::uuid[]) as v (id) where d.id = $1`,
    [first.deliveryId, ids],
  )
  return [first.deliveryId, ...ids]
}

async function inbound(
  { database, sealer }: Known,
  kind: 'file' | 'receipt',
  partnerId: PartnerId,
): Promise<TransmissionId> {
  const pool = database.store.worker
  const id = newId<TransmissionId>()
  const rawId = newId<PayloadId>()
  await insertPayloads(pool, sealer, [
    { id: rawId, partnerId, mediaType: 'text/plain', bytes: Buffer.from(id) },
  ])
  await pool.query(
    `insert into transmission (id, partner_id, channel_id, direction, kind, state, raw_id)
     values ($1, $2, $3, 'in', $4, 'accepted', $5)`,
    [id, partnerId, newId(), kind, rawId],
  )
  await pool.query(
    `insert into entry (id, partner_id, type, transmission_id, actor, body)
     values ($1, $2, 'transmission.accepted', $3, 'hub', '{}')`,
    [newId(), partnerId, id],
  )
  return id
}

async function statesOf(database: TestDatabase, { deliveryId, documentIds }: Made): Promise<States> {
  const { rows } = await database.admin.query(
    `select d.state as delivery, d.code, d.attempt, d.wire_id as "wireId",
       (select coalesce(array_agg(t.state order by t.attempt), '{}') from transmission t where t.delivery_id = d.id) as attempts,
       (select o.delivery from document o where o.id = $2) as document,
       (select o.acknowledgement from document o where o.id = $2) as acknowledgement,
       (select count(*)::int from hold h where h.delivery_id = d.id and h.decision is null) as holds
     from delivery d where d.id = $1`,
    [deliveryId, documentIds[0]],
  )
  return rows[0] as States
}

async function entriesOf(database: TestDatabase, { deliveryId, documentIds }: Made): Promise<string[]> {
  const { rows } = await database.admin.query<{ type: string }>(
    `select type from entry where delivery_id = $1 or document_id = any($2) order by at, id`,
    [deliveryId, documentIds],
  )
  return rows.map(({ type }) => type)
}
