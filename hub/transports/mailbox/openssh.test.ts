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
})

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
