import type {
  PartnerId,
  ChannelId,
  DocumentId,
  InterchangeId,
  PayloadId,
  TransmissionId,
} from '#hub/model/ids.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { FormatName } from '#hub/model/format.ts'
import type { Environment, ProcessingState, ProcessStep } from '#hub/model/states.ts'
import type { DocumentVersions } from '#hub/model/versions.ts'
import type { Queryable } from './connect.ts'

/** An accepted file that is not split to its end. */
export interface DueFile {
  transmissionId: TransmissionId
  partnerId: PartnerId
  channelId: ChannelId
  payloadId: PayloadId
  /** The name that its sender gave, or null. */
  name: string | null
  /** Of what is read: the opened content where layers were taken off. */
  sha256: Buffer
  sizeBytes: number
  /** Bytes that are done; null before the first. Equal to the size when all is. */
  splitTo: number | null
}

/** A document that waits, with what its row says. */
export interface WaitingDocument {
  id: DocumentId
  transmissionId: TransmissionId
  interchangeId: InterchangeId | null
  position: number
  resumeAt: ProcessStep
  canonicalId: PayloadId | null
  findingsId: PayloadId | null
  versions: DocumentVersions
  known: {
    sender: PartnerId
    receiver: PartnerId | null
    env: Environment | null
    format: FormatName | null
    type: string
    wireType: string
    number: string | null
    reference: string
    function: string | null
    lines: number
    offset: number | null
    length: number | null
    findings: Finding[]
    versions: DocumentVersions
    profile: null
    canonical: null
  }
}

interface FileRow {
  id: TransmissionId
  partner_id: PartnerId
  channel_id: ChannelId
  payload_id: PayloadId
  name: string | null
  sha256: Buffer
  size_bytes: string
  split_to: string | null
}

/** The accepted files among these transmissions, whether split or not; receipts and duplicates are none. */
export async function loadFiles(db: Queryable, ids: readonly TransmissionId[]): Promise<DueFile[]> {
  const { rows } = await db.query<FileRow>({
    name: 'process_load_files',
    text: `select t.id, t.partner_id, t.channel_id, p.id as payload_id, t.name, p.sha256, p.size_bytes, t.split_to
           from transmission t join payload p on p.id = coalesce(t.opened_id, t.raw_id)
           where t.id = any($1::uuid[]) and t.direction = 'in' and t.state = 'accepted' and t.kind = 'file'
             and t.duplicate_of is null
           order by t.id`,
    values: [ids],
  })
  return rows.map((row) => ({
    transmissionId: row.id,
    partnerId: row.partner_id,
    channelId: row.channel_id,
    payloadId: row.payload_id,
    name: row.name,
    sha256: row.sha256,
    sizeBytes: Number(row.size_bytes),
    splitTo: row.split_to === null ? null : Number(row.split_to),
  }))
}

/** The documents of these transmissions that wait, in the order they came. */
export async function loadWaitingDocuments(
  db: Queryable,
  ids: readonly TransmissionId[],
): Promise<WaitingDocument[]> {
  const { rows } = await db.query<WaitingRow>({
    name: 'process_load_waiting',
    text: `select id, transmission_id, interchange_id, position, resume_at, canonical_id, versions, sender, receiver,
                  env, format, type, wire_type, number, reference, function, lines, raw_offset, raw_length, findings_id
           from document
           where transmission_id = any($1::uuid[]) and processing = 'waiting'
           order by transmission_id, interchange_id, position`,
    values: [ids],
  })
  return rows.map(waitingDocument)
}

/** A document that is judged, as far as the judgement of its interchange needs it. */
export interface JudgedRow extends Pick<
  WaitingDocument,
  'id' | 'transmissionId' | 'interchangeId' | 'position' | 'known' | 'findingsId'
> {
  processing: ProcessingState
  stoppedAt: ProcessStep | null
  code: string | null
}

/** All documents that were split off a transmission, in order. */
export async function loadJudgedDocuments(db: Queryable, id: TransmissionId): Promise<JudgedRow[]> {
  const { rows } = await db.query<
    WaitingRow & {
      processing: ProcessingState
      stopped_at: ProcessStep | null
      code: string | null
    }
  >({
    name: 'process_load_judged',
    text: `select id, transmission_id, interchange_id, position, resume_at, canonical_id, versions, sender, receiver,
                  env, format, type, wire_type, number, reference, function, lines, raw_offset, raw_length,
                  processing, stopped_at, code, findings_id
           from document where transmission_id = $1 and origin_id is null order by interchange_id, position`,
    values: [id],
  })
  return rows.map((row) => ({
    ...waitingDocument(row),
    processing: row.processing,
    stoppedAt: row.stopped_at,
    code: row.code,
  }))
}

/** The interchanges of a transmission that have their state. */
export async function loadFinalInterchanges(db: Queryable, id: TransmissionId): Promise<Set<InterchangeId>> {
  const { rows } = await db.query<{ id: InterchangeId }>({
    name: 'process_load_final_interchanges',
    text: `select id from interchange where transmission_id = $1 and state <> 'open'`,
    values: [id],
  })
  return new Set(rows.map((row) => row.id))
}

interface WaitingRow {
  id: DocumentId
  transmission_id: TransmissionId
  interchange_id: InterchangeId | null
  position: number
  resume_at: ProcessStep
  canonical_id: PayloadId | null
  findings_id: PayloadId | null
  versions: DocumentVersions
  sender: PartnerId
  receiver: PartnerId | null
  env: Environment | null
  format: FormatName | null
  type: string
  wire_type: string
  number: string | null
  reference: string
  function: string | null
  lines: number
  raw_offset: string | null
  raw_length: string | null
}

function waitingDocument(row: WaitingRow): WaitingDocument {
  return {
    id: row.id,
    transmissionId: row.transmission_id,
    interchangeId: row.interchange_id,
    position: row.position,
    resumeAt: row.resume_at,
    canonicalId: row.canonical_id,
    findingsId: row.findings_id,
    versions: row.versions,
    known: {
      sender: row.sender,
      receiver: row.receiver,
      env: row.env,
      format: row.format,
      type: row.type,
      wireType: row.wire_type,
      number: row.number,
      reference: row.reference,
      function: row.function,
      lines: row.lines,
      offset: row.raw_offset === null ? null : Number(row.raw_offset),
      length: row.raw_length === null ? null : Number(row.raw_length),
      findings: [],
      versions: row.versions,
      profile: null,
      canonical: null,
    },
  }
}
