import { connect, type Socket } from 'node:net'
import ssh2, { type ConnectConfig, type OpenMode, type SFTPWrapper } from 'ssh2'
import { password, user, type Box } from './box.fixture.ts'

/** What an operation came to: `OK`, or the status the server answered, with its words. */
export interface Said {
  status: string
  message: string
}

/** A client that sends single requests, in any order, and sees each status. */
export interface Raw {
  sftp: SFTPWrapper
  socket: Socket
  open(path: string, flags: OpenMode): Promise<Buffer>
  write(handle: Buffer, offset: number, bytes: Buffer): Promise<Said>
  close(handle: Buffer): Promise<Said>
  /** OPEN, WRITE, CLOSE: the status of the first that is not OK. */
  put(path: string, bytes: Buffer, flags?: OpenMode): Promise<Said>
  rename(from: string, to: string): Promise<Said>
  remove(path: string): Promise<Said>
  stat(path: string): Promise<number | Said>
  /** Any operation with a callback. */
  ask(operation: (done: (error?: Error | null) => void) => void): Promise<Said>
  list(path: string): Promise<string[]>
  /** Reads `length` bytes at `offset`. */
  read(handle: Buffer, offset: number, length: number): Promise<Buffer>
  /** Kills the TCP connection, and waits until the server has noticed. */
  kill(): Promise<void>
  end(): Promise<void>
}

const names = new Map<number, string>(
  Object.entries(ssh2.utils.sftp.STATUS_CODE).map(([name, code]) => [code as number, name]),
)

export function saidOf(error: Error | null | undefined): Said {
  if (error === null || error === undefined) return { status: 'OK', message: '' }
  const code = (error as { code?: unknown }).code
  return {
    status: typeof code === 'number' ? (names.get(code) ?? String(code)) : 'LOST',
    message: error.message,
  }
}

export async function rawClient(box: Box, config: ConnectConfig = {}): Promise<Raw> {
  const socket = connect({ host: '127.0.0.1', port: box.server.port, noDelay: true })
  const client = new ssh2.Client()
  client.on('error', () => {})
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
    client.once('ready', () => {
      client.sftp((error, made) => (error === undefined ? resolve(made) : reject(error)))
    })
    client.once('error', reject)
    client.connect({ sock: socket, username: user, password, ...config })
  })
  return raw(sftp, socket, client)
}

function raw(sftp: SFTPWrapper, socket: Socket, client: ssh2.Client): Raw {
  const ask: Raw['ask'] = (operation) =>
    new Promise((resolve) => operation((error) => resolve(saidOf(error))))
  const made: Raw = {
    sftp,
    socket,
    ask,
    open: (path, flags) =>
      new Promise((resolve, reject) => {
        sftp.open(path, flags, (error, handle) =>
          error === undefined || error === null ? resolve(handle) : reject(error),
        )
      }),
    write: (handle, offset, bytes) => ask((done) => sftp.write(handle, bytes, 0, bytes.length, offset, done)),
    close: (handle) => ask((done) => sftp.close(handle, done)),
    put: async (path, bytes, flags = 'w') => {
      let handle: Buffer
      try {
        handle = await made.open(path, flags)
      } catch (error) {
        return saidOf(error as Error)
      }
      const written = bytes.length === 0 ? saidOf(null) : await made.write(handle, 0, bytes)
      const closed = await made.close(handle)
      return written.status === 'OK' ? closed : written
    },
    rename: (from, to) => ask((done) => sftp.rename(from, to, done)),
    remove: (path) => ask((done) => sftp.unlink(path, done)),
    stat: (path) =>
      new Promise((resolve) => {
        sftp.stat(path, (error, stats) =>
          resolve(error === undefined || error === null ? stats.size : saidOf(error)),
        )
      }),
    list: (path) =>
      new Promise((resolve, reject) => {
        sftp.readdir(path, (error, entries) =>
          error === undefined ? resolve(entries.map((entry) => entry.filename)) : reject(error),
        )
      }),
    read: (handle, offset, length) =>
      new Promise((resolve, reject) => {
        sftp.read(handle, Buffer.alloc(length), 0, length, offset, (error, count, buffer) =>
          error === undefined || error === null ? resolve(buffer.subarray(0, count)) : reject(error),
        )
      }),
    kill: async () => {
      const gone = new Promise((resolve) => socket.once('close', resolve))
      socket.resetAndDestroy()
      await gone
    },
    end: async () => {
      const gone = new Promise((resolve) => socket.once('close', resolve))
      client.end()
      await gone
    },
  }
  return made
}
