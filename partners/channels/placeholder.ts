import type { CredentialId } from '#hub/model/ids.ts'
import type { CredentialRow } from '../store/credential.ts'

/*
 * A log-in whose name was applied and whose value was not given yet (`keep: true` on a hub that has none). It holds its place, its dates and its
 * user name, and lets nobody in: what stands where the verifier should be is no password's hash, no key and no token's SHA-256.
 */

const prefix = 'missing '

export function placeholderVerifier(id: CredentialId): Buffer {
  return Buffer.from(`${prefix}${id}`)
}

export function isPlaceholder({ verifier }: Pick<CredentialRow, 'verifier'>): boolean {
  // longer than a SHA-256, so that no token can be taken for one
  return verifier.length > 32 && verifier.toString('latin1', 0, prefix.length) === prefix
}
