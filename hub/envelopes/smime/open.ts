import { ByteReader, drain, type Bytes } from '../mime/byte-reader.ts'
import { contentType, header, readHeaders, type Headers } from '../mime/headers.ts'
import { boundaryOf, Multipart } from '../mime/multipart.ts'
import type { MimeValue } from '../mime/parameters.ts'
import { decoded, encodingNamed } from '../mime/transfer-encoding.ts'
import { Refusal } from '../refusal.ts'
import { tags, unreadable } from './asn1/element.ts'
import { BerStream } from './asn1/stream.ts'
import { openContent } from './content.ts'
import { contentTypes } from './content-types.ts'
import { openAuthEnveloped, openEnveloped, type Decrypted } from './decrypt.ts'
import { digestNamed, type DigestName } from './digests.ts'
import { openCompressed } from './inflate.ts'
import type { Opened } from './opened.ts'
import { Opening } from './opening.ts'
import type { OpenOptions } from './options.ts'
import { SignedBytes } from './signed-bytes.ts'
import { readSignedData } from './signed-data.ts'
import { allowedDigest, verifySigners } from './verify.ts'

/*
 * Opens an AS2 message or MDN: takes off the layers that its own content types say (RFC 5652, RFC 8551, RFC 5402), one
 * inside the other as streams, so that memory does not grow with the message.
 *
 *   headers, body ─► multipart/signed ─► first part hashed ─► …        RFC 1847
 *                 ─► pkcs7-mime ─► BER ─► decipher, inflate or hash ─► … by the object identifier, never by smime-type
 *                 ─► anything else: the content, split where it is a multipart
 *
 * Not supported: RC2, DES, MD5 (refused as weak), AES-CCM, password and key-encryption-key recipients.
 */

/** Opens an entity whose headers were read already, as HTTP does. A partner's mistake is an outcome; what the source itself throws goes through. */
export async function open(entity: { headers: Headers; body: Bytes }, options: OpenOptions): Promise<Opened> {
  const opening = new Opening(options)
  try {
    await openBody(opening, { headers: entity.headers, raw: null, reader: new ByteReader(entity.body) })
    opening.expectPolicy()
    return opening.opened()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return opening.refused(error)
  }
}

interface EntityBody {
  headers: Headers
  /** The exact bytes of the headers; null for those of HTTP, which no layer covers. */
  raw: Buffer | null
  reader: ByteReader
}

async function openEntity(opening: Opening, source: Bytes): Promise<void> {
  const reader = new ByteReader(source)
  const { headers, raw } = await readHeaders(reader)
  await openBody(opening, { headers, raw, reader })
}

async function openBody(opening: Opening, entity: EntityBody): Promise<void> {
  const type = contentType(entity.headers)
  if (type.value === 'multipart/signed') return openDetached(opening, type, entity.reader)
  if (isCms(type, entity.headers)) return openCms(opening, entity)
  return openContent(opening, entity)
}

/** The labels that products give to CMS; which kind it is, its object identifier says (M7, N9). */
function isCms(type: MimeValue, headers: Headers): boolean {
  if (type.value === 'application/pkcs7-mime' || type.value === 'application/x-pkcs7-mime') return true
  if (type.value !== 'application/octet-stream') return false
  const names = [type.parameters.get('name'), header(headers, 'Content-Disposition')]
  return names.some((name) => /\.p7[mz]"?$/i.test(name ?? ''))
}

/** multipart/signed (RFC 1847): exactly two parts, the second of which signs the bytes of the first. */
async function openDetached(opening: Opening, type: MimeValue, reader: ByteReader): Promise<void> {
  const { options } = opening
  const place = opening.enter('S')
  const multipart = new Multipart(reader, boundaryOf(type))
  const first = await multipart.next()
  if (first === null) throw new Refusal('mimeUnreadable', { reason: 'multipart/signed has two parts' })
  const signed = new SignedBytes(announcedDigests(type, options), options.defects)
  const content = signed.through(first)
  const inner = await settled(openEntity(opening, content))
  await drain(content)
  opening.noteSigned(signed)
  const second = await multipart.next()
  if (second === null) throw new Refusal('mimeUnreadable', { reason: 'multipart/signed has two parts' })
  const { signerInfos, encapsulated } = await readSignature(second)
  if ((await multipart.next()) !== null)
    throw new Refusal('mimeUnreadable', { reason: 'multipart/signed has two parts' })
  if ((await multipart.hasEpilogue()) && opening.unauthenticated)
    throw new Refusal('mimeUnreadable', { reason: 'bytes behind the last boundary' })
  const verified = verifySigners(signerInfos, signed, encapsulated, options)
  opening.verified(place, 'detached', verified, signed)
  if (inner !== null) throw inner
}

/** The digests that micalg announces; all that may be used where it names none. The signature itself decides (A4). */
function announcedDigests(type: MimeValue, options: OpenOptions): DigestName[] {
  const named = (type.parameters.get('micalg') ?? '').split(',').flatMap((name) => digestNamed(name) ?? [])
  if (named.length > 0) return [...new Set(named)]
  return options.allow.sha1 ? ['sha256', 'sha1', 'sha384', 'sha512'] : ['sha256', 'sha384', 'sha512']
}

async function readSignature(part: AsyncGenerator<Buffer>): ReturnType<typeof readSignedData> {
  const reader = new ByteReader(part)
  const { headers } = await readHeaders(reader)
  const encoding = encodingNamed(header(headers, 'Content-Transfer-Encoding'))
  const ber = new BerStream(new ByteReader(decoded(reader.rest(), encoding)))
  const { info, explicit, type } = await enterContentInfo(ber)
  if (type !== contentTypes.signed) throw unreadable('a signature that is no SignedData')
  const read = await readSignedData(ber, async () => {
    throw new Refusal('signatureUnfit', { reason: 'a detached signature with contents of its own' })
  })
  await ber.leave(explicit)
  await ber.leave(info)
  await ber.finish()
  return read
}

async function enterContentInfo(
  ber: BerStream,
): Promise<Record<'info' | 'explicit', Awaited<ReturnType<BerStream['enter']>>> & { type: string }> {
  const info = await ber.enter(tags.sequence)
  const type = (await ber.element()).oid()
  return { info, type, explicit: await ber.enter(0xa0) }
}

/** ContentInfo (RFC 5652 §3): what it holds is opened by its content type. */
async function openCms(opening: Opening, { headers, reader }: EntityBody): Promise<void> {
  const encoding = encodingNamed(header(headers, 'Content-Transfer-Encoding'))
  const source = encoding === 'binary' ? reader : new ByteReader(decoded(await wholeOrRest(reader), encoding))
  const ber = new BerStream(source)
  const { info, explicit, type } = await enterContentInfo(ber)
  await openByType(opening, ber, type)
  await ber.leave(explicit)
  await ber.leave(info)
  await ber.finish()
}

/** What is there at once is decoded at once. */
async function wholeOrRest(reader: ByteReader): Promise<Bytes> {
  return reader.ended ? reader.take(reader.window.length) : reader.rest()
}

async function openByType(opening: Opening, ber: BerStream, type: string): Promise<void> {
  switch (type) {
    case contentTypes.enveloped:
      return openEncrypted(opening, () => openEnveloped(ber, opening.options))
    case contentTypes.authEnveloped:
      return openEncrypted(opening, () => openAuthEnveloped(ber, opening.options))
    case contentTypes.compressed:
      return openInflated(opening, ber)
    case contentTypes.signed:
      return openOpaque(opening, ber)
  }
  throw new Refusal('algorithmUnknown', { algorithm: type })
}

/**
 * Inside of a cipher that does not authenticate, whatever cannot be read is answered as a failed decryption, after all of
 * it was deciphered: what answer comes must not tell whether the padding was right (A7).
 */
async function openEncrypted(opening: Opening, begin: () => Promise<Decrypted>): Promise<void> {
  const place = opening.enter('E')
  const { plain, ...layer } = await begin()
  opening.layers[place] = { kind: 'encrypted', ...layer }
  const outside = opening.unauthenticated
  opening.unauthenticated = outside || !layer.authenticated
  const inner = await settled(openEntity(opening, plain))
  opening.unauthenticated = outside
  await drain(plain)
  if (inner === null) return
  const unreadableInside: readonly string[] = [
    'mimeUnreadable',
    'mimeTooLarge',
    'cmsUnreadable',
    'cmsTooLarge',
  ]
  throw unreadableInside.includes(inner.code) ? new Refusal('decryptionFailed') : inner
}

async function openInflated(opening: Opening, ber: BerStream): Promise<void> {
  const place = opening.enter('C')
  const plain = await openCompressed(ber, opening.options.contentBytesMost)
  opening.layers[place] = { kind: 'compressed' }
  await openEntity(opening, plain)
  await drain(plain)
}

/** SignedData with its content inside: the signature covers exactly that. */
async function openOpaque(opening: Opening, ber: BerStream): Promise<void> {
  const place = opening.enter('S')
  let signed: SignedBytes | null = null
  let inner: Refusal | null = null
  const { signerInfos, encapsulated } = await readSignedData(ber, async (content, digestOids) => {
    const digests = digestOids.map((oid) => allowedDigest(oid, opening.options))
    signed = new SignedBytes(digests, opening.options.defects)
    const through = signed.through(content)
    inner = await settled(openEntity(opening, through))
    await drain(through)
    opening.noteSigned(signed)
  })
  if (signed === null) throw new Refusal('signatureUnfit', { reason: 'a signature without contents' })
  opening.verified(place, 'opaque', verifySigners(signerInfos, signed, encapsulated, opening.options), signed)
  if (inner !== null) throw inner as Refusal
}

/** A refusal from inside waits until the layer outside was judged. */
async function settled(work: Promise<void>): Promise<Refusal | null> {
  try {
    await work
    return null
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}
