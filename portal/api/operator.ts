import express, { Router, type Request, type Response } from 'express'
import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Store } from '#hub/store/connect.ts'
import { sendProblem } from '#hub/transports/https/problem.ts'
import { personByToken, type ActingPerson } from '../people/token.ts'
import { bearerOf, sendFault } from './answer.ts'

/** What an operator of the hub may ask of the API or have it do: one row, one address and method. */
export interface OperatorRoute {
  method: 'get' | 'post' | 'put' | 'delete'
  /** As express takes it, e.g. `/v1/holds/:id`. */
  path: string
  /** Returns the body of the answer, as JSON; throws HubError for what cannot be done. The request's body is parsed JSON. */
  answer(request: Request, person: ActingPerson): Promise<unknown>
}

/**
 * The routes of people of the hub: each wants the token of a person with the role operator; of an auditor for reading. The token of
 * a partner's channel or person is answered as if there were nothing here.
 */
export function operatorRoutes(deps: { store: Store; log: Log }, routes: readonly OperatorRoute[]): Router {
  const router = Router()
  const json = express.json({ limit: limits.apiBodyBytes, strict: true })
  for (const route of routes) {
    router[route.method](route.path, async (request, response) => {
      try {
        const person = await requirePerson(deps.store, request)
        if (route.method !== 'get') await parsed(json, request, response)
        const body = await route.answer(request, person)
        response.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }).json(body)
      } catch (error) {
        sendFault(deps.log, request, response, error)
      }
    })
  }
  for (const [path, methods] of methodsByPath(routes)) {
    router.all(path, (request, response) => {
      response.set('allow', methods.join(', '))
      sendProblem(request, response, 'methodNotAllowed')
    })
  }
  return router
}

/** Who asks; throws HubError `notAuthenticated` without a good token, `notFound` where the person may not. */
export async function requirePerson(store: Store, request: Request): Promise<ActingPerson> {
  const token = bearerOf(request)
  const person = token === null ? null : await personByToken(store, token)
  if (person === null) throw new HubError('notAuthenticated')
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (person.role === 'operator' || (reads && person.role === 'auditor')) return person
  throw new HubError('notFound')
}

/** The text of the body's member `reason`, which every decision of a person needs; throws HubError `requestInvalid`. @public */
export function reasonOf(request: Request): string {
  const { reason } = (request.body ?? {}) as { reason?: unknown }
  if (
    typeof reason !== 'string' ||
    reason.trim() === '' ||
    reason.length > limits.reasonCharacters ||
    /\p{Cc}/u.test(reason.replaceAll('\n', ' '))
  )
    throw new HubError(
      'requestInvalid',
      `\`reason\` is a text of 1 to ${limits.reasonCharacters} characters, none of them a control character`,
    )
  return reason.trim()
}

function parsed(json: express.RequestHandler, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    void json(request, response, (error?: unknown) => {
      if (error === undefined) resolve()
      else reject(new HubError('requestInvalid', 'the body is not JSON, or too large', { cause: error }))
    })
  })
}

function methodsByPath(routes: readonly OperatorRoute[]): Map<string, string[]> {
  const methods = new Map<string, string[]>()
  for (const { path, method } of routes) {
    const known = methods.get(path) ?? []
    known.push(...(method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
    methods.set(path, known)
  }
  return methods
}
