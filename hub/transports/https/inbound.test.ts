import { createHash, randomBytes } from 'node:crypto'
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '#hub/base/log.ts'
import { codes, type CodeName } from '#hub/model/codes/index.ts'
import { derivedId, type PayloadId, type TransmissionId } from '#hub/model/ids.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Channel, ChannelLogins } from '#hub/model/transport.ts'
import { payloadFacts } from '#hub/store/payload.ts'
import { listen, startReceiving, type Receiving } from '#tests/support/receiving.ts'
import { inboundRoutes } from './inbound.ts'

let hub: Receiving
let door: Awaited<ReturnType<typeof listen>>
const channels = new Map<string, Channel>()
const agent = new Agent({ keepAlive: true, maxSockets: 200 })

/** Log-ins by a list in memory: what the door knows of the port, and no more. */
const logins: ChannelLogins = {
  byToken: async (token) => {
    if (token === 'cd_live_away')
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' })
    return channels.get(token) ?? null
  },
  byPassword: async () => null,
  byPublicKey: async () => null,
}

beforeAll(async () => {
  hub = await startReceiving()
  channels.set('cd_live_one', await hub.channel())
  channels.set('cd_live_small', await hub.channel({ limits: { fileBytes: 1000 } }))
  channels.set('cd_live_paused', { ...(await hub.channel()), suspended: true })
  door = await listen(inboundRoutes({ receive: hub.receive, logins, log: createLog('silent') }))
})
afterAll(async () => {
  agent.destroy()
  await door.close()
  await hub.close()
})

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  json: Record<string, unknown>
}

function post(body: Buffer | Buffer[], headers: Record<string, string> = {}, path = '/v1/documents') {
  const all = {
    authorization: 'Bearer cd_live_one',
    'idempotency-key': randomBytes(8).toString('hex'),
    ...headers,
  }
  return new Promise<Answer>((resolve, reject) => {
    const request = httpRequest(`${door.url}${path}`, { method: 'POST', headers: present(all), agent })
    request.on('error', reject)
    request.on('response', (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => {
        const text = Buffer.concat(parts).toString()
        const json = JSON.parse(text) as Record<string, unknown>
        resolve({ status: response.statusCode!, headers: response.headers, text, json })
      })
    })
    if (Buffer.isBuffer(body)) return void request.end(body)
    for (const part of body) request.write(part)
    request.end()
  })
}

/** A header with an empty value is left out. */
function present(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))
}

async function transmissions(): Promise<number> {
  const { rows } = await hub.database.admin.query<{ n: number }>(
    `select count(*)::int n from transmission where state = 'accepted'`,
  )
  return rows[0]!.n
}

function expectProblem(answer: Answer, name: CodeName): void {
  const row = codes[name]
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(answer.json).toMatchObject({
    code: row.code,
    title: row.en.what,
    fix: row.en.fix,
    status: answer.status,
  })
}

const order = Buffer.from("UNB+UNOC:3+4000001000005:14+4000002000004:14+261121:2200+1'UNZ+0+1'")

test('a document is taken with 202, its hash and the address of what comes of it', async () => {
  const answer = await post(order, {
    'content-type': 'application/edifact',
    'content-disposition': 'attachment; filename="order 345.edi"',
  })
  expect(answer.status).toBe(202)
  const id = answer.json['id'] as TransmissionId
  expect(answer.json).toEqual({
    id,
    status: 'accepted',
    sha256: createHash('sha256').update(order).digest('hex'),
    sizeBytes: order.length,
    links: { exchange: `/v1/exchanges/${id}` },
  })
  expect(answer.headers.location).toBe(`/v1/exchanges/${id}`)
  const { rows } = await hub.database.admin.query('select name, evidence from transmission where id = $1', [
    id,
  ])
  expect(rows[0]).toMatchObject({ name: 'order 345.edi', evidence: { door: 'https', address: '127.0.0.1' } })
  expect(JSON.stringify(rows[0])).not.toContain('cd_live_one')
  const facts = await payloadFacts(hub.database.store.worker, derivedId<PayloadId>(id, 'raw'))
  expect(facts?.mediaType).toBe('application/edifact')
})

test('H3 a thousand requests with one key at once make one document and get one answer', async () => {
  const before = await transmissions()
  const key = { 'idempotency-key': 'h3' }
  const all = await Promise.all(Array.from({ length: 1000 }, () => post(order, key)))
  expect(await transmissions()).toBe(before + 1)
  expect(new Set(all.map((answer) => answer.status))).toEqual(new Set([202]))
  expect(new Set(all.map((answer) => answer.text)).size).toBe(1)
  expect(new Set(all.map((answer) => answer.headers.location)).size).toBe(1)
  expect(all.filter((answer) => answer.headers['idempotency-replayed'] === 'true')).toHaveLength(999)
})

test('H3 a key that was used for other content is refused with 422, and names the first exchange', async () => {
  const first = await post(order, { 'idempotency-key': 'reused' })
  const second = await post(Buffer.from('other'), { 'idempotency-key': 'reused' })
  expect(second.status).toBe(422)
  expectProblem(second, 'idempotencyKeyReused')
  expect(second.json['exchange']).toBe(first.headers.location)
})

test('H3 two partners may use the same key', async () => {
  const key = { 'idempotency-key': 'shared' }
  const first = await post(order, key)
  const second = await post(order, { ...key, authorization: 'Bearer cd_live_small' })
  expect([first.status, second.status]).toEqual([202, 202])
  expect(first.json['id']).not.toBe(second.json['id'])
})

test('a key is asked for, of 1 to 255 visible ASCII characters, once', async () => {
  const missing = await post(order, { 'idempotency-key': '' })
  expect(missing.status).toBe(400)
  expectProblem(missing, 'idempotencyKeyMissing')
  expect((await post(order, { 'idempotency-key': 'k'.repeat(255) })).status).toBe(202)
  for (const key of ['k'.repeat(256), 'two words', 'é', 'a, b']) {
    const answer = await post(order, { 'idempotency-key': key })
    expect(answer.status).toBe(400)
    expectProblem(answer, 'idempotencyKeyInvalid')
  }
})

test('H4 only a token in the header opens the door', async () => {
  for (const authorization of ['', 'Bearer cd_live_none', 'Bearer', 'Basic Y2RfbGl2ZV9vbmU6', 'Bearer a b']) {
    const answer = await post(order, { authorization })
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toContain('Bearer')
    expectProblem(answer, 'notAuthenticated')
  }
  for (const query of ['access_token=cd_live_one', 'Token=x', 'x=cd_live_one']) {
    const answer = await post(order, {}, `/v1/documents?${query}`)
    expect(answer.status).toBe(401)
    expectProblem(answer, 'tokenInAddress')
    expect(answer.text).not.toContain('cd_live_one')
  }
})

test('H2 a body may have as many bytes as the limit, and not one more, with a length and without', async () => {
  const small = { authorization: 'Bearer cd_live_small' }
  for (const bytes of [999, 1000]) {
    expect((await post(randomBytes(bytes), small)).status).toBe(202)
    expect((await post([randomBytes(500), randomBytes(bytes - 500)], small)).status).toBe(202)
  }
  for (const body of [randomBytes(1001), [randomBytes(1000), randomBytes(1)], randomBytes(600_000)]) {
    const answer = await post(body, small)
    expect(answer.status).toBe(413)
    expectProblem(answer, 'bodyTooLarge')
    expect(answer.json).toMatchObject({ limitBytes: 1000, detail: expect.stringContaining('1000 bytes') })
  }
})

test('H2 H7 compressed bodies and forms are refused with 415, an empty one with 400', async () => {
  const packed = await post(order, { 'content-encoding': 'gzip' })
  expect(packed.status).toBe(415)
  expectProblem(packed, 'contentEncoded')
  expect((await post(order, { 'content-encoding': 'identity' })).status).toBe(202)
  const form = await post(order, { 'content-type': 'multipart/form-data; boundary=x' })
  expect(form.status).toBe(415)
  expectProblem(form, 'formBody')
  const empty = await post(Buffer.alloc(0))
  expect(empty.status).toBe(400)
  expectProblem(empty, 'emptyBody')
})

test('problems speak French to whom asks for it', async () => {
  const answer = await post(order, { authorization: '', 'accept-language': 'fr-FR,fr;q=0.9,en;q=0.5' })
  expect(answer.headers['content-language']).toBe('fr')
  expect(answer.json).toMatchObject({
    title: codes.notAuthenticated.fr.what,
    fix: codes.notAuthenticated.fr.fix,
  })
})

test('a paused channel and a database that is away answer 503 with Retry-After', async () => {
  const paused = await post(order, { authorization: 'Bearer cd_live_paused' })
  expect(paused.status).toBe(503)
  expect(Number(paused.headers['retry-after'])).toBeGreaterThan(0)
  expectProblem(paused, 'channelSuspended')
  const receive = async () => {
    throw new HubError('databaseAway')
  }
  const away = await listen(inboundRoutes({ receive, logins, log: createLog('silent') }))
  const answer = await fetch(`${away.url}/v1/documents`, {
    method: 'POST',
    headers: { authorization: 'Bearer cd_live_one', 'idempotency-key': 'x' },
    body: order,
  })
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('10')
  await away.close()
})

test('of a body whose sender goes away nothing is accepted, and the key stays free', async () => {
  const before = await transmissions()
  const head = (length: string) =>
    `POST /v1/documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer cd_live_one\r\nIdempotency-Key: gone\r\n${length}\r\n\r\n`
  for (const [length, part] of [
    ['Content-Length: 100', 'only a part'],
    ['Transfer-Encoding: chunked', 'b\r\nonly a part\r\n'],
  ] as const) {
    await new Promise<void>((resolve) => {
      const socket = connect(door.port, '127.0.0.1', () =>
        socket.write(head(length) + part, () => socket.end()),
      )
      socket.resume()
      socket.on('close', () => resolve())
    })
  }
  expect(await transmissions()).toBe(before)
  const whole = await post(order, { 'idempotency-key': 'gone' })
  expect(whole.status).toBe(202)
  expect(whole.headers['idempotency-replayed']).toBeUndefined()
  expect(await transmissions()).toBe(before + 1)
})

test('a sender that goes on sending what was refused reads the answer, and is cut off soon after', async () => {
  const head =
    'POST /v1/documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer cd_live_small\r\nIdempotency-Key: flood\r\n'
  const socket = connect(door.port, '127.0.0.1')
  let answer = ''
  socket.on('data', (part) => (answer += part.toString()))
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  const flood = () => {
    while (!socket.destroyed && socket.write(randomBytes(64 * 1024)));
  }
  socket.on('drain', flood)
  socket.write(`${head}Content-Length: 1000000000000\r\n\r\n`)
  flood()
  await closed
  expect(answer).toContain('413 Payload Too Large')
})

test('20 MB go through the door with their hash', async () => {
  const parts = Array.from({ length: 20 }, () => randomBytes(1024 * 1024))
  const answer = await post(parts)
  expect(answer.status).toBe(202)
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  expect(answer.json).toMatchObject({ sha256: hash.digest('hex'), sizeBytes: 20 * 1024 * 1024 })
})

test('where the database that knows the tokens is away, the sender is asked to come again', async () => {
  const answer = await post(Buffer.from('x'), { authorization: 'Bearer cd_live_away' })
  expect(answer).toMatchObject({ status: 503, json: { code: codes.databaseAway.code } })
  expect(answer.headers['retry-after']).toBe('10')
})
