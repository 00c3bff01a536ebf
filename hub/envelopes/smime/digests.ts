/*
 * Digest algorithms: their object identifiers (RFC 5754, RFC 3370), and the names that AS2 partners write for them.
 */

export const digestNames = ['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const

/** A digest as node:crypto names it. */
export type DigestName = (typeof digestNames)[number]

export const digestOids: Readonly<Record<DigestName, string>> = {
  sha1: '1.3.14.3.2.26',
  sha224: '2.16.840.1.101.3.4.2.4',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
}

const md5Oid = '1.2.840.113549.2.5'

const byOid: ReadonlyMap<string, DigestName> = new Map(digestNames.map((name) => [digestOids[name], name]))

/** The digest of an object identifier; `weak` for one that is never taken, null for one that the hub does not know. */
export function digestOf(oid: string): DigestName | 'weak' | null {
  return byOid.get(oid) ?? (oid === md5Oid ? 'weak' : null)
}

/**
 * One normaliser for the names of digests (M6): `sha1`, `SHA-1`, `rsa-sha1`, `"sha-256"`, `rsa-sha256`, `SHA2-256`, `sha_512`
 * are the digest they mean. Null for any other, `md5` among them.
 */
export function digestNamed(spelling: string): DigestName | null {
  const plain = spelling
    .trim()
    .toLowerCase()
    .replaceAll(/["'\s]/g, '')
    .replace(/^(rsa|ecdsa)[-_]/, '')
    .replace(/^sha(2[-_]|[-_])/, 'sha')
  return digestNames.find((name) => name === plain) ?? null
}

/** The name written where nobody asked for another spelling (RFC 8551 §3.5.3.2). */
export function micalgOf(digest: DigestName): string {
  return digest.replace('sha', 'sha-')
}
