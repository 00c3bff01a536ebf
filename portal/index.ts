import express, { Router, type NextFunction, type Request, type Response } from 'express'
import helmet from 'helmet'
import { limits } from '#hub/base/limits.ts'
import { assets } from './assets.ts'
import type { PortalDeps } from './deps.ts'
import { createLatestCheckpoint, type LatestCheckpoint } from './ledger/checkpoint.ts'
import { ledgerRoutes } from './ledger/routes.ts'
import { codesRoutes } from './pages/codes/routes.ts'
import { documentRoutes } from './pages/documents/routes.ts'
import { errorPages, notFoundPage } from './pages/error/error-pages.ts'
import { exchangeRoutes } from './pages/exchange/routes.ts'
import { overviewRoutes } from './pages/overview/routes.ts'
import { ownPath, settingsRoutes } from './pages/settings.ts'
import { showSignIn, signInRoutes } from './pages/sign-in/routes.ts'
import { sameSite } from './people/same-site.ts'
import { createSessions, type Sessions } from './people/session.ts'
import { setVisit, visitFor, visitOf } from './people/visit.ts'

/**
 * The portal: server-rendered pages in two languages that work without JavaScript. Every read goes through row-level
 * security as the person's partner (`asPartner`).
 */
export function portalRoutes(deps: PortalDeps): Router {
  const router = Router()
  const sessions = createSessions(deps.store, deps.publicUrl)
  const latestCheckpoint = createLatestCheckpoint(deps.store)
  router.use(assets().serve)
  router.use(pageHeaders(deps.publicUrl))
  router.use(sameSite(deps.publicUrl))
  router.use(visits(deps, sessions, latestCheckpoint))
  router.use(express.urlencoded({ extended: false, limit: limits.formBytes, parameterLimit: 20 }))
  router.use(signInRoutes(deps, sessions))
  router.use(settingsRoutes(deps.publicUrl))
  router.use(codesRoutes())
  router.get('/', (_request, response) => response.redirect('/p/documents'))
  router.use(['/p', '/ops', '/ledger'], signedInOnly(sessions))
  router.get('/p', (_request, response) => response.redirect('/p/documents'))
  router.use(documentRoutes(deps))
  router.use(exchangeRoutes(deps))
  router.use(overviewRoutes(deps))
  router.use(ledgerRoutes(latestCheckpoint))
  router.use(notFoundPage)
  router.use(errorPages(deps.log))
  return router
}

/** DESIGN-SYSTEM §6: nothing inline, nothing from elsewhere, no frame around a page. */
function pageHeaders(publicUrl: string | null) {
  const https = publicUrl?.startsWith('https:') ?? false
  const protect = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: https,
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'same-origin' },
  })
  return (request: Request, response: Response, next: NextFunction): void => {
    response.set('cache-control', 'no-store')
    protect(request, response, next)
  }
}

function visits(deps: PortalDeps, sessions: Sessions, latestCheckpoint: LatestCheckpoint) {
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    setVisit(response, visitFor(request, null, deps.clock.now()))
    const person = await sessions.find(request)
    const checkpoint = person === null ? null : await latestCheckpoint()
    setVisit(response, { ...visitFor(request, person, deps.clock.now()), checkpoint })
    next()
  }
}

/** Pages send strangers to the log-in; who had a session that is over is told so with 401. */
function signedInOnly(sessions: Sessions) {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (visitOf(response).person !== null) return next()
    const ended = sessions.had(request)
    const back = ownPath(request.originalUrl)
    const address = `/sign-in?${new URLSearchParams({ back }).toString()}`
    if (request.get('hx-request') === 'true') response.set('hx-redirect', address).sendStatus(401)
    else if (ended) showSignIn(request, response, { back, ended, status: 401 })
    else response.redirect(address)
  }
}
