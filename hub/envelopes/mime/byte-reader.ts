/** Bytes at once, or as a stream that is read once. */
export type Bytes = Buffer | AsyncIterable<Buffer>

const nothing = Buffer.alloc(0)

/**
 * Reads bytes from the front, at once or as a stream, without holding more than was asked for and one chunk. What is
 * buffered is looked at without waiting: `has`, `window` and `take` are synchronous, only `fill` waits.
 */
export class ByteReader {
  /** Bytes taken so far. */
  position = 0
  #window: Buffer
  #source: AsyncIterator<Buffer> | null
  #pending: Buffer[] = []

  constructor(source: Bytes) {
    this.#window = Buffer.isBuffer(source) ? source : nothing
    this.#source = Buffer.isBuffer(source) ? null : source[Symbol.asyncIterator]()
  }

  /** What is buffered and not taken. */
  get window(): Buffer {
    return this.#window
  }

  /** Whether nothing comes after the window. */
  get ended(): boolean {
    return this.#source === null
  }

  has(length: number): boolean {
    return this.#window.length >= length
  }

  /** Waits until so many bytes are buffered; false where the stream ends before. */
  async fill(length: number): Promise<boolean> {
    if (this.has(length)) return true
    let held = this.#window.length
    this.#pending = held === 0 ? [] : [this.#window]
    while (held < length && this.#source !== null) {
      const next = await this.#source.next()
      if (next.done === true) this.#source = null
      else {
        this.#pending.push(next.value)
        held += next.value.length
      }
    }
    this.#window = this.#pending.length === 1 ? this.#pending[0]! : Buffer.concat(this.#pending)
    this.#pending = []
    return held >= length
  }

  /** Waits for more than is buffered; false where nothing comes. */
  more(): Promise<boolean> {
    return this.fill(this.#window.length + 1)
  }

  /** Takes so many of the buffered bytes. */
  take(length: number): Buffer {
    const taken = this.#window.subarray(0, length)
    this.#window = this.#window.subarray(length)
    this.position += taken.length
    return taken
  }

  /** All that follows, in the chunks in which it comes. */
  async *rest(): AsyncGenerator<Buffer> {
    for (;;) {
      if (this.#window.length > 0) yield this.take(this.#window.length)
      if (!(await this.fill(1))) return
    }
  }
}

/** All bytes of a stream in one piece, or null where there are more than `bytesMost`. */
export async function collect(source: Bytes, bytesMost: number): Promise<Buffer | null> {
  if (Buffer.isBuffer(source)) return source.length > bytesMost ? null : source
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of source) {
    length += chunk.length
    if (length > bytesMost) return null
    chunks.push(chunk)
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

/** Reads a stream to its end and lets go of it. */
export async function drain(source: AsyncIterable<Buffer>): Promise<void> {
  const iterator = source[Symbol.asyncIterator]()
  for (;;) if ((await iterator.next()).done === true) return
}

/** The bytes as a stream. */
export async function* chunksOf(source: Bytes): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(source)) yield source
  else yield* source
}
