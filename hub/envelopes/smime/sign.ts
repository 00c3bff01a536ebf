import { constants, createHash, sign, type KeyObject } from 'node:crypto'
import { entityBytes, multipartBody, newBoundary, type Entity } from '../mime/write.ts'
import { base64Lines } from '../mime/transfer-encoding.ts'
import { chunksOf, type Bytes } from '../mime/byte-reader.ts'
import { tags } from './asn1/element.ts'
import {
  der,
  derHeader,
  derNull,
  octetString,
  oid,
  sequence,
  setOf,
  signingTime,
  smallInteger,
  tagged,
} from './asn1/write.ts'
import type { Certificate, OwnCertificate } from './certificate.ts'
import { attributeOids, contentTypes } from './content-types.ts'
import { digestOids, micalgOf, type DigestName } from './digests.ts'

export interface SignOptions {
  digest: DigestName
  /** `auto` is ECDSA for an EC key, else PKCS#1 v1.5. */
  scheme?: 'auto' | 'pss'
  /** The time in the signature (RFC 5652 §11.3). */
  at: Date
  /** How micalg is spelt where the partner wants another spelling than `sha-256`. */
  micalg?: string
}

/** An entity with a signature round it, and the digest of what is signed, once the body was read to its end. */
export interface Signed extends Entity {
  /** The MIC of a signed message: of headers and body of the entity that was given. */
  mic: () => Buffer
}

/**
 * multipart/signed round an entity (RFC 8551 §3.5.3): the entity's exact bytes, then the signature in base64, which binary
 * parts inside do not disturb (M20, M22). Bytes that are there at once are signed at once; a stream stays one.
 */
export function signDetached(
  entity: Entity,
  signers: readonly OwnCertificate[],
  options: SignOptions,
): Signed {
  const boundary = newBoundary()
  const content = entityBytes(entity)
  const hash = createHash(options.digest)
  let mic: Buffer | null = null
  const signature = (): Buffer => {
    mic = hash.digest()
    return signaturePart(contentInfoOf(signers, mic, options, null))
  }
  let body: Bytes
  if (Buffer.isBuffer(content)) {
    hash.update(content)
    body = multipartBody(boundary, [content, signature()])
  } else {
    const passed = (async function* () {
      for await (const chunk of content) {
        hash.update(chunk)
        yield chunk
      }
    })()
    const last = (async function* () {
      yield signature()
    })()
    body = multipartBody(boundary, [passed, last])
  }
  const micalg = options.micalg ?? micalgOf(options.digest)
  const type = `multipart/signed; protocol="application/pkcs7-signature"; micalg=${micalg}; boundary="${boundary}"`
  return { headers: [['Content-Type', type]], body, mic: () => micOf(mic) }
}

/** SignedData with the entity inside, as application/pkcs7-mime (RFC 8551 §3.5.2). A stream is written in BER. */
export function signOpaque(entity: Entity, signers: readonly OwnCertificate[], options: SignOptions): Signed {
  const content = entityBytes(entity)
  const hash = createHash(options.digest)
  let mic: Buffer | null = null
  const headers: [string, string][] = [
    ['Content-Type', 'application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"'],
    ['Content-Disposition', 'attachment; filename="smime.p7m"'],
    ['Content-Transfer-Encoding', 'binary'],
  ]
  if (Buffer.isBuffer(content)) {
    mic = hash.update(content).digest()
    return { headers, body: contentInfoOf(signers, mic, options, content), mic: () => micOf(mic) }
  }
  const body = (async function* () {
    yield Buffer.concat([
      Buffer.from([tags.sequence, 0x80]),
      oid(contentTypes.signed),
      Buffer.from([0xa0, 0x80, tags.sequence, 0x80]),
      ...signedDataHead(options),
      Buffer.from([tags.sequence, 0x80]),
      oid(contentTypes.data),
      Buffer.from([0xa0, 0x80, 0x24, 0x80]),
    ])
    for await (const chunk of chunksOf(content)) {
      hash.update(chunk)
      yield derHeader(tags.octets, chunk.length)
      yield chunk
    }
    mic = hash.digest()
    yield Buffer.concat([Buffer.alloc(6), ...signedDataTail(signers, mic, options), Buffer.alloc(6)])
  })()
  return { headers, body, mic: () => micOf(mic) }
}

function micOf(mic: Buffer | null): Buffer {
  if (mic === null) throw new Error('the body was not read to its end yet')
  return mic
}

function signaturePart(cms: Buffer): Buffer {
  const head = [
    'Content-Type: application/pkcs7-signature; name="smime.p7s"; smime-type=signed-data',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment; filename="smime.p7s"',
    '',
    '',
  ]
  return Buffer.from(head.join('\r\n') + base64Lines(cms), 'latin1')
}

function contentInfoOf(
  signers: readonly OwnCertificate[],
  digest: Buffer,
  options: SignOptions,
  content: Buffer | null,
): Buffer {
  const encapsulated = content === null ? [] : [tagged(0, octetString(content))]
  const info = sequence(oid(contentTypes.data), ...encapsulated)
  const signedData = sequence(...signedDataHead(options), info, ...signedDataTail(signers, digest, options))
  return sequence(oid(contentTypes.signed), tagged(0, signedData))
}

/** Version 1 and the digest algorithm. */
function signedDataHead({ digest }: SignOptions): Buffer[] {
  return [smallInteger(1), setOf(digestAlgorithm(digest))]
}

/** The signers' certificates and their SignerInfos. */
function signedDataTail(signers: readonly OwnCertificate[], digest: Buffer, options: SignOptions): Buffer[] {
  const certificates = signers
    .map(({ certificate }) => certificate.der)
    .toSorted((a, b) => Buffer.compare(a, b))
  return [tagged(0, ...certificates), setOf(...signers.map((signer) => signerInfo(signer, digest, options)))]
}

/** SignerInfo with content type, digest and time; cmsAlgorithmProtect is left out, which Sterling does not take (M3). */
function signerInfo(
  { certificate, privateKey }: OwnCertificate,
  digest: Buffer,
  options: SignOptions,
): Buffer {
  const attributes = [
    sequence(oid(attributeOids.contentType), setOf(oid(contentTypes.data))),
    sequence(oid(attributeOids.messageDigest), setOf(octetString(digest))),
    sequence(oid(attributeOids.signingTime), setOf(signingTime(options.at))),
  ]
  const covered = setOf(...attributes)
  const { algorithm, signature } = signatureOf(covered, privateKey, options)
  const implicit = Buffer.concat([Buffer.from([0xa0]), covered.subarray(1)])
  return sequence(
    smallInteger(1),
    issuerAndSerial(certificate),
    digestAlgorithm(options.digest),
    implicit,
    algorithm,
    octetString(signature),
  )
}

export function issuerAndSerial(certificate: Certificate): Buffer {
  return sequence(certificate.issuer, der(tags.integer, certificate.serial))
}

/** AlgorithmIdentifier of a digest; NULL parameters, as every product reads them (RFC 5754 §2). */
export function digestAlgorithm(digest: DigestName): Buffer {
  return sequence(oid(digestOids[digest]), derNull)
}

const ecdsaOids: Readonly<Record<DigestName, string>> = {
  sha1: '1.2.840.10045.4.1',
  sha224: '1.2.840.10045.4.3.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
}

function signatureOf(
  covered: Buffer,
  key: KeyObject,
  { digest, scheme = 'auto' }: SignOptions,
): { algorithm: Buffer; signature: Buffer } {
  if (key.asymmetricKeyType === 'ec')
    return { algorithm: sequence(oid(ecdsaOids[digest])), signature: sign(digest, covered, key) }
  if (scheme === 'auto')
    return {
      algorithm: sequence(oid('1.2.840.113549.1.1.1'), derNull),
      signature: sign(digest, covered, key),
    }
  const saltLength = createHash(digest).digest().length
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return {
    algorithm: pssAlgorithm(digest, saltLength),
    signature: sign(digest, covered, { key, padding, saltLength }),
  }
}

/** RFC 4055 §3.1. */
function pssAlgorithm(digest: DigestName, saltLength: number): Buffer {
  const hash = digestAlgorithm(digest)
  const mask = sequence(oid('1.2.840.113549.1.1.8'), hash)
  return sequence(
    oid('1.2.840.113549.1.1.10'),
    sequence(tagged(0, hash), tagged(1, mask), tagged(2, smallInteger(saltLength))),
  )
}
