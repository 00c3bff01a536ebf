import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '#hub/base/log.ts'
import { systemClock } from '#hub/base/clock.ts'
import { stableCode } from '#hub/model/codes/index.ts'
import { derivedId, type PayloadId, type TransmissionId } from '#hub/model/ids.ts'
import type { Channel, Incoming, Received } from '#hub/model/transport.ts'
import { openStore } from '#hub/store/connect.ts'
import { payloadFacts, readPayload } from '#hub/store/payload.ts'
import { startReceiving, type Receiving } from '#tests/support/receiving.ts'
import { createReceive } from './index.ts'

let hub: Receiving
let channel: Channel

beforeAll(async () => {
  hub = await startReceiving()
  channel = await hub.channel()
})
afterAll(async () => {
  await hub.close()
})

const order = Buffer.from("UNB+UNOC:3+4000001000005:14+4000002000004:14+261121:2200+1'UNZ+0+1'")

function incoming(body: Buffer | AsyncIterable<Buffer>, more: Partial<Incoming> = {}): Incoming {
  return {
    channel,
    kind: 'file',
    name: 'order.edi',
    mediaType: 'application/edifact',
    body: Buffer.isBuffer(body) ? pieces([body]) : body,
    lengthHint: null,
    once: null,
    evidence: { door: 'test' },
    ...more,
  }
}

async function* pieces(list: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* list
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function idOf(received: Received): TransmissionId {
  expect(received.transmissionId).not.toBeNull()
  return received.transmissionId!
}

async function rowOf(id: TransmissionId) {
  const { rows } = await hub.database.admin.query('select * from transmission where id = $1', [id])
  return rows[0]
}

async function entriesOf(id: TransmissionId): Promise<{ type: string; actor: string; body: unknown }[]> {
  const { rows } = await hub.database.admin.query<{ type: string; actor: string; body: Buffer }>(
    'select type, actor, body from entry where transmission_id = $1 order by id',
    [id],
  )
  return rows.map((row) => ({ ...row, body: JSON.parse(row.body.toString()) as unknown }))
}

async function jobsOf(id: TransmissionId): Promise<number> {
  const { rows } = await hub.database.admin.query<{ n: number }>(
    `select count(*)::int n from pgboss.job where name = 'process' and data->'transmissionIds' ? $1`,
    [id],
  )
  return rows[0]!.n
}

async function count(table: 'transmission' | 'payload' | 'payload_chunk' | 'entry'): Promise<number> {
  const { rows } = await hub.database.admin.query<{ n: number }>(`select count(*)::int n from ${table}`)
  return rows[0]!.n
}

test('yes means bytes, row, entry and job are there', async () => {
  const received = await hub.receive(incoming(order))
  expect(received).toMatchObject({ kind: 'accepted', sha256: sha256(order), sizeBytes: order.length })
  const id = idOf(received)
  expect(await rowOf(id)).toMatchObject({
    state: 'accepted',
    direction: 'in',
    kind: 'file',
    name: 'order.edi',
    partner_id: channel.partnerId,
    channel_id: channel.id,
    raw_id: derivedId(id, 'raw'),
    evidence: { door: 'test' },
  })
  expect(await readPayload(hub.database.store.worker, hub.sealer, derivedId(id, 'raw'))).toEqual(order)
  expect(await payloadFacts(hub.database.store.worker, derivedId(id, 'raw'))).toMatchObject({
    mediaType: 'application/edifact',
    partnerId: channel.partnerId,
    sizeBytes: order.length,
  })
  const body = {
    sha256: sha256(order).toString('hex'),
    sizeBytes: order.length,
    channel: 'api',
    kind: 'file',
  }
  expect(await entriesOf(id)).toEqual([{ type: 'transmission.accepted', actor: 'channel:api', body }])
  expect(await jobsOf(id)).toBe(1)
})

test('a receipt makes no job', async () => {
  const id = idOf(await hub.receive(incoming(order, { kind: 'receipt' })))
  expect(await rowOf(id)).toMatchObject({ kind: 'receipt', state: 'accepted' })
  expect(await jobsOf(id)).toBe(0)
})

test('a thousand that bear one identity at once become one file, and all are told the same', async () => {
  const before = await count('transmission')
  const once = { scope: `test:${channel.id}`, key: 'one' }
  const all = await Promise.all(Array.from({ length: 1000 }, () => hub.receive(incoming(order, { once }))))
  expect(await count('transmission')).toBe(before + 1)
  expect(new Set(all.map(idOf)).size).toBe(1)
  expect(all.filter((received) => received.kind === 'accepted')).toHaveLength(1)
  expect(all.filter((received) => received.kind === 'duplicate')).toHaveLength(999)
  const told = new Set(all.map((received) => JSON.stringify({ ...received, kind: '' })))
  expect(told.size).toBe(1)
  expect(await jobsOf(idOf(all[0]!))).toBe(1)
  const entries = await entriesOf(idOf(all[0]!))
  expect(entries.filter((entry) => entry.type === 'transmission.duplicate')).toHaveLength(999)
})

test('other content under the same identity is a conflict, also within one commit; the first stands', async () => {
  const once = { scope: `test:${channel.id}`, key: 'two' }
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, at) => hub.receive(incoming(Buffer.from(`order ${at}`), { once }))),
  )
  const [first] = all.filter((received) => received.kind === 'accepted')
  const others = all.filter((received) => received !== first)
  expect(others).toHaveLength(19)
  for (const other of others) {
    expect(other).toEqual({
      kind: 'conflict',
      transmissionId: first!.transmissionId,
      code: 'idempotencyKeyReused',
    })
  }
  const raw = await readPayload(hub.database.store.worker, hub.sealer, derivedId(idOf(first!), 'raw'))
  expect(raw.toString()).toBe(`order ${all.indexOf(first!)}`)
})

test('those that arrive together share commits', async () => {
  const all = await Promise.all(
    Array.from({ length: 200 }, (_, at) => hub.receive(incoming(Buffer.from(`shared ${at}`)))),
  )
  const { rows } = await hub.database.admin.query<{ n: number }>(
    'select count(distinct xmin::text)::int n from transmission where id = any($1)',
    [all.map(idOf)],
  )
  expect(rows[0]!.n).toBeGreaterThan(0)
  expect(rows[0]!.n).toBeLessThan(20)
})

test('one that breaks the transaction of all is told so by itself, and the others go on', async () => {
  const before = await count('transmission')
  const all = await Promise.allSettled(
    Array.from({ length: 100 }, (_, at) =>
      hub.receive(
        incoming(Buffer.from(`member ${at}`), at === 50 ? { evidence: { subject: 'a NUL \0 in it' } } : {}),
      ),
    ),
  )
  expect(all[50]).toMatchObject({ status: 'rejected', reason: { name: 'HubError', code: 'notStored' } })
  expect(all.filter((result) => result.status === 'fulfilled')).toHaveLength(99)
  expect(await count('transmission')).toBe(before + 99)
})

test('20 MB go through in chunks, and come back with the same hash', async () => {
  const piece = randomBytes(64 * 1024)
  const body = function* () {
    for (let at = 0; at < 320; at++) yield Buffer.concat([piece, Buffer.from(String(at))])
  }
  const whole = Buffer.concat([...body()])
  const received = await hub.receive(incoming(pieces(body())))
  expect(received).toMatchObject({ kind: 'accepted', sizeBytes: whole.length, sha256: sha256(whole) })
  const rawId = derivedId<PayloadId>(idOf(received), 'raw')
  const { rows } = await hub.database.admin.query('select chunks, bytes from payload where id = $1', [rawId])
  expect(rows).toEqual([{ chunks: Math.ceil(whole.length / 1024 / 1024), bytes: null }])
  const read = await readPayload(hub.database.store.worker, hub.sealer, rawId)
  expect(sha256(read)).toEqual(sha256(whole))
})

test('a file may have as many bytes as its channel says, and not one more', async () => {
  const small = await hub.channel({ limits: { fileBytes: 100 } })
  const send = (bytes: number, lengthHint: number | null = null) =>
    hub.receive(incoming(Buffer.alloc(bytes, 'x'), { channel: small, lengthHint }))
  expect(await send(99)).toMatchObject({ kind: 'accepted' })
  expect(await send(100)).toMatchObject({ kind: 'accepted' })
  const refused = await send(101)
  expect(refused).toMatchObject({ kind: 'refused', code: 'bodyTooLarge' })
  expect(await rowOf(idOf(refused))).toMatchObject({
    state: 'refused',
    code: stableCode('bodyTooLarge'),
    raw_id: null,
  })
  expect(await send(10, 101)).toMatchObject({ kind: 'refused', code: 'bodyTooLarge' })
})

test('what comes after the limit is not read, and nothing of it stays', async () => {
  const small = await hub.channel({ limits: { fileBytes: 3 * 1024 * 1024 } })
  let given = 0
  const endless = async function* () {
    for (;;) {
      given += 1
      yield randomBytes(256 * 1024)
    }
  }
  const before = await count('payload_chunk')
  const received = await hub.receive(incoming(endless(), { channel: small }))
  expect(received).toMatchObject({ kind: 'refused', code: 'bodyTooLarge' })
  expect(given).toBe(13)
  expect(await count('payload_chunk')).toBe(before)
})

test('an empty file and a suspended channel are refused', async () => {
  expect(await hub.receive(incoming(pieces([])))).toMatchObject({ kind: 'refused', code: 'emptyBody' })
  const suspended = { ...channel, suspended: true }
  expect(await hub.receive(incoming(order, { channel: suspended }))).toEqual({
    kind: 'refused',
    code: 'channelSuspended',
    transmissionId: null,
  })
})

test('of an upload that breaks off, nothing is accepted and nothing stays', async () => {
  const [transmissions, chunks] = [await count('transmission'), await count('payload_chunk')]
  const broken = async function* () {
    yield randomBytes(2 * 1024 * 1024)
    throw new Error('connection reset')
  }
  expect(await hub.receive(incoming(broken()))).toEqual({
    kind: 'refused',
    code: 'uploadBroken',
    transmissionId: null,
  })
  expect(await hub.receive(incoming(order, { signal: AbortSignal.abort() }))).toMatchObject({
    code: 'uploadBroken',
  })
  expect([await count('transmission'), await count('payload_chunk')]).toEqual([transmissions, chunks])
})

test('what the door cannot open is refused, its bytes are kept, and its identity stays free', async () => {
  const once = { scope: `test:${channel.id}`, key: 'sealed' }
  const open = async () => ({ kind: 'refused', code: 'notAuthenticated' }) as const
  const refused = await hub.receive(incoming(order, { once, open }))
  expect(refused).toMatchObject({ kind: 'refused', code: 'notAuthenticated' })
  const id = idOf(refused)
  expect(await rowOf(id)).toMatchObject({ state: 'refused', code: stableCode('notAuthenticated') })
  expect(await readPayload(hub.database.store.worker, hub.sealer, derivedId(id, 'raw'))).toEqual(order)
  expect(await entriesOf(id)).toMatchObject([{ type: 'transmission.refused' }])
  expect(await jobsOf(id)).toBe(0)
  expect(await hub.receive(incoming(order, { once }))).toMatchObject({ kind: 'accepted' })
})

test('opened bytes are kept beside the raw ones, and a repeat is one of the content', async () => {
  const once = { scope: `test:${channel.id}`, key: 'opened' }
  const opened = (raw: string) =>
    incoming(Buffer.from(raw), {
      once,
      open: async () => ({ kind: 'opened', bytes: order }),
      answer: async (facts) => Buffer.from(`MDN ${raw} ${facts.sha256.toString('hex')}`),
    })
  const first = await hub.receive(opened('encrypted one way'))
  expect(first).toMatchObject({ kind: 'accepted', sha256: sha256(Buffer.from('encrypted one way')) })
  const openedId = derivedId<PayloadId>(idOf(first), 'opened')
  expect(await readPayload(hub.database.store.worker, hub.sealer, openedId)).toEqual(order)
  const second = await hub.receive(opened('encrypted another way'))
  expect({ ...second, kind: 'accepted' }).toEqual(first)
  expect(second.kind).toBe('duplicate')
})

test('any file name can be kept', async () => {
  const id = idOf(await hub.receive(incoming(order, { name: `a\0b\nc\ud800${'é'.repeat(300)}` })))
  const { name } = (await rowOf(id)) as { name: string }
  expect(name).toBe(`abc\ufffd${'é'.repeat(251)}`)
})

test('connections that are cut under load lose nothing that was accepted, and a retry gets everything in once', async () => {
  const hits: number[] = []
  const send = async (at: number) => {
    const once = { scope: `test:${channel.id}`, key: `cut ${at}` }
    try {
      return await hub.receive(incoming(Buffer.from(`cut ${at}`), { once }))
    } catch (error) {
      hits.push(at)
      throw error
    }
  }
  const cutting = async () => {
    for (let times = 0; times < 5 || (hits.length === 0 && times < 1000); times++) {
      await hub.database.admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'crossdock worker'`,
      )
    }
  }
  const [first] = await Promise.all([
    Promise.allSettled(Array.from({ length: 600 }, (_, at) => send(at))),
    cutting(),
  ])
  for (const result of first) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'databaseAway' })
    else expect(await rowOf(idOf(result.value))).toMatchObject({ state: 'accepted' })
  }
  expect(hits.length).toBeGreaterThan(0)
  const second = await Promise.all(first.map((_, at) => send(at)))
  first.forEach((result, at) => {
    if (result.status === 'fulfilled') expect(second[at]!.transmissionId).toBe(result.value.transmissionId)
  })
  expect(new Set(second.map(idOf)).size).toBe(600)
  const jobs = await Promise.all(second.map((received) => jobsOf(idOf(received))))
  expect(new Set(jobs)).toEqual(new Set([1]))
})

test('without a database nothing is accepted, and the sender is asked to come again', async () => {
  const store = openStore('postgres://nobody@127.0.0.1:1/none')
  const log = createLog('silent')
  const queue = { process: async () => {}, processLarge: async () => {}, deliver: async () => {} }
  const away = createReceive({ store, sealer: hub.sealer, queue, clock: systemClock, log })
  await expect(away.receive(incoming(order))).rejects.toMatchObject({ code: 'databaseAway' })
  const large = incoming(pieces([randomBytes(3 * 1024 * 1024)]))
  await expect(away.receive(large)).rejects.toMatchObject({ code: 'databaseAway' })
  await store.close()
})

test('without a key, name and content are the identity, within its window', async () => {
  const scope = `mailbox:${channel.id}`
  const upload = (name: string, body: Buffer) =>
    hub.receive(incoming(body, { name, onceByContent: { scope, name, windowSeconds: 3600 } }))
  const [one, two] = [randomBytes(50), randomBytes(50)]
  const first = idOf(await upload('a.edi', one))
  expect(await upload('a.edi', one)).toMatchObject({ kind: 'duplicate', transmissionId: first })
  expect(await upload('a.edi', two)).toMatchObject({ kind: 'accepted' })
  expect(await upload('b.edi', one)).toMatchObject({ kind: 'accepted' })
  const together = await Promise.all(Array.from({ length: 20 }, () => upload('c.edi', one)))
  expect(together.filter(({ kind }) => kind === 'accepted')).toHaveLength(1)
  await hub.database.admin.query(
    `update once set expires_at = now() - interval '1 second' where scope = $1`,
    [scope],
  )
  const again = await upload('a.edi', one)
  expect(again.kind).toBe('accepted')
  expect(again.transmissionId).not.toBe(first)
})
