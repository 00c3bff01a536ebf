import type { Candidate } from '#hub/model/agreement.ts'
import { reasonOf } from '#hub/model/reasons.ts'
import type { EntryBodies, EntryType } from '#hub/model/entries.ts'
import {
  isId,
  type DeliveryId,
  type DocumentId,
  type InterchangeId,
  type PayloadId,
  type TransmissionId,
} from '#hub/model/ids.ts'
import type {
  AcknowledgementLevel,
  AcknowledgementState,
  AcknowledgementWay,
  DeliveryState,
} from '#hub/model/states.ts'
import type { Queryable } from './connect.ts'
import { findInFrontOf, type InFront } from './find-blocked.ts'
import { rowColumns, rowJoins, toRow, type DocumentRow, type RawRow } from './find-row.ts'
import { inTellingOrder } from './timeline-order.ts'

/** One ledger entry, as it stands in the timeline. */
export type TimelineEntry = {
  [Type in EntryType]: {
    id: string
    type: Type
    at: Date
    actor: string
    documentId: string | null
    deliveryId: string | null
    body: EntryBodies[Type]
    /** The receiver whom it is about, by name; null where it is about none, or the viewer may not know them. */
    receiverName: string | null
    /** The kind of the channel that the body names by its key; null where there is none, or it is not the viewer's. */
    channelKind: string | null
  }
}[EntryType]

/** What one receiver gets: the delivery and the payload it carries. */
export interface TimelineOutput {
  deliveryId: DeliveryId
  payloadId: PayloadId
  mediaType: string
  channelKind: string | null
  receiverName: string | null
  wireId: string
  state: DeliveryState
  attempt: number
  copy: number
  interchangeId: InterchangeId
}

/** An answer about the document, its interchange, transmission or outputs, with its bytes where they are kept. */
export interface TimelineAnswer {
  way: AcknowledgementWay
  level: AcknowledgementLevel
  state: AcknowledgementState
  dueAt: Date | null
  overdue: boolean
  code: string | null
  deliveryId: DeliveryId | null
  deliveryState: DeliveryState | null
  payloadId: PayloadId | null
  mediaType: string | null
}

export interface DocumentTimeline {
  document: DocumentRow
  entries: TimelineEntry[]
  outputs: TimelineOutput[]
  answers: TimelineAnswer[]
  artefacts: DocumentArtefacts
  /** What it waits behind in an ordered flow; null where it does not, or the viewer may not know. */
  inFront: InFront | null
  /** The document that it came of, and those that came of it. */
  origin: { id: DocumentId; kind: string } | null
  successors: DocumentId[]
}

/** Ids of the bytes kept about a document; null where there are none or the viewer may not see them. */
export interface DocumentArtefacts {
  raw: { payloadId: PayloadId; offset: number | null; length: number | null; mediaType: string } | null
  canonicalId: PayloadId | null
  findingsIds: PayloadId[]
  interchangePosition: number | null
  /** The profiles and agreements that were looked at for it; for the hub's own people alone. */
  candidates: Candidate[]
}

/** One document with its timeline: null if there is none that the viewer may see. */
export async function documentTimeline(client: Queryable, id: DocumentId): Promise<DocumentTimeline | null> {
  const found = await client.query<RawRow>(
    `select ${rowColumns} from document d ${rowJoins} where d.id = $1`,
    [id],
  )
  if (found.rows.length === 0) return null
  const document = toRow(found.rows[0]!)
  const outputs = await outputsOf(client, document)
  const answers = await answersOf(client, document, outputs)
  const deliveryIds = [...outputs, ...answers].map((one) => one.deliveryId).filter((one) => one !== null)
  return {
    document,
    outputs,
    answers,
    entries: await entriesOf(client, document, deliveryIds),
    artefacts: await artefactsOf(client, id),
    inFront: await findInFrontOf(
      client,
      outputs.filter(({ state }) => state === 'waiting').map((output) => output.deliveryId),
    ),
    ...(await kinOf(client, id)),
  }
}

async function kinOf(
  client: Queryable,
  id: DocumentId,
): Promise<Pick<DocumentTimeline, 'origin' | 'successors'>> {
  const { rows } = await client.query<{
    origin_id: DocumentId | null
    origin_kind: string
    successors: DocumentId[]
  }>(
    `select d.origin_id, d.origin_kind, array(select s.id from document s where s.origin_id = d.id order by s.id) as successors
     from document d where d.id = $1`,
    [id],
  )
  const { origin_id: origin, origin_kind: kind, successors } = rows[0]!
  return { origin: origin === null ? null : { id: origin, kind }, successors }
}

async function outputsOf(client: Queryable, document: DocumentRow): Promise<TimelineOutput[]> {
  const { rows } = await client.query<TimelineOutput>(
    `select w.id "deliveryId", w.payload_id "payloadId", w.media_type "mediaType", c.kind "channelKind",
            r.name "receiverName", w.wire_id "wireId", w.state, w.attempt, o.copy, o.interchange_id "interchangeId"
     from output o join delivery w on w.interchange_id = o.interchange_id left join channel c on c.id = w.channel_id
     left join partner r on r.id = o.partner_id
     where o.document_id = $1 order by o.copy, w.id`,
    [document.id],
  )
  return rows
}

async function answersOf(
  client: Queryable,
  document: DocumentRow,
  outputs: readonly TimelineOutput[],
): Promise<TimelineAnswer[]> {
  const about = [document.id, document.interchangeId, document.transmissionId].concat(
    outputs.flatMap((output) => [output.deliveryId, output.interchangeId]) as never[],
  )
  const { rows } = await client.query<TimelineAnswer>(
    `select a.way, a.level, a.state, a.due_at "dueAt", coalesce(a.overdue_at is not null or (a.state = 'waiting' and a.due_at < now()), false) overdue,
            a.code, a.delivery_id "deliveryId", w.state "deliveryState",
            coalesce(w.payload_id, e.opened_id, e.raw_id) "payloadId", p.media_type "mediaType"
     from acknowledgement a
     left join delivery w on w.id = a.delivery_id
     left join transmission e on e.id = a.evidence_id
     left join payload p on p.id = coalesce(w.payload_id, e.opened_id, e.raw_id)
     where a.about_id = any ($1::uuid[]) order by a.way desc, a.level, a.about_id`,
    [about.filter((one) => one !== null)],
  )
  return rows
}

/** Entries of the document, of its transmission as a whole, and of the deliveries of its outputs and answers. */
async function entriesOf(
  client: Queryable,
  document: DocumentRow,
  deliveryIds: readonly DeliveryId[],
): Promise<TimelineEntry[]> {
  const { rows } = await client.query<RawEntry>(entriesStatement, [
    document.id,
    document.transmissionId,
    deliveryIds,
  ])
  const entries = rows.map(
    (row) => ({ ...row, body: JSON.parse(row.body.toString('utf8')) }) as TimelineEntry,
  )
  return inTellingOrder(await withReceivers(client, entries))
}

type RawEntry = Omit<TimelineEntry, 'body'> & { body: Buffer }

/** Bodies hold ids: what people read are the names, as far as row-level security lets the viewer know them. */
async function withReceivers(client: Queryable, entries: readonly TimelineEntry[]): Promise<TimelineEntry[]> {
  const receiverOf = (entry: TimelineEntry) =>
    entry.type === 'document.delivered' ? entry.body.receiver : ''
  const ids = [...new Set(entries.map(receiverOf))].filter(isId)
  if (ids.length === 0) return [...entries]
  const { rows } = await client.query<{ id: string; name: string }>(
    `select id, name from partner where id = any ($1::uuid[])`,
    [ids],
  )
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  return entries.map((entry) => ({
    ...entry,
    receiverName: names.get(receiverOf(entry)) ?? entry.receiverName,
  }))
}

/** Public so that its plan can be tested: each branch walks an index of its own. */
export const entriesStatement = `
  select seen.id, seen.type, seen.at, seen.actor, seen.document_id "documentId", seen.delivery_id "deliveryId", seen.body,
    c.kind "channelKind", r.name "receiverName"
  from (
    select * from entry where document_id = $1
    union
    select * from entry where transmission_id = $2 and document_id is null and type not like 'delivery.%'
      and (delivery_id is null or delivery_id = any ($3::uuid[]))
    union
    select * from entry where delivery_id = any ($3::uuid[]) and (document_id is null or document_id = $1)
  ) seen
  left join delivery w on w.id = seen.delivery_id
  left join transmission t on t.id = seen.transmission_id and seen.delivery_id is null
  left join channel c on c.id = coalesce(w.channel_id, t.channel_id)
  left join partner r on r.id = w.partner_id
  order by seen.at, seen.id`

async function artefactsOf(client: Queryable, id: DocumentId): Promise<DocumentArtefacts> {
  const { rows } = await client.query<{
    rawId: PayloadId | null
    rawMedia: string | null
    offset: string | null
    length: string | null
    canonicalId: PayloadId | null
    findingsIds: PayloadId[]
    interchangePosition: number | null
    candidates: Candidate[] | null
  }>(
    `select p.id "rawId", p.media_type "rawMedia", d.raw_offset "offset", d.raw_length "length", k.id "canonicalId",
            array(select f.id from payload f where f.id in (d.findings_id, i.findings_id)) "findingsIds",
            i.position "interchangePosition", d.versions -> 'candidates' "candidates"
     from document d
     left join transmission t on t.id = d.transmission_id
     left join payload p on p.id = coalesce(t.opened_id, t.raw_id)
     left join payload k on k.id = d.canonical_id
     left join interchange i on i.id = d.interchange_id
     where d.id = $1`,
    [id],
  )
  const row = rows[0]!
  const number = (text: string | null): number | null => (text === null ? null : Number(text))
  return {
    raw:
      row.rawId === null
        ? null
        : {
            payloadId: row.rawId,
            offset: number(row.offset),
            length: number(row.length),
            mediaType: row.rawMedia ?? '',
          },
    canonicalId: row.canonicalId,
    findingsIds: row.findingsIds,
    interchangePosition: row.interchangePosition,
    candidates: (row.candidates ?? []).map((one) => ({ ...one, refused: reasonOf(one.refused) })),
  }
}

/** An inbound transmission, as the page of an exchange shows it. */
export interface Exchange {
  id: TransmissionId
  partnerName: string | null
  channelKey: string | null
  channelKind: string | null
  state: string
  code: string | null
  name: string | null
  at: Date
  sizeBytes: number | null
  sha256: Buffer | null
  rawId: PayloadId | null
  duplicateOf: TransmissionId | null
  documents: DocumentRow[]
}

/** An exchange: a transmission and all documents that came of it; null if the viewer may not see it. */
export async function findExchange(
  client: Queryable,
  id: TransmissionId,
  limit: number,
): Promise<Exchange | null> {
  const found = await client.query<Omit<Exchange, 'documents' | 'sizeBytes'> & { sizeBytes: string | null }>(
    `select t.id, s.name "partnerName", c.key "channelKey", c.kind "channelKind", t.state, t.code, t.name, t.at,
            p.size_bytes "sizeBytes", p.sha256, p.id "rawId", t.duplicate_of "duplicateOf"
     from transmission t left join partner s on s.id = t.partner_id left join channel c on c.id = t.channel_id
     left join payload p on p.id = t.raw_id
     where t.id = $1 and t.direction = 'in'`,
    [id],
  )
  const row = found.rows[0]
  if (row === undefined) return null
  const { rows } = await client.query<RawRow>(
    `select ${rowColumns} from document d ${rowJoins} where d.transmission_id = $1 order by d.position, d.id limit $2`,
    [id, limit],
  )
  return {
    ...row,
    sizeBytes: row.sizeBytes === null ? null : Number(row.sizeBytes),
    documents: rows.map(toRow),
  }
}
