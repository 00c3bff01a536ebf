import ssh2, { type Attributes, type SFTPWrapper } from 'ssh2'
import { limitWords } from '#hub/base/traffic-limits.ts'
import { limitsOf } from '#hub/model/channel-limits.ts'
import { codes, type CodeName } from '#hub/model/codes/index.ts'
import type { Channel } from '#hub/model/transport.ts'

/** SSH_FX_* of SFTP version 3 (draft-ietf-secsh-filexfer-02 §7). */
export const status = ssh2.utils.sftp.STATUS_CODE

/** The one answer to one request. */
export type Reply =
  | { kind: 'status'; status: number; message: string }
  | { kind: 'handle'; handle: Buffer }
  | { kind: 'data'; bytes: Buffer }
  | { kind: 'names'; entries: readonly DirectoryEntry[] }
  | { kind: 'attributes'; attributes: Attributes }

export interface DirectoryEntry {
  name: string
  attributes: Attributes
}

export const ok: Reply = { kind: 'status', status: status.OK, message: '' }
export const endOfFile: Reply = { kind: 'status', status: status.EOF, message: 'End of file' }
export const noSuchFile: Reply = { kind: 'status', status: status.NO_SUCH_FILE, message: 'No such file' }
export const unsupported: Reply = {
  kind: 'status',
  status: status.OP_UNSUPPORTED,
  message: 'This server has no such operation',
}

/** Refuses with a reason that clients may show. */
export function denied(message: string): Reply {
  return { kind: 'status', status: status.PERMISSION_DENIED, message }
}

export function failed(message: string): Reply {
  return { kind: 'status', status: status.FAILURE, message }
}

/** Refuses with a row of the registry: its code, what happened, what to do. */
export function failedWith(name: CodeName): Reply {
  const { code, en } = codes[name]
  return failed(`${code} ${en.what} ${en.fix}`)
}

/** Refuses a file as its channel's terms have it: where it is too large, with the limit. */
export function refusedWith(name: CodeName, channel: Channel): Reply {
  if (name !== 'bodyTooLarge') return failedWith(name)
  const { code, en } = codes[name]
  const most = limitWords(limitsOf(channel), 'fileBytes', 'bytes')
  return failed(`${code} This channel takes files of at most ${most}. ${en.fix}`)
}

export function fileAttributes(sizeBytes: number, at: Date): Attributes {
  return attributesOf(0o100644, sizeBytes, at)
}

export function folderAttributes(at: Date): Attributes {
  return attributesOf(0o040755, 0, at)
}

export function sendReply(sftp: SFTPWrapper, requestId: number, reply: Reply): void {
  switch (reply.kind) {
    case 'status':
      return sftp.status(requestId, reply.status, reply.message)
    case 'handle':
      return sftp.handle(requestId, reply.handle)
    case 'data':
      return sftp.data(requestId, reply.bytes)
    case 'attributes':
      return sftp.attrs(requestId, reply.attributes)
    case 'names':
      return sftp.name(
        requestId,
        reply.entries.map(({ name, attributes }) => ({
          filename: name,
          longname: longName(name, attributes),
          attrs: attributes,
        })),
      )
  }
}

function attributesOf(mode: number, size: number, at: Date): Attributes {
  const seconds = Math.floor(at.getTime() / 1000)
  return { mode, uid: 0, gid: 0, size, atime: seconds, mtime: seconds }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** As `ls -l` writes it: FileZilla reads dates and sizes from here. */
function longName(name: string, { mode, size, mtime }: Attributes): string {
  const at = new Date(mtime * 1000)
  const day = String(at.getUTCDate()).padStart(2)
  const time = `${String(at.getUTCHours()).padStart(2, '0')}:${String(at.getUTCMinutes()).padStart(2, '0')}`
  const kind = (mode & 0o040000) === 0 ? '-rw-r--r--' : 'drwxr-xr-x'
  return `${kind} 1 hub hub ${String(size).padStart(12)} ${months[at.getUTCMonth()]} ${day} ${time} ${name}`
}
