import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Incoming, Receive, Received } from '#hub/model/transport.ts'

/** What came of an upload: an answer of `receive`, or what it threw. */
export type UploadEnd = { kind: 'received'; received: Received } | { kind: 'failed'; error: unknown }

/** Everything about an upload that does not change with its name and its bytes. */
export type UploadFacts = Pick<Incoming, 'channel' | 'evidence'> & { onceScope: string }

/**
 * One file on its way in. Its bytes go to `receive` as they come, in the order of their offsets; nothing is accepted before
 * `finish`, so a connection that breaks leaves nothing behind. Under a temporary name it stays open beyond its CLOSE, until a
 * rename gives it its name and finishes it.
 */
export class Upload {
  name: string
  readonly #outcome: Promise<UploadEnd>
  readonly #abort = new AbortController()
  readonly #queue: Buffer[] = []
  #queuedBytes = 0
  /** Writes that came before the bytes in front of them, by offset. */
  readonly #ahead = new Map<number, Buffer>()
  #aheadBytes = 0
  #sizeBytes = 0
  #ended = false
  #broken = false
  #early: UploadEnd | null = null
  #wakeReader: (() => void) | null = null
  #wakeWriters: (() => void)[] = []

  constructor(name: string, facts: UploadFacts, receive: Receive) {
    this.name = name
    this.#outcome = receive(this.#incoming(facts)).then(
      (received): UploadEnd => ({ kind: 'received', received }),
      (error: unknown): UploadEnd => ({ kind: 'failed', error }),
    )
    void this.#outcome.then((end) => {
      this.#early = end
      this.#wakeAllWriters()
    })
  }

  /** Bytes taken without a gap. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Whether bytes are missing before others that came. */
  get hasGap(): boolean {
    return this.#aheadBytes > 0
  }

  /**
   * Takes bytes at an offset. Returns null when they were taken at once, a promise when there is no room yet, which says
   * `taken` or `refused`. Bytes that were written before cannot be changed, and a gap may not grow beyond its window.
   */
  write(offset: number, bytes: Buffer): null | 'refused' | Promise<'taken' | 'refused'> {
    if (this.#ended || this.#broken || this.#early !== null) return 'refused'
    if (bytes.length === 0) return null
    if (offset !== this.#sizeBytes) return this.#writeAhead(offset, bytes)
    this.#append(bytes)
    for (;;) {
      const next = this.#ahead.get(this.#sizeBytes)
      if (next === undefined) break
      this.#ahead.delete(this.#sizeBytes)
      this.#aheadBytes -= next.length
      this.#append(next)
    }
    return this.#queuedBytes <= limits.sftpQueuedBytes ? null : this.#room()
  }

  /** Ends the body; resolves when `receive` has committed or refused. With a gap nothing is accepted. */
  async finish(): Promise<UploadEnd> {
    if (this.hasGap) {
      await this.discard()
      return { kind: 'failed', error: new HubError('uploadBroken') }
    }
    this.#ended = true
    this.#wakeReader?.()
    return this.#outcome
  }

  /** What `receive` already said, before the end of the file; null while it still reads. */
  get early(): UploadEnd | null {
    return this.#early
  }

  /** Breaks the body off: nothing is accepted. One that is finished already stays so. */
  async discard(): Promise<void> {
    if (!this.#ended) {
      this.#broken = true
      this.#abort.abort()
      this.#wakeReader?.()
    }
    await this.#outcome
  }

  #incoming(facts: UploadFacts): Incoming {
    const nameNow = () => this.name
    return {
      channel: facts.channel,
      kind: 'file',
      // the name it has when it is committed, not the one it was begun with
      get name() {
        return nameNow()
      },
      mediaType: null,
      body: this.#body(),
      lengthHint: null,
      once: null,
      onceByContent: {
        scope: facts.onceScope,
        get name() {
          return nameNow()
        },
        windowSeconds: limits.sftpRepeatWindowSeconds,
      },
      evidence: facts.evidence,
      signal: this.#abort.signal,
    }
  }

  async *#body(): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const piece = this.#queue.shift()
      if (this.#broken) throw new HubError('uploadBroken')
      if (piece !== undefined) {
        this.#queuedBytes -= piece.length
        if (this.#queuedBytes <= limits.sftpQueuedBytes / 2) this.#wakeAllWriters()
        yield piece
      } else if (this.#ended) {
        return
      } else {
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve
        })
        this.#wakeReader = null
      }
    }
  }

  #append(bytes: Buffer): void {
    this.#queue.push(bytes)
    this.#queuedBytes += bytes.length
    this.#sizeBytes += bytes.length
    this.#wakeReader?.()
  }

  #writeAhead(offset: number, bytes: Buffer): null | 'refused' {
    const room = this.#aheadBytes + bytes.length <= limits.sftpReorderBytes
    const near = offset - this.#sizeBytes <= limits.sftpReorderBytes
    if (offset < this.#sizeBytes || !room || !near || this.#ahead.has(offset)) {
      // what was written can no longer become the file the client means, so it must not be taken for it
      this.#broken = true
      this.#abort.abort()
      this.#wakeReader?.()
      return 'refused'
    }
    this.#ahead.set(offset, bytes)
    this.#aheadBytes += bytes.length
    return null
  }

  async #room(): Promise<'taken' | 'refused'> {
    await new Promise<void>((resolve) => this.#wakeWriters.push(resolve))
    return this.#broken || this.#early !== null ? 'refused' : 'taken'
  }

  #wakeAllWriters(): void {
    const waiting = this.#wakeWriters
    this.#wakeWriters = []
    for (const wake of waiting) wake()
  }
}
