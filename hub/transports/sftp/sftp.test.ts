import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '#hub/base/log.ts'
import { createEgress, type Egress } from '#hub/egress/index.ts'
import {
  newId,
  type ChannelId,
  type DeliveryId,
  type PartnerId,
  type TransmissionId,
} from '#hub/model/ids.ts'
import type { OutboundDelivery } from '#hub/model/transport.ts'
import { hasProgram, openSshServer, type SshServer } from '#tests/support/openssh.ts'
import { fileNameOf, sftpTransport } from './index.ts'

describe.skipIf(!hasProgram('sshd'))("a partner's OpenSSH server", () => {
  let server: SshServer
  let egress: Egress
  const log = createLog('silent')
  const signal = () => AbortSignal.timeout(20_000)

  beforeAll(async () => {
    server = await openSshServer()
    egress = createEgress()
  })
  afterAll(async () => {
    await egress.close()
    await server.close()
  })

  function delivery(bytes: Buffer, wireId: string, more: Record<string, unknown> = {}): OutboundDelivery {
    return {
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
          port: server.port,
          username: server.user,
          folder: 'files',
          hostKeys: [server.fingerprint],
          allowAddresses: ['127.0.0.1/32'],
          ...more,
        },
      },
      transmissionId: newId<TransmissionId>(),
      attempt: 1,
      wireId,
      mediaType: 'application/json',
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest(),
      bytes: () => Promise.resolve(bytes),
      secret: (name) => Promise.resolve(name === 'private_key' ? server.privateKey : null),
    }
  }

  test('a delivery is put under its wire identity, and no temporary file stays', async () => {
    const bytes = randomBytes(700_000)
    const outcome = await sftpTransport({ egress, log }).attempt(delivery(bytes, 'first.json'), signal())
    expect(outcome).toMatchObject({
      kind: 'taken',
      proof: { path: 'files/first.json', sizeBytes: 700_000, hostKey: server.fingerprint },
    })
    expect(await readFile(join(server.files, 'first.json'))).toEqual(bytes)
    expect(await readdir(server.files)).toEqual(['first.json'])
  })

  test('a retry finds the file under its name and sends nothing', async () => {
    const bytes = randomBytes(1000)
    await writeFile(join(server.files, 'again.json'), bytes)
    const outcome = await sftpTransport({ egress, log }).attempt(delivery(bytes, 'again.json'), signal())
    expect(outcome).toMatchObject({ kind: 'taken', proof: { foundThere: true } })
  })

  test('other content under the name is left alone, and the delivery held', async () => {
    await writeFile(join(server.files, 'other.json'), 'abc')
    for (const bytes of [Buffer.from('xyz'), Buffer.from('longer')]) {
      const outcome = await sftpTransport({ egress, log }).attempt(delivery(bytes, 'other.json'), signal())
      expect(outcome).toMatchObject({ kind: 'not_taken', code: 'nameTakenAtPeer', retry: 'hold' })
    }
    expect(await readFile(join(server.files, 'other.json'), 'utf8')).toBe('abc')
  })
})

test('a wire identity becomes a safe file name, and two never the same', () => {
  expect(fileNameOf('0190a-3.edi')).toBe('0190a-3.edi')
  const names = ['../../etc/passwd', '..', '.', '', 'a/b', 'a\\b', 'a_b', '.hidden', 'x'.repeat(300)].map(
    fileNameOf,
  )
  for (const name of names) expect(name).toMatch(/^(?!\.)[A-Za-z0-9._=@+-]{1,200}$/)
  expect(new Set(names).size).toBe(names.length)
})
