import { fileBytesLimit } from '#hub/model/channel-limits.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import type { Incoming } from '#hub/model/transport.ts'
import type { Upload } from '#hub/store/upload.ts'

/** `whole` is set only where layers are still to be taken off: then the bytes are needed in one piece. */
export type ReadOutcome = { kind: 'read'; whole: Buffer | null } | { kind: 'refused'; code: CodeName }

/**
 * Reads the body into the upload, to its end or to the first reason to refuse it; what comes after the channel's limit is
 * not read. Throws what the database throws; a sender who goes away is an outcome.
 */
export async function read(incoming: Incoming, upload: Upload): Promise<ReadOutcome> {
  const most = fileBytesLimit(incoming.channel)
  if (incoming.lengthHint !== null && incoming.lengthHint > most) return refused('bodyTooLarge')
  const kept: Buffer[] = []
  const pieces = incoming.body[Symbol.asyncIterator]()
  for (;;) {
    const piece = await nextPiece(pieces, incoming.signal)
    if (piece === 'broken') return refused('uploadBroken')
    if (piece === 'end') break
    if (upload.sizeBytes + piece.length > most) {
      await pieces.return?.()
      return refused('bodyTooLarge')
    }
    if (incoming.open !== undefined) kept.push(piece)
    try {
      await upload.write(piece)
    } catch (error) {
      // whoever goes on sending is read to the end by the door, which the body must be free for
      await pieces.return?.()
      throw error
    }
  }
  if (upload.sizeBytes === 0) return refused('emptyBody')
  return { kind: 'read', whole: incoming.open === undefined ? null : Buffer.concat(kept) }
}

/** Whatever the source throws means that the rest of the file will not come. */
async function nextPiece(
  pieces: AsyncIterator<Buffer>,
  signal: AbortSignal | undefined,
): Promise<Buffer | 'end' | 'broken'> {
  try {
    const next = await pieces.next()
    if (signal?.aborted === true) return 'broken'
    return next.done === true ? 'end' : next.value
  } catch {
    return 'broken'
  }
}

function refused(code: CodeName): ReadOutcome {
  return { kind: 'refused', code }
}
