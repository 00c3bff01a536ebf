import { createHash } from 'node:crypto'
import { limits } from '#hub/base/limits.ts'
import type { PartnerId, PayloadId } from '#hub/model/ids.ts'
import type { ChunkSealer, Sealer } from '#hub/model/sealing.ts'
import type { Queryable } from './connect.ts'
import { deletePayloadChunks, insertPayloadChunk, payloadAad, type SealedPayload } from './payload.ts'

/** Bytes on their way into the payload store, of any length, with no more than two chunks of them in memory. */
export interface Upload {
  readonly id: PayloadId
  readonly sizeBytes: number
  /** Takes the next bytes. What makes a chunk full is in the database when this returns; nothing refers to it yet. */
  write(bytes: Buffer): Promise<void>
  /** Takes the end; returns the row whose insertion makes the bytes a payload. */
  finish(): Promise<SealedPayload>
  /** All of it in one piece, where it is small enough to stand in its row and has ended; else null. */
  plain(): Buffer | null
  /** Removes the chunks that were written, where the bytes came to nothing. */
  discard(): Promise<void>
}

/** Begins an upload under a fresh payload id. `db` is the pool: chunks are written outside any transaction. */
export function startUpload(
  db: Queryable,
  sealer: Sealer,
  payload: { id: PayloadId; partnerId: PartnerId | null; mediaType: string },
): Upload {
  const hash = createHash('sha256')
  let sizeBytes = 0
  let pieces: Buffer[] = []
  let waitingBytes = 0
  let chunks: ChunkSealer | null = null
  let written = 0
  let whole: Buffer | null = null

  const writeChunk = async (bytes: Buffer, last: boolean): Promise<void> => {
    chunks ??= sealer.sealChunks(payloadAad(payload.id))
    await insertPayloadChunk(db, payload.id, written, chunks.seal(bytes, last))
    written += 1
  }
  const gathered = (): Buffer => (pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, waitingBytes))

  return {
    id: payload.id,
    get sizeBytes() {
      return sizeBytes
    },
    write: async (bytes) => {
      hash.update(bytes)
      sizeBytes += bytes.length
      pieces.push(bytes)
      waitingBytes += bytes.length
      // strictly more than a chunk: the last chunk is sealed as the last one, so it must not be empty
      if (waitingBytes <= limits.payloadChunkBytes) return
      let rest = gathered()
      while (rest.length > limits.payloadChunkBytes) {
        await writeChunk(rest.subarray(0, limits.payloadChunkBytes), false)
        rest = rest.subarray(limits.payloadChunkBytes)
      }
      pieces = [rest]
      waitingBytes = rest.length
    },
    finish: async () => {
      const row = { ...payload, sha256: hash.digest(), sizeBytes }
      if (chunks === null) {
        whole = gathered()
        return { ...row, ...sealer.seal(payloadAad(payload.id), whole), chunks: null }
      }
      await writeChunk(gathered(), true)
      return { ...row, wrappedKey: chunks.wrappedKey, bytes: null, chunks: written }
    },
    plain: () => whole,
    discard: async () => {
      if (written > 0) await deletePayloadChunks(db, payload.id)
    },
  }
}
