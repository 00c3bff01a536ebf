import { createHash } from 'node:crypto'
import ssh2 from 'ssh2'

/** `SHA256:…` of a host key's public half, as `ssh-keygen -l` and clients show it. */
export function hostKeyFingerprint(hostKey: string): string {
  const parsed = ssh2.utils.parseKey(hostKey)
  if (parsed instanceof Error) throw parsed
  return keyFingerprint(parsed.getPublicSSH())
}

/** `SHA256:…` of a public key in SSH wire form (RFC 4253 §6.6). */
export function keyFingerprint(publicKey: Buffer): string {
  return `SHA256:${createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')}`
}
