import {
  constants,
  createCipheriv,
  publicEncrypt,
  randomBytes,
  type CipherGCM,
  type Cipheriv,
} from 'node:crypto'
import type { Bytes } from '../mime/byte-reader.ts'
import { entityBytes, type Entity } from '../mime/write.ts'
import { tags } from './asn1/element.ts'
import {
  der,
  derHeader,
  derNull,
  octetString,
  oid,
  sequence,
  setOf,
  smallInteger,
  tagged,
} from './asn1/write.ts'
import type { Certificate } from './certificate.ts'
import { cipherNamed, type CipherKind, type CipherName } from './ciphers.ts'
import { contentTypes } from './content-types.ts'
import type { DigestName } from './digests.ts'
import { digestAlgorithm, issuerAndSerial } from './sign.ts'

export interface EncryptOptions {
  cipher: CipherName
  /** `pkcs1` is what nearly every product reads; OAEP with this digest where the partner takes it. */
  keyTransport: 'pkcs1' | { oaep: DigestName }
}

/** The length of a GCM tag that is written. */
const tagBytes = 16

/**
 * Encrypts an entity, headers and body, for certificates with RSA keys: EnvelopedData for CBC, AuthEnvelopedData for GCM.
 * Bytes that are there at once give DER; a stream stays one and gives BER of indefinite length.
 */
export function encrypt(entity: Entity, recipients: readonly Certificate[], options: EncryptOptions): Entity {
  const kind = cipherNamed(options.cipher)
  const key = randomBytes(kind.keyBytes)
  const iv = randomBytes(kind.ivBytes)
  const parameters = kind.authenticated ? sequence(octetString(iv), smallInteger(tagBytes)) : octetString(iv)
  const parts: Parts = {
    kind,
    infos: setOf(...recipients.map((recipient) => recipientInfo(recipient, key, options))),
    algorithm: sequence(oid(kind.oid), parameters),
    cipher: kind.authenticated
      ? createCipheriv(kind.name as 'aes-128-gcm', key, iv, { authTagLength: tagBytes })
      : createCipheriv(kind.name, key, iv),
  }
  const plain = entityBytes(entity)
  const type = kind.authenticated ? 'authEnveloped-data' : 'enveloped-data'
  return {
    headers: [
      ['Content-Type', `application/pkcs7-mime; smime-type=${type}; name="smime.p7m"`],
      ['Content-Disposition', 'attachment; filename="smime.p7m"'],
      ['Content-Transfer-Encoding', 'binary'],
    ],
    body: Buffer.isBuffer(plain) ? atOnce(plain, parts) : asStream(plain, parts),
  }
}

interface Parts {
  kind: CipherKind
  infos: Buffer
  algorithm: Buffer
  cipher: Cipheriv
}

function atOnce(plain: Buffer, { kind, infos, algorithm, cipher }: Parts): Buffer {
  const pieces = [cipher.update(plain), cipher.final()]
  const length = pieces[0]!.length + pieces[1]!.length
  // [0] IMPLICIT OCTET STRING
  const content = [derHeader(0x80, length), ...pieces]
  const info = wrapped(tags.sequence, [oid(contentTypes.data), algorithm, ...content])
  const mac = kind.authenticated ? [octetString((cipher as CipherGCM).getAuthTag())] : []
  const data = wrapped(tags.sequence, [smallInteger(0), infos, ...info, ...mac])
  return Buffer.concat(wrapped(tags.sequence, [oid(typeOf(kind)), ...wrapped(0xa0, data)]))
}

/** The pieces with the header of an element round them, uncopied. */
function wrapped(tag: number, pieces: readonly Buffer[]): Buffer[] {
  return [
    derHeader(
      tag,
      pieces.reduce((sum, piece) => sum + piece.length, 0),
    ),
    ...pieces,
  ]
}

async function* asStream(plain: Bytes, { kind, infos, algorithm, cipher }: Parts): AsyncGenerator<Buffer> {
  yield Buffer.concat([
    Buffer.from([tags.sequence, 0x80]),
    oid(typeOf(kind)),
    Buffer.from([0xa0, 0x80, tags.sequence, 0x80]),
    smallInteger(0),
    infos,
    Buffer.from([tags.sequence, 0x80]),
    oid(contentTypes.data),
    algorithm,
    Buffer.from([0xa0, 0x80]),
  ])
  for await (const chunk of plain as AsyncIterable<Buffer>) {
    const made = cipher.update(chunk)
    if (made.length === 0) continue
    yield derHeader(tags.octets, made.length)
    yield made
  }
  const last = cipher.final()
  if (last.length > 0) yield octetString(last)
  const mac = kind.authenticated ? [octetString((cipher as CipherGCM).getAuthTag())] : []
  // the ends of contents and content info, the code, the ends of the rest
  yield Buffer.concat([Buffer.alloc(4), ...mac, Buffer.alloc(6)])
}

function typeOf(kind: CipherKind): string {
  return kind.authenticated ? contentTypes.authEnveloped : contentTypes.enveloped
}

/** KeyTransRecipientInfo by issuer and serial (RFC 5652 §6.2.1). */
function recipientInfo(recipient: Certificate, key: Buffer, { keyTransport }: EncryptOptions): Buffer {
  const publicKey = recipient.publicKey
  const encrypted =
    keyTransport === 'pkcs1'
      ? publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, key)
      : publicEncrypt(
          { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: keyTransport.oaep },
          key,
        )
  return sequence(
    smallInteger(0),
    issuerAndSerial(recipient),
    keyTransport === 'pkcs1'
      ? sequence(oid('1.2.840.113549.1.1.1'), derNull)
      : oaepAlgorithm(keyTransport.oaep),
    octetString(encrypted),
  )
}

/** RFC 4055 §4.1. SHA-1 for both is the default and is left out. */
function oaepAlgorithm(digest: DigestName): Buffer {
  const hash = digestAlgorithm(digest)
  const mask = sequence(oid('1.2.840.113549.1.1.8'), hash)
  const fields = digest === 'sha1' ? [] : [tagged(0, hash), tagged(1, mask)]
  return sequence(oid('1.2.840.113549.1.1.7'), der(tags.sequence, ...fields))
}
