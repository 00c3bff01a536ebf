import { constants, verify, type KeyObject } from 'node:crypto'
import { limits } from '#hub/base/limits.ts'
import { Refusal } from '../refusal.ts'
import { need, tags, unreadable, type Element } from './asn1/element.ts'
import { der, setOf } from './asn1/write.ts'
import { isNamed, readCertificateName, type Certificate } from './certificate.ts'
import { attributeOids, contentTypes } from './content-types.ts'
import { digestOf, type DigestName } from './digests.ts'
import type { OpenOptions } from './options.ts'
import type { SignedBytes, SignedVariant } from './signed-bytes.ts'

/* SignerInfo (RFC 5652 §5.3 to §5.6, §11). Every primitive is OpenSSL's (A8). */

const pss = '1.2.840.113549.1.1.10'

/** What the object identifier of a signature says: the kind of key, and the digest where it names one. */
const signatureKinds: ReadonlyMap<string, { key: 'rsa' | 'ec'; digest: DigestName | null }> = new Map([
  ['1.2.840.113549.1.1.1', { key: 'rsa', digest: null }],
  ['1.2.840.113549.1.1.5', { key: 'rsa', digest: 'sha1' }],
  ['1.2.840.113549.1.1.14', { key: 'rsa', digest: 'sha224' }],
  ['1.2.840.113549.1.1.11', { key: 'rsa', digest: 'sha256' }],
  ['1.2.840.113549.1.1.12', { key: 'rsa', digest: 'sha384' }],
  ['1.2.840.113549.1.1.13', { key: 'rsa', digest: 'sha512' }],
  ['1.2.840.10045.2.1', { key: 'ec', digest: null }],
  ['1.2.840.10045.4.1', { key: 'ec', digest: 'sha1' }],
  ['1.2.840.10045.4.3.1', { key: 'ec', digest: 'sha224' }],
  ['1.2.840.10045.4.3.2', { key: 'ec', digest: 'sha256' }],
  ['1.2.840.10045.4.3.3', { key: 'ec', digest: 'sha384' }],
  ['1.2.840.10045.4.3.4', { key: 'ec', digest: 'sha512' }],
])

/** A signature that holds. */
export interface Verified {
  signer: Certificate
  digest: DigestName
  scheme: 'rsa' | 'pss' | 'ecdsa'
  /** What of the received bytes the signature covers: `exact`, or a known defect that was let pass. */
  variant: SignedVariant
}

/**
 * Verifies all signers of a SignedData against the pinned certificates: each has to be one of them and to hold, and there
 * is at least one (A2, A3). The first one's result counts. Refuses with `signerUnknown`, `signatureInvalid`,
 * `contentTampered`, `signatureUnfit`, `algorithmRefused` or `algorithmUnknown`.
 */
export function verifySigners(
  signerInfos: Element,
  signed: SignedBytes,
  encapsulated: string,
  options: OpenOptions,
): Verified {
  const infos = signerInfos.parts(tags.set)
  if (infos.length === 0) throw new Refusal('signatureUnfit', { reason: 'nobody signed' })
  if (infos.length > limits.cmsSigners)
    throw new Refusal('cmsTooLarge', { limit: 'cmsSigners', most: limits.cmsSigners })
  const results = infos.map((info) => verifySigner(readSigner(info), signed, encapsulated, options))
  return results[0]!
}

interface Signer {
  sid: Element
  digestOid: string
  attributes: Element | null
  algorithm: Element[]
  signature: Buffer
}

function readSigner(info: Element): Signer {
  const [version, sid, digestAlgorithm, ...rest] = info.parts(tags.sequence)
  need(version).small()
  const attributes = rest[0]?.tag === 0xa0 ? rest[0] : null
  const [algorithm, signature] = attributes === null ? rest : rest.slice(1)
  if (sid === undefined || algorithm === undefined || signature === undefined) throw unreadable('a signer')
  return {
    sid,
    digestOid: need(digestAlgorithm).part(tags.sequence, 0).oid(),
    attributes,
    algorithm: algorithm.parts(tags.sequence),
    signature: signature.octets(),
  }
}

function verifySigner(
  signer: Signer,
  signed: SignedBytes,
  encapsulated: string,
  options: OpenOptions,
): Verified {
  const name = readCertificateName(signer.sid)
  const certificate = options.signers.find((one) => isNamed(one, name))
  if (certificate === undefined) throw new Refusal('signerUnknown')
  const digest = allowedDigest(signer.digestOid, options)
  if (certificate.weakness !== null)
    throw new Refusal('algorithmRefused', { algorithm: certificate.weakness })
  const scheme = signatureScheme(signer.algorithm, digest, certificate.publicKey)
  if (signer.attributes === null) {
    if (encapsulated !== contentTypes.data)
      throw new Refusal('signatureUnfit', { reason: 'no signed attributes' })
    const held = signed.held()
    if (held === null)
      throw new Refusal('signatureUnfit', { reason: 'no signed attributes, and large contents' })
    const variant = held.find(({ bytes }) =>
      holds(scheme, digest, bytes, certificate.publicKey, signer.signature),
    )
    if (variant === undefined) throw new Refusal('signatureInvalid')
    return { signer: certificate, digest, scheme: scheme.name, variant: variant.variant }
  }
  const expected = messageDigest(signer.attributes, encapsulated)
  const covered = [der(tags.set, signer.attributes.content), canonicalSet(signer.attributes)]
  if (!covered.some((bytes) => holds(scheme, digest, bytes, certificate.publicKey, signer.signature)))
    throw new Refusal('signatureInvalid')
  const variant = signed.matching(digest, expected)
  if (variant === null) throw new Refusal('contentTampered')
  return { signer: certificate, digest, scheme: scheme.name, variant }
}

/** A digest that may be used, from its object identifier. */
export function allowedDigest(oid: string, options: Pick<OpenOptions, 'allow'>): DigestName {
  const digest = digestOf(oid)
  if (digest === null) throw new Refusal('algorithmUnknown', { algorithm: oid })
  if (digest === 'weak') throw new Refusal('algorithmRefused', { algorithm: 'MD5' })
  if (digest === 'sha1' && !options.allow.sha1) throw new Refusal('algorithmRefused', { algorithm: 'SHA-1' })
  return digest
}

/** Signed attributes in the order of DER; products that sign that and send them in another order are seen (M24). */
function canonicalSet(attributes: Element): Buffer {
  return setOf(...attributes.children().map((attribute) => attribute.raw))
}

/** The value of messageDigest. Both attributes stand once, with one value, and the content type is the one signed (RFC 5652 §11). */
function messageDigest(attributes: Element, encapsulated: string): Buffer {
  const values = new Map<string, Element>()
  for (const attribute of attributes.children()) {
    const [type, set] = attribute.parts(tags.sequence)
    const oid = need(type).oid()
    if (oid !== attributeOids.contentType && oid !== attributeOids.messageDigest) continue
    const list = need(set).parts(tags.set)
    if (list.length !== 1 || values.has(oid))
      throw new Refusal('signatureUnfit', { reason: 'a signed attribute stands more than once' })
    values.set(oid, need(list[0]))
  }
  const digest = values.get(attributeOids.messageDigest)
  const type = values.get(attributeOids.contentType)
  if (digest === undefined || type === undefined)
    throw new Refusal('signatureUnfit', { reason: 'a signed attribute is missing' })
  if (type.oid() !== encapsulated)
    throw new Refusal('signatureUnfit', { reason: 'the signed content type is another' })
  return digest.octets()
}

interface Scheme {
  name: Verified['scheme']
  saltLength?: number
}

function signatureScheme([algorithm, parameters]: Element[], digest: DigestName, key: KeyObject): Scheme {
  const oid = need(algorithm).oid()
  if (oid === pss) {
    expectKey(key, ['rsa', 'rsa-pss'])
    return { name: 'pss', saltLength: pssSalt(parameters, digest) }
  }
  const kind = signatureKinds.get(oid)
  if (kind === undefined) throw new Refusal('algorithmUnknown', { algorithm: oid })
  if (kind.digest !== null && kind.digest !== digest)
    throw new Refusal('signatureUnfit', { reason: 'two digests that contradict each other' })
  expectKey(key, [kind.key])
  return { name: kind.key === 'rsa' ? 'rsa' : 'ecdsa' }
}

function expectKey(key: KeyObject, types: readonly string[]): void {
  if (!types.includes(key.asymmetricKeyType ?? '')) throw new Refusal('signatureInvalid')
}

/** RSASSA-PSS-params (RFC 4055 §3.1): its digests have to be the signer's; 20 bytes of salt where none are named. */
function pssSalt(parameters: Element | undefined, digest: DigestName): number {
  let hash: DigestName | 'weak' | null = 'sha1'
  let mask: DigestName | 'weak' | null = 'sha1'
  let salt = 20
  for (const field of parameters?.tag === tags.sequence ? parameters.children() : []) {
    const value = need(field.children()[0])
    if (field.tag === 0xa0) hash = digestOf(need(value.children()[0]).oid())
    else if (field.tag === 0xa1) mask = digestOf(need(need(value.children()[1]).children()[0]).oid())
    else if (field.tag === 0xa2) salt = value.small()
  }
  if (hash !== digest || mask !== digest || salt < 0 || salt > 512)
    throw new Refusal('signatureUnfit', { reason: 'two digests that contradict each other' })
  return salt
}

function holds(
  scheme: Scheme,
  digest: DigestName,
  bytes: Buffer,
  key: KeyObject,
  signature: Buffer,
): boolean {
  try {
    if (scheme.saltLength === undefined) return verify(digest, bytes, key, signature)
    const padding = constants.RSA_PKCS1_PSS_PADDING
    return verify(digest, bytes, { key, padding, saltLength: scheme.saltLength }, signature)
  } catch {
    return false
  }
}
