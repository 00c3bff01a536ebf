/**
 * Sealing as the rest of the hub sees it; hub/keys makes it. What is sealed has a random data key of its own that the
 * master key wraps, so that erasing the wrapped key erases the content in every copy, and a new master key re-wraps data
 * keys only.
 */
export interface Sealed {
  /** The data key under the master key: what a table's column `wrapped_key` holds. */
  wrappedKey: Buffer
  /** The content under the data key. */
  bytes: Buffer
}

/**
 * `aad` names what is sealed and where it stands, `purpose|id` (`payload|0198…`, `secret|…`): bytes that were moved to
 * another row do not open.
 */
export interface Sealer {
  /** Compresses where that makes it smaller, then seals. Synchronous: meant for up to about a mebibyte. */
  seal(aad: string, bytes: Buffer): Sealed
  /**
   * Gives back what was sealed. Throws HubError `masterKeyMissing` if another master key wrapped it, `payloadDamaged` if
   * the bytes, their key or their place is not the one they were sealed with.
   */
  open(aad: string, sealed: Sealed): Buffer
  /** Begins to seal a large content chunk by chunk under one data key. */
  sealChunks(aad: string): ChunkSealer
  /** Begins to open one; throws as `open`. */
  openChunks(aad: string, wrappedKey: Buffer): ChunkOpener
}

export interface ChunkSealer {
  readonly wrappedKey: Buffer
  /** Seals the next chunk. The last one says so; after it nothing may follow. */
  seal(bytes: Buffer, last: boolean): Buffer
}

export interface ChunkOpener {
  /** Opens the next chunk; a chunk that is missing, out of order or wrongly first or last throws `payloadDamaged`. */
  open(bytes: Buffer, last: boolean): Buffer
}
