import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import { makeHostKey } from '#hub/keys/host-key.ts'
import { hostKeyFingerprint } from './host-key.ts'

test('the fingerprint is the one that ssh-keygen -l shows', () => {
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHs4c0epJcykrhUw8wujpkgmBG0XvfLGpBsMF2uG46q7'
  expect(hostKeyFingerprint(key)).toBe('SHA256:+kbuKoGHgQrOq/onoE6r8qKNIq1SSa7PnEHA5Xi2QNc')
})

test('a fresh host key is an Ed25519 key of its own', () => {
  const [one, other] = [makeHostKey(), makeHostKey()]
  expect((ssh2.utils.parseKey(one) as ssh2.ParsedKey).type).toBe('ssh-ed25519')
  expect(hostKeyFingerprint(one)).not.toBe(hostKeyFingerprint(other))
})
