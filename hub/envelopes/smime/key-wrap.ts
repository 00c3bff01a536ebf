/** AES key wrap (RFC 3394), as ECDH recipients use it. */
export const wrapKinds = [
  { name: 'id-aes128-wrap', oid: '2.16.840.1.101.3.4.1.5', keyBytes: 16 },
  { name: 'id-aes192-wrap', oid: '2.16.840.1.101.3.4.1.25', keyBytes: 24 },
  { name: 'id-aes256-wrap', oid: '2.16.840.1.101.3.4.1.45', keyBytes: 32 },
] as const
