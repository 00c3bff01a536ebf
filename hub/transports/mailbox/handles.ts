import { limits } from '#hub/base/limits.ts'
import type { Slot } from './inbox.ts'
import type { Download } from './outbox.ts'
import type { DirectoryEntry } from './reply.ts'

export type Handle =
  | { kind: 'upload'; slot: Slot }
  | { kind: 'download'; download: Download }
  | { kind: 'folder'; entries: readonly DirectoryEntry[]; given: number }

/** The open handles of one session: numbers that only this session knows, and no more than the limit. */
export class Handles {
  readonly #open = new Map<string, Handle>()
  #last = 0
  /** Requests for a handle whose file is still being fetched. */
  #reserved = 0

  /** Whether another handle may be opened; counts it until `add` or `cancel`. */
  reserve(): boolean {
    if (this.#open.size + this.#reserved >= limits.sftpHandlesPerSession) return false
    this.#reserved += 1
    return true
  }

  cancel(): void {
    this.#reserved -= 1
  }

  /** Turns a reservation into a handle. */
  add(handle: Handle): Buffer {
    this.#reserved -= 1
    this.#last += 1
    const id = Buffer.alloc(8)
    id.writeBigUInt64BE(BigInt(this.#last))
    this.#open.set(id.toString('hex'), handle)
    return id
  }

  get(id: Buffer): Handle | undefined {
    return this.#open.get(id.toString('hex'))
  }

  /** Takes a handle out of the table. */
  take(id: Buffer): Handle | undefined {
    const handle = this.get(id)
    this.#open.delete(id.toString('hex'))
    return handle
  }

  /** Takes all out, at the end of the session. */
  takeAll(): Handle[] {
    const all = [...this.#open.values()]
    this.#open.clear()
    return all
  }
}
