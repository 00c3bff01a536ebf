import type { DeliveryId } from '#hub/model/ids.ts'
import type { Channel, Mailbox, MailboxFile } from '#hub/model/transport.ts'
import type { Proof } from '#hub/model/outcomes.ts'
import {
  endOfFile,
  failed,
  fileAttributes,
  noSuchFile,
  ok,
  type DirectoryEntry,
  type Reply,
} from './reply.ts'
import { Coverage } from './coverage.ts'

/** Bytes of files that one channel holds open for reading, over all its sessions. */
export interface ReadBudget {
  take(bytes: number): boolean
  give(bytes: number): void
}

export interface OutboxDeps {
  channel: Channel
  mailbox: Mailbox
  budget: ReadBudget
  /** Who collects, from where: part of the proof. */
  collector: Proof
}

/** A file that is open for reading. */
export interface Download {
  file: MailboxFile
  bytes: Buffer
  read: Coverage
}

export type OpenedDownload = { kind: 'opened'; download: Download } | { kind: 'refused'; reply: Reply }

/** Bytes in one answer to READ: below what OpenSSH takes in one packet. */
const readBytesMax = 128 * 1024

/**
 * What one session sees of `/outbox`: deliveries that wait to be collected. One that was read to its end, or removed, is
 * collected; it is gone from the next listing, but the session goes on answering for its name.
 */
export class Outbox {
  readonly #deps: OutboxDeps
  readonly #known = new Map<string, MailboxFile>()
  readonly #collected = new Set<DeliveryId>()

  constructor(deps: OutboxDeps) {
    this.#deps = deps
  }

  async entries(): Promise<DirectoryEntry[]> {
    return (await this.#refresh()).map((file) => ({
      name: file.name,
      attributes: fileAttributes(file.sizeBytes, file.at),
    }))
  }

  async attributes(name: string): Promise<Reply> {
    const file = await this.#find(name)
    return file === null ? noSuchFile : this.attributesOf(file)
  }

  attributesOf(file: MailboxFile): Reply {
    return { kind: 'attributes', attributes: fileAttributes(file.sizeBytes, file.at) }
  }

  async open(name: string): Promise<OpenedDownload> {
    const file = await this.#find(name)
    if (file === null) return { kind: 'refused', reply: noSuchFile }
    if (!this.#deps.budget.take(file.sizeBytes)) {
      return { kind: 'refused', reply: failed('Too many files are open for reading; close some first') }
    }
    try {
      const bytes = await this.#deps.mailbox.read(this.#deps.channel.id, file.deliveryId)
      return { kind: 'opened', download: { file, bytes, read: new Coverage() } }
    } catch (error) {
      this.#deps.budget.give(file.sizeBytes)
      throw error
    }
  }

  read(download: Download, offset: number, length: number): Reply {
    const { bytes } = download
    if (offset >= bytes.length) return endOfFile
    const end = Math.min(offset + Math.min(length, readBytesMax), bytes.length)
    download.read.mark(offset, end)
    return { kind: 'data', bytes: bytes.subarray(offset, end) }
  }

  /** Whether the client, by closing, says that it has the whole file. */
  isWhole(download: Download): boolean {
    return download.read.reaches(download.bytes.length)
  }

  /** The handle was closed. After reading to the end that is the proof of collection. */
  async close(download: Download, whole: boolean): Promise<Reply> {
    this.#deps.budget.give(download.file.sizeBytes)
    if (whole) await this.#collect(download.file, 'read')
    return ok
  }

  /** A client that removes a file says it has done with it. */
  async remove(name: string): Promise<Reply> {
    const file = await this.#find(name)
    if (file === null) return noSuchFile
    await this.#collect(file, 'removed')
    this.#known.delete(name)
    return ok
  }

  async #collect(file: MailboxFile, how: 'read' | 'removed'): Promise<void> {
    if (this.#collected.has(file.deliveryId)) return
    const proof = { ...this.#deps.collector, collected: how, name: file.name, sizeBytes: file.sizeBytes }
    await this.#deps.mailbox.collected(this.#deps.channel.id, file.deliveryId, proof)
    this.#collected.add(file.deliveryId)
  }

  async #find(name: string): Promise<MailboxFile | null> {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    await this.#refresh()
    return this.#known.get(name) ?? null
  }

  async #refresh(): Promise<MailboxFile[]> {
    const files = await this.#deps.mailbox.list(this.#deps.channel.id)
    for (const file of files) this.#known.set(file.name, file)
    return files
  }
}
