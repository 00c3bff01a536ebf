import { createHash } from 'node:crypto'
import { createServer, type AddressInfo } from 'node:net'
import ssh2, { type Connection, type SFTPWrapper } from 'ssh2'
import { makeHostKey } from '#hub/keys/host-key.ts'
import type { Arrival, PartnerEnd } from './supplier-endpoint.ts'

const { Server, utils } = ssh2
const { STATUS_CODE, OPEN_MODE } = utils.sftp

export interface SftpEnd extends PartnerEnd {
  /** Fingerprint of its host key, as the hub pins it. */
  hostKey: string
}

/**
 * The supplier's own SFTP server: one user, one folder `/orders`, files in memory. Just enough of the protocol (version 3) for a
 * partner that puts files under a temporary name and renames them. `taken` is told each time one gets its final name.
 */
export async function startSupplierSftp(
  user: string,
  password: string,
  taken: (arrival: Arrival) => void = () => {},
): Promise<SftpEnd> {
  const files = new Map<string, Buffer>()
  const privateKey = makeHostKey()
  const key = utils.parseKey(privateKey)
  if (key instanceof Error) throw key
  const fingerprint = createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')
  const connections = new Set<Connection>()
  const server = new Server({ hostKeys: [privateKey] }, (connection) => {
    connections.add(connection)
    connection.on('close', () => connections.delete(connection))
    connection.on('error', () => connections.delete(connection))
    connection.on('authentication', (context) => {
      const right =
        context.method === 'password' && context.username === user && context.password === password
      if (right) context.accept()
      else context.reject(['password'])
    })
    connection.on('session', (accept) => {
      accept().on('sftp', (acceptSftp) => serveFiles(acceptSftp(), files, taken))
    })
  })
  const listener = createServer({ noDelay: true }, (socket) => server.injectSocket(socket))
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo
  return {
    address: '127.0.0.1',
    port,
    hostKey: `SHA256:${fingerprint}`,
    get arrivals(): Arrival[] {
      const whole = [...files].filter(([path]) => !path.endsWith('.part'))
      return whole.map(([path, bytes]) => ({ name: path.slice(path.lastIndexOf('/') + 1), bytes }))
    },
    close: () =>
      new Promise((resolve) => {
        for (const connection of connections) connection.end()
        listener.close(() => resolve())
      }),
  }
}

function serveFiles(sftp: SFTPWrapper, files: Map<string, Buffer>, taken: (arrival: Arrival) => void): void {
  const open = new Map<number, { path: string; bytes: Buffer; listed: boolean }>()
  let last = 0
  const handleOf = (path: string, bytes: Buffer): Buffer => {
    last += 1
    open.set(last, { path, bytes, listed: false })
    const handle = Buffer.alloc(4)
    handle.writeUInt32BE(last)
    return handle
  }
  const opened = (handle: Buffer) => open.get(handle.readUInt32BE())
  const attributes = (path: string) => {
    const bytes = files.get(path)
    if (bytes !== undefined) return { mode: 0o100644, uid: 0, gid: 0, size: bytes.length, atime: 0, mtime: 0 }
    return path === '/' || path === '/orders'
      ? { mode: 0o40755, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 }
      : null
  }
  const stat = (request: number, path: string) => {
    const found = attributes(path)
    if (found === null) sftp.status(request, STATUS_CODE.NO_SUCH_FILE)
    else sftp.attrs(request, found)
  }
  const rename = (request: number, from: string, to: string) => {
    const bytes = files.get(from)
    if (bytes === undefined) return sftp.status(request, STATUS_CODE.NO_SUCH_FILE)
    files.delete(from)
    files.set(to, bytes)
    if (!to.endsWith('.part')) taken({ name: to.slice(to.lastIndexOf('/') + 1), bytes })
    return sftp.status(request, STATUS_CODE.OK)
  }
  sftp.on('REALPATH', (request, path) => {
    const whole = path.startsWith('/') ? path : `/${path === '.' ? '' : path}`
    sftp.name(request, [{ filename: whole, longname: whole, attrs: attributes('/')! }])
  })
  sftp.on('STAT', stat)
  sftp.on('LSTAT', stat)
  sftp.on('FSTAT', (request, handle) => {
    const file = opened(handle)
    sftp.attrs(request, { ...attributes('/')!, mode: 0o100644, size: file?.bytes.length ?? 0 })
  })
  sftp.on('SETSTAT', (request) => sftp.status(request, STATUS_CODE.OK))
  sftp.on('FSETSTAT', (request) => sftp.status(request, STATUS_CODE.OK))
  sftp.on('OPENDIR', (request, path) => sftp.handle(request, handleOf(path, Buffer.alloc(0))))
  sftp.on('READDIR', (request, handle) => {
    const folder = opened(handle)
    if (folder === undefined || folder.listed) return sftp.status(request, STATUS_CODE.EOF)
    folder.listed = true
    const names = [...files.keys()].filter((path) => path.startsWith('/orders/'))
    return sftp.name(
      request,
      names.map((path) => ({
        filename: path.slice('/orders/'.length),
        longname: path,
        attrs: attributes(path)!,
      })),
    )
  })
  sftp.on('OPEN', (request, path, flags) => {
    const writes = (flags & OPEN_MODE.WRITE) !== 0
    if (!writes && !files.has(path)) return sftp.status(request, STATUS_CODE.NO_SUCH_FILE)
    if (writes) files.set(path, Buffer.alloc(0))
    return sftp.handle(request, handleOf(path, files.get(path)!))
  })
  sftp.on('WRITE', (request, handle, offset, data) => {
    const file = opened(handle)
    if (file === undefined) return sftp.status(request, STATUS_CODE.FAILURE)
    const grown = Buffer.alloc(Math.max(file.bytes.length, offset + data.length))
    file.bytes.copy(grown)
    data.copy(grown, offset)
    file.bytes = grown
    files.set(file.path, grown)
    return sftp.status(request, STATUS_CODE.OK)
  })
  sftp.on('READ', (request, handle, offset, length) => {
    const bytes = opened(handle)?.bytes.subarray(offset, offset + length)
    if (bytes === undefined || bytes.length === 0) return sftp.status(request, STATUS_CODE.EOF)
    return sftp.data(request, bytes)
  })
  sftp.on('CLOSE', (request) => sftp.status(request, STATUS_CODE.OK))
  sftp.on('REMOVE', (request, path) => {
    sftp.status(request, files.delete(path) ? STATUS_CODE.OK : STATUS_CODE.NO_SUCH_FILE)
  })
  sftp.on('RENAME', rename)
  sftp.on('EXTENDED', (request, name, data) => {
    if (name !== 'posix-rename@openssh.com') return sftp.status(request, STATUS_CODE.OP_UNSUPPORTED)
    const fromLength = data.readUInt32BE(0)
    const from = data.subarray(4, 4 + fromLength).toString()
    const to = data.subarray(8 + fromLength).toString()
    return rename(request, from, to)
  })
}
