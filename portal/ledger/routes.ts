import { Router, type Response } from 'express'
import { HubError } from '#hub/model/errors.ts'
import type { LatestCheckpoint } from './checkpoint.ts'

/**
 * The signed note behind the figure in the footer. For who is signed in: how much a hub has written down tells how much
 * business it does, and whoever is to hold it to its word later has an account.
 */
export function ledgerRoutes(latest: LatestCheckpoint): Router {
  const router = Router()
  router.get('/ledger/checkpoint', async (_request, response) => sendCheckpoint(response, latest))
  return router
}

/** Answers with the last checkpoint as text; throws HubError `notFound` where nothing is signed yet. */
export async function sendCheckpoint(response: Response, latest: LatestCheckpoint): Promise<void> {
  const checkpoint = await latest()
  if (checkpoint === null) throw new HubError('notFound')
  response
    .set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    .set('content-disposition', 'inline; filename="ledger.checkpoint"')
    .type('text/plain')
    .send(checkpoint.note)
}
