import type {
  AgreementId,
  ChannelId,
  DeliveryId,
  DocumentId,
  InterchangeId,
  PartnerId,
  PayloadId,
  TransmissionId,
} from '#hub/model/ids.ts'
import type { WireIdentity } from '#hub/model/format.ts'
import type { NumberTerms } from '#hub/model/numbers.ts'
import type { DeliveryState, Environment, ProcessingState } from '#hub/model/states.ts'
import type { ChannelKind } from '#hub/model/transport.ts'
import type { ReplayTerms } from '#hub/model/versions.ts'
import type { Queryable } from './connect.ts'
import { settledColumns, settledDelivery, type SettledDelivery, type SettledRow } from './settle.ts'

/**
 * Lets a delivery be tried again at once, with its identity and its bytes, also one that was delivered; null where it is under way,
 * was taken and owes its proof, or was stopped.
 */
export async function repeatDelivery(client: Queryable, id: DeliveryId): Promise<SettledDelivery | null> {
  const { rows } = await client.query<SettledRow>({
    name: 'repeat_delivery',
    text: `update delivery d set state = 'waiting', next_at = now()
           where d.id = $1 and d.state in ('waiting', 'held', 'refused', 'delivered') returning ${settledColumns}`,
    values: [id],
  })
  return rows[0] === undefined ? null : settledDelivery(rows[0])
}

/** An output with all that a copy of it takes over. */
export interface CopiedOutput {
  documentId: DocumentId
  sender: PartnerId
  wireType: string
  number: string | null
  agreementId: AgreementId
  agreementKey: string
  /** What the agreement says of its control numbers today. */
  numberTerms: NumberTerms | null
  partnerId: PartnerId
  /** The number of the last copy there is. */
  lastCopy: number
  position: number
  wireSender: WireIdentity | null
  wireReceiver: WireIdentity | null
  env: Environment
  channelId: ChannelId
  channelKey: string
  channelKind: ChannelKind
  channelEnv: Environment
  payloadId: PayloadId
  mediaType: string
  orderKey: string | null
  deliveryState: DeliveryState
  /** Minutes in which a syntax acknowledgement is expected, or null where none is. */
  answerDueInMinutes: number | null
}

/**
 * The output of a document that a delivery carries, locked by its document, so that copies are counted one after the other;
 * null where there is none.
 */
export async function lockOutput(
  client: Queryable,
  documentId: DocumentId,
  deliveryId: DeliveryId,
): Promise<CopiedOutput | null> {
  await client.query('select id from document where id = $1 for update', [documentId])
  const { rows } = await client.query<CopiedOutput>(
    `select d.id as "documentId", d.sender, d.wire_type as "wireType", d.number, o.agreement_id as "agreementId",
       coalesce(g.key, o.agreement_id::text) as "agreementKey",
       (select n.terms -> 'numbers' from agreement n where n.key = g.key and n.state = 'live'
        order by n.version desc limit 1) as "numberTerms",
       o.partner_id as "partnerId", o.position, i.sender as "wireSender", i.receiver as "wireReceiver",
       coalesce(i.env, d.env) as env, c.id as "channelId", c.key as "channelKey", c.kind as "channelKind",
       c.env as "channelEnv", w.payload_id as "payloadId", w.media_type as "mediaType", w.order_key as "orderKey",
       w.state as "deliveryState",
       (select max(p.copy) from output p where p.document_id = d.id and p.agreement_id = o.agreement_id) as "lastCopy",
       (select greatest(1, round(extract(epoch from max(a.due_at) - min(e.at)) / 60))::int
        from acknowledgement a, entry e
        where a.about_id = i.id and a.level = 'syntax' and a.way = 'expected' and a.due_at is not null
          and e.delivery_id = w.id and e.type = 'output.queued') as "answerDueInMinutes"
     from output o
     join document d on d.id = o.document_id
     left join agreement g on g.id = o.agreement_id
     join interchange i on i.id = o.interchange_id
     join delivery w on w.interchange_id = i.id
     join channel c on c.id = w.channel_id
     where o.document_id = $1 and w.id = $2`,
    [documentId, deliveryId],
  )
  return rows[0] ?? null
}

export interface CopyRow {
  documentId: DocumentId
  agreementId: AgreementId
  copy: number
  partnerId: PartnerId
  interchangeId: InterchangeId
  messageReference: string
}

/** Inserts an output that is a copy. */
export async function insertCopy(client: Queryable, row: CopyRow): Promise<void> {
  await client.query(
    `insert into output (document_id, agreement_id, copy, partner_id, interchange_id, position, message_ref)
     values ($1, $2, $3, $4, $5, 1, $6)`,
    [row.documentId, row.agreementId, row.copy, row.partnerId, row.interchangeId, row.messageReference],
  )
}

/** A document that is to be processed again, as far as it decides whether and how. */
export interface Reprocessable {
  id: DocumentId
  transmissionId: TransmissionId
  sender: PartnerId
  type: string
  env: Environment | null
  processing: ProcessingState
  hasCanonical: boolean
  /** Whether something of it went out. */
  hasOutputs: boolean
  /** Whether a document that came of it waits, is held or was processed. */
  hasSuccessor: boolean
}

/** Locks a document; null where there is none. */
export async function lockReprocessable(client: Queryable, id: DocumentId): Promise<Reprocessable | null> {
  await client.query('select id from document where id = $1 for update', [id])
  const { rows } = await client.query<Reprocessable>(
    `select d.id, d.transmission_id as "transmissionId", d.sender, d.type, d.env, d.processing,
       d.canonical_id is not null as "hasCanonical",
       exists (select from output o where o.document_id = d.id) as "hasOutputs",
       exists (select from document s where s.origin_id = d.id and s.processing <> 'rejected') as "hasSuccessor"
     from document d where d.id = $1`,
    [id],
  )
  return rows[0] ?? null
}

/** Inserts a document that waits at `from` and stands for the same message as its origin. */
export async function insertReprocessed(
  client: Queryable,
  id: DocumentId,
  originId: DocumentId,
  terms: ReplayTerms,
): Promise<void> {
  await client.query(
    `insert into document (id, transmission_id, interchange_id, position, sender, receiver, env, format, type, wire_type,
       number, reference, function, lines, processing, resume_at, raw_offset, raw_length, canonical_id, findings_id,
       versions, origin_id, origin_kind)
     select $1, transmission_id,
       -- a part is none of the messages that its interchange counts, but is found again where its origin stands
       coalesce(interchange_id, (select o.interchange_id from document o where o.id = document.origin_id)), position, sender, receiver, env, format, type, wire_type,
       number, reference, function, lines, 'waiting', $3, raw_offset, raw_length,
       case when $3 <> 'resolve' then canonical_id end, case when $3 <> 'resolve' then findings_id end,
       versions - 'replay' - 'today' || jsonb_build_object('replay', $4::jsonb, 'today', $5::boolean), id, 'reprocessed'
     from document where id = $2`,
    [id, originId, terms.from, JSON.stringify(terms), terms.mapping === 'today'],
  )
}

/** The key of the agreement of the output that a delivery carries, or null. */
export async function agreementOfDelivery(
  client: Queryable,
  documentId: DocumentId,
  deliveryId: DeliveryId,
): Promise<string | null> {
  const { rows } = await client.query<{ key: string }>(
    `select a.key from output o join delivery w on w.interchange_id = o.interchange_id
     join agreement a on a.id = o.agreement_id where o.document_id = $1 and w.id = $2`,
    [documentId, deliveryId],
  )
  return rows[0]?.key ?? null
}
