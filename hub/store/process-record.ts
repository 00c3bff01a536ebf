import type { AcknowledgementLevel, AcknowledgementStatus, AcknowledgementWay } from '#hub/model/states.ts'
import type { Environment, InterchangeState, ProcessingState, ProcessStep } from '#hub/model/states.ts'
import type { WireIdentity } from '#hub/model/format.ts'
import type { DocumentVersions } from '#hub/model/versions.ts'
import type {
  AgreementId,
  ChannelId,
  DeliveryId,
  DocumentId,
  HoldId,
  InterchangeId,
  PartnerId,
  PayloadId,
  TransmissionId,
} from '#hub/model/ids.ts'
import { idColumn, numberColumn, textColumn } from './columns.ts'
import type { Queryable } from './connect.ts'

/*
 * The rows that process writes, each kind in one statement. Members are named as the columns. Every id is derived from its
 * parent, so that what is there already is left alone. Codes are stable codes (`CD-2004`).
 */

export interface InterchangeRow {
  id: InterchangeId
  partner_id: PartnerId | null
  direction: 'in' | 'out'
  transmission_id: TransmissionId | null
  position: number
  sender: WireIdentity | null
  receiver: WireIdentity | null
  reference: string
  env: Environment | null
  documents: number
  code: string | null
  state: InterchangeState
  findings_id: PayloadId | null
}

/** Inserts interchanges; one that stands as `open` takes the state given. */
export async function insertInterchanges(client: Queryable, rows: readonly InterchangeRow[]): Promise<void> {
  if (rows.length === 0) return
  await client.query({
    name: 'process_insert_interchanges',
    text: `insert into interchange (id, partner_id, direction, transmission_id, position, sender, receiver, reference,
                                    env, documents, code, state, findings_id)
           select id, partner_id, direction, transmission_id, position, sender::jsonb, receiver::jsonb, reference,
                  env, documents, code, state, findings_id
           from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::int[], $6::text[], $7::text[], $8::text[],
                       $9::text[], $10::int[], $11::text[], $12::text[], $13::uuid[])
             as i(id, partner_id, direction, transmission_id, position, sender, receiver, reference,
                  env, documents, code, state, findings_id)
           on conflict (id) do update set partner_id = excluded.partner_id, documents = excluded.documents,
             code = excluded.code, state = excluded.state, findings_id = excluded.findings_id
           where interchange.state = 'open'`,
    values: [
      idColumn(rows, (row) => row.id),
      idColumn(rows, (row) => row.partner_id),
      textColumn(rows, (row) => row.direction),
      idColumn(rows, (row) => row.transmission_id),
      numberColumn(rows, (row) => row.position),
      textColumn(rows, (row) => jsonOrNull(row.sender)),
      textColumn(rows, (row) => jsonOrNull(row.receiver)),
      textColumn(rows, (row) => row.reference),
      textColumn(rows, (row) => row.env),
      numberColumn(rows, (row) => row.documents),
      textColumn(rows, (row) => row.code),
      textColumn(rows, (row) => row.state),
      idColumn(rows, (row) => row.findings_id),
    ],
  })
}

export interface DocumentRow {
  id: DocumentId
  transmission_id: TransmissionId
  interchange_id: InterchangeId | null
  position: number
  sender: PartnerId
  receiver: PartnerId | null
  env: Environment | null
  format: string | null
  type: string
  wire_type: string
  number: string | null
  reference: string
  function: string | null
  lines: number
  processing: ProcessingState
  resume_at: ProcessStep | null
  stopped_at: ProcessStep | null
  code: string | null
  raw_offset: number | null
  raw_length: number | null
  canonical_id: PayloadId | null
  findings_id: PayloadId | null
  versions: DocumentVersions
  delivery: 'none' | 'waiting'
  acknowledgement: AcknowledgementStatus
}

/** Inserts documents; one that stands as `waiting` takes what is given. */
export async function insertDocuments(client: Queryable, rows: readonly DocumentRow[]): Promise<void> {
  if (rows.length === 0) return
  await client.query({
    name: 'process_insert_documents',
    text: `insert into document (id, transmission_id, interchange_id, position, sender, receiver, env, format, type,
                                 wire_type, number, reference, function, lines, processing, resume_at, stopped_at, code,
                                 raw_offset, raw_length, canonical_id, findings_id, versions, delivery, acknowledgement)
           select id, transmission_id, interchange_id, position, sender, receiver, env, format, type,
                  wire_type, number, reference, function, lines, processing, resume_at, stopped_at, code,
                  raw_offset, raw_length, canonical_id, findings_id, versions::jsonb, delivery, acknowledgement
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::uuid[], $6::uuid[], $7::text[], $8::text[],
                       $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::int[], $15::text[],
                       $16::text[], $17::text[], $18::text[], $19::bigint[], $20::bigint[], $21::uuid[], $22::uuid[],
                       $23::text[], $24::text[], $25::text[])
             as d(id, transmission_id, interchange_id, position, sender, receiver, env, format, type,
                  wire_type, number, reference, function, lines, processing, resume_at, stopped_at, code,
                  raw_offset, raw_length, canonical_id, findings_id, versions, delivery, acknowledgement)
           on conflict (id) do update set
             sender = excluded.sender, receiver = excluded.receiver, env = excluded.env, format = excluded.format,
             type = excluded.type, wire_type = excluded.wire_type, number = excluded.number,
             function = excluded.function, lines = excluded.lines, processing = excluded.processing,
             resume_at = excluded.resume_at, stopped_at = excluded.stopped_at, code = excluded.code,
             canonical_id = coalesce(excluded.canonical_id, document.canonical_id),
             findings_id = coalesce(excluded.findings_id, document.findings_id), versions = excluded.versions,
             delivery = excluded.delivery, acknowledgement = excluded.acknowledgement
           where document.processing = 'waiting'`,
    values: documentColumns(rows),
  })
}

function documentColumns(rows: readonly DocumentRow[]): unknown[] {
  return [
    idColumn(rows, (row) => row.id),
    idColumn(rows, (row) => row.transmission_id),
    idColumn(rows, (row) => row.interchange_id),
    numberColumn(rows, (row) => row.position),
    idColumn(rows, (row) => row.sender),
    idColumn(rows, (row) => row.receiver),
    textColumn(rows, (row) => row.env),
    textColumn(rows, (row) => row.format),
    textColumn(rows, (row) => row.type),
    textColumn(rows, (row) => row.wire_type),
    textColumn(rows, (row) => row.number),
    textColumn(rows, (row) => row.reference),
    textColumn(rows, (row) => row.function),
    numberColumn(rows, (row) => row.lines),
    textColumn(rows, (row) => row.processing),
    textColumn(rows, (row) => row.resume_at),
    textColumn(rows, (row) => row.stopped_at),
    textColumn(rows, (row) => row.code),
    numberColumn(rows, (row) => row.raw_offset),
    numberColumn(rows, (row) => row.raw_length),
    idColumn(rows, (row) => row.canonical_id),
    idColumn(rows, (row) => row.findings_id),
    textColumn(rows, (row) => JSON.stringify(row.versions)),
    textColumn(rows, (row) => row.delivery),
    textColumn(rows, (row) => row.acknowledgement),
  ]
}

/** Links documents to the one they come from, in the transaction that inserts them. */
export async function setOrigins(
  client: Queryable,
  origins: readonly { id: DocumentId; originId: DocumentId; kind: 'split' | 'reprocessed' | 'correction' }[],
): Promise<void> {
  if (origins.length === 0) return
  await client.query({
    name: 'process_set_origins',
    text: `update document d set origin_id = o.origin_id, origin_kind = o.kind
           from unnest($1::uuid[], $2::uuid[], $3::text[]) as o(id, origin_id, kind)
           where d.id = o.id and d.id = any($1::uuid[])`,
    values: [
      idColumn(origins, (row) => row.id),
      idColumn(origins, (row) => row.originId),
      textColumn(origins, (row) => row.kind),
    ],
  })
}

function jsonOrNull(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value)
}

export interface HoldRow {
  id: HoldId
  partner_id: PartnerId
  batch_id: string
  document_id: DocumentId
  rule: string
  code: string
  /** Key of the agreement that the document goes by. */
  agreement: string | null
  /** The first one, where it is held as a repeat; the one in front, where it waits behind another. */
  of_id: string | null
  /** The keys of ordered flows that wait for its decision. */
  order_keys: readonly string[] | null
}

/** Opens holds; a document that is held already keeps the hold it has. */
export async function insertHolds(client: Queryable, rows: readonly HoldRow[]): Promise<void> {
  if (rows.length === 0) return
  await client.query({
    name: 'process_insert_holds',
    text: `insert into hold (id, partner_id, batch_id, document_id, rule, code, agreement, of_id, order_keys)
           select id, partner_id, batch_id, document_id, rule, code, agreement, of_id, order_keys
           from json_populate_recordset(null::hold, $1::json)
           on conflict do nothing`,
    values: [JSON.stringify(rows)],
  })
}

export interface OutputRow {
  document_id: DocumentId
  agreement_id: AgreementId
  partner_id: PartnerId
  interchange_id: InterchangeId
  message_ref: string
}

/** Inserts first outputs (copy 0), each the only message of its interchange. */
export async function insertOutputs(client: Queryable, rows: readonly OutputRow[]): Promise<void> {
  if (rows.length === 0) return
  await client.query({
    name: 'process_insert_outputs',
    text: `insert into output (document_id, agreement_id, copy, partner_id, interchange_id, position, message_ref)
           select document_id, agreement_id, 0, partner_id, interchange_id, 1, message_ref
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[])
             as o(document_id, agreement_id, partner_id, interchange_id, message_ref)
           on conflict (document_id, agreement_id, copy) do nothing`,
    values: [
      idColumn(rows, (row) => row.document_id),
      idColumn(rows, (row) => row.agreement_id),
      idColumn(rows, (row) => row.partner_id),
      idColumn(rows, (row) => row.interchange_id),
      textColumn(rows, (row) => row.message_ref),
    ],
  })
}

export interface DeliveryRow {
  id: DeliveryId
  partner_id: PartnerId
  channel_id: ChannelId
  interchange_id: InterchangeId
  payload_id: PayloadId
  media_type: string
  wire_id: string
  /** Of an ordered flow; its place there is given by placeInOrder. */
  order_key: string | null
  /** Of a file that is passed through: its own. */
  name?: string | null
}

/** Inserts deliveries that wait from now on. */
export async function insertDeliveries(client: Queryable, rows: readonly DeliveryRow[]): Promise<void> {
  if (rows.length === 0) return
  await client.query({
    name: 'process_insert_deliveries',
    text: `insert into delivery (id, partner_id, channel_id, interchange_id, payload_id, media_type, wire_id, state,
                                 next_at, order_key, name)
           select id, partner_id, channel_id, interchange_id, payload_id, media_type, wire_id, 'waiting',
                  now(), order_key, name
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[],
                       $9::text[])
             as d(id, partner_id, channel_id, interchange_id, payload_id, media_type, wire_id, order_key, name)
           on conflict (id) do nothing`,
    values: [
      idColumn(rows, (row) => row.id),
      idColumn(rows, (row) => row.partner_id),
      idColumn(rows, (row) => row.channel_id),
      idColumn(rows, (row) => row.interchange_id),
      idColumn(rows, (row) => row.payload_id),
      textColumn(rows, (row) => row.media_type),
      textColumn(rows, (row) => row.wire_id),
      textColumn(rows, (row) => row.order_key),
      textColumn(rows, (row) => row.name ?? null),
    ],
  })
}

export interface AcknowledgementRow {
  about_id: InterchangeId | DocumentId
  level: AcknowledgementLevel
  way: AcknowledgementWay
  partner_id: PartnerId
  delivery_id: DeliveryId | null
  state: Exclude<AcknowledgementStatus, 'none'>
  code: string | null
  /** From now; null where nothing is waited for. */
  due_in_minutes: number | null
}

/** Inserts acknowledgements owed and expected; due times count by the database's clock. */
export async function insertAcknowledgements(
  client: Queryable,
  rows: readonly AcknowledgementRow[],
): Promise<void> {
  if (rows.length === 0) return
  await client.query({
    name: 'process_insert_acknowledgements',
    text: `insert into acknowledgement (about_id, level, way, partner_id, delivery_id, due_at, state, code)
           select about_id, level, way, partner_id, delivery_id, now() + make_interval(mins => due_in_minutes), state, code
           from json_to_recordset($1::json) as a(about_id uuid, level text, way text, partner_id uuid,
             delivery_id uuid, due_in_minutes int, state text, code text)
           on conflict (about_id, level, way) do nothing`,
    values: [JSON.stringify(rows)],
  })
}
