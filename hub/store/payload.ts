import { createHash, hash } from 'node:crypto'
import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'
import type { PartnerId, PayloadId } from '#hub/model/ids.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import { bytesColumn, idColumn, numberColumn, textColumn } from './columns.ts'
import type { Queryable } from './connect.ts'

/** Bytes to keep. `partnerId` is who may see them: raw, findings, canonical → the sender; output → the receiver. */
export interface NewPayload {
  id: PayloadId
  partnerId: PartnerId | null
  mediaType: string
  bytes: Buffer
  /** Of the bytes, where the caller has it already. */
  sha256?: Buffer
}

export interface PayloadFacts {
  sha256: Buffer
  sizeBytes: number
  mediaType: string
  partnerId: PartnerId | null
}

/** A payload's row, ready to insert: sealed, its chunks (if any) written already. */
export interface SealedPayload {
  id: PayloadId
  partnerId: PartnerId | null
  mediaType: string
  sha256: Buffer
  sizeBytes: number
  wrappedKey: Buffer
  /** The sealed content where it is small; else null, and `chunks` counts the rows of payload_chunk. */
  bytes: Buffer | null
  chunks: number | null
}

/**
 * Seals and keeps bytes of any size, in the caller's transaction. An id that exists already is left as it is, so that a
 * step that runs twice makes nothing twice. Returns those of the small ones that are certainly kept with these bytes.
 */
export async function insertPayloads(
  client: Queryable,
  sealer: Sealer,
  payloads: readonly NewPayload[],
): Promise<readonly NewPayload[]> {
  const small = payloads.filter((payload) => payload.bytes.length <= limits.inlinePayloadBytes)
  const inserted = await insertSealedPayloads(
    client,
    small.map((payload) => sealInline(sealer, payload)),
  )
  for (const payload of payloads) {
    if (payload.bytes.length > limits.inlinePayloadBytes) await insertLarge(client, sealer, payload)
  }
  return inserted === small.length ? small : []
}

/** A small payload's row, sealed; hashing and sealing need no database. */
export function sealInline(sealer: Sealer, payload: NewPayload): SealedPayload {
  const sealed = sealer.seal(payloadAad(payload.id), payload.bytes)
  return {
    id: payload.id,
    partnerId: payload.partnerId,
    mediaType: payload.mediaType,
    sha256: payload.sha256 ?? hash('sha256', payload.bytes, 'buffer'),
    sizeBytes: payload.bytes.length,
    wrappedKey: sealed.wrappedKey,
    bytes: sealed.bytes,
    chunks: null,
  }
}

/** Inserts rows that are sealed already; those whose id exists are left out. Returns how many were new. */
export async function insertSealedPayloads(
  client: Queryable,
  payloads: readonly SealedPayload[],
): Promise<number> {
  if (payloads.length === 0) return 0
  const { rowCount } = await client.query({
    name: 'insert_payloads',
    text: `insert into payload (id, partner_id, media_type, sha256, size_bytes, wrapped_key, bytes, chunks)
           select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::bigint[], $6::bytea[], $7::bytea[], $8::int[])
           on conflict (id) do nothing`,
    values: payloadColumns(payloads),
  })
  return rowCount ?? 0
}

/** The columns of sealed payloads, in the order of the insert above. */
export function payloadColumns(payloads: readonly SealedPayload[]): unknown[] {
  return [
    idColumn(payloads, (payload) => payload.id),
    idColumn(payloads, (payload) => payload.partnerId),
    textColumn(payloads, (payload) => payload.mediaType),
    bytesColumn(payloads, (payload) => payload.sha256),
    numberColumn(payloads, (payload) => payload.sizeBytes),
    bytesColumn(payloads, (payload) => payload.wrappedKey),
    bytesColumn(payloads, (payload) => payload.bytes),
    numberColumn(payloads, (payload) => payload.chunks),
  ]
}

/** Writes one sealed chunk. Chunks without a payload row are orphans, which `sweepOrphanChunks` removes. */
export async function insertPayloadChunk(
  client: Queryable,
  id: PayloadId,
  seq: number,
  bytes: Buffer,
): Promise<void> {
  await client.query({
    name: 'insert_payload_chunk',
    text: 'insert into payload_chunk (payload_id, seq, bytes) values ($1, $2, $3)',
    values: [id, seq, bytes],
  })
}

/** Removes the chunks of an upload that came to nothing. Never call it for an id that has a payload row. */
export async function deletePayloadChunks(client: Queryable, id: PayloadId): Promise<void> {
  await client.query({
    name: 'delete_payload_chunks',
    text: `delete from payload_chunk
           where payload_id = $1 and not exists (select from payload where id = $1)`,
    values: [id],
  })
}

/**
 * Removes chunks that no payload row refers to and whose id is older than `olderThanHours` by the database's clock;
 * returns how many. An upload that takes longer than that is cut off by the door long before.
 */
export async function sweepOrphanChunks(
  client: Queryable,
  olderThanHours: number = limits.orphanChunkHours,
): Promise<number> {
  const { rowCount } = await client.query({
    name: 'sweep_orphan_chunks',
    text: `delete from payload_chunk c
           where c.payload_id < id_floor(now() - make_interval(hours => $1))
             and not exists (select from payload p where p.id = c.payload_id)`,
    values: [olderThanHours],
  })
  return rowCount ?? 0
}

/** What a payload's row says, or null if there is none. */
export async function payloadFacts(db: Queryable, id: PayloadId): Promise<PayloadFacts | null> {
  const row = await findPayload(db, id)
  if (row === null) return null
  return {
    sha256: row.sha256,
    sizeBytes: Number(row.size_bytes),
    mediaType: row.media_type,
    partnerId: row.partner_id,
  }
}

/** The plain bytes; throws HubError `payloadDamaged` if they are not what was kept, erased, or not there. */
export async function readPayload(db: Queryable, sealer: Sealer, id: PayloadId): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of readPayloadChunks(db, sealer, id)) chunks.push(chunk)
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

/**
 * The plain bytes of many small payloads, in one statement. Those that are large, damaged or missing are left out: read
 * them by themselves, which says what is wrong.
 */
export async function readSmallPayloads(
  db: Queryable,
  sealer: Sealer,
  ids: readonly PayloadId[],
): Promise<Map<PayloadId, Buffer>> {
  const { rows } = await db.query<PayloadRow>({
    name: 'find_small_payloads',
    text: `select id, partner_id, sha256, size_bytes, media_type, wrapped_key, bytes, chunks, erased_at
           from payload where id = any($1::uuid[]) and bytes is not null`,
    values: [ids],
  })
  const opened = new Map<PayloadId, Buffer>()
  for (const row of rows) {
    const bytes = openSmall(sealer, row)
    if (bytes !== null) opened.set(row.id, bytes)
  }
  return opened
}

function openSmall(sealer: Sealer, row: PayloadRow): Buffer | null {
  try {
    const bytes = sealer.open(payloadAad(row.id), { wrappedKey: row.wrapped_key, bytes: row.bytes! })
    return hash('sha256', bytes, 'buffer').equals(row.sha256) ? bytes : null
  } catch (error) {
    if (error instanceof HubError) return null
    throw error
  }
}

/**
 * The plain bytes in pieces of at most a chunk. The hash of the whole is known only at the end: then HubError
 * `payloadDamaged` is thrown if it is another one. Each piece by itself is verified before it is given out.
 */
export async function* readPayloadChunks(
  db: Queryable,
  sealer: Sealer,
  id: PayloadId,
): AsyncGenerator<Buffer, void, undefined> {
  const row = await findPayload(db, id)
  if (row === null) throw new HubError('payloadDamaged', `payload ${id} does not exist`, { detail: { id } })
  if (row.erased_at !== null)
    throw new HubError('payloadDamaged', `payload ${id} was erased`, { detail: { id } })
  const hash = createHash('sha256')
  for await (const piece of openedPieces(db, sealer, row)) {
    hash.update(piece)
    yield piece
  }
  if (!hash.digest().equals(row.sha256)) {
    throw new HubError('payloadDamaged', `payload ${id} does not match its hash`, { detail: { id } })
  }
}

/** What binds a payload's sealed bytes to its row. */
export function payloadAad(id: PayloadId): string {
  return `payload|${id}`
}

interface PayloadRow {
  id: PayloadId
  partner_id: PartnerId | null
  sha256: Buffer
  size_bytes: string
  media_type: string
  wrapped_key: Buffer
  bytes: Buffer | null
  chunks: number | null
  erased_at: Date | null
}

async function findPayload(db: Queryable, id: PayloadId): Promise<PayloadRow | null> {
  const { rows } = await db.query<PayloadRow>({
    name: 'find_payload',
    text: `select id, partner_id, sha256, size_bytes, media_type, wrapped_key, bytes, chunks, erased_at
           from payload where id = $1`,
    values: [id],
  })
  return rows[0] ?? null
}

async function* openedPieces(db: Queryable, sealer: Sealer, row: PayloadRow): AsyncGenerator<Buffer> {
  if (row.bytes !== null) {
    yield sealer.open(payloadAad(row.id), { wrappedKey: row.wrapped_key, bytes: row.bytes })
    return
  }
  const count = row.chunks ?? 0
  const opener = sealer.openChunks(payloadAad(row.id), row.wrapped_key)
  for (let seq = 0; seq < count; seq++) {
    const bytes = await findPayloadChunk(db, row.id, seq)
    if (bytes === null) {
      throw new HubError('payloadDamaged', `chunk ${seq} of payload ${row.id} is missing`, {
        detail: { id: row.id, seq },
      })
    }
    yield opener.open(bytes, seq === count - 1)
  }
}

async function findPayloadChunk(db: Queryable, id: PayloadId, seq: number): Promise<Buffer | null> {
  const { rows } = await db.query<{ bytes: Buffer }>({
    name: 'find_payload_chunk',
    text: 'select bytes from payload_chunk where payload_id = $1 and seq = $2',
    values: [id, seq],
  })
  return rows[0]?.bytes ?? null
}

/** The row comes first: whoever loses on it (a repeat of the step) writes no chunks under another key beside the first ones. */
async function insertLarge(client: Queryable, sealer: Sealer, payload: NewPayload): Promise<void> {
  const chunkBytes = limits.payloadChunkBytes
  const count = Math.ceil(payload.bytes.length / chunkBytes)
  const chunks = sealer.sealChunks(payloadAad(payload.id))
  const { rowCount } = await client.query({
    name: 'insert_large_payload',
    text: `insert into payload (id, partner_id, media_type, sha256, size_bytes, wrapped_key, chunks)
           values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing`,
    values: [
      payload.id,
      payload.partnerId,
      payload.mediaType,
      createHash('sha256').update(payload.bytes).digest(),
      payload.bytes.length,
      chunks.wrappedKey,
      count,
    ],
  })
  if (rowCount === 0) return
  for (let seq = 0; seq < count; seq++) {
    const piece = payload.bytes.subarray(seq * chunkBytes, (seq + 1) * chunkBytes)
    await insertPayloadChunk(client, payload.id, seq, chunks.seal(piece, seq === count - 1))
  }
}
