import ssh2 from 'ssh2'

const triesMost = 50

/**
 * A fresh Ed25519 host key in OpenSSH's private key format, for the caller to seal and keep. ssh2 1.17 writes about one
 * key in two hundred in a form that it refuses to read itself; such a one is thrown away.
 */
export function makeHostKey(): string {
  for (let tries = 0; tries < triesMost; tries++) {
    const key = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'crossdock' }).private
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key
  }
  throw new Error('no host key could be made')
}
