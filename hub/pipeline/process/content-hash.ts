import { createHash, type Hash } from 'node:crypto'
import type { FormatEvent } from '#hub/model/format.ts'

/**
 * Hashes (SHA-256) the bytes of each interchange of a file that is read as a stream, from its first byte to its trailer,
 * which says nothing but their count and reference. Whatever else the file holds has no part in it.
 */
export class ContentHasher {
  /** Kept back of the stream, because an event may still name an offset in it: a reader holds one segment at most. */
  readonly #keptBytes: number
  #held: Buffer = Buffer.alloc(0)
  /** Offset of the first byte held. */
  #base = 0
  #hash: Hash | null = null

  /** `segmentBytes` is the most that the reader lets a segment have. */
  constructor(segmentBytes: number) {
    this.#keptBytes = 2 * Math.max(segmentBytes, leastKeptBytes)
  }

  /** Takes the next bytes of the file, before the events that the reader made of them. */
  push(chunk: Buffer): void {
    this.#advance(this.#base + this.#held.length - this.#keptBytes)
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
  }

  /** Takes an event. At a trailer it gives the hash, or null where the beginning was not held any more. */
  take(event: FormatEvent): Buffer | null {
    if (event.kind === 'interchange') {
      const { offset } = event.interchange
      this.#hash = null
      if (offset < this.#base) return null
      this.#advance(offset)
      this.#hash = createHash('sha256')
    } else if (event.kind === 'trailer') {
      this.#advance(event.trailer.offset)
      const sha256 = this.#hash?.digest() ?? null
      this.#hash = null
      return sha256
    }
    return null
  }

  /** Lets go of what stands before `offset`; within an interchange it is hashed. */
  #advance(offset: number): void {
    const count = Math.min(offset - this.#base, this.#held.length)
    if (count <= 0) return
    this.#hash?.update(this.#held.subarray(0, count))
    this.#held = this.#held.subarray(count)
    this.#base += count
  }
}

const leastKeptBytes = 64 * 1024
