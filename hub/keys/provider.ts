import { createCipheriv, createDecipheriv, createHash, createSecretKey } from 'node:crypto'
import { HubError } from '#hub/model/errors.ts'

/** Wraps and unwraps data keys. The master key never leaves it, so that a key service can stand here later. */
export interface KeyProvider {
  wrap(dataKey: Buffer): Buffer
  /** Throws HubError `masterKeyMissing` for another master key, `payloadDamaged` for bytes that were changed. */
  unwrap(wrapped: Buffer): Buffer
}

/** Layout of a wrapped key: form (1 byte), id of the master key (4 bytes), the key by RFC 3394 (40 bytes). */
const form = 1
const idBytes = 4
const headBytes = 1 + idBytes
const wrappedBytes = headBytes + 40

/** The default initial value of RFC 3394 §2.2.3.1. */
const initialValue = Buffer.from('a6a6a6a6a6a6a6a6', 'hex')

/**
 * A provider over a key in memory. AES key wrap (RFC 3394) and not GCM: it needs no nonce, so that no number of payloads
 * wears the master key out.
 */
export function localKeyProvider(masterKey: Buffer): KeyProvider {
  const id = createHash('sha256')
    .update('crossdock master key')
    .update(masterKey)
    .digest()
    .subarray(0, idBytes)
  const head = Buffer.concat([Buffer.of(form), id])
  // made once: a cipher over raw bytes takes three times as long as one over a key object
  const key = createSecretKey(masterKey)
  return {
    wrap: (dataKey) => {
      const cipher = createCipheriv('id-aes256-wrap', key, initialValue)
      return Buffer.concat([head, cipher.update(dataKey), cipher.final()])
    },
    unwrap: (wrapped) => {
      if (wrapped.length !== wrappedBytes || wrapped[0] !== form) {
        throw new HubError('payloadDamaged', 'a wrapped key has not the form of one')
      }
      if (!wrapped.subarray(1, headBytes).equals(id)) throw otherMasterKey(wrapped, id)
      try {
        const decipher = createDecipheriv('id-aes256-wrap', key, initialValue)
        return Buffer.concat([decipher.update(wrapped.subarray(headBytes)), decipher.final()])
      } catch (error) {
        throw new HubError('payloadDamaged', 'a wrapped key was changed', { cause: error })
      }
    },
  }
}

function otherMasterKey(wrapped: Buffer, id: Buffer): HubError {
  const needed = wrapped.subarray(1, headBytes).toString('hex')
  const given = id.toString('hex')
  return new HubError('masterKeyMissing', `sealed with master key ${needed}, this one is ${given}`, {
    detail: { needed, given },
  })
}
