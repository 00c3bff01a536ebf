import ssh2, { type SFTPWrapper } from 'ssh2'
import { limits } from '#hub/base/limits.ts'
import { faultPoint } from '#hub/base/fault.ts'
import type { Clock } from '#hub/base/clock.ts'
import type { Log } from '#hub/base/log.ts'
import { HubError } from '#hub/model/errors.ts'
import { Handles, type Handle } from './handles.ts'
import type { Inbox } from './inbox.ts'
import type { Outbox } from './outbox.ts'
import { pathOf, placeOf, type Place } from './path.ts'
import { renamePaths } from './extended.ts'
import type { Pressure } from './pressure.ts'
import type { Standing } from './standing.ts'
import {
  denied,
  endOfFile,
  failed,
  failedWith,
  folderAttributes,
  noSuchFile,
  ok,
  sendReply,
  unsupported,
  type DirectoryEntry,
  type Reply,
} from './reply.ts'

const openMode = ssh2.utils.sftp.OPEN_MODE
const namesPerAnswer = 100

export interface SessionDeps {
  inbox: Inbox
  outbox: Outbox
  pressure: Pressure
  standing: Standing
  /** Ends the connection. */
  hangUp(): void
  clock: Clock
  log: Log
}

/** Serves one SFTP channel: every request gets one reply, and nothing but the mailbox is there. */
export function serveSession(sftp: SFTPWrapper, deps: SessionDeps): { end(): Promise<void> } {
  const session = new Session(sftp, deps)
  session.listen()
  return session
}

class Session {
  readonly #sftp: SFTPWrapper
  readonly #deps: SessionDeps
  readonly #handles = new Handles()
  #pending = 0
  #leaving = false
  #over = false

  constructor(sftp: SFTPWrapper, deps: SessionDeps) {
    this.#sftp = sftp
    this.#deps = deps
  }

  listen(): void {
    const on = <Arguments extends unknown[]>(
      event: string,
      work: (...arguments_: Arguments) => Reply | Promise<Reply>,
    ): void => {
      this.#sftp.on(event, (requestId: number, ...rest: Arguments) => {
        this.#answer(requestId, () => work(...rest))
      })
    }
    on('REALPATH', (path: string) => this.#realPath(path))
    on('STAT', (path: string) => this.#stat(placeOf(path)))
    on('LSTAT', (path: string) => this.#stat(placeOf(path)))
    on('SETSTAT', (path: string) => this.#setStat(placeOf(path)))
    on('OPENDIR', (path: string) => this.#openFolder(placeOf(path)))
    on('READDIR', (handle: Buffer) => this.#readFolder(handle))
    on('OPEN', (path: string, flags: number) => this.#open(placeOf(path), flags))
    on('READ', (handle: Buffer, offset: number, length: number) => this.#read(handle, offset, length))
    on('WRITE', (handle: Buffer, offset: number, bytes: Buffer) => this.#write(handle, offset, bytes))
    on('FSTAT', (handle: Buffer) => this.#handleStat(handle))
    on('FSETSTAT', (handle: Buffer) => (this.#handles.get(handle) === undefined ? badHandle : ok))
    on('CLOSE', (handle: Buffer) => this.#close(handle))
    on('REMOVE', (path: string) => this.#remove(placeOf(path)))
    on('RENAME', (from: string, to: string) => this.#rename(placeOf(from), placeOf(to)))
    on('MKDIR', () => noFolders)
    on('RMDIR', () => noFolders)
    on('READLINK', () => unsupported)
    on('SYMLINK', () => unsupported)
    on('EXTENDED', (name: string, data: Buffer | undefined) => this.#extended(name, data))
    this.#sftp.on('error', () => void this.end())
    this.#sftp.on('end', () => this.#leave())
    this.#sftp.on('close', () => void this.end())
  }

  /** The connection or channel is gone: what was not finished was never accepted. */
  async end(): Promise<void> {
    if (this.#over) return
    this.#over = true
    for (const handle of this.#handles.takeAll()) {
      if (handle.kind === 'download') await this.#deps.outbox.close(handle.download, false)
    }
    await this.#deps.inbox.end()
  }

  /** The client will send no more, but waits for what it asked for, and then for our end of the channel. */
  #leave(): void {
    this.#leaving = true
    if (this.#pending === 0) this.#sftp.end()
  }

  #answer(requestId: number, work: () => Reply | Promise<Reply>): void {
    if (this.#over) return
    this.#pending += 1
    if (this.#pending > limits.sftpRequestsPending) return void this.end().then(() => this.#sftp.end())
    this.#deps.pressure.active()
    let reply: Reply | Promise<Reply>
    try {
      reply = work()
    } catch (error) {
      reply = this.#fault(error)
    }
    if (!(reply instanceof Promise)) return this.#send(requestId, reply)
    reply.then(
      (value) => this.#send(requestId, value),
      (error: unknown) => this.#send(requestId, this.#fault(error)),
    )
  }

  #send(requestId: number, reply: Reply): void {
    this.#pending -= 1
    if (!this.#over) sendReply(this.#sftp, requestId, reply)
    if (this.#leaving && this.#pending === 0) this.#sftp.end()
  }

  #fault(error: unknown): Reply {
    if (error instanceof HubError) return failedWith(error.code)
    this.#deps.log.error({ err: error }, 'a request to the mailbox failed')
    return failedWith('unexpected')
  }

  #realPath(path: string): Reply {
    const place = placeOf(path)
    const normal = pathOf(place)
    if (normal === null) return noSuchFile
    return { kind: 'names', entries: [{ name: normal, attributes: folderAttributes(this.#now()) }] }
  }

  #stat(place: Place): Reply | Promise<Reply> {
    switch (place.kind) {
      case 'root':
      case 'inbox':
      case 'outbox':
        return { kind: 'attributes', attributes: folderAttributes(this.#now()) }
      case 'inboxFile':
        return this.#deps.inbox.attributes(place.name)
      case 'outboxFile':
        return this.#whileAllowed(() => this.#deps.outbox.attributes(place.name))
      case 'nowhere':
        return noSuchFile
    }
  }

  /** Times and permissions mean nothing here, but clients set them after an upload and must not fail over it. */
  #setStat(place: Place): Reply | Promise<Reply> {
    if (place.kind !== 'inboxFile' && place.kind !== 'outboxFile')
      return place.kind === 'nowhere' ? noSuchFile : ok
    return Promise.resolve(this.#stat(place)).then((reply) => (reply.kind === 'attributes' ? ok : reply))
  }

  async #openFolder(place: Place): Promise<Reply> {
    if (place.kind !== 'root' && place.kind !== 'inbox' && place.kind !== 'outbox') return noSuchFile
    const { kind } = place
    return kind === 'outbox' ? this.#whileAllowed(() => this.#listFolder(kind)) : this.#listFolder(kind)
  }

  async #listFolder(kind: 'root' | 'inbox' | 'outbox'): Promise<Reply> {
    if (!this.#handles.reserve()) return tooManyHandles
    try {
      const entries = await this.#entriesOf(kind)
      return { kind: 'handle', handle: this.#handles.add({ kind: 'folder', entries, given: 0 }) }
    } catch (error) {
      this.#handles.cancel()
      throw error
    }
  }

  async #entriesOf(folder: 'root' | 'inbox' | 'outbox'): Promise<DirectoryEntry[]> {
    if (folder === 'inbox') return this.#deps.inbox.entries()
    if (folder === 'outbox') return this.#deps.outbox.entries()
    return ['inbox', 'outbox'].map((name) => ({ name, attributes: folderAttributes(this.#now()) }))
  }

  #readFolder(id: Buffer): Reply {
    const handle = this.#handles.get(id)
    if (handle?.kind !== 'folder') return badHandle
    if (handle.given >= handle.entries.length) return endOfFile
    const entries = handle.entries.slice(handle.given, handle.given + namesPerAnswer)
    handle.given += entries.length
    return { kind: 'names', entries }
  }

  #open(place: Place, flags: number): Reply | Promise<Reply> {
    if (place.kind === 'nowhere') return noSuchFile
    if (place.kind !== 'inboxFile' && place.kind !== 'outboxFile') return denied('This is a folder')
    const writes = (flags & (openMode.WRITE | openMode.APPEND)) !== 0
    if (place.kind === 'outboxFile') {
      if (writes) return denied('Files in /outbox are read or removed')
      return this.#whileAllowed(() => this.#openDownload(place.name))
    }
    if (!writes) {
      const exists = this.#deps.inbox.attributes(place.name).kind === 'attributes'
      return exists ? denied('Files in /inbox cannot be read back') : noSuchFile
    }
    return this.#whileAllowed(() => this.#openUpload(place.name, flags))
  }

  #openUpload(name: string, flags: number): Reply {
    if (!this.#handles.reserve()) return tooManyHandles
    const opened = this.#deps.inbox.open(name, {
      create: (flags & openMode.CREAT) !== 0,
      exclusive: (flags & openMode.EXCL) !== 0,
      truncate: (flags & openMode.TRUNC) !== 0,
      append: (flags & openMode.APPEND) !== 0,
    })
    if (opened.kind === 'refused') {
      this.#handles.cancel()
      return opened.reply
    }
    return { kind: 'handle', handle: this.#handles.add({ kind: 'upload', slot: opened.slot }) }
  }

  async #openDownload(name: string): Promise<Reply> {
    if (!this.#handles.reserve()) return tooManyHandles
    try {
      const opened = await this.#deps.outbox.open(name)
      if (opened.kind === 'opened') {
        return { kind: 'handle', handle: this.#handles.add({ kind: 'download', download: opened.download }) }
      }
      this.#handles.cancel()
      return opened.reply
    } catch (error) {
      this.#handles.cancel()
      throw error
    }
  }

  #read(id: Buffer, offset: number, length: number): Reply | Promise<Reply> {
    const handle = this.#handles.get(id)
    if (handle?.kind !== 'download') return badHandle
    const read = () => this.#deps.outbox.read(handle.download, offset, length)
    return this.#deps.pressure.room(this.#sftp)?.then(read) ?? read()
  }

  #write(id: Buffer, offset: number, bytes: Buffer): Reply | Promise<Reply> {
    const handle = this.#handles.get(id)
    if (handle?.kind !== 'upload') return badHandle
    const { slot } = handle
    const taken = slot.upload.write(slot.append ? slot.upload.sizeBytes : offset, bytes)
    if (taken === null) return ok
    if (taken === 'refused') return this.#deps.inbox.refusedWrite(slot)
    this.#deps.pressure.hold(bytes.length)
    return taken
      .then((result) => (result === 'taken' ? ok : this.#deps.inbox.refusedWrite(slot)))
      .finally(() => this.#deps.pressure.free(bytes.length))
  }

  #handleStat(id: Buffer): Reply {
    const handle = this.#handles.get(id)
    if (handle === undefined) return badHandle
    if (handle.kind === 'folder') return { kind: 'attributes', attributes: folderAttributes(this.#now()) }
    if (handle.kind === 'upload') return this.#deps.inbox.attributes(handle.slot.upload.name)
    return this.#deps.outbox.attributesOf(handle.download.file)
  }

  #close(id: Buffer): Reply | Promise<Reply> {
    const handle = this.#handles.take(id)
    if (handle === undefined) return badHandle
    return this.#closeHandle(handle)
  }

  #closeHandle(handle: Handle): Reply | Promise<Reply> {
    switch (handle.kind) {
      case 'folder':
        return ok
      case 'download':
        return this.#deps.outbox.close(handle.download, this.#deps.outbox.isWhole(handle.download))
      case 'upload':
        return this.#answered(this.#deps.inbox.close(handle.slot))
    }
  }

  #remove(place: Place): Reply | Promise<Reply> {
    if (place.kind === 'inboxFile') return this.#deps.inbox.remove(place.name)
    if (place.kind === 'outboxFile') return this.#whileAllowed(() => this.#deps.outbox.remove(place.name))
    return place.kind === 'nowhere' ? noSuchFile : noFolders
  }

  #rename(from: Place, to: Place): Reply | Promise<Reply> {
    if (from.kind === 'nowhere') return noSuchFile
    if (from.kind !== 'inboxFile' || to.kind !== 'inboxFile') {
      return denied('Files are renamed within /inbox only')
    }
    return this.#answered(this.#whileAllowed(() => this.#deps.inbox.rename(from.name, to.name)))
  }

  #extended(name: string, data: Buffer | undefined): Reply | Promise<Reply> {
    if (name !== 'posix-rename@openssh.com') return unsupported
    const paths = renamePaths(data)
    if (paths === null) return failed('Malformed request')
    return this.#rename(placeOf(paths.from), placeOf(paths.to))
  }

  /** Does what the log-in allowed, if it still does; else says why, and hangs up once that is on its way. */
  async #whileAllowed(work: () => Reply | Promise<Reply>): Promise<Reply> {
    const refused = await this.#deps.standing.refusal()
    if (this.#over) return failed('The session is over')
    if (refused === null) return work()
    setImmediate(() => this.#deps.hangUp())
    return failedWith(refused)
  }

  /** Passes the fault point behind an answer that says yes, once it is on its way. */
  async #answered(reply: Promise<Reply>): Promise<Reply> {
    const value = await reply
    setImmediate(() => void faultPoint('mailbox:answered').catch(() => this.#sftp.end()))
    return value
  }

  #now(): Date {
    return this.#deps.clock.now()
  }
}

const badHandle = failed('This handle is not open')
const tooManyHandles = failed(`No more than ${limits.sftpHandlesPerSession} handles may be open at once`)
const noFolders = denied('The folders /inbox and /outbox are all there is')
