import { Router } from 'express'
import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Client } from '#hub/store/connect.ts'
import { ledgerDelay } from '#hub/store/ledger.ts'
import {
  busiestSenders,
  channelHealth,
  durations,
  jobsWaiting,
  lastCheckpoint,
  oldestWaiting,
  topCodes,
} from '#hub/store/overview.ts'
import { asPartner, limitStatements } from '#hub/store/transaction.ts'
import type { PortalDeps } from '../../deps.ts'
import { noticeModels } from '../../notices/notice-models.ts'
import { personVisitOf, type PersonVisit } from '../../people/visit.ts'
import { renderPage } from '../render.ts'
import { countOf, figuresAt, type Asked, type FigureName } from './figures.ts'
import { overviewModel, type Counted, type OverviewFound } from './overview-model.ts'

/** The operator's overview: for people of the hub; for everybody else there is no such page. */
export function overviewRoutes(deps: PortalDeps): Router {
  const router = Router()
  router.get('/ops', async (request, response) => {
    const visit = personVisitOf(response)
    if (visit.viewer !== '*') throw new HubError('notFound')
    const jobs = await jobsWaiting(deps.store.worker)
    const { oldestSeconds: ledgerDelaySeconds } = await ledgerDelay(deps.store.worker)
    const found = await asPartner(deps.store.portal, '*', (client) => look(client, visit))
    const notices = await asPartner(deps.store.portal, '*', (client) => noticeModels(client, '*', visit))
    const model = { ...overviewModel({ ...found, jobs, ledgerDelaySeconds }, visit), notices }
    renderPage(request, response, { view: 'overview/overview', title: visit.words.t('ops.title'), model })
  })
  return router
}

/** Everything is asked for in one transaction, each statement within the time a page may take. */
async function look(
  client: Client,
  { words, now }: PersonVisit,
): Promise<Omit<OverviewFound, 'jobs' | 'ledgerDelaySeconds'>> {
  const began = performance.now()
  await limitStatements(client, limits.overviewTimeoutMs)
  const answeredMs = performance.now() - began
  const today = { since: words.dayStart(now), until: now }
  const counted = async <One extends Asked>(asked: One): Promise<One & Counted> => ({
    ...asked,
    n: await countOf(client, asked),
  })
  const each = async <One extends Asked>(all: readonly One[]): Promise<(One & Counted)[]> => {
    const done: (One & Counted)[] = []
    for (const one of all) done.push(await counted(one))
    return done
  }
  const window = { since: today.since.toISOString(), until: now.toISOString() }
  const hour = { since: new Date(now.getTime() - 3_600_000).toISOString(), until: now.toISOString() }
  const figures = await each(figuresAt(now, today.since))
  const senders = await busiestSenders(client, today, limits.overviewRows)
  const codes = await topCodes(client, today, limits.overviewRows)
  const channels = await channelHealth(client, now, limits.overviewChannels)
  return {
    answeredMs,
    figures: new Map<FigureName, (typeof figures)[number]>(figures.map((figure) => [figure.name, figure])),
    senders: await each(
      senders.map((one) => ({ ...one, params: { ...window, type: one.type, partner: one.senderId } })),
    ),
    codes: await each(codes.map((code) => ({ code, params: { ...window, processing: 'rejected', code } }))),
    channels: await each(channels.map((one) => ({ ...one, params: { ...hour, failed: one.id } }))),
    durations: await durations(client, now, limits.overviewSample),
    oldest: await oldestWaiting(client),
    checkpoint: await lastCheckpoint(client),
  }
}
