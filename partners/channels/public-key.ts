/** A public key as it stands on the wire (RFC 4253 §6.6), as a line of `authorized_keys` without a comment. */
export function publicKeyText(wire: Buffer): string {
  const length = wire.length < 4 ? 0 : wire.readUInt32BE(0)
  return `${wire.toString('latin1', 4, 4 + Math.min(length, 100))} ${wire.toString('base64')}`
}
