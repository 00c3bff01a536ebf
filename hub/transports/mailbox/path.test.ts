import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openBox, type Box } from './box.fixture.ts'
import { rawClient, type Raw } from './client.fixture.ts'

let box: Box
let client: Raw

beforeEach(async () => {
  box = await openBox()
  client = await rawClient(box)
})
afterEach(async () => {
  await box.close()
})

const pathVectors = [
  '/etc/passwd',
  '../etc/passwd',
  '/../etc/passwd',
  '/../../../../../../etc/passwd',
  '/inbox/../../etc/passwd',
  '/inbox/../../../root/.ssh/authorized_keys',
  '/inbox/..%2f..%2fetc/passwd',
  '/inbox/a/b',
  '/inbox/./a/./b',
  '//etc//passwd',
  '/inbox//a//b',
  '/inbox/..\\..\\windows\\win.ini',
  '\\inbox\\a',
  'C:\\windows\\win.ini',
  '/C:/windows/win.ini',
  '//server/share/file',
  '/inbox/a\u0000b',
  '/inbox/\u0000',
  '/inbox/a\nb',
  '/inbox/a\rb',
  '/inbox/a\tb',
  '/inbox/\u001b[31m',
  '/inbox/\u007f',
  '/inbox/\u0085',
  '/inbox/a\ufffdb',
  '/inbox/\u202egnp.exe',
  '/inbox/\u2066x',
  '/inbox/a\u2028b',
  `/inbox/${'x'.repeat(256)}`,
  `/inbox/${'é'.repeat(128)}`,
  `/${'a/'.repeat(600)}b`,
  `/inbox/${'../'.repeat(30)}etc/shadow`,
  '/inbox/...//../../etc/hosts',
  '/Inbox/a',
  '/INBOX',
  '/outbox/../etc/passwd',
  '/outbox/a/../../etc/passwd',
  '/archive/a',
  '/proc/self/environ',
  '/dev/null',
  '~root/.bashrc',
  '/inbox/../inbox/../etc/hosts',
  '/tmp/x',
]

describe('S1 paths', () => {
  const ops: Record<string, (path: string) => Promise<string>> = {
    STAT: (path) => asked((done) => client.sftp.stat(path, done)),
    LSTAT: (path) => asked((done) => client.sftp.lstat(path, done)),
    SETSTAT: (path) => asked((done) => client.sftp.setstat(path, { mode: 0o777 } as never, done)),
    OPENDIR: (path) => asked((done) => client.sftp.opendir(path, done)),
    'OPEN to read': (path) => asked((done) => client.sftp.open(path, 'r', done)),
    'OPEN to write': (path) => asked((done) => client.sftp.open(path, 'w', done)),
    REMOVE: (path) => asked((done) => client.sftp.unlink(path, done)),
    MKDIR: (path) => asked((done) => client.sftp.mkdir(path, done)),
    RMDIR: (path) => asked((done) => client.sftp.rmdir(path, done)),
    REALPATH: (path) => asked((done) => client.sftp.realpath(path, done)),
    'RENAME from': (path) => asked((done) => client.sftp.rename(path, '/inbox/ok', done)),
    'RENAME to': (path) => asked((done) => client.sftp.rename('/inbox/staged.part', path, done)),
    READLINK: (path) => asked((done) => client.sftp.readlink(path, done)),
    SYMLINK: (path) => asked((done) => client.sftp.symlink('/inbox/ok', path, done)),
  }
  test.each(Object.keys(ops))('40 paths that lead out of the mailbox: %s', async (name) => {
    expect(pathVectors.length).toBeGreaterThanOrEqual(40)
    await client.put('/inbox/staged.part', Buffer.from('x'))
    const allowed =
      name === 'READLINK' || name === 'SYMLINK' ? ['OP_UNSUPPORTED'] : ['NO_SUCH_FILE', 'PERMISSION_DENIED']
    for (const path of pathVectors) {
      expect(allowed, `${name} ${JSON.stringify(path)}`).toContain(await ops[name]!(path))
    }
    expect(box.accepted).toEqual([])
  })

  test('names that are not UTF-8 are refused', async () => {
    const path = Buffer.concat([Buffer.from('/inbox/a'), Buffer.from([0xff, 0xfe])]).toString('latin1')
    // ssh2 writes strings as UTF-8, so the raw bytes are put in its place
    const utf8Write = vi.spyOn(Buffer.prototype, 'utf8Write' as never)
    utf8Write.mockImplementation(function (this: Buffer, text: string, at: number, length: number) {
      return this.write(text, at, length, text === path ? 'latin1' : 'utf8')
    } as never)
    const byteLength = vi.spyOn(Buffer, 'byteLength')
    byteLength.mockImplementation(((text: string) =>
      text === path ? text.length : new TextEncoder().encode(text).length) as never)
    const said = await asked((done) => client.sftp.open(path, 'w', done))
    vi.restoreAllMocks()
    expect(said).toBe('NO_SUCH_FILE')
  })

  test('paths are normalised once: the same place by another spelling is the same place', async () => {
    const real = (path: string) =>
      new Promise<string>((resolve, reject) => {
        client.sftp.realpath(path, (error, found) => (error === undefined ? resolve(found) : reject(error)))
      })
    expect(await real('.')).toBe('/')
    expect(await real('inbox/../outbox/.')).toBe('/outbox')
    expect(await real('/../..//inbox/')).toBe('/inbox')
    expect(await real('/inbox/new.edi')).toBe('/inbox/new.edi')
    expect(await client.put('inbox/./a.edi', Buffer.from('x'))).toMatchObject({ status: 'OK' })
    expect(box.accepted).toMatchObject([{ name: 'a.edi' }])
  })
})

function asked(operation: (done: (error?: Error | null) => void) => void): Promise<string> {
  return client.ask(operation).then(({ status }) => status)
}
