/** Which bytes of a file were read from its start on, whatever the order of the requests. */
export class Coverage {
  #end = 0
  /** Pieces beyond `#end`, by their start. */
  readonly #ahead = new Map<number, number>()

  /** Notes that the bytes from `start` up to `end` were read. */
  mark(start: number, end: number): void {
    if (start > this.#end) {
      if (this.#ahead.size < piecesMax) this.#ahead.set(start, Math.max(end, this.#ahead.get(start) ?? 0))
      return
    }
    this.#end = Math.max(this.#end, end)
    for (;;) {
      const next = [...this.#ahead].find(([from]) => from <= this.#end)
      if (next === undefined) return
      this.#ahead.delete(next[0])
      this.#end = Math.max(this.#end, next[1])
    }
  }

  /** Whether everything below `sizeBytes` was read. */
  reaches(sizeBytes: number): boolean {
    return this.#end >= sizeBytes
  }
}

/** Clients ask for some dozens of pieces ahead; who jumps about more is not reading a file to its end. */
const piecesMax = 1024
