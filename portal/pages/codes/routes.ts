import { Router } from 'express'
import { visitOf } from '../../people/visit.ts'
import { renderPage } from '../render.ts'
import { codeGroups } from './codes-model.ts'

/** The registry of codes, for everybody: what the `type` of every problem points to. */
export function codesRoutes(): Router {
  const router = Router()
  router.get('/docs', (request, response) => {
    const { words } = visitOf(response)
    const model = { groups: codeGroups(words) }
    renderPage(request, response, { view: 'codes/codes', title: words.t('codes.title'), model })
  })
  return router
}
