import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openBox, type Box } from './box.fixture.ts'
import { hasProgram, openSshClient, type SshClient } from '#tests/support/openssh.ts'

describe.skipIf(!hasProgram('sftp'))("OpenSSH's clients", () => {
  let box: Box
  let client: SshClient

  beforeEach(async () => {
    box = await openBox()
    client = await openSshClient()
    box.publicKeys.push(client.publicKey)
  })
  afterEach(async () => {
    await box.close()
    await client.close()
  })

  test('sftp puts a file, and it is accepted with its name, size and hash', async () => {
    const bytes = randomBytes(300_000)
    await writeFile(join(client.folder, 'order.edi'), bytes)
    const ran = await client.sftp(
      box.server.port,
      `put ${client.folder}/order.edi /inbox/order.edi\nls -l /inbox\nls -l /\n`,
    )
    expect(ran).toMatchObject({ status: 0 })
    expect(box.accepted).toMatchObject([{ name: 'order.edi', sizeBytes: 300_000, sha256: sha256(bytes) }])
    expect(box.accepted[0]!.evidence).toMatchObject({
      user: 'retailer',
      login: 'public_key',
      address: '127.0.0.1',
    })
    expect(ran.out).toContain('inbox')
  })

  test('sftp gets a file, which is then collected and gone from the next listing', async () => {
    const bytes = randomBytes(500_000)
    const id = box.place('contrl-1.edi', bytes)
    const ran = await client.sftp(
      box.server.port,
      `cd outbox\nls -l\nget contrl-1.edi ${client.folder}/got\nls -l contrl-1.edi\n`,
    )
    expect(ran).toMatchObject({ status: 0 })
    expect(await readFile(join(client.folder, 'got'))).toEqual(bytes)
    expect(box.collected).toMatchObject([
      {
        deliveryId: id,
        proof: { user: 'retailer', address: '127.0.0.1', sizeBytes: 500_000, collected: 'read' },
      },
    ])
    const later = await client.sftp(box.server.port, 'ls -1 outbox\n')
    expect(later.out).not.toContain('contrl-1.edi')
  })

  test('S2 ln -s is refused', async () => {
    const ran = await client.sftp(box.server.port, 'ln -s /etc/passwd /inbox/link\n')
    expect(ran.status).not.toBe(0)
    expect(box.accepted).toEqual([])
  })

  test('S3 a put that is killed half-way is not accepted, and put again is one document', async () => {
    const bytes = randomBytes(20_000_000)
    await writeFile(join(client.folder, 'half.edi'), bytes)
    const started = client.start(box.server.port)
    started.stdin!.write(`put ${client.folder}/half.edi /inbox/half.edi\n`)
    await expect.poll(() => box.underWay(), { timeout: 20_000, interval: 5 }).toBeGreaterThan(0)
    started.kill('SIGKILL')
    await expect.poll(() => box.broken, { timeout: 20_000 }).toBe(1)
    expect(box.accepted).toEqual([])
    const ran = await client.sftp(box.server.port, `put ${client.folder}/half.edi /inbox/half.edi\n`)
    expect(ran).toMatchObject({ status: 0 })
    expect(box.accepted).toMatchObject([{ sizeBytes: 20_000_000, sha256: sha256(bytes) }])
  })

  test('S6 a client that insists on SHA-1, CBC or compression finds no match', async () => {
    for (const option of [
      'MACs=hmac-sha1',
      'Ciphers=aes128-cbc',
      'KexAlgorithms=diffie-hellman-group14-sha1',
    ]) {
      // a cipher with its own MAC would make the choice of MACs mean nothing
      const more = option.startsWith('MACs') ? ['-oCiphers=aes128-ctr'] : []
      const ran = await client.sftp(box.server.port, 'ls\n', `-o${option}`, ...more)
      expect(ran.status, option).not.toBe(0)
      expect(ran.out, option).toMatch(/no matching|Bad SSH2/)
    }
  })

  test('S9 shells, commands, terminals and forwarding are refused', async () => {
    const { port } = box.server
    const target = ['retailer@127.0.0.1']
    for (const more of [
      [...target, 'id'],
      ['-T', ...target],
      ['-tt', ...target],
      ['-s', ...target, 'shell'],
    ]) {
      const ran = await client.ssh(port, ...more)
      expect(ran.status, more.join(' ')).not.toBe(0)
      expect(ran.out).not.toContain('uid=')
    }
    const remote = await client.ssh(
      port,
      '-N',
      '-oExitOnForwardFailure=yes',
      '-R',
      '0:127.0.0.1:22',
      ...target,
    )
    expect(remote.status).not.toBe(0)
    const local = await client.ssh(port, '-W', `127.0.0.1:${port}`, ...target)
    expect(local.status).not.toBe(0)
    expect(local.out).toContain('administratively prohibited')
  })

  test.each(['rsa', 'ecdsa'] as const)('a key of kind %s logs in', async (kind) => {
    const other = await openSshClient(kind)
    box.publicKeys.push(other.publicKey)
    expect(await other.sftp(box.server.port, 'ls /\n')).toMatchObject({ status: 0 })
    await other.close()
  })
})

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
