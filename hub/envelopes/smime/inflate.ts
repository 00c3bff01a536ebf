import { createInflate, inflateSync } from 'node:zlib'
import { Readable } from 'node:stream'
import { limits } from '#hub/base/limits.ts'
import { Refusal } from '../refusal.ts'
import { tags, unreadable } from './asn1/element.ts'
import type { BerStream } from './asn1/stream.ts'
import { contentTypes, zlibOid } from './content-types.ts'

/** Compressed contents up to this are inflated in one piece, which is several times faster. */
const wholeBytes = 256 * 1024
/** However small the compressed bytes are, so much may come of them. */
const graceBytes = 64 * 1024

/**
 * CompressedData (RFC 3274): the inflated content as a stream. It may be `inflateRatio` times as large as what was
 * compressed and at most `bytesMost` (A10); the counter is our own, since zlib's streams have none.
 */
export async function openCompressed(ber: BerStream, bytesMost: number): Promise<AsyncGenerator<Buffer>> {
  const outer = await ber.enter(tags.sequence)
  const version = await ber.element()
  version.small()
  const algorithm = (await ber.element()).part(tags.sequence, 0).oid()
  if (algorithm !== zlibOid) throw new Refusal('algorithmUnknown', { algorithm })
  const info = await ber.enter(tags.sequence)
  const type = (await ber.element()).oid()
  if (type !== contentTypes.data) throw unreadable('compressed contents that are no data')
  const explicit = await ber.enter(0xa0)
  const source = ber.octets(await ber.header())
  return (async function* () {
    yield* inflated(source, bytesMost)
    await ber.leave(explicit)
    await ber.leave(info)
    await ber.leave(outer)
  })()
}

async function* inflated(source: AsyncGenerator<Buffer>, bytesMost: number): AsyncGenerator<Buffer> {
  const held: Buffer[] = []
  let size = 0
  while (size <= wholeBytes) {
    const next = await source.next()
    if (next.done === true) {
      yield inflatedAtOnce(Buffer.concat(held), bytesMost)
      return
    }
    held.push(next.value)
    size += next.value.length
  }
  yield* inflatedStream(held, source, bytesMost)
}

function inflatedAtOnce(bytes: Buffer, bytesMost: number): Buffer {
  try {
    return inflateSync(bytes, { maxOutputLength: Math.min(bytesMost, allowed(bytes.length)) })
  } catch {
    throw new Refusal('decompressionFailed')
  }
}

async function* inflatedStream(
  held: Buffer[],
  source: AsyncGenerator<Buffer>,
  bytesMost: number,
): AsyncGenerator<Buffer> {
  let taken = 0
  let given = 0
  // a refusal of the layer outside goes through as it is; any other error is zlib's
  let outside: unknown = null
  const input = async function* (): AsyncGenerator<Buffer> {
    try {
      for (const chunk of held) yield counted(chunk)
      for await (const chunk of source) yield counted(chunk)
    } catch (error) {
      outside = error
      throw error
    }
  }
  const counted = (chunk: Buffer): Buffer => {
    taken += chunk.length
    return chunk
  }
  const inflate = createInflate({ chunkSize: 64 * 1024 })
  const readable = Readable.from(input(), { objectMode: false, highWaterMark: 64 * 1024 })
  readable.on('error', (error) => inflate.destroy(error))
  readable.pipe(inflate)
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      given += chunk.length
      if (given > bytesMost || given > allowed(taken)) throw new Refusal('decompressionFailed')
      yield chunk
    }
  } catch (error) {
    if (outside !== null) throw outside
    throw error instanceof Refusal ? error : new Refusal('decompressionFailed')
  } finally {
    readable.destroy()
    inflate.destroy()
  }
}

function allowed(compressedBytes: number): number {
  return graceBytes + compressedBytes * limits.inflateRatio
}
