import { Router } from 'express'
import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'
import { asId, isId, type TransmissionId } from '#hub/model/ids.ts'
import type { Queryable } from '#hub/store/connect.ts'
import { findExchange, type Exchange } from '#hub/store/find-timeline.ts'
import { asPartner } from '#hub/store/transaction.ts'
import type { PortalDeps } from '../../deps.ts'
import { personVisitOf, type PersonVisit } from '../../people/visit.ts'
import { redactRow } from '../../timeline/redact.ts'
import { rowModel } from '../documents/row-model.ts'
import { sendPayload } from '../download.ts'
import { renderPage } from '../render.ts'

/** All that came of one transmission. */
export function exchangeRoutes(deps: PortalDeps): Router {
  const router = Router()

  router.get('/p/exchanges/:id', async (request, response) => {
    const visit = personVisitOf(response)
    const exchange = await asPartner(deps.store.portal, visit.viewer, (client) =>
      seenExchange(client, request.params.id),
    )
    const title = visit.words.t('exchange.title')
    renderPage(request, response, { view: 'exchange/exchange', title, model: exchangeModel(exchange, visit) })
  })

  router.get('/p/exchanges/:id/raw', async (request, response) => {
    const visit = personVisitOf(response)
    await asPartner(deps.store.portal, visit.viewer, async (client) => {
      const exchange = await seenExchange(client, request.params.id)
      if (exchange.rawId === null) throw new HubError('notFound')
      const name = exchange.name ?? `${exchange.id}.edi`
      await sendPayload(response, { client, sealer: deps.sealer, id: exchange.rawId, name })
    })
  })
  return router
}

/** An exchange; throws HubError `notFound` also for another partner's. */
export async function seenExchange(client: Queryable, id: string): Promise<Exchange> {
  if (!isId(id)) throw new HubError('notFound')
  const exchange = await findExchange(client, asId<TransmissionId>(id), limits.pageRows)
  if (exchange === null) throw new HubError('notFound')
  return exchange
}

function exchangeModel(exchange: Exchange, visit: PersonVisit) {
  const { words, viewer, now } = visit
  const { t } = words
  const partner = exchange.partnerName ?? t('partner.unknown')
  const rows = exchange.documents.map((row) => redactRow(row, viewer))
  const code = exchange.code === null ? null : words.code(exchange.code)
  return {
    heading:
      exchange.name === null
        ? t('exchange.from.unnamed', { partner })
        : t('exchange.from', { name: exchange.name, partner }),
    lead: t('exchange.lead', { at: words.moment(exchange.at, now) }),
    problem: code === null ? null : { ...code, code: exchange.code },
    rows: rows.map((row, index) => rowModel(row, rows[index - 1], visit)),
    raw: exchange.rawId === null ? null : `/p/exchanges/${exchange.id}/raw`,
    facts: [
      { label: t('facts.exchange'), value: exchange.id, mono: true },
      { label: t('exchange.state'), value: t(`state.${exchange.state}` as 'state.accepted') },
      {
        label: t('facts.channel'),
        value: words.channelNamed(exchange.channelKind, exchange.channelKey ?? ''),
      },
      { label: t('exchange.size'), value: exchange.sizeBytes === null ? '' : words.size(exchange.sizeBytes) },
      { label: t('exchange.sha256'), value: exchange.sha256?.toString('hex') ?? '', mono: true },
      {
        label: t('exchange.duplicate'),
        value: exchange.duplicateOf ?? '',
        mono: true,
        href: exchange.duplicateOf === null ? null : `/p/exchanges/${exchange.duplicateOf}`,
      },
    ].filter((fact) => fact.value !== ''),
  }
}
