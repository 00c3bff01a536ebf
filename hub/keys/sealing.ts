import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomFillSync,
  type KeyObject,
} from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync, type ZstdOptions } from 'node:zlib'
import { assert, HubError } from '#hub/model/errors.ts'
import type { ChunkOpener, ChunkSealer, Sealer } from '#hub/model/sealing.ts'
import { masterKeySource, type MasterKeyConfig } from './master-key.ts'
import type { KeyProvider } from './provider.ts'
import { openRing } from './ring.ts'

export type { Sealer } from '#hub/model/sealing.ts'

/**
 * Layout of sealed bytes: form (1 byte: 0 as it was, 1 zstd), ciphertext, GCM tag (16 bytes). Each content, whole or in
 * chunks, has a data key of its own that seals nothing else; so the nonce is the chunk's number and whether it is the
 * last (the STREAM construction), and is not stored.
 */
const forms = { plain: 0, zstd: 1 } as const
const tagBytes = 16
const dataKeyBytes = 32

/** Below this, compression costs more than it saves. */
const worthCompressingBytes = 200

/**
 * Level 1, with tables no larger than the content needs: by default each call makes and drops some hundred kilobytes of
 * them, which costs more than the compressing of a small document.
 */
function zstdFor(sizeBytes: number): ZstdOptions & { pledgedSrcSize: number } {
  return {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
    pledgedSrcSize: sizeBytes,
    chunkSize: Math.min(Math.max(sizeBytes >> 1, 1024), 64 * 1024),
  }
}

/**
 * What seals with the master keys of a place, whatever database it is for (open.ts asks the database); a key file is
 * made where there is none. Throws HubError `masterKeyMissing`.
 */
export async function openSealer(config: MasterKeyConfig): Promise<Sealer> {
  const source = masterKeySource(config)
  if (source.read().length === 0) await source.make()
  return createSealer(openRing(source))
}

/** A sealer over any key provider: AES-256-GCM with a random data key for each content. */
export function createSealer(provider: KeyProvider): Sealer {
  return {
    seal: (aad, bytes) => {
      const dataKey = newDataKey()
      const place = { dataKey: createSecretKey(dataKey), aad, seq: 0, last: true }
      return { wrappedKey: provider.wrap(dataKey), bytes: sealBytes(place, bytes) }
    },
    open: (aad, sealed) =>
      openBytes({ dataKey: unwrapped(provider, sealed.wrappedKey), aad, seq: 0, last: true }, sealed.bytes),
    sealChunks: (aad) => chunkSealer(provider, aad),
    openChunks: (aad, wrappedKey) => chunkOpener(unwrapped(provider, wrappedKey), aad),
  }
}

function chunkSealer(provider: KeyProvider, aad: string): ChunkSealer {
  const rawKey = newDataKey()
  const dataKey = createSecretKey(rawKey)
  let seq = 0
  let ended = false
  return {
    // wrapped when it is asked for: a long upload ends under the master key of its end
    get wrappedKey() {
      return provider.wrap(rawKey)
    },
    seal: (bytes, last) => {
      assert(!ended, 'nothing is sealed after the last chunk')
      ended = last
      return sealBytes({ dataKey, aad, seq: seq++, last }, bytes)
    },
  }
}

function chunkOpener(dataKey: KeyObject, aad: string): ChunkOpener {
  let seq = 0
  return { open: (bytes, last) => openBytes({ dataKey, aad, seq: seq++, last }, bytes) }
}

/** Where a piece of ciphertext stands: all of it is bound by the tag. */
interface Place {
  dataKey: KeyObject
  aad: string
  seq: number
  last: boolean
}

function sealBytes(place: Place, bytes: Buffer): Buffer {
  const packed =
    bytes.length >= worthCompressingBytes ? zstdCompressSync(bytes, zstdFor(bytes.length)) : bytes
  const smaller = packed.length < bytes.length
  const form = smaller ? forms.zstd : forms.plain
  const cipher = createCipheriv('aes-256-gcm', place.dataKey, nonce(place))
  cipher.setAAD(boundTo(place, form))
  const ciphertext = cipher.update(smaller ? packed : bytes)
  cipher.final()
  return Buffer.concat([Buffer.of(form), ciphertext, cipher.getAuthTag()])
}

function openBytes(place: Place, sealed: Buffer): Buffer {
  const form = sealed[0]
  if (sealed.length < 1 + tagBytes || (form !== forms.plain && form !== forms.zstd)) throw damaged(place)
  try {
    const decipher = createDecipheriv('aes-256-gcm', place.dataKey, nonce(place), { authTagLength: tagBytes })
    decipher.setAAD(boundTo(place, form))
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes))
    const packed = decipher.update(sealed.subarray(1, sealed.length - tagBytes))
    decipher.final()
    return form === forms.zstd ? zstdDecompressSync(packed) : packed
  } catch (error) {
    throw damaged(place, error)
  }
}

/** Random bytes drawn for many keys at once: each draw costs as much as the sealing of a small document. */
const drawn = Buffer.alloc(128 * dataKeyBytes)
let used = drawn.length

function newDataKey(): Buffer {
  if (used === drawn.length) {
    randomFillSync(drawn)
    used = 0
  }
  const dataKey = Buffer.alloc(dataKeyBytes)
  drawn.copy(dataKey, 0, used, used + dataKeyBytes)
  drawn.fill(0, used, used + dataKeyBytes)
  used += dataKeyBytes
  return dataKey
}

function unwrapped(provider: KeyProvider, wrappedKey: Buffer): KeyObject {
  return createSecretKey(provider.unwrap(wrappedKey))
}

function nonce(place: Place): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeUInt32BE(place.seq, 7)
  bytes[11] = place.last ? 1 : 0
  return bytes
}

function boundTo(place: Place, form: number): Buffer {
  return Buffer.from(`${place.aad}|${place.seq}|${place.last ? 'last' : 'more'}|${form}`)
}

function damaged(place: Place, cause?: unknown): HubError {
  return new HubError('payloadDamaged', `sealed bytes of ${place.aad} do not open`, { cause })
}
