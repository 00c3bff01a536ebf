import { stableCode, type CodeName } from '#hub/model/codes/index.ts'
import type { NewEntry } from '#hub/model/entries.ts'
import type { ChannelId, PartnerId, PayloadId, TransmissionId } from '#hub/model/ids.ts'
import type { Proof } from '#hub/model/outcomes.ts'
import { idColumn, numberColumn, textColumn } from './columns.ts'
import type { Queryable } from './connect.ts'
import { entryColumns } from './entry.ts'
import { claimColumns, forgetExpired, type OnceClaim } from './once.ts'
import { payloadColumns, type SealedPayload } from './payload.ts'

/** An inbound transmission as it is first written. */
export interface NewTransmission {
  id: TransmissionId
  partnerId: PartnerId
  channelId: ChannelId
  kind: 'file' | 'receipt'
  state: 'accepted' | 'refused'
  code: CodeName | null
  name: string | null
  rawId: PayloadId | null
  openedId: PayloadId | null
  answerId: PayloadId | null
  evidence: Proof
}

/** One file with all that its commit writes. */
export interface Arrived {
  transmission: NewTransmission
  payloads: readonly SealedPayload[]
  /** Null where every file is a new one. */
  once: OnceClaim | null
  entry: NewEntry
}

/**
 * Claims the identities of files that arrived, and of those that won theirs inserts transmission, payloads and ledger
 * entry: all in one statement. Returns the transmissions that were inserted; the others repeat an identity, whose
 * holders `onceHolders` names. Waits for transactions that hold one of the same identities.
 */
export async function insertArrived(
  client: Queryable,
  arrived: readonly Arrived[],
): Promise<Set<TransmissionId>> {
  const claims = arrived.flatMap(({ once }) => once ?? [])
  await forgetExpired(client, claims)
  const payloads = arrived.flatMap(({ transmission, payloads: own }) =>
    own.map((payload) => ({ ...payload, transmissionId: transmission.id })),
  )
  const { rows } = await client.query<{ id: TransmissionId }>({
    name: 'insert_arrived',
    text: insertArrivedText,
    values: [
      ...claimColumns(claims),
      ...transmissionColumns(arrived),
      ...payloadColumns(payloads),
      idColumn(payloads, ({ transmissionId }) => transmissionId),
      ...entryColumns(arrived.map(({ entry }) => entry)),
    ],
  })
  return new Set(rows.map(({ id }) => id))
}

const insertArrivedText = `
  with won as (
    insert into once (scope, key, owner_id, content_sha256, expires_at)
    select scope, key, owner_id, content_sha256, now() + make_interval(secs => window_seconds)
    from unnest($1::text[], $2::bytea[], $3::uuid[], $4::bytea[], $5::float8[])
      as claim (scope, key, owner_id, content_sha256, window_seconds)
    on conflict (scope, key) do nothing
    returning owner_id),
  arrived as materialized (
    select * from unnest($6::uuid[], $7::boolean[], $8::uuid[], $9::uuid[], $10::text[], $11::text[], $12::text[],
                         $13::text[], $14::uuid[], $15::uuid[], $16::uuid[], $17::text[])
      as a (id, claims, partner_id, channel_id, kind, state, code, name, raw_id, opened_id, answer_id, evidence)
    where not a.claims or a.id in (select owner_id from won)),
  transmissions as (
    insert into transmission
      (id, partner_id, channel_id, direction, kind, state, code, name, raw_id, opened_id, answer_id, evidence)
    select id, partner_id, channel_id, 'in', kind, state, code, name, raw_id, opened_id, answer_id, evidence::jsonb
    from arrived),
  payloads as (
    insert into payload (id, partner_id, media_type, sha256, size_bytes, wrapped_key, bytes, chunks)
    select id, partner_id, media_type, sha256, size_bytes, wrapped_key, bytes, chunks
    from unnest($18::uuid[], $19::uuid[], $20::text[], $21::bytea[], $22::bigint[], $23::bytea[], $24::bytea[],
                $25::int[], $26::uuid[])
      as p (id, partner_id, media_type, sha256, size_bytes, wrapped_key, bytes, chunks, transmission_id)
    where p.transmission_id in (select id from arrived)
    on conflict (id) do nothing),
  entries as (
    insert into entry (id, partner_id, type, transmission_id, document_id, delivery_id, actor, body)
    select id, partner_id, type, transmission_id, document_id, delivery_id, actor, body
    from unnest($27::uuid[], $28::uuid[], $29::text[], $30::uuid[], $31::uuid[], $32::uuid[], $33::text[], $34::bytea[])
      as e (id, partner_id, type, transmission_id, document_id, delivery_id, actor, body)
    where e.transmission_id in (select id from arrived))
  select id from arrived`

function transmissionColumns(arrived: readonly Arrived[]): unknown[] {
  const rows = arrived.map(({ transmission }) => transmission)
  return [
    idColumn(rows, (row) => row.id),
    numberColumn(arrived, ({ once }) => once !== null),
    idColumn(rows, (row) => row.partnerId),
    idColumn(rows, (row) => row.channelId),
    textColumn(rows, (row) => row.kind),
    textColumn(rows, (row) => row.state),
    textColumn(rows, (row) => (row.code === null ? null : stableCode(row.code))),
    textColumn(rows, (row) => row.name),
    idColumn(rows, (row) => row.rawId),
    idColumn(rows, (row) => row.openedId),
    idColumn(rows, (row) => row.answerId),
    textColumn(rows, (row) => JSON.stringify(row.evidence)),
  ]
}

/** What a repeat is told about the first one. */
export interface FirstReceived {
  sha256: Buffer
  sizeBytes: number
  answerId: PayloadId | null
}

/** The facts of accepted transmissions, by id. */
export async function findReceived(
  client: Queryable,
  ids: readonly string[],
): Promise<Map<string, FirstReceived>> {
  const { rows } = await client.query<{
    id: string
    sha256: Buffer
    size_bytes: string
    answer_id: PayloadId | null
  }>({
    name: 'find_received',
    text: `select t.id, p.sha256, p.size_bytes, t.answer_id
           from transmission t join payload p on p.id = t.raw_id
           where t.id = any($1::uuid[])`,
    values: [ids],
  })
  return new Map(
    rows.map((row) => [
      row.id,
      { sha256: row.sha256, sizeBytes: Number(row.size_bytes), answerId: row.answer_id },
    ]),
  )
}
