import {
  constants,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  privateDecrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto'
import { limits } from '#hub/base/limits.ts'
import { Refusal } from '../refusal.ts'
import { need, tags, unreadable, type Element } from './asn1/element.ts'
import { octetString, sequence, tagged } from './asn1/write.ts'
import { isNamed, readCertificateName, type OwnCertificate } from './certificate.ts'
import { digestOf, type DigestName } from './digests.ts'
import { wrapKinds } from './key-wrap.ts'

/* RecipientInfos (RFC 5652 §6.2): key transport by RSA, key agreement by ECDH (RFC 5753). */

const rsaEncryption = '1.2.840.113549.1.1.1'
const rsaOaep = '1.2.840.113549.1.1.7'

/**
 * The key derivation of an ECDH scheme, by its object identifier (RFC 5753 §7.1.4). On the curves in use the cofactor is 1,
 * so both forms of ECDH are the same. ECMQV, which OpenAS2 writes for EC recipients, is not known to OpenSSL.
 */
const agreements: ReadonlyMap<string, DigestName> = new Map([
  ['1.3.133.16.840.63.0.2', 'sha1'],
  ['1.3.132.1.11.0', 'sha224'],
  ['1.3.132.1.11.1', 'sha256'],
  ['1.3.132.1.11.2', 'sha384'],
  ['1.3.132.1.11.3', 'sha512'],
  ['1.3.132.1.14.0', 'sha224'],
  ['1.3.132.1.14.1', 'sha256'],
  ['1.3.132.1.14.2', 'sha384'],
  ['1.3.132.1.14.3', 'sha512'],
])

/**
 * The key of the content, from the first recipient that is us. Whatever goes wrong with it (PKCS#1 padding, OAEP, a key of
 * another length) gives a random key of the right length: decryption goes on and fails in the same way as for any other
 * damage (A7). OpenSSL does the same for PKCS#1 v1.5 by itself (implicit rejection).
 */
export function contentKey(
  recipientInfos: Element,
  keys: readonly OwnCertificate[],
  keyBytes: number,
): { key: Buffer; by: OwnCertificate } {
  const infos = recipientInfos.parts(tags.set)
  if (infos.length > limits.cmsRecipients)
    throw new Refusal('cmsTooLarge', { limit: 'cmsRecipients', most: limits.cmsRecipients })
  for (const info of infos) {
    const found =
      info.tag === tags.sequence ? transported(info, keys) : info.tag === 0xa1 ? agreed(info, keys) : null
    if (found === null) continue
    const substitute = randomBytes(keyBytes)
    const key = attempt(found.decrypt)
    return { key: key !== null && key.length === keyBytes ? key : substitute, by: found.by }
  }
  throw new Refusal('decryptionFailed')
}

function attempt(decrypt: () => Buffer): Buffer | null {
  try {
    return decrypt()
  } catch {
    return null
  }
}

interface Found {
  by: OwnCertificate
  decrypt: () => Buffer
}

/** KeyTransRecipientInfo: version, rid, key encryption algorithm, encrypted key. */
function transported(info: Element, keys: readonly OwnCertificate[]): Found | null {
  const [, rid, algorithm, encryptedKey] = info.children()
  if (rid === undefined || algorithm === undefined || encryptedKey === undefined)
    throw unreadable('a recipient')
  const name = readCertificateName(rid)
  const by = keys.find(({ certificate }) => isNamed(certificate, name))
  if (by === undefined) return null
  const [kind, parameters] = algorithm.parts(tags.sequence)
  const bytes = encryptedKey.octets()
  return { by, decrypt: transport(need(kind).oid(), parameters, by.privateKey, bytes) }
}

function transport(
  kind: string,
  parameters: Element | undefined,
  key: KeyObject,
  bytes: Buffer,
): () => Buffer {
  if (kind === rsaEncryption)
    return () => privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, bytes)
  if (kind !== rsaOaep) throw new Refusal('algorithmUnknown', { algorithm: kind })
  const { digest, label } = oaepParameters(parameters)
  return () =>
    privateDecrypt(
      {
        key,
        padding: constants.RSA_PKCS1_OAEP_PADDING,
        oaepHash: digest,
        ...(label.length > 0 && { oaepLabel: label }),
      },
      bytes,
    )
}

/** RFC 4055 §4.1. node:crypto has one digest for OAEP and its mask, as all products seen write it. */
function oaepParameters(parameters: Element | undefined): { digest: DigestName; label: Buffer } {
  let digest: DigestName = 'sha1'
  let mask: DigestName = 'sha1'
  let label: Buffer = Buffer.alloc(0)
  for (const field of parameters?.tag === tags.sequence ? parameters.children() : []) {
    const [algorithm, inner] = need(field.children()[0]).parts(tags.sequence)
    if (field.tag === 0xa0) digest = knownDigest(need(algorithm))
    else if (field.tag === 0xa1) mask = knownDigest(need(inner).part(tags.sequence, 0))
    else if (field.tag === 0xa2) label = need(inner).octets()
  }
  if (digest !== mask)
    throw new Refusal('algorithmUnknown', { algorithm: `OAEP with ${digest} and a mask of ${mask}` })
  return { digest, label }
}

function knownDigest(algorithm: Element): DigestName {
  const digest = digestOf(algorithm.oid())
  if (digest === null || digest === 'weak')
    throw new Refusal('algorithmUnknown', { algorithm: algorithm.oid() })
  return digest
}

/** [1] KeyAgreeRecipientInfo: version, originator, key material, algorithm, encrypted keys. */
function agreed(info: Element, keys: readonly OwnCertificate[]): Found | null {
  const fields = info.children()
  const originator = fields.find((field) => field.tag === 0xa0)
  const material = fields.find((field) => field.tag === 0xa1)
  const [algorithm, encryptedKeys] = fields.filter((field) => field.tag === tags.sequence)
  if (originator === undefined || algorithm === undefined || encryptedKeys === undefined)
    throw unreadable('a recipient')
  for (const one of encryptedKeys.children()) {
    const [rid, encryptedKey] = one.parts(tags.sequence)
    // [0] RecipientKeyIdentifier holds the key identifier first
    const name =
      need(rid).tag === 0xa0
        ? { keyIdentifier: need(need(rid).children()[0]).octets() }
        : readCertificateName(need(rid))
    const by = keys.find(({ certificate }) => isNamed(certificate, name))
    if (by === undefined) continue
    const bytes = need(encryptedKey).octets()
    return { by, decrypt: agreement({ originator, material, algorithm, key: by.privateKey, bytes }) }
  }
  return null
}

function agreement(given: {
  originator: Element
  material: Element | undefined
  algorithm: Element
  key: KeyObject
  bytes: Buffer
}): () => Buffer {
  const [scheme, wrapAlgorithm] = given.algorithm.children()
  const digest = agreements.get(need(scheme).oid())
  const wrapOid = need(wrapAlgorithm).part(tags.sequence, 0).oid()
  const wrap = wrapKinds.find((kind) => kind.oid === wrapOid)
  if (digest === undefined || wrap === undefined)
    throw new Refusal('algorithmUnknown', { algorithm: digest === undefined ? need(scheme).oid() : wrapOid })
  const publicKey = given.originator.children()[0]!
  const material = given.material?.children()[0]?.octets()
  return () => {
    const theirs = originatorKey(publicKey, given.key)
    const secret = diffieHellman({ privateKey: given.key, publicKey: theirs })
    const shared = sharedInfo(need(wrapAlgorithm).raw, material, wrap.keyBytes)
    const wrapping = derived(digest, secret, shared, wrap.keyBytes)
    const decipher = createDecipheriv(wrap.name, wrapping, Buffer.alloc(8, 0xa6))
    return Buffer.concat([decipher.update(given.bytes), decipher.final()])
  }
}

/** [1] OriginatorPublicKey: a point on our own key's curve, whose parameters are often left out. */
function originatorKey(element: Element, own: KeyObject): KeyObject {
  if (element.tag !== 0xa1) throw unreadable('an originator without a public key')
  const point = need(element.children()[1]).content.subarray(1)
  // the algorithm identifier of our own public key names the curve in full
  const keyInfo = createPublicKey(own).export({ type: 'spki', format: 'der' })
  const head = keyInfo.subarray(0, keyInfo.length - point.length)
  return createPublicKey({ key: Buffer.concat([head, point]), type: 'spki', format: 'der' })
}

/** ECC-CMS-SharedInfo (RFC 5753 §7.2). */
function sharedInfo(wrapAlgorithm: Buffer, material: Buffer | undefined, keyBytes: number): Buffer {
  const bits = Buffer.alloc(4)
  bits.writeUInt32BE(keyBytes * 8)
  const entity = material === undefined ? [] : [tagged(0, octetString(material))]
  return sequence(wrapAlgorithm, ...entity, tagged(2, octetString(bits)))
}

/** The key derivation of ANSI X9.63 (SEC 1 §3.6.1). */
function derived(digest: DigestName, secret: Buffer, info: Buffer, keyBytes: number): Buffer {
  const blocks: Buffer[] = []
  for (let counter = 1, made = 0; made < keyBytes; counter++) {
    const number = Buffer.alloc(4)
    number.writeUInt32BE(counter)
    const block = createHash(digest).update(secret).update(number).update(info).digest()
    blocks.push(block)
    made += block.length
  }
  return Buffer.concat(blocks).subarray(0, keyBytes)
}
