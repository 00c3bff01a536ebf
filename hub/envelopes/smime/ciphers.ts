import { Refusal } from '../refusal.ts'

/** Content encryption: RFC 3565 (AES-CBC), RFC 5084 (AES-GCM), RFC 3370 (3DES). */
export interface CipherKind {
  /** As node:crypto names it. */
  name:
    | 'des-ede3-cbc'
    | 'aes-128-cbc'
    | 'aes-192-cbc'
    | 'aes-256-cbc'
    | 'aes-128-gcm'
    | 'aes-192-gcm'
    | 'aes-256-gcm'
  oid: string
  keyBytes: number
  /** Bytes of the initialisation vector or nonce that are written. */
  ivBytes: number
  authenticated: boolean
}

export type CipherName = CipherKind['name']

export const cipherKinds: readonly CipherKind[] = [
  { name: 'des-ede3-cbc', oid: '1.2.840.113549.3.7', keyBytes: 24, ivBytes: 8, authenticated: false },
  { name: 'aes-128-cbc', oid: '2.16.840.1.101.3.4.1.2', keyBytes: 16, ivBytes: 16, authenticated: false },
  { name: 'aes-192-cbc', oid: '2.16.840.1.101.3.4.1.22', keyBytes: 24, ivBytes: 16, authenticated: false },
  { name: 'aes-256-cbc', oid: '2.16.840.1.101.3.4.1.42', keyBytes: 32, ivBytes: 16, authenticated: false },
  { name: 'aes-128-gcm', oid: '2.16.840.1.101.3.4.1.6', keyBytes: 16, ivBytes: 12, authenticated: true },
  { name: 'aes-192-gcm', oid: '2.16.840.1.101.3.4.1.26', keyBytes: 24, ivBytes: 12, authenticated: true },
  { name: 'aes-256-gcm', oid: '2.16.840.1.101.3.4.1.46', keyBytes: 32, ivBytes: 12, authenticated: true },
]

/** RC2, RC4 and DES: known, and never taken. */
const weakOids: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.3.2', 'RC2'],
  ['1.2.840.113549.3.4', 'RC4'],
  ['1.3.14.3.2.7', 'DES'],
])

/** The cipher of an object identifier. Refuses a weak one, 3DES where it is not allowed, and one that the hub does not know. */
export function cipherOf(oid: string, allow: { tripleDes: boolean }): CipherKind {
  const weak = weakOids.get(oid)
  if (weak !== undefined) throw new Refusal('algorithmRefused', { algorithm: weak })
  const kind = cipherKinds.find((one) => one.oid === oid)
  if (kind === undefined) throw new Refusal('algorithmUnknown', { algorithm: oid })
  if (kind.name === 'des-ede3-cbc' && !allow.tripleDes)
    throw new Refusal('algorithmRefused', { algorithm: '3DES' })
  return kind
}

export function cipherNamed(name: CipherName): CipherKind {
  return cipherKinds.find((kind) => kind.name === name)!
}
