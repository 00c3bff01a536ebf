import { faultPoint } from '#hub/base/fault.ts'
import { limits } from '#hub/base/limits.ts'
import type { Clock } from '#hub/base/clock.ts'
import type { Log } from '#hub/base/log.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Receive } from '#hub/model/transport.ts'
import { isTemporaryName } from './path.ts'
import {
  denied,
  failed,
  failedWith,
  noSuchFile,
  ok,
  refusedWith,
  type DirectoryEntry,
  type Reply,
} from './reply.ts'
import { fileAttributes } from './reply.ts'
import { Upload, type UploadEnd, type UploadFacts } from './upload.ts'

/** How many uploads may be under way, for one channel and for all; shared by every session of the server. */
export interface UploadBudget {
  take(): boolean
  give(): void
}

export interface InboxDeps {
  receive: Receive
  facts: UploadFacts
  budget: UploadBudget
  clock: Clock
  log: Log
}

/** How a client opened a file for writing. */
export interface WriteFlags {
  create: boolean
  exclusive: boolean
  truncate: boolean
  append: boolean
}

export type OpenedUpload = { kind: 'opened'; slot: Slot } | { kind: 'refused'; reply: Reply }

/** An upload in the inbox: with an open handle, or staged under its temporary name. */
export interface Slot {
  upload: Upload
  open: boolean
  /** Its end was said: what comes of it is with `receive` alone. */
  committing: boolean
  /** Where the handle's first byte goes if the client appends: SFTP version 3 lets it send any offset then. */
  append: boolean
  at: Date
}

/**
 * What one session sees of `/inbox`: uploads that are under way or staged under a temporary name, and the names of files that
 * were taken, for which it goes on answering. Files themselves cannot be read back or withdrawn.
 */
export class Inbox {
  readonly #deps: InboxDeps
  readonly #slots = new Map<string, Slot>()
  readonly #taken = new Map<string, { sizeBytes: number; at: Date }>()

  constructor(deps: InboxDeps) {
    this.#deps = deps
  }

  /** Begins an upload, or goes on with one that is staged. Two handles on one name are refused. */
  open(name: string, flags: WriteFlags): OpenedUpload {
    const found = this.#slots.get(name)
    if (found?.open === true) return refuse(failed('Another handle is writing this file'))
    if (found?.committing === true) return refuse(alreadyTaken)
    if (found !== undefined && flags.exclusive) return refuse(failed('The file exists already'))
    if (found !== undefined && !flags.truncate) {
      found.open = true
      found.append = flags.append
      return { kind: 'opened', slot: found }
    }
    const taken = this.#taken.has(name)
    if (!flags.create) return refuse(taken ? alreadyTaken : noSuchFile)
    // what is appended to a file that was taken would be a fragment by itself
    if (taken && flags.append) return refuse(alreadyTaken)
    if (found !== undefined) void this.#drop(found)
    if (!this.#deps.budget.take()) return refuse(failed('Too many uploads are under way; try again later'))
    const upload = new Upload(name, this.#deps.facts, this.#deps.receive)
    const slot = { upload, open: true, committing: false, append: flags.append, at: this.#deps.clock.now() }
    this.#slots.set(name, slot)
    return { kind: 'opened', slot }
  }

  /** The handle was closed: a temporary name is staged; a final one is committed, and the reply says what came of it. */
  async close(slot: Slot): Promise<Reply> {
    slot.open = false
    const early = slot.upload.early
    if (early === null && !slot.upload.hasGap && isTemporaryName(slot.upload.name)) return ok
    return this.#commit(slot)
  }

  /** Gives an upload its name. From a temporary name to a final one it commits. */
  async rename(from: string, to: string): Promise<Reply> {
    const slot = this.#slots.get(from)
    if (slot === undefined) return this.#taken.has(from) ? alreadyTaken : noSuchFile
    if (slot.open) return failed('The file is still open')
    if (slot.committing) return alreadyTaken
    if (from === to) return ok
    const there = this.#slots.get(to)
    if (there?.open === true) return failed('Another handle is writing this file')
    if (there?.committing === true) return alreadyTaken
    if (there !== undefined) void this.#drop(there)
    this.#slots.delete(from)
    this.#slots.set(to, slot)
    slot.upload.name = to
    return isTemporaryName(to) ? ok : this.#commit(slot)
  }

  /** Removes a staged upload. What was taken cannot be withdrawn. */
  async remove(name: string): Promise<Reply> {
    const slot = this.#slots.get(name)
    if (slot === undefined) return this.#taken.has(name) ? alreadyTaken : noSuchFile
    if (slot.open) return failed('The file is still open')
    if (slot.committing) {
      await slot.upload.finish()
      return this.#taken.has(name) ? alreadyTaken : noSuchFile
    }
    await this.#drop(slot)
    return ok
  }

  /** Why a write was not taken: what the hub said of the file before its end, or that it is out of order. */
  refusedWrite({ upload: { early } }: Slot): Reply {
    if (early?.kind === 'received' && early.received.kind === 'refused')
      return refusedWith(early.received.code, this.#deps.facts.channel)
    if (early?.kind === 'failed' && early.error instanceof HubError) return failedWith(early.error.code)
    return failed('Write the file in order, from its first byte to its last')
  }

  attributes(name: string): Reply {
    const slot = this.#slots.get(name)
    if (slot !== undefined) return attributesReply(slot.upload.sizeBytes, slot.at)
    const taken = this.#taken.get(name)
    return taken === undefined ? noSuchFile : attributesReply(taken.sizeBytes, taken.at)
  }

  /** What a listing shows: uploads under way. Files that were taken are gone from it. */
  entries(): DirectoryEntry[] {
    return [...this.#slots].map(([name, { upload, at }]) => ({
      name,
      attributes: fileAttributes(upload.sizeBytes, at),
    }))
  }

  /** The session is over: what was not finished was never accepted. */
  async end(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => this.#drop(slot)))
  }

  async #commit(slot: Slot): Promise<Reply> {
    const { upload } = slot
    slot.committing = true
    const end = await upload.finish()
    this.#free(slot)
    const reply = this.#replyTo(upload, end)
    await faultPoint('mailbox:answer')
    return reply
  }

  #replyTo(upload: Upload, end: UploadEnd): Reply {
    if (end.kind === 'failed') {
      const known = end.error instanceof HubError
      if (!known) this.#deps.log.error({ err: end.error }, 'an upload could not be taken')
      return failedWith(known ? (end.error as HubError).code : 'unexpected')
    }
    const { received } = end
    if (received.kind === 'refused') return refusedWith(received.code, this.#deps.facts.channel)
    if (received.kind === 'conflict') return failedWith(received.code)
    this.#remember(upload.name, upload.sizeBytes)
    return ok
  }

  #remember(name: string, sizeBytes: number): void {
    this.#taken.delete(name)
    this.#taken.set(name, { sizeBytes, at: this.#deps.clock.now() })
    if (this.#taken.size > limits.sftpRememberedNames) {
      this.#taken.delete(this.#taken.keys().next().value!)
    }
  }

  async #drop(slot: Slot): Promise<void> {
    const dropped = slot.upload.discard()
    this.#free(slot)
    await dropped
  }

  #free(slot: Slot): void {
    if (this.#slots.get(slot.upload.name) !== slot) return
    this.#slots.delete(slot.upload.name)
    this.#deps.budget.give()
  }
}

const alreadyTaken = denied('The file was taken already; send a correction as a new file')

function refuse(reply: Reply): OpenedUpload {
  return { kind: 'refused', reply }
}

function attributesReply(sizeBytes: number, at: Date): Reply {
  return { kind: 'attributes', attributes: fileAttributes(sizeBytes, at) }
}
