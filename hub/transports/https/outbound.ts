import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '#hub/base/clock.ts'
import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import { allowAddressesSchema, type Egress, type HttpAnswer } from '#hub/egress/index.ts'
import { HubError, messageOf } from '#hub/model/errors.ts'
import type { AttemptOutcome, Proof } from '#hub/model/outcomes.ts'
import type { OutboundDelivery, Transport } from '#hub/model/transport.ts'

/** Headers that the delivery itself sets, or that belong to the connection. */
const ownHeaders = new Set(
  [
    'content-type',
    'content-length',
    'transfer-encoding',
    'connection',
    'host',
    'upgrade',
    'expect',
    'trailer',
  ]
    .concat(['te', 'keep-alive', 'idempotency-key', 'user-agent'])
    .concat(['webhook-id', 'webhook-timestamp', 'webhook-signature']),
)

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'expected the name of a header')
  .refine((name) => !ownHeaders.has(name.toLowerCase()), 'this header is set by the hub')

/** Headers by which one logs in: their values are secrets of the channel, which are sealed; settings are not. */
const logInHeader = /^(authorization|proxy-authorization|cookie|(x-)?(api|auth|access)-?(key|token))$/i

/** Settings of a channel of kind `https` by which the hub delivers. */
export const httpsSettings = z.object({
  url: z
    .url({ protocol: /^https?$/, error: 'expected an address such as https://host.example/in' })
    .refine((text) => {
      // a text that is no address has been told already
      if (!URL.canParse(text)) return true
      const { username, password, hash } = new URL(text)
      return username === '' && password === '' && hash === ''
    }, 'credentials and fragments do not belong into the address'),
  allowAddresses: allowAddressesSchema.default([]),
  headers: z
    .record(
      headerName.refine(
        (name) => !logInHeader.test(name),
        'its value is a secret: name it under `secretHeaders`',
      ),
      z.string().regex(/^[\x20-\x7e]{0,1000}$/, 'printable ASCII only'),
    )
    .default({}),
  /** Header to the name of the channel's secret that is its whole value. */
  secretHeaders: z
    .record(
      headerName,
      z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'expected the name of a secret of this channel'),
    )
    .default({}),
  timeoutMs: z.int().min(100).max(600_000).default(limits.egressTotalMs),
})

const userAgent = 'Crossdock'
/** What of an answer's headers says something about the answer. */
const keptHeaders = [
  'date',
  'server',
  'content-type',
  'location',
  'retry-after',
  'x-request-id',
  'request-id',
]

/**
 * Posts a delivery's bytes to the partner's address. The same Idempotency-Key, which is also the webhook-id of
 * Standard Webhooks, goes with every attempt; the signature is made with the channel's secret `webhook_secret` where it has one.
 */
export function httpsTransport(deps: { egress: Egress; clock: Clock; log: Log }): Transport {
  return {
    kind: 'https',
    attemptsAtOnce: 32,
    attempt: async (delivery, signal) => {
      const settings = httpsSettings.parse(delivery.channel.settings)
      const body = await delivery.bytes()
      const secret = await delivery.secret('webhook_secret')
      try {
        const logIn = await secretHeaders(delivery, settings.secretHeaders)
        const answer = await deps.egress.http(delivery.channel.id, settings, {
          method: 'POST',
          url: new URL(settings.url),
          headers: {
            ...settings.headers,
            ...logIn,
            ...deliveryHeaders(delivery, body, secret, deps.clock.now()),
          },
          body,
          totalMs: settings.timeoutMs,
          responseBytes: limits.egressResponseBytes,
          keptBytes: limits.answerTextBytes,
          // A kept connection may be closed by the peer just as we write to it, and then nobody knows whether it read. Where
          // repeats are not dropped that would mean a person, so such channels open a fresh connection for each attempt.
          reuse: delivery.channel.peerDedupes,
          signal,
        })
        return outcomeOfAnswer(answer, deps.clock.now())
      } catch (error) {
        if (!(error instanceof HubError)) throw error
        deps.log.info({ deliveryId: delivery.id, code: error.code, reason: error.message }, 'attempt failed')
        return outcomeOfError(error)
      }
    },
  }
}

/** The signature of Standard Webhooks, version 1: HMAC-SHA-256 over `id.timestamp.body`, the body as its exact bytes. */
export function signWebhook(secret: string, id: string, timestampSeconds: number, body: Buffer): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  if (key.length === 0)
    throw new HubError('configInvalid', 'webhook_secret is not base64 with whsec_ before it')
  const mac = createHmac('sha256', key).update(`${id}.${timestampSeconds}.`).update(body).digest('base64')
  return `v1,${mac}`
}

/** What a peer's answer means: only its status decides. */
export function outcomeOfAnswer(answer: HttpAnswer, now: Date): AttemptOutcome {
  const proof = proofOf(answer)
  const { status } = answer
  if (status >= 200 && status < 300) return { kind: 'taken', proof }
  if (status < 400) return { kind: 'not_taken', code: 'refusedByPeer', retry: 'never', proof }
  if (status === 401 || status === 403 || status === 407) {
    return { kind: 'not_taken', code: 'peerNotAuthenticated', retry: 'hold', proof }
  }
  const busy = status === 408 || status === 425 || status === 429 || status === 503
  if (!busy && status < 500) return { kind: 'not_taken', code: 'refusedByPeer', retry: 'hold', proof }
  const retryAfterMs = readRetryAfterMs(answer.headers['retry-after'], now)
  return {
    kind: 'not_taken',
    code: busy ? 'peerBusy' : 'peerFailed',
    retry: 'later',
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    proof,
  }
}

async function secretHeaders(
  delivery: OutboundDelivery,
  names: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const headers: Record<string, string> = {}
  for (const [header, name] of Object.entries(names)) {
    const value = (await delivery.secret(name))?.toString()
    if (value === undefined || !/^[\x20-\x7e]{1,8000}$/.test(value))
      throw new HubError(
        'configInvalid',
        `the secret ${name} for the header ${header} is missing or not printable ASCII`,
      )
    headers[header] = value
  }
  return headers
}

function deliveryHeaders(
  delivery: OutboundDelivery,
  body: Buffer,
  secret: Buffer | null,
  now: Date,
): Record<string, string> {
  const timestampSeconds = Math.floor(now.getTime() / 1000)
  return {
    'content-type': delivery.mediaType,
    ...(delivery.name !== undefined && { 'content-disposition': namedAttachment(delivery.name) }),
    'user-agent': userAgent,
    'idempotency-key': delivery.wireId,
    'webhook-id': delivery.wireId,
    'webhook-timestamp': String(timestampSeconds),
    ...(secret === null
      ? {}
      : {
          'webhook-signature': signWebhook(
            secret.toString('utf8').trim(),
            delivery.wireId,
            timestampSeconds,
            body,
          ),
        }),
  }
}

/** Content-Disposition (RFC 6266 §4, RFC 8187): the name in ASCII, and as it is. */
function namedAttachment(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')
  const whole = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return plain === name
    ? `attachment; filename="${plain}"`
    : `attachment; filename="${plain}"; filename*=UTF-8''${whole}`
}

function outcomeOfError(error: HubError): AttemptOutcome {
  const proof = { error: messageOf(error) }
  if (error.code === 'connectFailed') {
    return { kind: 'not_taken', code: 'connectFailed', retry: 'later', proof }
  }
  if (error.code === 'addressRefused') {
    return { kind: 'not_taken', code: 'addressRefused', retry: 'hold', proof }
  }
  // nothing was sent: a person puts it right
  if (error.code === 'configInvalid') {
    return { kind: 'not_taken', code: 'configInvalid', retry: 'hold', proof }
  }
  if (error.code === 'answerLost') return { kind: 'unknown', code: 'answerLost', proof }
  throw error
}

function proofOf(answer: HttpAnswer): Proof {
  const headers = keptHeaders.flatMap((name) => {
    const value = answer.headers[name]
    return value === undefined ? [] : [[name, String(value).slice(0, 300)] as const]
  })
  return {
    status: answer.status,
    headers: Object.fromEntries(headers),
    bodySha256: answer.sha256,
    bodyBytes: answer.sizeBytes,
    bodyCut: answer.cut,
    // tables cannot hold NUL, and a cut may split a character
    text: answer.head.toString('utf8').replaceAll('\u0000', '\ufffd'),
  }
}

/** Retry-After (RFC 9110 §10.2.3), seconds or a date, as milliseconds from now and no longer than a day; null without one. */
function readRetryAfterMs(value: string | string[] | undefined, now: Date): number | null {
  if (typeof value !== 'string') return null
  const text = value.trim()
  // Date.parse reads nearly anything; an HTTP date ends with GMT (RFC 9110 §5.6.7)
  const until = text.endsWith('GMT') ? Date.parse(text) : Number.NaN
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : until - now.getTime()
  if (Number.isNaN(wait)) return null
  return Math.min(Math.max(wait, 0), limits.retryAfterSecondsMax * 1000)
}
