import { Router } from 'express'
import { HubError } from '#hub/model/errors.ts'
import { asId, isId, type DeliveryId, type DocumentId } from '#hub/model/ids.ts'
import type { Queryable } from '#hub/store/connect.ts'
import { findDocuments, findExact, type DocumentQuery } from '#hub/store/find.ts'
import { documentTimeline, type DocumentTimeline } from '#hub/store/find-timeline.ts'
import { asPartner } from '#hub/store/transaction.ts'
import type { PortalDeps } from '../../deps.ts'
import { findingsOf, paneBlocks } from '../../panes/panes.ts'
import { noticeModels } from '../../notices/notice-models.ts'
import { personVisitOf } from '../../people/visit.ts'
import { redactRow, redactTimeline } from '../../timeline/redact.ts'
import { sideOf } from '../../turn.ts'
import { sendPayload } from '../download.ts'
import { renderPage } from '../render.ts'
import { bestOf, listModel, listQuery, listRequest, type ListFound } from './list-model.ts'
import { documentModel, paneRequest } from './document-model.ts'

/** The list of documents and a document's timeline. */
export function documentRoutes(deps: PortalDeps): Router {
  const router = Router()

  router.get('/p/documents', async (request, response) => {
    const visit = personVisitOf(response)
    const asked = listRequest(request.query)
    const query = listQuery(asked, visit.viewer)
    const { found, notices } = await asPartner(deps.store.portal, visit.viewer, async (client) => ({
      found: await search(client, query),
      // people of the hub have theirs on the overview
      notices: visit.viewer === '*' ? [] : await noticeModels(client, visit.viewer, visit),
    }))
    const model = { ...listModel(asked, found, visit), notices }
    renderPage(request, response, { view: 'documents/list', title: visit.words.t('documents.title'), model })
  })

  router.get('/p/documents/:id', async (request, response) => {
    const visit = personVisitOf(response)
    const id = idOf<DocumentId>(request.params.id)
    const model = await asPartner(deps.store.portal, visit.viewer, async (client) => {
      const timeline = await seenTimeline(client, id, visit.viewer)
      const side = sideOf(timeline.document, visit.viewer)
      const findings = await findingsOf(client, deps.sealer, timeline, visit.words)
      const asked = paneRequest(request.query, side)
      const { sealer, formats } = deps
      const context = { client, sealer, formats, words: visit.words, side, timeline, findings }
      const first = await paneBlocks(asked.pane, context)
      const beside = asked.beside === null ? null : await paneBlocks(asked.beside, context)
      return documentModel({ timeline, findings, asked, first, beside }, visit)
    })
    renderPage(request, response, { view: 'documents/timeline', title: model.title, model })
  })

  router.get('/p/documents/:id/outputs/:delivery', async (request, response) => {
    const visit = personVisitOf(response)
    const id = idOf<DocumentId>(request.params.id)
    const deliveryId = idOf<DeliveryId>(request.params.delivery)
    await asPartner(deps.store.portal, visit.viewer, async (client) => {
      const timeline = await seenTimeline(client, id, visit.viewer)
      const output = timeline.outputs.find((one) => one.deliveryId === deliveryId)
      if (output === undefined) throw new HubError('notFound')
      await sendPayload(response, { client, sealer: deps.sealer, id: output.payloadId, name: output.wireId })
    })
  })
  return router
}

/** A page of documents with the one that fits best, redacted for its viewer. */
export async function search(client: Queryable, query: DocumentQuery): Promise<ListFound> {
  const page = await findDocuments(client, query)
  const rows = page.rows.map((row) => redactRow(row, query.viewer))
  const first = query.search && !query.before
  const exact = first ? await findExact(client, query) : []
  const best = first ? bestOf(exact, page) : null
  const timeline = best === null ? null : await documentTimeline(client, best.id)
  return {
    page: { ...page, rows },
    best:
      timeline === null
        ? null
        : { timeline: redactTimeline(timeline, query.viewer), others: Math.max(exact.length - 1, 0) },
  }
}

/** A document's timeline as the viewer may see it; throws HubError `notFound` also for another partner's. */
export async function seenTimeline(
  client: Queryable,
  id: DocumentId,
  viewer: DocumentQuery['viewer'],
): Promise<DocumentTimeline> {
  const timeline = await documentTimeline(client, id)
  if (timeline === null) throw new HubError('notFound')
  return redactTimeline(timeline, viewer)
}

/** An id of the address; anything else is not found. */
export function idOf<Id extends DocumentId | DeliveryId>(text: string): Id {
  if (!isId(text)) throw new HubError('notFound')
  return asId<Id>(text)
}
