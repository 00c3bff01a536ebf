import { createHash } from 'node:crypto'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import ssh2, { type SFTPWrapper } from 'ssh2'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeHostKey } from '#hub/keys/host-key.ts'
import { createLog } from '#hub/base/log.ts'
import { createEgress, type Egress } from '#hub/egress/index.ts'
import {
  newId,
  type ChannelId,
  type DeliveryId,
  type PartnerId,
  type TransmissionId,
} from '#hub/model/ids.ts'
import type { AttemptOutcome } from '#hub/model/outcomes.ts'
import { fingerprintOf } from './connect.ts'
import { sftpTransport } from './index.ts'

const status = ssh2.utils.sftp.STATUS_CODE
let egress: Egress
let partner: Partner

beforeEach(async () => {
  egress = createEgress()
  partner = await startPartner()
})
afterEach(async () => {
  await egress.close()
  await partner.close()
})

test('against this server a delivery is taken, by a plain rename', async () => {
  expect(await put()).toMatchObject({ kind: 'taken', proof: { path: 'in/doc.edi', sizeBytes: 8 } })
  expect([...partner.files]).toEqual([['in/doc.edi', Buffer.from('document')]])
  expect(partner.credentials).toBe(1)
})

describe('S7 the host key', () => {
  test('one that is not pinned holds the delivery, and no credentials are sent', async () => {
    const outcome = await put({ hostKeys: [fingerprintOf(Buffer.from('another key'))] })
    expect(outcome).toMatchObject({
      kind: 'not_taken',
      code: 'hostKeyChanged',
      retry: 'hold',
      proof: { hostKey: partner.fingerprint },
    })
    expect(partner.credentials).toBe(0)
  })

  test('two may be pinned while the server changes its key', async () => {
    const outcome = await put({ hostKeys: [fingerprintOf(Buffer.from('the old key')), partner.fingerprint] })
    expect(outcome.kind).toBe('taken')
  })

  test('without a pin the settings are refused', async () => {
    await expect(put({ hostKeys: [] })).rejects.toThrow()
  })
})

describe('what a fault means', () => {
  test('a log-in that is refused is held', async () => {
    partner.refuseLogin = true
    expect(await put()).toMatchObject({ kind: 'not_taken', code: 'peerNotAuthenticated', retry: 'hold' })
  })

  test('a port without SSH behind it is tried later', async () => {
    const server = createServer((socket) => socket.end('220 mail.example ESMTP\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const outcome = await put({ port: (server.address() as AddressInfo).port })
    expect(outcome).toMatchObject({ kind: 'not_taken', code: 'connectFailed', retry: 'later' })
    server.close()
  })

  test('nobody there is tried later; an address that is not allowed is held', async () => {
    expect(await put({ allowAddresses: [] })).toMatchObject({ code: 'addressRefused', retry: 'hold' })
    await partner.close()
    expect(await put()).toMatchObject({ code: 'connectFailed', retry: 'later' })
  })

  test.each([
    ['OPEN', status.PERMISSION_DENIED, { code: 'refusedByPeer', retry: 'hold' }],
    ['OPEN', status.NO_SUCH_FILE, { code: 'refusedByPeer', retry: 'hold' }],
    ['OPEN', status.FAILURE, { code: 'peerFailed', retry: 'later' }],
    ['WRITE', status.FAILURE, { retry: 'later' }],
    ['RENAME', status.PERMISSION_DENIED, { code: 'refusedByPeer', retry: 'hold' }],
    ['RENAME', status.FAILURE, { code: 'peerFailed', retry: 'later' }],
  ] as const)('%s answered with %i', async (operation, code, expected) => {
    partner.answer.set(operation, code)
    expect(await put()).toMatchObject({ kind: 'not_taken', ...expected })
    expect(partner.files.has('in/doc.edi')).toBe(false)
  })

  test.each(['STAT', 'OPEN', 'WRITE', 'CLOSE'] as const)(
    'a connection lost at %s left nothing under the final name, so it is tried later',
    async (operation) => {
      partner.cutAt = operation
      expect(await put()).toMatchObject({ kind: 'not_taken', code: 'transferBroken', retry: 'later' })
    },
  )

  test('a connection lost after the rename was sent may have been taken', async () => {
    partner.cutAt = 'RENAME'
    expect(await put()).toMatchObject({ kind: 'unknown', code: 'answerLost' })
  })

  test('a rename that was done and answered with an error is taken, because the file is there', async () => {
    partner.answer.set('RENAME', status.FAILURE)
    partner.renameAnyway = true
    expect(await put()).toMatchObject({ kind: 'taken', proof: { foundThere: true } })
  })

  test('a server that loses bytes is not believed', async () => {
    partner.loseBytes = true
    expect(await put()).toMatchObject({ kind: 'not_taken', code: 'transferBroken', proof: { sizeFound: 7 } })
  })

  test('an attempt that is stopped before the rename is tried later', async () => {
    const stop = new AbortController()
    partner.silentAt = 'WRITE'
    partner.onSilence = () => stop.abort()
    expect(await put({}, stop.signal)).toMatchObject({ kind: 'not_taken', code: 'transferBroken' })
  })

  test('an attempt that is stopped after the rename was sent may have been taken', async () => {
    const stop = new AbortController()
    partner.silentAt = 'RENAME'
    partner.onSilence = () => stop.abort()
    expect(await put({}, stop.signal)).toMatchObject({ kind: 'unknown', code: 'answerLost' })
  })
})

function put(
  settings: Record<string, unknown> = {},
  signal = AbortSignal.timeout(10_000),
): Promise<AttemptOutcome> {
  const bytes = Buffer.from('document')
  return sftpTransport({ egress, log: createLog('silent') }).attempt(
    {
      id: newId<DeliveryId>(),
      channel: {
        id: newId<ChannelId>(),
        partnerId: newId<PartnerId>(),
        key: 'supplier-sftp',
        kind: 'sftp',
        env: 'test',
        peerDedupes: false,
        settings: {
          host: '127.0.0.1',
          port: partner.port,
          username: 'hub',
          folder: 'in/',
          hostKeys: [partner.fingerprint],
          allowAddresses: ['127.0.0.1/32'],
          ...settings,
        },
      },
      transmissionId: newId<TransmissionId>(),
      attempt: 1,
      wireId: 'doc.edi',
      mediaType: 'application/edifact',
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest(),
      bytes: () => Promise.resolve(bytes),
      secret: (name) => Promise.resolve(name === 'password' ? Buffer.from('secret') : null),
    },
    signal,
  )
}

type Operation = 'STAT' | 'OPEN' | 'WRITE' | 'CLOSE' | 'RENAME'

/** A partner's server that does as it is told: refuses, cuts the line, loses bytes. */
interface Partner {
  port: number
  fingerprint: string
  files: Map<string, Buffer>
  /** How often it was shown a password. */
  credentials: number
  refuseLogin: boolean
  answer: Map<Operation, number>
  cutAt: Operation | null
  silentAt: Operation | null
  onSilence: () => void
  renameAnyway: boolean
  loseBytes: boolean
  close(): Promise<void>
}

async function startPartner(): Promise<Partner> {
  const key = makeHostKey()
  const sockets = new Set<Socket>()
  const server = new ssh2.Server({ hostKeys: [key] })
  const listener: Server = createServer((socket) => {
    sockets.add(socket)
    server.injectSocket(socket)
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const made: Partner = {
    port: (listener.address() as AddressInfo).port,
    fingerprint: fingerprintOf((ssh2.utils.parseKey(key) as ssh2.ParsedKey).getPublicSSH()),
    files: new Map(),
    credentials: 0,
    refuseLogin: false,
    answer: new Map(),
    cutAt: null,
    silentAt: null,
    onSilence: () => {},
    renameAnyway: false,
    loseBytes: false,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => listener.close(() => resolve()))
    },
  }
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  server.on('connection', (connection) => {
    connection.on('error', () => {})
    connection.on('authentication', (context) => {
      if (context.method === 'none') return context.reject(['password'])
      made.credentials += 1
      if (made.refuseLogin) return context.reject(['password'])
      context.accept()
    })
    connection.on('session', (accept) => {
      accept().on('sftp', (acceptSftp) => serve(acceptSftp(), made, cut))
    })
  })
  return made
}

function serve(sftp: SFTPWrapper, partner: Partner, cut: () => void): void {
  const on = (operation: Operation, work: (id: number, ...rest: never[]) => void) => {
    sftp.on(operation as string, (id: number, ...rest: never[]) => {
      if (partner.cutAt === operation) return cut()
      if (partner.silentAt === operation) return partner.onSilence()
      const code = partner.answer.get(operation)
      if (code === undefined) return work(id, ...rest)
      if (operation === 'RENAME' && partner.renameAnyway) move(...(rest as unknown as [string, string]))
      sftp.status(id, code)
    })
  }
  const move = (from: string, to: string) => {
    partner.files.set(to, partner.files.get(from)!)
    partner.files.delete(from)
  }
  let open = ''
  on('STAT', (id, path: string) => {
    const bytes = partner.files.get(path)
    if (bytes === undefined) return sftp.status(id, status.NO_SUCH_FILE)
    sftp.attrs(id, { mode: 0o100644, uid: 0, gid: 0, size: bytes.length, atime: 0, mtime: 0 })
  })
  on('OPEN', (id, path: string, flags: number) => {
    open = path
    if ((flags & ssh2.utils.sftp.OPEN_MODE.WRITE) !== 0) partner.files.set(path, Buffer.alloc(0))
    sftp.handle(id, Buffer.from('1'))
  })
  on('WRITE', (id, _handle: Buffer, _offset: number, bytes: Buffer) => {
    const kept = partner.loseBytes ? bytes.subarray(1) : Buffer.from(bytes)
    partner.files.set(open, Buffer.concat([partner.files.get(open)!, kept]))
    sftp.status(id, status.OK)
  })
  sftp.on('READ', (id, _handle, offset, length) => {
    const bytes = partner.files.get(open)!
    if (offset >= bytes.length) return sftp.status(id, status.EOF)
    sftp.data(id, bytes.subarray(offset, offset + length))
  })
  on('CLOSE', (id) => sftp.status(id, status.OK))
  on('RENAME', (id, from: string, to: string) => {
    move(from, to)
    sftp.status(id, status.OK)
  })
}
