import type { NextFunction, Request, Response } from 'express'
import type { Log } from '#hub/base/log.ts'
import { codes, type Code, type CodeName } from '#hub/model/codes/index.ts'
import { HubError } from '#hub/model/errors.ts'
import { isDatabaseAway } from '#hub/store/outage.ts'
import { sendProblem } from '#hub/transports/https/problem.ts'
import { visitOf } from '../../people/visit.ts'
import type { Words } from '../../words.ts'
import { renderPage } from '../render.ts'
import { ownPath } from '../settings.ts'

/** When to come again while the database is away. */
const retryAfterSeconds = 10

/** What is not there, and what is another partner's, are answered alike. */
export function notFoundPage(request: Request, response: Response): void {
  showProblem(request, response, 'notFound')
}

/** Errors as pages, with the code that the registry has for them; logged once, here. */
export function errorPages(log: Log) {
  return (error: unknown, request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) return next(error)
    const name = codeOf(error)
    if (name === 'unexpected') log.error({ err: error, method: request.method }, 'a page failed')
    if (name === 'databaseAway') log.warn({ err: error, method: request.method }, 'a page without a database')
    try {
      showProblem(request, response, name)
    } catch {
      response.status(500).type('text').send(codes.unexpected.en.what)
    }
  }
}

function showProblem(request: Request, response: Response, name: CodeName): void {
  response.vary('Accept')
  if (!wantsPage(request)) return sendProblem(request, response, name)
  const row: Code = codes[name]
  const away = name === 'databaseAway'
  if (away) response.set('retry-after', String(retryAfterSeconds))
  let words: Words
  try {
    words = visitOf(response).words
  } catch {
    // refused before anybody was known: the same text without the layout
    response
      .status(row.http ?? 500)
      .type('text')
      .send(`${row.code} ${row.en.what} ${row.en.fix}`)
    return
  }
  // the code speaks to whoever sends documents; a page has taken nothing that could be lost
  const text = away
    ? { what: words.t('error.database.what'), fix: words.t('error.database.fix') }
    : row[words.language]
  const again = away && request.method === 'GET' ? ownPath(request.originalUrl) : null
  renderPage(request, response, {
    view: 'error/error',
    title: text.what,
    status: row.http ?? 500,
    model: { ...text, code: row.code, again },
  })
}

/** Browsers name HTML; programs that take anything get problem details, which they can read. */
function wantsPage(request: Request): boolean {
  return request.get('hx-request') === 'true' || /\btext\/html\b/.test(request.get('accept') ?? '')
}

function codeOf(error: unknown): CodeName {
  if (error instanceof HubError) return error.code
  if (isDatabaseAway(error)) return 'databaseAway'
  const status = (error as { status?: unknown } | null)?.status
  // what express and its body parser refuse
  return typeof status === 'number' && status >= 400 && status < 500 ? 'requestInvalid' : 'unexpected'
}
