import type { Socket } from 'node:net'
import type { SFTPWrapper } from 'ssh2'
import { limits } from '#hub/base/limits.ts'

/** Keeps one connection from filling the hub's memory, in either direction, and notes that it is in use. */
export class Pressure {
  readonly #socket: Socket
  readonly #onActive: () => void
  #heldBytes = 0

  constructor(socket: Socket, onActive: () => void) {
    this.#socket = socket
    this.#onActive = onActive
  }

  /** A request came in. */
  active(): void {
    this.#onActive()
  }

  /** Written bytes that the hub has not read yet: above the limit nothing more is taken from the socket. */
  hold(bytes: number): void {
    this.#heldBytes += bytes
    if (this.#heldBytes > limits.sftpHeldBytes) this.#socket.pause()
  }

  free(bytes: number): void {
    this.#heldBytes -= bytes
    if (this.#heldBytes <= limits.sftpHeldBytes / 2 && this.#socket.isPaused()) this.#socket.resume()
  }

  /**
   * Resolves when the client has read enough of what it asked for; null where it has now. Looked at again every few milliseconds,
   * because ssh2 tells nobody when a channel's window opens.
   */
  room(sftp: SFTPWrapper): Promise<void> | null {
    if (!this.#isFull(sftp)) return null
    return this.#drained(sftp)
  }

  async #drained(sftp: SFTPWrapper): Promise<void> {
    while (this.#isFull(sftp) && !this.#socket.destroyed) {
      await new Promise((resolve) => setTimeout(resolve, drainLookMs))
    }
  }

  #isFull(sftp: SFTPWrapper): boolean {
    // ssh2 keeps answers in this list while the window is closed; it has no public measure of it
    const waiting = (sftp as unknown as { _buffer?: unknown[] })._buffer?.length ?? 0
    return waiting > limits.sftpAnswersUnread || this.#socket.writableLength > limits.sftpUnreadBytes
  }
}

const drainLookMs = 5
