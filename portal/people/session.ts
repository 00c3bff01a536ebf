import { createHash, randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'
import { limits } from '#hub/base/limits.ts'
import type { PersonId } from '#hub/model/ids.ts'
import type { Store } from '#hub/store/connect.ts'
import { asPartner } from '#hub/store/transaction.ts'
import { appendEntries } from '#hub/store/entry.ts'
import type { PartnerId } from '#hub/model/ids.ts'
import {
  deleteEndedSessions,
  deleteSession,
  insertSession,
  touchSession,
  type SignedIn,
} from '../store/session.ts'
import { cookiesOf } from './visit.ts'

/**
 * Sessions: a random token in a cookie, of which only the hash is stored. A new one at each log-in, gone at log-out, after
 * half an hour without a request and after twelve hours in any case.
 */
export interface Sessions {
  /** Who is signed in with this request, or null. */
  find(request: Request): Promise<SignedIn | null>
  begin(
    request: Request,
    response: Response,
    person: { id: PersonId; partnerId: PartnerId | null },
  ): Promise<void>
  end(request: Request, response: Response): Promise<void>
  /** Whether the request bears a session's cookie, also one that is over. */
  had(request: Request): boolean
}

export function createSessions(store: Store, publicUrl: string | null): Sessions {
  const asHub = <Result>(work: Parameters<typeof asPartner<Result>>[2]) => asPartner(store.portal, '*', work)
  const secure = (request: Request) => request.secure || (publicUrl?.startsWith('https:') ?? false)
  const cookie = (request: Request) => (secure(request) ? '__Host-session' : 'session')
  const tokenOf = (request: Request) => cookiesOf(request).get(cookie(request)) ?? null
  const forget = async (request: Request) => {
    const token = tokenOf(request)
    if (isToken(token)) await asHub((client) => deleteSession(client, digest(token)))
  }
  return {
    find: async (request) => {
      const token = tokenOf(request)
      if (!isToken(token)) return null
      return asHub((client) => touchSession(client, digest(token), limits.sessionIdleMinutes))
    },
    begin: async (request, response, person) => {
      await forget(request)
      const token = randomBytes(32).toString('base64url')
      await asHub(async (client) => {
        await deleteEndedSessions(client, limits.sessionIdleMinutes)
        await insertSession(client, {
          tokenSha256: digest(token),
          personId: person.id,
          hours: limits.sessionHours,
        })
        await appendEntries(client, [
          {
            type: 'person.signed_in',
            partnerId: person.partnerId,
            body: { person: person.id },
            actor: `person:${person.id}`,
          },
        ])
      })
      response.cookie(cookie(request), token, {
        httpOnly: true,
        sameSite: 'lax',
        secure: secure(request),
        path: '/',
        encode: String,
      })
    },
    end: async (request, response) => {
      await forget(request)
      response.clearCookie(cookie(request), {
        httpOnly: true,
        sameSite: 'lax',
        secure: secure(request),
        path: '/',
      })
    },
    had: (request) => tokenOf(request) !== null,
  }
}

function isToken(token: string | null): token is string {
  return token !== null && /^[\w-]{43}$/.test(token)
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
