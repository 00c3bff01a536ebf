import { Router, type Request, type Response } from 'express'
import { faultPoint } from '#hub/base/fault.ts'
import { limits } from '#hub/base/limits.ts'
import { limitWords } from '#hub/base/traffic-limits.ts'
import type { Log } from '#hub/base/log.ts'
import { limitsOf } from '#hub/model/channel-limits.ts'
import { codes, stableCode, type Code, type CodeName } from '#hub/model/codes/index.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Proof } from '#hub/model/outcomes.ts'
import type { Channel, ChannelLogins, Incoming, Receive, Received } from '#hub/model/transport.ts'
import { isDatabaseAway } from '#hub/store/outage.ts'
import { fileNameOf } from './inbound-name.ts'
import { sendProblem, type ProblemFacts } from './problem.ts'

export interface InboundDeps {
  receive: Receive
  logins: ChannelLogins
  log: Log
}

/**
 * `POST /v1/documents`: the body is the document itself, streamed; no body parser may stand before it. 202 is given only
 * after the commit; a repeat of the same Idempotency-Key and content is answered alike (draft-ietf-httpapi-idempotency-key-header).
 */
export function inboundRoutes(deps: InboundDeps): Router {
  const router = Router()
  router.post('/v1/documents', async (req, res) => {
    try {
      await postDocument(deps, req, res)
    } catch (error) {
      answerError(deps.log, req, res, error)
    }
  })
  return router
}

async function postDocument(deps: InboundDeps, req: Request, res: Response): Promise<void> {
  if (hasTokenInAddress(req)) {
    deps.log.warn({ address: req.ip, code: stableCode('tokenInAddress') }, 'https: token in the address')
    return refuse(req, res, 'tokenInAddress')
  }
  const token = bearerToken(req)
  const channel = token === null ? null : await deps.logins.byToken(token)
  if (channel === null) return refuse(req, res, 'notAuthenticated')
  const fault = headerFault(req)
  if (fault !== null) return refuse(req, res, fault)
  const received = await receiveBody(deps.receive, req, incomingOf(req, channel))
  await answer(req, res, channel, received)
}

/** Names under which clients put credentials into addresses. */
const tokenParameters = ['access_token', 'token', 'api_key', 'apikey', 'key', 'authorization']

/** An address ends up in logs and proxies on the way, so a token in it is burnt, even where the header is right. */
function hasTokenInAddress(req: Request): boolean {
  const query = req.originalUrl.split('?', 2)[1]
  if (query === undefined) return false
  return [...new URLSearchParams(query)].some(
    ([name, value]) => tokenParameters.includes(name.toLowerCase()) || value.startsWith('cd_'),
  )
}

/** The credentials of `Authorization: Bearer` (RFC 6750 §2.1), or null. */
function bearerToken(req: Request): string | null {
  return /^Bearer +([\w~+/.=-]{1,512})$/i.exec(req.headers.authorization ?? '')?.[1] ?? null
}

function headerFault(req: Request): CodeName | null {
  const key = req.headers['idempotency-key']
  if (key === undefined) return 'idempotencyKeyMissing'
  // Node joins repeated headers with a comma and a blank, and a blank is not visible
  if (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key) || key.length > limits.idempotencyKeyLength) {
    return 'idempotencyKeyInvalid'
  }
  const encoding = req.headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return 'contentEncoded'
  if (mediaTypeOf(req)?.startsWith('multipart/form-data') === true) return 'formBody'
  return null
}

function incomingOf(req: Request, channel: Channel): Incoming {
  const length = req.headers['content-length']
  return {
    channel,
    kind: 'file',
    name: fileNameOf(req.headers['content-disposition']),
    mediaType: mediaTypeOf(req),
    body: { [Symbol.asyncIterator]: () => bodyOf(req, length === undefined ? null : Number(length)) },
    lengthHint: length === undefined ? null : Number(length),
    once: { scope: `https:${channel.id}`, key: req.headers['idempotency-key'] as string },
    evidence: evidenceOf(req),
  }
}

/** A body that is known to be small comes in one piece: asking a stream for it piece by piece takes longer than to read it. */
function bodyOf(req: Request, length: number | null): AsyncIterator<Buffer> {
  if (length !== null && length <= limits.bodyInOnePieceBytes) return onePiece(req)
  // the socket must outlive a refusal, so that the answer can be read
  return req.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
}

async function* onePiece(req: Request): AsyncGenerator<Buffer> {
  const pieces: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    req.on('data', (piece: Buffer) => pieces.push(piece))
    req.once('end', resolve)
    req.once('error', reject)
    req.once('close', () => reject(new Error('the request ended before its body')))
  })
  yield pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
}

/** Null also for what curl sends where nobody said what the content is. */
function mediaTypeOf(req: Request): string | null {
  const type = req.headers['content-type']?.slice(0, 255).toLowerCase()
  return type === undefined || type.startsWith('application/x-www-form-urlencoded') ? null : type
}

const evidenceHeaders = [
  'host',
  'user-agent',
  'content-type',
  'content-length',
  'content-disposition',
  'idempotency-key',
] as const

function evidenceOf(req: Request): Proof {
  const headers = evidenceHeaders.flatMap((name) => {
    const value = req.headers[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    door: 'https',
    address: req.ip ?? null,
    httpVersion: req.httpVersion,
    headers: Object.fromEntries(headers),
  }
}

/** A silence within the upload ends it; the wait for the commit is not one. */
async function receiveBody(receive: Receive, req: Request, incoming: Incoming): Promise<Received> {
  req.setTimeout(limits.uploadIdleMs, () => req.destroy())
  try {
    return await receive(incoming)
  } finally {
    req.setTimeout(0)
  }
}

async function answer(req: Request, res: Response, channel: Channel, received: Received): Promise<void> {
  await faultPoint('https:answer')
  switch (received.kind) {
    case 'accepted':
    case 'duplicate':
      accept(res, received)
      break
    case 'conflict':
      refuse(req, res, received.code, { members: { exchange: exchangePath(received.transmissionId) } })
      break
    case 'refused':
      refuse(req, res, received.code, refusalFacts(channel, received))
      break
  }
  await faultPoint('https:answered')
}

function accept(res: Response, received: Extract<Received, { kind: 'accepted' | 'duplicate' }>): void {
  const exchange = exchangePath(received.transmissionId)
  const body = JSON.stringify({
    id: received.transmissionId,
    status: 'accepted',
    sha256: received.sha256.toString('hex'),
    sizeBytes: received.sizeBytes,
    links: { exchange },
  })
  res.writeHead(202, {
    Location: exchange,
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(body),
    ...(received.kind === 'duplicate' ? { 'Idempotency-Replayed': 'true' } : {}),
  })
  res.end(body)
}

function exchangePath(transmissionId: string): string {
  return `/v1/exchanges/${transmissionId}`
}

function refusalFacts(channel: Channel, received: Extract<Received, { kind: 'refused' }>): ProblemFacts {
  const row = received.transmissionId === null ? {} : { exchange: exchangePath(received.transmissionId) }
  if (received.code !== 'bodyTooLarge') return { members: row }
  const held = limitsOf(channel)
  const bytes = held.fileBytes
  return {
    detail: {
      en: `This channel takes files of at most ${limitWords(held, 'fileBytes', 'bytes')}.`,
      fr: `Ce canal accepte des fichiers d’au plus ${bytes} octets (fileBytes).`,
    },
    members: { ...row, limitBytes: bytes },
  }
}

/** Nothing can be said to a sender who went away; the rest of a refused body is thrown away for a moment, then cut off. */
function refuse(req: Request, res: Response, code: CodeName, facts: ProblemFacts = {}): void {
  if (res.destroyed || res.headersSent) return
  sendProblem(req, res, code, facts)
  if (req.complete) return
  req.resume()
  const cut = setTimeout(() => req.destroy(), limits.refusedLingerMs)
  cut.unref()
  req.once('close', () => clearTimeout(cut))
}

function answerError(log: Log, req: Request, res: Response, error: unknown): void {
  const code = codeOf(error)
  const row: Code = codes[code]
  log[row.retry === 'retry' ? 'warn' : 'error']({ err: error, code: row.code }, 'https: not accepted')
  refuse(req, res, code)
}

/** The database may be away before `receive` is asked: it knows the tokens too. */
function codeOf(error: unknown): CodeName {
  if (error instanceof HubError) return error.code
  return isDatabaseAway(error) ? 'databaseAway' : 'unexpected'
}
