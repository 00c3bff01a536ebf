import { createHash, type Hash } from 'node:crypto'
import { limits } from '#hub/base/limits.ts'
import { ByteReader, chunksOf, drain } from '../mime/byte-reader.ts'
import { fileNameOf } from '../mime/file-name.ts'
import { contentType, header, readHeaders, type Headers } from '../mime/headers.ts'
import { boundaryOf, Multipart } from '../mime/multipart.ts'
import { decoded, encodingNamed } from '../mime/transfer-encoding.ts'
import { Refusal } from '../refusal.ts'
import type { Mic, MicSubject } from './opened.ts'
import type { Opening } from './opening.ts'

/** The innermost entity: its MIC where no signature gives one, and its documents. */
export async function openContent(
  opening: Opening,
  { headers, raw, reader }: { headers: Headers; raw: Buffer | null; reader: ByteReader },
): Promise<void> {
  const encoding = encodingNamed(header(headers, 'Content-Transfer-Encoding'))
  const mics = micHashes(opening, encoding !== 'binary')
  for (const { over, hash } of mics) if (over === 'entity' && raw !== null) hash.update(raw)
  const received = mics.filter(({ over }) => over !== 'body')
  const body = mics.filter(({ over }) => over === 'body')
  const passed = received.length === 0 ? reader.rest() : hashed(reader.rest(), received)
  await splitContent(opening, { headers, body: passed, hashes: body, depth: 0 })
  await drain(passed)
  const digest = opening.options.micDigest
  for (const { over, hash } of mics) opening.mics.push({ over, digest, value: hash.digest() })
}

interface MicHash {
  over: MicSubject
  hash: Hash
}

/** What the MIC of an unsigned message is computed over, the right one first (AS2.md §2). */
function micHashes(opening: Opening, encoded: boolean): MicHash[] {
  const { micDigest, compressedMic } = opening.options
  const subjects = (): Mic['over'][] => {
    if (opening.order.includes('S')) return []
    if (opening.order.includes('E')) return ['entity']
    if (opening.order === 'C') return compressedMic === 'entity' ? ['entity', 'body'] : ['body', 'entity']
    return encoded ? ['body', 'encoded-body'] : ['body']
  }
  return subjects().map((over) => ({ over, hash: createHash(micDigest) }))
}

async function* hashed(source: AsyncIterable<Buffer>, hashes: readonly MicHash[]): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    for (const { hash } of hashes) hash.update(chunk)
    yield chunk
  }
}

interface Content {
  headers: Headers
  body: AsyncIterable<Buffer>
  hashes: readonly MicHash[]
  depth: number
}

/** A multipart is split into its documents (N13), to any legal depth; anything else is one. */
async function splitContent(opening: Opening, { headers, body, hashes, depth }: Content): Promise<void> {
  const type = contentType(headers)
  const plain = decoded(body, encodingNamed(header(headers, 'Content-Transfer-Encoding')))
  const source = hashes.length === 0 ? chunksOf(plain) : hashed(chunksOf(plain), hashes)
  if (!type.value.startsWith('multipart/')) {
    await take(opening, headers, type.value, source)
    return
  }
  if (depth >= limits.mimeDepth)
    throw new Refusal('mimeTooLarge', { limit: 'mimeDepth', most: limits.mimeDepth })
  const multipart = new Multipart(new ByteReader(source), boundaryOf(type))
  for (let part = await multipart.next(); part !== null; part = await multipart.next()) {
    const reader = new ByteReader(part)
    const own = await readHeaders(reader)
    await splitContent(opening, { headers: own.headers, body: reader.rest(), hashes: [], depth: depth + 1 })
  }
  if ((await multipart.hasEpilogue()) && opening.unauthenticated)
    throw new Refusal('mimeUnreadable', { reason: 'bytes behind the last boundary' })
}

async function take(
  opening: Opening,
  headers: Headers,
  mediaType: string,
  source: AsyncIterable<Buffer>,
): Promise<void> {
  const { into, contentBytesMost } = opening.options
  if (opening.parts.length >= limits.mimeParts)
    throw new Refusal('mimeTooLarge', { limit: 'mimeParts', most: limits.mimeParts })
  const sink = into?.({ headers, mediaType, index: opening.parts.length })
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of source) {
    size += chunk.length
    opening.contentBytes += chunk.length
    if (opening.contentBytes > contentBytesMost) throw new Refusal('bodyTooLarge')
    if (sink === undefined) chunks.push(chunk)
    else await sink(chunk)
  }
  const bytes = sink === undefined ? (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)) : null
  opening.parts.push({ headers, mediaType, fileName: fileNameOf(headers), bytes, size })
}
