import { createHash, X509Certificate, type KeyObject } from 'node:crypto'
import { need, readElement, tags, type Element } from './asn1/element.ts'
import { Refusal } from '../refusal.ts'

/** A certificate with what CMS asks of it, read once: how signers and recipients name it, and its key. */
export interface Certificate {
  der: Buffer
  /** The issuer's name, as DER. */
  issuer: Buffer
  /** The serial number's contents. */
  serial: Buffer
  /** RFC 5280 §4.2.1.2; where the extension is missing, the SHA-1 of the public key. */
  keyIdentifier: Buffer
  publicKey: KeyObject
  /** Why its key is never taken, or null. */
  weakness: string | null
  /** SHA-256 of the certificate, lower-case hexadecimal: its name in evidence. */
  fingerprint: string
}

/** A certificate of ours and its private key. */
export interface OwnCertificate {
  certificate: Certificate
  privateKey: KeyObject
}

const keyIdentifierOid = '2.5.29.14'

/** Reads a certificate from PEM or DER. Refuses what is not one. */
export function readCertificate(bytes: Buffer | string): Certificate {
  const x509 = parsed(bytes)
  const [toBeSigned] = readElement(x509.raw).parts(tags.sequence)
  const fields = need(toBeSigned).parts(tags.sequence)
  // [0] version stands first where it is not 1
  const [serial, , issuer, , , keyInfo] = need(fields[0]).tag === 0xa0 ? fields.slice(1) : fields
  const publicKey = x509.publicKey
  return {
    der: x509.raw,
    issuer: need(issuer).raw,
    serial: need(serial).content,
    keyIdentifier:
      extension(fields) ??
      createHash('sha1')
        .update(publicKeyBits(need(keyInfo)))
        .digest(),
    publicKey,
    weakness: weaknessOf(publicKey),
    fingerprint: createHash('sha256').update(x509.raw).digest('hex'),
  }
}

function parsed(bytes: Buffer | string): X509Certificate {
  try {
    return new X509Certificate(bytes)
  } catch {
    throw new Refusal('cmsUnreadable', { reason: 'not a certificate' })
  }
}

function extension(fields: readonly Element[]): Buffer | null {
  const list = fields.find((field) => field.tag === 0xa3)
  if (list === undefined) return null
  for (const one of need(list.children()[0]).parts(tags.sequence)) {
    const parts = one.parts(tags.sequence)
    if (need(parts[0]).oid() === keyIdentifierOid) return readElement(need(parts.at(-1)).octets()).octets()
  }
  return null
}

function publicKeyBits(keyInfo: Element): Buffer {
  return need(keyInfo.parts(tags.sequence)[1]).content.subarray(1)
}

/** How a signer or recipient is named: RFC 5652 §5.3, §6.2.1. */
export type CertificateName = { issuer: Buffer; serial: Buffer } | { keyIdentifier: Buffer }

/** Reads IssuerAndSerialNumber, or [0] SubjectKeyIdentifier. */
export function readCertificateName(element: Element): CertificateName {
  if (element.tag === tags.sequence) {
    const [issuer, serial] = element.children()
    return { issuer: need(issuer).raw, serial: need(serial).content }
  }
  return { keyIdentifier: element.octets(0x80) }
}

export function isNamed(certificate: Certificate, name: CertificateName): boolean {
  return 'keyIdentifier' in name
    ? certificate.keyIdentifier.equals(name.keyIdentifier)
    : certificate.issuer.equals(name.issuer) && unpadded(certificate.serial).equals(unpadded(name.serial))
}

/** Some products write serial numbers with a leading zero too few or too many. */
function unpadded(serial: Buffer): Buffer {
  let start = 0
  while (start < serial.length - 1 && serial[start] === 0) start += 1
  return serial.subarray(start)
}

/** Why a key is never taken, or null: RSA below 2048 bits or with an exponent below 65537 (A8, A9). */
export function weaknessOf(key: KeyObject): string | null {
  const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {}
  if (modulusLength === undefined) return null
  if (modulusLength < 2048) return `an RSA key of ${modulusLength} bits`
  if (publicExponent !== undefined && publicExponent < 65537n)
    return `an RSA key with exponent ${publicExponent}`
  return null
}
