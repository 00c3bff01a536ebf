import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { derivedId, newId, type ChannelId, type DeliveryId, type PayloadId } from '#hub/model/ids.ts'
import type { Channel, Settlement } from '#hub/model/transport.ts'
import { storeMailbox } from '#hub/store/mailbox.ts'
import { insertPayloads, readPayload } from '#hub/store/payload.ts'
import { hasProgram, openSshClient, type SshClient } from '#tests/support/openssh.ts'
import { startReceiving, type Receiving } from '#tests/support/receiving.ts'
import { openBox, type Box } from './box.fixture.ts'

describe.skipIf(!hasProgram('sftp'))('with the real receive and the real tables', () => {
  let hub: Receiving
  let channel: Channel
  let box: Box
  let client: SshClient
  const settled: Settlement[] = []

  beforeAll(async () => {
    hub = await startReceiving()
    channel = await hub.channel()
    const mailbox = storeMailbox(hub.database.store, hub.sealer, async (settlement) => {
      settled.push(settlement)
      await hub.database.admin.query(`update delivery set state = 'delivered', due_at = null where id = $1`, [
        settlement.deliveryId,
      ])
      return 'settled'
    })
    box = await openBox({ channel, receive: hub.receive, mailbox })
    client = await openSshClient()
    box.publicKeys.push(client.publicKey)
  })
  afterAll(async () => {
    await box.close()
    await client.close()
    await hub.close()
  })

  test('an upload is a transmission with its bytes, under its final name, once', async () => {
    const bytes = randomBytes(3_000_000)
    await writeFile(join(client.folder, 'order.edi'), bytes)
    const put = (to: string) => `put ${client.folder}/order.edi ${to}\n`
    const ran = await client.sftp(
      box.server.port,
      `${put('/inbox/order.edi.part')}rename /inbox/order.edi.part /inbox/order.edi\n${put('/inbox/order.edi')}`,
    )
    expect(ran).toMatchObject({ status: 0 })
    const { rows } = await hub.database.admin.query<{
      id: string
      name: string
      state: string
      raw_id: PayloadId
    }>('select id, name, state, raw_id from transmission where channel_id = $1', [channel.id])
    expect(rows).toMatchObject([{ name: 'order.edi', state: 'accepted' }])
    expect(await readPayload(hub.database.store.worker, hub.sealer, rows[0]!.raw_id)).toEqual(bytes)
  })

  test('what is broken off leaves no row and no chunk', async () => {
    const before = await count('payload_chunk')
    const started = client.start(box.server.port)
    await writeFile(join(client.folder, 'big.edi'), randomBytes(30_000_000))
    started.stdin!.write(`put ${client.folder}/big.edi /inbox/big.edi\n`)
    await waitUntil(async () => (await count('payload_chunk')) > before)
    started.kill('SIGKILL')
    await waitUntil(async () => (await count('payload_chunk')) === before)
    const { rows } = await hub.database.admin.query(`select from transmission where name = 'big.edi'`)
    expect(rows).toEqual([])
  })

  test('a pending delivery is listed, read, and settled with who collected it', async () => {
    const bytes = randomBytes(200_000)
    const id = await place(channel.id, 'contrl-1.edi', bytes)
    const other = await place((await hub.channel()).id, 'not-yours.edi', randomBytes(10))
    const listed = await client.sftp(box.server.port, 'ls -1 outbox\n')
    expect(listed.out).toContain('contrl-1.edi')
    expect(listed.out).not.toContain('not-yours.edi')
    const ran = await client.sftp(box.server.port, `get outbox/contrl-1.edi ${client.folder}/got\n`)
    expect(ran).toMatchObject({ status: 0 })
    expect(await readFile(join(client.folder, 'got'))).toEqual(bytes)
    expect(settled).toMatchObject([
      {
        deliveryId: id,
        evidenceId: null,
        outcome: {
          kind: 'taken',
          proof: {
            user: 'retailer',
            address: '127.0.0.1',
            sizeBytes: 200_000,
            sha256: createHash('sha256').update(bytes).digest('hex'),
          },
        },
      },
    ])
    const stolen = await client.sftp(box.server.port, `get outbox/not-yours.edi ${client.folder}/stolen\n`)
    expect(stolen.status).not.toBe(0)
    expect(settled.map(({ deliveryId }) => deliveryId)).not.toContain(other)
    expect((await client.sftp(box.server.port, 'ls -1 outbox\n')).out).not.toContain('contrl-1.edi')
  })

  async function place(channelId: ChannelId, name: string, bytes: Buffer): Promise<DeliveryId> {
    const id = newId<DeliveryId>()
    const payload = {
      id: derivedId<PayloadId>(id, 'output'),
      partnerId: channel.partnerId,
      mediaType: 'x/y',
      bytes,
    }
    await insertPayloads(hub.database.store.worker, hub.sealer, [payload])
    await hub.database.admin.query(
      `insert into delivery (id, partner_id, channel_id, payload_id, wire_id, state, due_at)
       values ($1, $2, $3, $4, $5, 'pending', now() + interval '1 hour')`,
      [id, channel.partnerId, channelId, payload.id, name],
    )
    return id
  }

  async function count(table: 'payload_chunk'): Promise<number> {
    const { rows } = await hub.database.admin.query<{ n: number }>(`select count(*)::int n from ${table}`)
    return rows[0]!.n
  }

  async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
    await expect.poll(holds, { timeout: 20_000, interval: 20 }).toBe(true)
  }
})
