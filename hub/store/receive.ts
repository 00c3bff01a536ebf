import { stableCode, type CodeName } from '#hub/model/codes/index.ts'
import type { ChannelId, PartnerId, PayloadId, TransmissionId } from '#hub/model/ids.ts'
import type { Proof } from '#hub/model/outcomes.ts'
import type { Queryable } from './connect.ts'

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

/** Inserts inbound transmissions, in the transaction of their payloads, entries and jobs. */
export async function insertTransmissions(
  client: Queryable,
  transmissions: readonly NewTransmission[],
): Promise<void> {
  if (transmissions.length === 0) return
  const column = <Value>(pick: (row: NewTransmission) => Value): Value[] => transmissions.map(pick)
  await client.query({
    name: 'insert_transmissions',
    text: `insert into transmission
             (id, partner_id, channel_id, kind, state, code, name, raw_id, opened_id, answer_id, evidence, direction)
           select *, 'in' from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
             $8::uuid[], $9::uuid[], $10::uuid[], $11::jsonb[])`,
    values: [
      column((row) => row.id),
      column((row) => row.partnerId),
      column((row) => row.channelId),
      column((row) => row.kind),
      column((row) => row.state),
      column((row) => (row.code === null ? null : stableCode(row.code))),
      column((row) => row.name),
      column((row) => row.rawId),
      column((row) => row.openedId),
      column((row) => row.answerId),
      column((row) => JSON.stringify(row.evidence)),
    ],
  })
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
