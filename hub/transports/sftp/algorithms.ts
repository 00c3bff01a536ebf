import type { Algorithms } from 'ssh2'

/**
 * What the hub offers to a partner's server. No chacha20-poly1305 and no CBC with encrypt-then-MAC (Terrapin,
 * CVE-2023-48795, although ssh2 speaks strict key exchange), no SHA-1, no compression.
 */
export const modernAlgorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group14-sha256',
  ],
  serverHostKey: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
} satisfies Algorithms

/** For old servers, by the channel's setting: what is modern first, then SHA-1 and CBC. */
export const legacyAlgorithms = {
  kex: [...modernAlgorithms.kex, 'diffie-hellman-group14-sha1'],
  serverHostKey: [...modernAlgorithms.serverHostKey, 'ssh-rsa'],
  cipher: [...modernAlgorithms.cipher, 'aes256-cbc', 'aes128-cbc'],
  hmac: [...modernAlgorithms.hmac, 'hmac-sha1'],
  compress: ['none'],
} satisfies Algorithms
