import type { Request, Response } from 'express'
import type { Log } from '#hub/base/log.ts'
import { codes } from '#hub/model/codes/index.ts'
import { HubError } from '#hub/model/errors.ts'
import { isDatabaseAway } from '#hub/store/outage.ts'
import { sendProblem } from '#hub/transports/https/problem.ts'

/** The bearer token of a request (RFC 6750 §2.1), or null. */
export function bearerOf(request: Request): string | null {
  return /^Bearer +([\w~+/.=-]{1,512})$/i.exec(request.headers.authorization ?? '')?.[1] ?? null
}

/** Answers what was thrown as problem details: a HubError by its code and sentence, a database that is away, or the unexpected. */
export function sendFault(log: Log, request: Request, response: Response, error: unknown): void {
  if (error instanceof HubError) {
    const { en, fr } = codes[error.code]
    const detail = { en: error.message, fr: `${fr.what} (${error.message})` }
    return sendProblem(request, response, error.code, error.message === en.what ? {} : { detail })
  }
  if (isDatabaseAway(error)) {
    log.warn({ err: error, method: request.method }, 'api: a request without a database')
    return sendProblem(request, response, 'databaseAway', { detail: databaseAwayDetail })
  }
  log.error({ err: error, method: request.method }, 'api: a request failed')
  sendProblem(request, response, 'unexpected')
}

/** The code's own sentence speaks of what is sent. */
const databaseAwayDetail = {
  en: 'The hub cannot reach its database, so this cannot be answered now. Ask again later.',
  fr: 'La plateforme ne joint pas sa base de données ; elle ne peut pas répondre pour l’instant. Redemandez plus tard.',
}
