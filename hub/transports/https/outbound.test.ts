import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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
import type { OutboundDelivery } from '#hub/model/transport.ts'
import { httpsSettings, httpsTransport } from './outbound.ts'

const secret = `whsec_${randomBytes(32).toString('base64')}`
const servers: { close(): unknown }[] = []
let egress: Egress
let now: Date

beforeEach(() => {
  egress = createEgress()
  now = new Date()
})
afterEach(async () => {
  await egress.close()
  for (const server of servers.splice(0)) server.close()
})

interface Seen {
  method: string
  headers: IncomingHttpHeaders
  body: Buffer
}

describe('what is posted', () => {
  test('the bytes go with one identity on every attempt, signed for Standard Webhooks', async () => {
    const { url, seen } = await partner((_request, response) => void response.end('thanks'))
    const bytes = Buffer.from('{"order":"345 – Müller"}')
    const settings = { headers: { 'X-Route': 'orders' } }
    for (const attempt of [1, 2]) {
      const outcome = await post(url, bytes, { attempt, settings })
      expect(outcome).toMatchObject({
        kind: 'taken',
        proof: { status: 200, text: 'thanks', bodySha256: sha256('thanks'), bodyBytes: 6, bodyCut: false },
      })
    }
    expect(seen).toHaveLength(2)
    for (const { method, headers, body } of seen) {
      expect(method).toBe('POST')
      expect(body).toEqual(bytes)
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'idempotency-key': 'delivery-7',
        'webhook-id': 'delivery-7',
        'x-route': 'orders',
        'user-agent': 'Crossdock',
      })
      const webhook = new Webhook(secret)
      const signed = headers as Record<string, string>
      expect(webhook.verify(body, signed)).toEqual({ order: '345 – Müller' })
      expect(() => webhook.verify(Buffer.from('{"order":"346"}'), signed)).toThrow()
      expect(() => webhook.verify(body, { ...signed, 'webhook-id': 'delivery-8' })).toThrow()
    }
  })

  test('the signature covers the exact bytes, also where they are no UTF-8', async () => {
    const { url, seen } = await partner((_request, response) => void response.end())
    const bytes = Buffer.from("NAD+BY+++M\xfcller'", 'latin1')
    await post(url, bytes)
    const { headers } = seen[0]!
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    const mac = createHmac('sha256', key)
      .update(`delivery-7.${String(headers['webhook-timestamp'])}.`)
      .update(bytes)
    expect(headers['webhook-signature']).toBe(`v1,${mac.digest('base64')}`)
  })

  test('without a secret nothing is signed, and the identity is still there', async () => {
    const { url, seen } = await partner((_request, response) => void response.end())
    await post(url, Buffer.from('x'), { secret: null })
    expect(seen[0]!.headers['webhook-signature']).toBeUndefined()
    expect(seen[0]!.headers['idempotency-key']).toBe('delivery-7')
  })

  test('a header by which the hub logs in is a secret of the channel; without its value nothing is sent', async () => {
    const { url, seen } = await partner((_request, response) => void response.end())
    const settings = { secretHeaders: { Authorization: 'api_login' } }
    await post(url, Buffer.from('x'), { settings, secret: 'Bearer of-the-partner' })
    expect(seen[0]!.headers['authorization']).toBe('Bearer of-the-partner')
    for (const secret of [null, 'Bearer\r\nx: y']) {
      const outcome = await post(url, Buffer.from('x'), { settings, secret })
      expect(outcome).toMatchObject({ kind: 'not_taken', code: 'configInvalid', retry: 'hold' })
      expect(JSON.stringify(outcome)).not.toContain('x: y')
    }
    expect(seen).toHaveLength(1)
    for (const header of ['authorization', 'X-API-Key', 'api-key', 'Cookie', 'x-auth-token'])
      expect(httpsSettings.safeParse({ url, headers: { [header]: 'of-the-partner' } }).success).toBe(false)
  })
})

describe('R6 what an answer means', () => {
  const taken = { kind: 'taken' }
  const held = (code: string) => ({ kind: 'not_taken', code, retry: 'hold' })
  const later = (code: string) => ({ kind: 'not_taken', code, retry: 'later' })
  test.each([
    [200, taken],
    [201, taken],
    [202, taken],
    [204, taken],
    [301, { kind: 'not_taken', code: 'refusedByPeer', retry: 'never' }],
    [307, { kind: 'not_taken', code: 'refusedByPeer', retry: 'never' }],
    [400, held('refusedByPeer')],
    [401, held('peerNotAuthenticated')],
    [403, held('peerNotAuthenticated')],
    [404, held('refusedByPeer')],
    [408, later('peerBusy')],
    [410, held('refusedByPeer')],
    [422, held('refusedByPeer')],
    [425, later('peerBusy')],
    [429, later('peerBusy')],
    [500, later('peerFailed')],
    [502, later('peerFailed')],
    [503, later('peerBusy')],
    [504, later('peerFailed')],
  ])('%i', async (status, expected) => {
    const { url, seen } = await partner((_request, response) => {
      response.writeHead(status, { location: 'http://169.254.169.254/' }).end()
    })
    const outcome = await post(url)
    expect(outcome).toMatchObject({ ...expected, proof: { status } })
    expect(seen).toHaveLength(1)
  })

  test.each([
    ['7', 7_000],
    ['0', 0],
    ['999999999', 86_400_000],
    ['soon', undefined],
    ['-5', undefined],
  ])('Retry-After: %s is honoured up to a day', async (value, retryAfterMs) => {
    const { url } = await partner((_request, response) => {
      response.writeHead(503, { 'retry-after': value }).end()
    })
    expect((await post(url)) as { retryAfterMs?: number }).toMatchObject({ code: 'peerBusy' })
    expect(((await post(url)) as { retryAfterMs?: number }).retryAfterMs).toBe(retryAfterMs)
  })

  test('Retry-After with a date counts from now', async () => {
    now = new Date('2026-11-21T12:00:00Z')
    const { url } = await partner((_request, response) => {
      response.writeHead(429, { 'retry-after': 'Sat, 21 Nov 2026 12:01:00 GMT' }).end()
    })
    expect(await post(url)).toMatchObject({ code: 'peerBusy', retryAfterMs: 60_000 })
  })

  test('an answer that breaks off after its status still has that status', async () => {
    const { url } = await partner((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('half', () => response.destroy())
    })
    expect(await post(url)).toMatchObject({ kind: 'taken', proof: { bodyCut: true } })
  })

  test('a page of HTML with 200 is taken, and its first KiB is the proof', async () => {
    const { url } = await partner((_request, response) => void response.end(`<html>${'x'.repeat(5000)}`))
    const outcome = await post(url)
    expect(outcome.kind).toBe('taken')
    expect((outcome as { proof: Record<string, unknown> }).proof['text']).toHaveLength(1024)
  })

  test('a peer that hangs up, or is silent, may have taken it', async () => {
    const gone = await partner((request) => void request.socket.destroy())
    expect(await post(gone.url)).toMatchObject({ kind: 'unknown', code: 'answerLost' })
    const half = await partner((request) => void request.socket.end('HTTP/1.1 200 O'))
    expect(await post(half.url)).toMatchObject({ kind: 'unknown', code: 'answerLost' })
    const silent = await partner(() => {})
    const outcome = await post(silent.url, Buffer.from('x'), { settings: { timeoutMs: 150 } })
    expect(outcome).toMatchObject({ kind: 'unknown', code: 'answerLost' })
  })

  test('an attempt that is stopped while it waits may have been taken', async () => {
    const stop = new AbortController()
    const { url } = await partner(() => stop.abort())
    expect(await post(url, Buffer.from('x'), { signal: stop.signal })).toMatchObject({ kind: 'unknown' })
  })

  test('a peer that is not there has nothing', async () => {
    const { url } = await partner(() => {})
    for (const server of servers.splice(0)) server.close()
    expect(await post(url)).toMatchObject({ kind: 'not_taken', code: 'connectFailed', retry: 'later' })
  })

  test('an address the operator did not allow is held', async () => {
    const { url, seen } = await partner((_request, response) => void response.end())
    const outcome = await post(url, Buffer.from('x'), { settings: { allowAddresses: [] } })
    expect(outcome).toMatchObject({ kind: 'not_taken', code: 'addressRefused', retry: 'hold' })
    expect(seen).toHaveLength(0)
  })
})

test('H8 settings that would break out of a request are refused when they are applied', () => {
  const url = 'https://partner.example/in'
  expect(httpsSettings.safeParse({ url }).success).toBe(true)
  for (const bad of [
    { url: 'ftp://partner.example/' },
    { url: 'https://user:pass@partner.example/' },
    { url: 'https://partner.example/#x' },
    { url, headers: { 'X-A': 'a\r\nX-B: b' } },
    { url, headers: { 'X A': 'a' } },
    { url, headers: { 'Idempotency-Key': 'mine' } },
    { url, headers: { Host: 'other.example' } },
    { url, headers: { 'Transfer-Encoding': 'chunked' } },
    { url, allowAddresses: ['everything'] },
    { url, timeoutMs: 0 },
  ]) {
    expect(httpsSettings.safeParse(bad).success, JSON.stringify(bad)).toBe(false)
  }
})

interface Post {
  attempt?: number
  secret?: string | null
  settings?: Record<string, unknown>
  signal?: AbortSignal
}

function post(
  url: string,
  bytes: Buffer = Buffer.from('document'),
  options: Post = {},
): Promise<AttemptOutcome> {
  const delivery: OutboundDelivery = {
    id: newId<DeliveryId>(),
    channel: {
      id: newId<ChannelId>(),
      partnerId: newId<PartnerId>(),
      key: 'supplier-https',
      kind: 'https',
      env: 'test',
      peerDedupes: true,
      settings: { url, allowAddresses: ['127.0.0.1/32'], ...options.settings },
    },
    transmissionId: newId<TransmissionId>(),
    attempt: options.attempt ?? 1,
    wireId: 'delivery-7',
    mediaType: 'application/json',
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest(),
    bytes: () => Promise.resolve(bytes),
    secret: () => Promise.resolve(options.secret === null ? null : Buffer.from(options.secret ?? secret)),
  }
  const transport = httpsTransport({ egress, clock: { now: () => now }, log: createLog('silent') })
  return transport.attempt(delivery, options.signal ?? AbortSignal.timeout(10_000))
}

async function partner(handle: RequestListener): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      seen.push({ method: request.method!, headers: request.headers, body: Buffer.concat(pieces) })
      handle(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push({
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`, seen }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
