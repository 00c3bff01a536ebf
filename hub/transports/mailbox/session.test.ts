import { createHash, randomBytes } from 'node:crypto'
import ssh2 from 'ssh2'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openBox, type Box } from './box.fixture.ts'
import { rawClient, saidOf, type Raw } from './client.fixture.ts'

let box: Box
let client: Raw

beforeEach(async () => {
  box = await openBox()
  client = await rawClient(box)
})
afterEach(async () => {
  await box.close()
})

describe('S2 what is not there', () => {
  test('links are unsupported, attributes are ignored', async () => {
    await client.put('/inbox/a.part', Buffer.from('x'))
    expect(await asked((done) => client.sftp.symlink('/inbox/a.part', '/inbox/b', done))).toBe(
      'OP_UNSUPPORTED',
    )
    expect(await asked((done) => client.sftp.readlink('/inbox/a.part', done))).toBe('OP_UNSUPPORTED')
    expect(await extended(client, 'hardlink@openssh.com')).toBe('OP_UNSUPPORTED')
    expect(await extended(client, 'statvfs@openssh.com')).toBe('OP_UNSUPPORTED')
    expect(await asked((done) => client.sftp.chmod('/inbox/a.part', 0o777, done))).toBe('OK')
    expect(await asked((done) => client.sftp.utimes('/inbox/a.part', 1, 1, done))).toBe('OK')
    const handle = await client.open('/inbox/c.part', 'w')
    expect(await asked((done) => client.sftp.fchmod(handle, 0o777, done))).toBe('OK')
    expect(await asked((done) => client.sftp.futimes(handle, 1, 1, done))).toBe('OK')
  })
})

describe('S3 partial uploads', () => {
  test('a connection killed before CLOSE leaves nothing', async () => {
    const handle = await client.open('/inbox/half.edi', 'w')
    expect(await client.write(handle, 0, Buffer.alloc(20_000))).toMatchObject({ status: 'OK' })
    await client.kill()
    await vi.waitFor(() => expect(box.broken).toBe(1))
    expect(box.accepted).toEqual([])
  })

  test('a connection that ends properly without CLOSE leaves nothing', async () => {
    const handle = await client.open('/inbox/half.edi', 'w')
    await client.write(handle, 0, Buffer.alloc(20_000))
    await client.end()
    await vi.waitFor(() => expect(box.broken).toBe(1))
    expect(box.accepted).toEqual([])
  })

  test('a file under a temporary name counts when it gets its name, as one document', async () => {
    for (const [from, to] of [
      ['a.edi.filepart', 'a.edi'],
      ['b.edi.part', 'b.edi'],
      ['c.TMP', 'c.edi'],
      ['.d.edi.x7', 'd.edi'],
    ]) {
      expect(await client.put(`/inbox/${from}`, Buffer.from(from!))).toMatchObject({ status: 'OK' })
      expect(box.accepted.map((one) => one.name)).not.toContain(to)
      expect(await client.stat(`/inbox/${from}`)).toBe(from!.length)
      expect(await client.rename(`/inbox/${from}`, `/inbox/${to}`)).toMatchObject({ status: 'OK' })
      expect(await client.stat(`/inbox/${to}`)).toBe(from!.length)
      expect(await client.stat(`/inbox/${from}`)).toMatchObject({ status: 'NO_SUCH_FILE' })
    }
    expect(box.accepted.map((one) => [one.name, one.sha256])).toEqual([
      ['a.edi', sha256('a.edi.filepart')],
      ['b.edi', sha256('b.edi.part')],
      ['c.edi', sha256('c.TMP')],
      ['d.edi', sha256('.d.edi.x7')],
    ])
  })

  test('what is staged and never renamed is never accepted', async () => {
    await client.put('/inbox/a.edi.part', Buffer.from('x'))
    await client.end()
    await vi.waitFor(() => expect(box.broken).toBe(1))
    expect(box.accepted).toEqual([])
  })

  test('an upload that broke is resumed under its temporary name, as one document', async () => {
    const first = await client.open('/inbox/r.edi.part', 'w')
    await client.write(first, 0, Buffer.from('first '))
    await client.close(first)
    const second = await client.open('/inbox/r.edi.part', 'r+')
    await client.write(second, 6, Buffer.from('second'))
    await client.close(second)
    const third = await client.open('/inbox/r.edi.part', 'a')
    await client.write(third, 0, Buffer.from(' third'))
    await client.close(third)
    await client.rename('/inbox/r.edi.part', '/inbox/r.edi')
    expect(box.accepted).toMatchObject([{ name: 'r.edi', sha256: sha256('first second third') }])
  })

  test('posix-rename commits as RENAME does', async () => {
    await client.put('/inbox/p.edi.part', Buffer.from('x'))
    expect(await extended(client, 'posix-rename@openssh.com', '/inbox/p.edi.part', '/inbox/p.edi')).toBe('OK')
    expect(box.accepted).toMatchObject([{ name: 'p.edi' }])
  })

  test('the answer to CLOSE waits for the commit', async () => {
    let commit = (): void => {}
    box.gate = new Promise((resolve) => (commit = resolve))
    let answered = false
    const put = client.put('/inbox/slow.edi', Buffer.from('x')).then((said) => {
      answered = true
      return said
    })
    await vi.waitFor(async () => expect(await client.stat('/inbox/slow.edi')).toBe(1))
    await client.stat('/')
    expect(answered).toBe(false)
    expect(box.accepted).toEqual([])
    commit()
    expect(await put).toMatchObject({ status: 'OK' })
    expect(box.accepted).toHaveLength(1)
  })
})

describe('S4 interleavings', () => {
  test('the same name and bytes again are the same document, other bytes another', async () => {
    expect(await client.put('/inbox/a.edi', Buffer.from('one'))).toMatchObject({ status: 'OK' })
    expect(await client.put('/inbox/a.edi', Buffer.from('one'))).toMatchObject({ status: 'OK' })
    expect(await client.put('/inbox/a.edi', Buffer.from('two'))).toMatchObject({ status: 'OK' })
    expect(box.accepted.map((one) => one.sha256)).toEqual([sha256('one'), sha256('two')])
  })

  test('two handles on one name: the second is refused, the first goes on', async () => {
    const first = await client.open('/inbox/a.edi', 'w')
    await expect(client.open('/inbox/a.edi', 'w')).rejects.toMatchObject({ code: 4 })
    await expect(client.open('/inbox/a.edi', 'wx')).rejects.toMatchObject({ code: 4 })
    await client.write(first, 0, Buffer.from('one'))
    expect(await client.close(first)).toMatchObject({ status: 'OK' })
    expect(box.accepted).toMatchObject([{ sha256: sha256('one') }])
  })

  test('writes out of order within the window make the file as meant', async () => {
    const bytes = randomBytes(1_000_000)
    const handle = await client.open('/inbox/a.edi', 'w')
    const pieces = Array.from({ length: 40 }, (_, index) => index * 25_000)
    const shuffled = pieces.toSorted((a, b) => ((a * 7919) % 1_000_003) - ((b * 7919) % 1_000_003))
    const said = await Promise.all(
      shuffled.map((offset) => client.write(handle, offset, bytes.subarray(offset, offset + 25_000))),
    )
    expect(said.every(({ status }) => status === 'OK')).toBe(true)
    expect(await client.close(handle)).toMatchObject({ status: 'OK' })
    expect(box.accepted).toMatchObject([{ sizeBytes: 1_000_000, sha256: sha256(bytes) }])
  })

  test('a gap at CLOSE fails, and nothing is accepted', async () => {
    const handle = await client.open('/inbox/a.edi', 'w')
    await client.write(handle, 0, Buffer.from('one'))
    await client.write(handle, 10, Buffer.from('two'))
    expect(await client.close(handle)).toMatchObject({ status: 'FAILURE', message: /CD-1007/ as never })
    expect(box.accepted).toEqual([])
  })

  test('a file that begins behind its first byte fails', async () => {
    const handle = await client.open('/inbox/a.edi', 'w')
    await client.write(handle, 5, Buffer.from('x'))
    expect(await client.close(handle)).toMatchObject({ status: 'FAILURE' })
    expect(box.accepted).toEqual([])
  })

  test('overwriting bytes that were written fails, and nothing is accepted', async () => {
    const handle = await client.open('/inbox/a.edi', 'w')
    await client.write(handle, 0, Buffer.from('one two'))
    expect(await client.write(handle, 0, Buffer.from('ONE'))).toMatchObject({ status: 'FAILURE' })
    expect(await client.close(handle)).toMatchObject({ status: 'FAILURE' })
    expect(box.accepted).toEqual([])
  })

  test('overlapping writes that came ahead fail at CLOSE', async () => {
    const handle = await client.open('/inbox/a.edi', 'w')
    await client.write(handle, 4, Buffer.from('efgh'))
    await client.write(handle, 0, Buffer.from('abcdef'))
    expect(await client.close(handle)).toMatchObject({ status: 'FAILURE' })
    expect(box.accepted).toEqual([])
  })

  test('an empty file is refused, with the code in the answer', async () => {
    expect(await client.put('/inbox/a.edi', Buffer.alloc(0))).toMatchObject({
      status: 'FAILURE',
      message: expect.stringContaining('CD-1002') as never,
    })
    expect(box.accepted).toEqual([])
  })

  test('what was accepted cannot be changed, renamed, removed or read back', async () => {
    await client.put('/inbox/a.edi', Buffer.from('one'))
    expect(await client.remove('/inbox/a.edi')).toMatchObject({ status: 'PERMISSION_DENIED' })
    expect(await client.rename('/inbox/a.edi', '/inbox/b.edi')).toMatchObject({ status: 'PERMISSION_DENIED' })
    await expect(client.open('/inbox/a.edi', 'r')).rejects.toMatchObject({ code: 3 })
    await expect(client.open('/inbox/a.edi', 'r+')).rejects.toMatchObject({ code: 3 })
    expect(await client.stat('/inbox/a.edi')).toBe(3)
    expect(await client.list('/inbox')).toEqual([])
    // bytes behind the old end would be taken for a document of their own
    await expect(client.open('/inbox/a.edi', 'a')).rejects.toMatchObject({ code: 3 })
    expect(box.accepted).toHaveLength(1)
  })

  test('a rename over an accepted name is a new document; over an open upload it is refused', async () => {
    await client.put('/inbox/a.edi', Buffer.from('one'))
    await client.put('/inbox/a.part', Buffer.from('two'))
    expect(await client.rename('/inbox/a.part', '/inbox/a.edi')).toMatchObject({ status: 'OK' })
    await client.put('/inbox/b.part', Buffer.from('three'))
    const handle = await client.open('/inbox/b.edi', 'w')
    expect(await client.rename('/inbox/b.part', '/inbox/b.edi')).toMatchObject({ status: 'FAILURE' })
    await client.write(handle, 0, Buffer.from('four'))
    await client.close(handle)
    expect(box.accepted.map((one) => one.sha256)).toEqual(['one', 'two', 'four'].map(sha256))
  })

  test('a handle that was closed, or never opened, is nobody', async () => {
    const handle = await client.open('/inbox/a.edi', 'w')
    await client.write(handle, 0, Buffer.from('one'))
    await client.close(handle)
    expect(await client.close(handle)).toMatchObject({ status: 'FAILURE' })
    expect(await client.write(handle, 3, Buffer.from('more'))).toMatchObject({ status: 'FAILURE' })
    expect(await client.close(Buffer.from('00000099', 'hex'))).toMatchObject({ status: 'FAILURE' })
    expect(box.accepted).toHaveLength(1)
  })

  test('a staged file may be removed, renamed to another temporary name, and begun anew', async () => {
    await client.put('/inbox/a.part', Buffer.from('one'))
    expect(await client.rename('/inbox/a.part', '/inbox/b.part')).toMatchObject({ status: 'OK' })
    expect(await client.list('/inbox')).toEqual(['b.part'])
    expect(await client.remove('/inbox/b.part')).toMatchObject({ status: 'OK' })
    expect(await client.rename('/inbox/b.part', '/inbox/b.edi')).toMatchObject({ status: 'NO_SUCH_FILE' })
    await client.put('/inbox/c.part', Buffer.from('old'))
    await client.put('/inbox/c.part', Buffer.from('new'))
    expect(await client.rename('/inbox/c.part', '/inbox/c.edi')).toMatchObject({ status: 'OK' })
    expect(box.accepted).toMatchObject([{ name: 'c.edi', sha256: sha256('new') }])
  })

  test('a file above the limit is refused at CLOSE or before, with its code', async () => {
    await box.close()
    box = await openBox({ fileBytes: 100_000 })
    client = await rawClient(box)
    const said = await client.put('/inbox/big.edi', Buffer.alloc(2_000_000, 1))
    expect(said).toMatchObject({
      status: 'FAILURE',
      message: expect.stringContaining(
        'CD-1001 This channel takes files of at most 100000 bytes (fileBytes, ',
      ) as never,
    })
    expect(await client.put('/inbox/ok.edi', Buffer.alloc(100_000, 1))).toMatchObject({ status: 'OK' })
    expect(box.accepted).toHaveLength(1)
  })
})

describe('S10 exhaustion', () => {
  test('after 64 handles every OPEN fails, and others are not affected', async () => {
    box.place('f.edi', Buffer.from('x'))
    const handles = await Promise.allSettled(
      Array.from({ length: 2_000 }, () => client.open('/outbox/f.edi', 'r')),
    )
    expect(handles.filter((one) => one.status === 'fulfilled')).toHaveLength(64)
    const reason = handles.find((one) => one.status === 'rejected')!.reason as Error
    expect(saidOf(reason).status).toBe('FAILURE')
    const other = await rawClient(box)
    expect(await other.put('/inbox/a.edi', Buffer.from('x'))).toMatchObject({ status: 'OK' })
  })

  test('writes at offsets without end, and beyond the window, fail', async () => {
    for (const offset of [2 ** 53, 2 ** 62, 5 * 1024 * 1024]) {
      const handle = await client.open('/inbox/a.edi', 'w')
      expect(await client.write(handle, offset, Buffer.from('x'))).toMatchObject({ status: 'FAILURE' })
      expect(await client.close(handle)).toMatchObject({ status: 'FAILURE' })
    }
    expect(box.accepted).toEqual([])
  })

  test('an eleventh session on one connection is refused', async () => {
    const connection = new ssh2.Client()
    connection.on('error', () => {})
    await new Promise<void>((resolve) => {
      connection.once('ready', () => resolve())
      connection.connect({
        host: '127.0.0.1',
        port: box.server.port,
        username: 'retailer',
        password: 'correct horse',
      })
    })
    const opened = await Promise.all(
      Array.from(
        { length: 12 },
        () => new Promise<boolean>((resolve) => connection.sftp((error) => resolve(error === undefined))),
      ),
    )
    expect(opened.filter(Boolean)).toHaveLength(10)
    connection.end()
  })

  test('a channel may have 64 uploads under way over all its connections', async () => {
    const other = await rawClient(box)
    const begin = (who: Raw, count: number) =>
      Promise.allSettled(Array.from({ length: count }, (_, index) => who.open(`/inbox/${index}.edi`, 'w')))
    const opens = [...(await begin(other, 32)), ...(await begin(client, 40))]
    expect(opens.filter((one) => one.status === 'fulfilled')).toHaveLength(64)
    await other.kill()
    await vi.waitFor(() => expect(box.broken).toBe(32))
    expect(await client.put('/inbox/after.edi', Buffer.from('x'))).toMatchObject({ status: 'OK' })
  })
})

describe('the outbox', () => {
  test('only reading to the end and closing is collecting', async () => {
    const bytes = randomBytes(100_000)
    box.place('f.edi', bytes)
    const peek = await client.open('/outbox/f.edi', 'r')
    await client.read(peek, 0, 1000)
    await client.read(peek, 99_000, 1000)
    await client.close(peek)
    expect(box.collected).toEqual([])
    const handle = await client.open('/outbox/f.edi', 'r')
    const parts = [60_000, 0, 30_000, 90_000]
    const read = new Map<number, Buffer>()
    for (const offset of parts) read.set(offset, await client.read(handle, offset, 30_000))
    expect(box.collected).toEqual([])
    expect(await client.close(handle)).toMatchObject({ status: 'OK' })
    expect(Buffer.concat([0, 30_000, 60_000, 90_000].map((offset) => read.get(offset)!))).toEqual(bytes)
    expect(box.collected).toMatchObject([
      { proof: { collected: 'read', user: 'retailer', sizeBytes: 100_000 } },
    ])
    expect(await client.list('/outbox')).toEqual([])
    // the session goes on answering for it
    expect(await client.stat('/outbox/f.edi')).toBe(100_000)
    expect(await client.remove('/outbox/f.edi')).toMatchObject({ status: 'OK' })
    expect(box.collected).toHaveLength(1)
  })

  test('a connection killed after reading but before CLOSE collects nothing', async () => {
    box.place('f.edi', Buffer.from('abc'))
    const handle = await client.open('/outbox/f.edi', 'r')
    await client.read(handle, 0, 3)
    await client.kill()
    const other = await rawClient(box)
    expect(await other.list('/outbox')).toEqual(['f.edi'])
    expect(box.collected).toEqual([])
  })

  test('removing a file that was not read is collecting it too', async () => {
    const id = box.place('f.edi', Buffer.from('abc'))
    expect(await client.remove('/outbox/f.edi')).toMatchObject({ status: 'OK' })
    expect(box.collected).toMatchObject([{ deliveryId: id, proof: { collected: 'removed' } }])
    expect(await client.list('/outbox')).toEqual([])
  })

  test('nothing is written or renamed there, and no folders are made', async () => {
    box.place('f.edi', Buffer.from('abc'))
    await expect(client.open('/outbox/f.edi', 'w')).rejects.toMatchObject({ code: 3 })
    await expect(client.open('/outbox/new.edi', 'w')).rejects.toMatchObject({ code: 3 })
    expect(await client.rename('/outbox/f.edi', '/inbox/f.edi')).toMatchObject({
      status: 'PERMISSION_DENIED',
    })
    expect(await client.rename('/outbox/f.edi', '/outbox/g.edi')).toMatchObject({
      status: 'PERMISSION_DENIED',
    })
    expect(await asked((done) => client.sftp.mkdir('/new', done))).toBe('PERMISSION_DENIED')
    expect(await asked((done) => client.sftp.rmdir('/outbox', done))).toBe('PERMISSION_DENIED')
    expect(box.collected).toEqual([])
  })

  test('a thousand files are all listed', async () => {
    for (let index = 0; index < 1000; index++) box.place(`f${index}.edi`, Buffer.from('x'))
    expect((await client.list('/outbox')).length).toBe(1000)
  })
})

function asked(operation: (done: (error?: Error | null) => void) => void): Promise<string> {
  return client.ask(operation).then(({ status }) => status)
}

/** An extended request that ssh2's client would not send, because the server did not announce it. */
function extended(raw: Raw, name: string, ...texts: string[]): Promise<string> {
  const inner = raw.sftp as unknown as { _extensions: Record<string, string> }
  inner._extensions[name] = name === 'statvfs@openssh.com' ? '2' : '1'
  const [from = '/inbox/a', to = '/inbox/b'] = texts
  return raw
    .ask((done) => {
      if (name === 'hardlink@openssh.com') raw.sftp.ext_openssh_hardlink(from, to, done)
      else if (name === 'statvfs@openssh.com') raw.sftp.ext_openssh_statvfs(from, done as never)
      else raw.sftp.ext_openssh_rename(from, to, done)
    })
    .then(({ status }) => status)
}

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
