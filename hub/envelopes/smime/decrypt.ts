import { createDecipheriv, type DecipherGCM, type Decipheriv } from 'node:crypto'
import { limits } from '#hub/base/limits.ts'
import { Refusal } from '../refusal.ts'
import { need, tags, unreadable, type Element } from './asn1/element.ts'
import type { BerStream } from './asn1/stream.ts'
import { der } from './asn1/write.ts'
import { cipherOf, type CipherKind } from './ciphers.ts'
import { contentKey } from './recipients.ts'
import type { OpenOptions } from './options.ts'

/** What an encrypted layer says of itself, for evidence. */
export interface Decrypted {
  cipher: CipherKind['name']
  authenticated: boolean
  /** The certificate of ours that it was encrypted for. */
  recipient: string
  plain: AsyncGenerator<Buffer>
}

/**
 * EnvelopedData (RFC 5652 §6): the plain content as a stream. A wrong key and damaged contents end in the same refusal,
 * `decryptionFailed`, at the same place: behind the last byte (A7).
 */
export async function openEnveloped(ber: BerStream, options: OpenOptions): Promise<Decrypted> {
  const outer = await ber.enter(tags.sequence)
  const recipients = await recipientInfos(ber)
  const info = await ber.enter(tags.sequence)
  const { kind, iv } = await contentAlgorithm(ber, options)
  const { key, by } = contentKey(recipients, options.keys, kind.keyBytes)
  const source = encryptedContent(ber)
  const plain = (async function* () {
    // libas2 writes AES-GCM into EnvelopedData, with the tag behind the contents
    if (kind.authenticated) yield* decryptTagged(kind, key, iv, source)
    else yield* decryptBlocks(createDecipheriv(kind.name, key, iv), source)
    await ber.leave(info)
    while ((await ber.tagIn(outer)) !== null) await ber.element()
    await ber.leave(outer)
  })()
  return {
    cipher: kind.name,
    authenticated: kind.authenticated,
    recipient: by.certificate.fingerprint,
    plain,
  }
}

/** AuthEnvelopedData (RFC 5083) with AES-GCM (RFC 5084): as above; what it gives counts once its end was reached. */
export async function openAuthEnveloped(ber: BerStream, options: OpenOptions): Promise<Decrypted> {
  const outer = await ber.enter(tags.sequence)
  const recipients = await recipientInfos(ber)
  const info = await ber.enter(tags.sequence)
  const { kind, iv, tagBytes } = await contentAlgorithm(ber, options)
  if (!kind.authenticated) throw unreadable('AuthEnvelopedData without an authenticated cipher')
  const { key, by } = contentKey(recipients, options.keys, kind.keyBytes)
  const plain = (async function* () {
    const decipher = gcmDecipher(kind, key, iv, tagBytes)
    const source = encryptedContent(ber)
    const { chunks, whole } = await heldBack(source)
    if (!whole) {
      for (const chunk of chunks) yield decipher.update(chunk)
      for await (const chunk of source) yield decipher.update(chunk)
    }
    await ber.leave(info)
    const rest: Element[] = []
    while ((await ber.tagIn(outer)) !== null) rest.push(await ber.element())
    await ber.leave(outer)
    const attributes = rest.find((element) => element.tag === 0xa1)
    const mac = rest.find((element) => element.tag === tags.octets || element.tag === 0x24)
    if (mac === undefined) throw unreadable('AuthEnvelopedData without its code')
    if (attributes !== undefined) {
      // they come behind the contents, but the cipher wants them before
      if (!whole)
        throw new Refusal('algorithmUnknown', { algorithm: 'authenticated attributes of large contents' })
      decipher.setAAD(der(tags.set, attributes.content))
    }
    if (whole) for (const chunk of chunks) yield decipher.update(chunk)
    finishTagged(decipher, mac.octets(), tagBytes)
  })()
  return { cipher: kind.name, authenticated: true, recipient: by.certificate.fingerprint, plain }
}

/** Version, perhaps [0] originator's certificates, and the recipients. */
async function recipientInfos(ber: BerStream): Promise<Element> {
  const version = await ber.element()
  version.small()
  const next = await ber.element()
  return next.tag === 0xa0 ? ber.element() : next
}

async function contentAlgorithm(
  ber: BerStream,
  options: OpenOptions,
): Promise<{ kind: CipherKind; iv: Buffer; tagBytes: number }> {
  const type = await ber.element()
  type.oid()
  const [algorithm, parameters] = (await ber.element()).parts(tags.sequence)
  const kind = cipherOf(need(algorithm).oid(), options.allow)
  if (parameters === undefined) throw unreadable('a cipher without its vector')
  const fields = parameters.tag === tags.sequence ? parameters.children() : [parameters]
  const iv = need(fields[0]).octets()
  const tagBytes = fields[1]?.small() ?? (parameters.tag === tags.sequence ? 12 : 16)
  const fits = kind.authenticated ? iv.length >= 8 && iv.length <= 64 : iv.length === kind.ivBytes
  if (!fits || tagBytes < 12 || tagBytes > 16) throw unreadable('a cipher with a vector that does not fit')
  return { kind, iv, tagBytes }
}

async function* encryptedContent(ber: BerStream): AsyncGenerator<Buffer> {
  const head = await ber.header()
  if (head.tag !== 0x80 && head.tag !== 0xa0) throw unreadable('encrypted contents that stand elsewhere')
  yield* ber.octets(head)
}

async function* decryptBlocks(decipher: Decipheriv, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    const plain = decipher.update(chunk)
    if (plain.length > 0) yield plain
  }
  const last = finished(decipher)
  if (last.length > 0) yield last
}

/** The last 16 bytes of the contents are the tag. */
async function* decryptTagged(
  kind: CipherKind,
  key: Buffer,
  iv: Buffer,
  source: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const decipher = gcmDecipher(kind, key, iv, 16)
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of source) {
    const both = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const safe = Math.max(0, both.length - 16)
    if (safe > 0) yield decipher.update(both.subarray(0, safe))
    held = both.subarray(safe)
  }
  finishTagged(decipher, held, 16)
}

function gcmDecipher(kind: CipherKind, key: Buffer, iv: Buffer, tagBytes: number): DecipherGCM {
  return createDecipheriv(kind.name as 'aes-128-gcm', key, iv, { authTagLength: tagBytes })
}

function finishTagged(decipher: DecipherGCM, tag: Buffer, tagBytes: number): void {
  if (tag.length !== tagBytes) throw new Refusal('decryptionFailed')
  decipher.setAuthTag(tag)
  finished(decipher)
}

function finished(decipher: Decipheriv): Buffer {
  try {
    return decipher.final()
  } catch {
    throw new Refusal('decryptionFailed')
  }
}

/** The chunks of a source up to `cmsHeldBytes`; `whole` where it ended before. What is left is read from the source. */
async function heldBack(source: AsyncGenerator<Buffer>): Promise<{ chunks: Buffer[]; whole: boolean }> {
  const chunks: Buffer[] = []
  for (let held = 0; held <= limits.cmsHeldBytes;) {
    const next = await source.next()
    if (next.done === true) return { chunks, whole: true }
    chunks.push(next.value)
    held += next.value.length
  }
  return { chunks, whole: false }
}
