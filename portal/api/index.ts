import { Router, type Request, type Response } from 'express'
import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'
import { isId, type DocumentId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { ChannelLogins } from '#hub/model/transport.ts'
import { findDocuments, type Viewer } from '#hub/store/find.ts'
import { asPartner } from '#hub/store/transaction.ts'
import { sendProblem } from '#hub/transports/https/problem.ts'
import type { PortalDeps } from '../deps.ts'
import { createLatestCheckpoint } from '../ledger/checkpoint.ts'
import { proveDocument } from '../ledger/document-proof.ts'
import { sendCheckpoint } from '../ledger/routes.ts'
import { idOf, seenTimeline } from '../pages/documents/routes.ts'
import { listQuery, listRequest } from '../pages/documents/list-model.ts'
import { seenExchange } from '../pages/exchange/routes.ts'
import { redactRow } from '../timeline/redact.ts'
import { sideOf } from '../turn.ts'
import { personByToken } from '../people/token.ts'
import { bearerOf, sendFault } from './answer.ts'
import { deliveryRoutes } from './deliveries.ts'
import { holdRoutes } from './holds.ts'
import { configurationRoutes, type WithConfiguration } from './configuration.ts'
import { operatorRoutes } from './operator.ts'
import { unroutedRoutes } from './unrouted.ts'
import { replayRoutes } from './replays.ts'
import { candidateView, documentView, entryView, exchangeView } from './views.ts'

export interface ApiDeps extends Omit<PortalDeps, 'publicUrl'> {
  logins: ChannelLogins
  queue: JobQueue
  configuration: WithConfiguration
}

/**
 * The API: reads, by the bearer token of a channel, whose partner sees its own, or of a person; and what operators do, by the token of
 * a person of the hub. The reads are the portal's reads, so that
 * a status here and there never differs. Errors are problem details (RFC 9457).
 */
export function apiRoutes(deps: ApiDeps): Router {
  const router = Router()
  const read = (path: string, answer: (request: Request, viewer: Viewer) => Promise<unknown>) => {
    router.get(path, (request, response) =>
      answered(deps, request, response, async (viewer) => {
        const body = await answer(request, viewer)
        response.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }).json(body)
      }),
    )
  }

  read('/v1/documents', async (request, viewer) => {
    const asked = listRequest({ ...request.query, before: cursorOf(request.query['cursor']) })
    const query = { ...listQuery(asked, viewer), limit: pageSize(request.query['limit']) }
    const page = await asPartner(deps.store.portal, viewer, (client) => findDocuments(client, query))
    const now = deps.clock.now()
    return {
      documents: page.rows.map((row) => documentView(redactRow(row, viewer), viewer, now)),
      next: page.next,
    }
  })

  read('/v1/documents/:id', async (request, viewer) => {
    const timeline = await timelineOf(deps, request, viewer)
    return documentView(timeline.document, viewer, deps.clock.now(), timeline)
  })

  read('/v1/documents/:id/timeline', async (request, viewer) => {
    const timeline = await timelineOf(deps, request, viewer)
    const document = documentView(timeline.document, viewer, deps.clock.now(), timeline)
    const entries = timeline.entries.map(entryView)
    return viewer === '*'
      ? { document, entries, candidates: timeline.artefacts.candidates.map(candidateView) }
      : { document, entries }
  })

  read('/v1/documents/:id/proof', async (request, viewer) => {
    const timeline = await timelineOf(deps, request, viewer)
    return proveDocument(deps.store.worker, timeline, sideOf(timeline.document, viewer))
  })

  read('/v1/exchanges/:id', async (request, viewer) => {
    const id = String(request.params['id'])
    const exchange = await asPartner(deps.store.portal, viewer, (client) => seenExchange(client, id))
    const now = deps.clock.now()
    return exchangeView(
      exchange,
      exchange.documents.map((row) => documentView(redactRow(row, viewer), viewer, now)),
    )
  })

  const latestCheckpoint = createLatestCheckpoint(deps.store)
  router.get('/v1/ledger/checkpoint', (request, response) =>
    answered(deps, request, response, () => sendCheckpoint(response, latestCheckpoint)),
  )

  router.use(
    operatorRoutes(deps, [
      { method: 'get', path: '/v1/me', answer: async (_, person) => person },
      ...holdRoutes(deps),
      ...configurationRoutes(deps.configuration),
      ...unroutedRoutes(deps),
      ...deliveryRoutes(deps),
      ...replayRoutes(deps),
    ]),
  )

  router.all('/v1/documents', otherMethod('GET, HEAD, POST'))
  router.all(
    [
      '/v1/documents/:id',
      '/v1/documents/:id/timeline',
      '/v1/documents/:id/proof',
      '/v1/exchanges/:id',
      '/v1/ledger/checkpoint',
    ],
    otherMethod('GET, HEAD'),
  )
  router.all(['/v1', '/v1/{*rest}'], (request, response) => sendProblem(request, response, 'notFound'))
  return router
}

/** 405 with Allow (RFC 9110 §15.5.6). What is allowed and comes here all the same is a gateway's, and there is none. */
function otherMethod(allowed: string) {
  return (request: Request, response: Response): void => {
    if (allowed.split(', ').includes(request.method)) return sendProblem(request, response, 'notFound')
    response.set('allow', allowed)
    sendProblem(request, response, 'methodNotAllowed')
  }
}

async function answered(
  deps: ApiDeps,
  request: Request,
  response: Response,
  answer: (viewer: Viewer) => Promise<void>,
): Promise<void> {
  try {
    const viewer = await viewerOf(deps, request)
    if (viewer === null) return sendProblem(request, response, 'notAuthenticated')
    await answer(viewer)
  } catch (error) {
    sendFault(deps.log, request, response, error)
  }
}

/** Who reads: the partner of a channel's token; as a person sees, with a person's. */
async function viewerOf({ store, logins }: ApiDeps, request: Request): Promise<Viewer | null> {
  const token = bearerOf(request)
  if (token === null) return null
  const person = await personByToken(store, token)
  if (person !== null) return person.partnerId ?? '*'
  return (await logins.byToken(token))?.partnerId ?? null
}

function timelineOf(deps: ApiDeps, request: Request, viewer: Viewer) {
  const id = idOf<DocumentId>(String(request.params['id']))
  return asPartner(deps.store.portal, viewer, (client) => seenTimeline(client, id, viewer))
}

/** What `next` gave before; anything else would be answered with the first page once more, for ever. */
function cursorOf(given: unknown): string | undefined {
  if (given === undefined) return undefined
  if (typeof given !== 'string' || !isId(given)) throw new HubError('requestInvalid')
  return given
}

/** From 1 to `limits.pageRows`. */
function pageSize(given: unknown): number {
  if (given === undefined) return limits.pageRows
  const size = Number(given)
  if (!Number.isInteger(size) || size < 1 || size > limits.pageRows) throw new HubError('requestInvalid')
  return size
}
