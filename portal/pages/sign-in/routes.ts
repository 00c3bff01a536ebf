import { Router, type Request, type Response } from 'express'
import { HubError } from '#hub/model/errors.ts'
import { codes, type CodeName } from '#hub/model/codes/index.ts'
import type { PortalDeps } from '../../deps.ts'
import type { Sessions } from '../../people/session.ts'
import { createSignIn } from '../../people/sign-in.ts'
import { visitOf } from '../../people/visit.ts'
import { renderPage } from '../render.ts'
import { ownPath } from '../settings.ts'

/** Log-in and log-out. */
export function signInRoutes(deps: PortalDeps, sessions: Sessions): Router {
  const router = Router()
  const signIn = createSignIn(deps.store)

  router.get('/sign-in', (request, response) => {
    if (visitOf(response).person !== null) return response.redirect(ownPath(request.query['back']))
    showSignIn(request, response, { back: request.query['back'] })
  })

  router.post('/sign-in', async (request, response) => {
    const form = (request.body ?? {}) as Record<string, unknown>
    const email = textOf(form['email'])
    try {
      const attempt = { email, password: textOf(form['password']), address: request.ip ?? '' }
      const outcome = await signIn(attempt)
      if ('tooMany' in outcome) {
        response.set('retry-after', String(outcome.tooMany))
        showSignIn(request, response, { back: form['back'], email, problem: 'tooManyRequests' })
        return
      }
      await sessions.begin(request, response, outcome)
      response.redirect(303, ownPath(form['back']))
    } catch (error) {
      if (!(error instanceof HubError) || error.code !== 'signInFailed') throw error
      showSignIn(request, response, { back: form['back'], email, problem: 'signInFailed' })
    }
  })

  router.post('/sign-out', async (request, response) => {
    await sessions.end(request, response)
    response.redirect(303, '/sign-in')
  })
  return router
}

interface FormState {
  back: unknown
  email?: string
  ended?: boolean
  problem?: CodeName
  status?: number
}

/** The form, again with what was typed where something was wrong: 422, or 429 after too many tries. */
export function showSignIn(request: Request, response: Response, state: FormState): void {
  const { words } = visitOf(response)
  const row = state.problem === undefined ? null : codes[state.problem]
  renderPage(request, response, {
    view: 'sign-in/sign-in',
    title: words.t('sign_in.title'),
    status: row === null ? (state.status ?? 200) : ((row as { http?: number }).http ?? 422),
    model: {
      back: ownPath(state.back),
      email: state.email ?? '',
      ended: state.ended === true,
      problem: row === null ? null : { ...row[words.language], code: row.code },
    },
  })
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
