import { createHash, timingSafeEqual } from 'node:crypto'
import { Router, type Request } from 'express'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Clock } from '#hub/base/clock.ts'
import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import { messageOf } from '#hub/model/errors.ts'
import { noticeKinds } from '#hub/model/notice.ts'
import { deliveryMoves, documentMoves } from '#hub/model/states.ts'
import type { Store } from '#hub/store/connect.ts'
import { countWork, type CountedWork } from '#hub/store/metrics.ts'

export interface MetricsDeps {
  store: Store
  clock: Clock
  log: Log
  /** Who asks bears it (`Authorization: Bearer`); null: only this machine may ask, and not through a proxy. */
  token: string | null
}

/**
 * `/metrics` in the text format of Prometheus (0.0.4): the work the hub has, this process and its event loop. Who may not
 * ask gets 404. While the database is away, `crossdock_database_up` is 0 and the counts of work are left out.
 */
export function metricsRoutes(deps: MetricsDeps): Router {
  const router = Router()
  const gather = createGauges(deps)
  router.get('/metrics', async (request, response, next) => {
    if (!mayAsk(request, deps.token)) return next()
    const { text, contentType } = await gather()
    response.set({ 'content-type': contentType, 'cache-control': 'no-store' }).send(text)
  })
  return router
}

function mayAsk(request: Request, token: string | null): boolean {
  if (token === null) return isHere(request)
  const given = /^Bearer +(\S{1,512})$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
  return timingSafeEqual(hash(given), hash(token))
}

/**
 * Asked on this machine by its own name. A proxy here would bring the world's requests from the same address: it passes the
 * public name on, or says for whom it asks.
 */
function isHere(request: Request): boolean {
  const address = request.socket.remoteAddress ?? ''
  const loopback = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address)
  const name = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(request.headers.host ?? '')
  const passedOn = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'].some((one) => one in request.headers)
  return loopback && name && !passedOn
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** A function that gives the page. Its counts are kept for `metricsHeldMs`, so that asking often costs the database nothing. */
function createGauges({
  store,
  clock,
  log,
}: MetricsDeps): () => Promise<{ text: string; contentType: string }> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const set = workGauges(registry)
  let counted: { at: number; done: Promise<void> } | null = null
  const count = async (): Promise<void> => {
    try {
      set(await countWork(store, clock.now(), limits.metricsTimeoutMs))
    } catch (error) {
      log.warn({ reason: messageOf(error), step: 'metrics' }, 'the work could not be counted')
      set(null)
    }
  }
  return async () => {
    const at = performance.now()
    if (counted === null || at - counted.at > limits.metricsHeldMs) counted = { at, done: count() }
    await counted.done
    return { text: await registry.metrics(), contentType: registry.contentType }
  }
}

/** Makes the gauges of the hub's work; the function it returns sets them, or empties them where nothing could be counted. */
function workGauges(registry: Registry): (work: CountedWork | null) => void {
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name: `crossdock_${name}`, help, labelNames, registers: [registry] })
  const up = gauge('database_up', 'Whether the database answered: 1 or 0')
  const documents = gauge('documents', 'Documents that came in the last 24 hours, by processing state', [
    'state',
  ])
  const deliveries = gauge(
    'deliveries',
    'Deliveries by state; delivered and stopped ones of the last 24 hours only',
    ['state'],
  )
  const holds = gauge('holds_open', 'Documents and deliveries on hold that wait for a person')
  const notices = gauge('notices_open', 'Causes that the people of the hub are told of, by kind', ['kind'])
  const overdue = gauge(
    'acknowledgements_overdue',
    'Acknowledgements past their time: owed by this hub, or expected from a partner',
    ['way'],
  )
  const oldest = gauge('oldest_waiting_seconds', 'Age of the oldest that waits; 0 where none does', ['what'])
  const jobs = gauge('jobs_queued', 'Jobs that no worker has taken up yet, by queue', ['queue'])
  const ledger = gauge(
    'ledger_delay_seconds',
    'Age of the oldest entry that has no place in the signed ledger yet; 0 where none waits',
  )
  const all = [documents, deliveries, holds, notices, overdue, oldest, ledger, jobs]
  return (work) => {
    up.set(work === null ? 0 : 1)
    for (const one of all) one.reset()
    if (work === null) {
      holds.remove()
      ledger.remove()
      return
    }
    for (const state of statesOf(documentMoves)) documents.set({ state }, work.documents[state] ?? 0)
    for (const state of statesOf(deliveryMoves)) deliveries.set({ state }, work.deliveries[state] ?? 0)
    holds.set(work.holdsOpen)
    for (const kind of noticeKinds) notices.set({ kind }, work.notices[kind] ?? 0)
    overdue.set({ way: 'owed' }, work.acknowledgementsOverdue.owed)
    overdue.set({ way: 'expected' }, work.acknowledgementsOverdue.expected)
    oldest.set({ what: 'document' }, work.documentOldestWaitingSeconds)
    oldest.set({ what: 'delivery' }, work.deliveryOldestWaitingSeconds)
    ledger.set(work.ledgerDelaySeconds)
    for (const [queue, n] of Object.entries(work.jobs)) jobs.set({ queue }, n)
  }
}

function statesOf<Moves extends object>(moves: Moves): Exclude<keyof Moves & string, 'new'>[] {
  return Object.keys(moves).filter((state) => state !== 'new') as Exclude<keyof Moves & string, 'new'>[]
}
