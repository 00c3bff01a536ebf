import { createCipheriv, createDecipheriv, createHash, createSecretKey, type KeyObject } from 'node:crypto'
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

/** What tells master keys apart: eight hexadecimal digits that say nothing of the key itself. */
export function masterKeyId(masterKey: Buffer): string {
  const digest = createHash('sha256').update('crossdock master key').update(masterKey).digest()
  return digest.toString('hex', 0, idBytes)
}

/** The id of the master key that wrapped a data key; throws HubError `payloadDamaged` where it is not one. */
export function wrappedBy(wrapped: Buffer): string {
  if (wrapped.length !== wrappedBytes || wrapped[0] !== form)
    throw new HubError('payloadDamaged', 'a wrapped key has not the form of one')
  return wrapped.toString('hex', 1, headBytes)
}

/**
 * A provider over one key in memory. AES key wrap (RFC 3394) and not GCM: it needs no nonce, so that no number of
 * payloads wears the master key out.
 */
export function localKeyProvider(masterKey: Buffer): KeyProvider {
  const id = masterKeyId(masterKey)
  const head = Buffer.concat([Buffer.of(form), Buffer.from(id, 'hex')])
  // made once: a cipher over raw bytes takes three times as long as one over a key object
  const key = createSecretKey(masterKey)
  return {
    wrap: (dataKey) => {
      const cipher = createCipheriv('id-aes256-wrap', key, initialValue)
      return Buffer.concat([head, cipher.update(dataKey), cipher.final()])
    },
    unwrap: (wrapped) => {
      const by = wrappedBy(wrapped)
      if (by !== id) throw otherMasterKey(by, [id])
      return unwrapped(key, wrapped)
    },
  }
}

/** Says which master key is needed, and which there are. */
export function otherMasterKey(needed: string, given: readonly string[], where?: string): HubError {
  const here = given.length === 0 ? 'there is none' : `known here: ${given.join(', ')}`
  const place = where === undefined ? '' : ` (${where})`
  return new HubError('masterKeyMissing', `sealed with master key ${needed}; ${here}${place}`, {
    detail: { needed, given: given.join(' ') },
  })
}

function unwrapped(key: KeyObject, wrapped: Buffer): Buffer {
  try {
    const decipher = createDecipheriv('id-aes256-wrap', key, initialValue)
    return Buffer.concat([decipher.update(wrapped.subarray(headBytes)), decipher.final()])
  } catch (error) {
    throw new HubError('payloadDamaged', 'a wrapped key was changed', { cause: error })
  }
}
