import type { NextFunction, Request, Response } from 'express'
import { HubError } from '#hub/model/errors.ts'

/**
 * Refuses changes that another site asks for (cross-site request forgery): by Sec-Fetch-Site where the browser says it, else by
 * Origin, which must name this host or the public address. Without either it is no browser's form, and the cookie's
 * SameSite=Lax would have kept the session out.
 */
export function sameSite(publicUrl: string | null) {
  const publicHost = publicUrl === null ? null : new URL(publicUrl).host
  return (request: Request, _response: Response, next: NextFunction): void => {
    if (request.method === 'GET' || request.method === 'HEAD') return next()
    const site = request.get('sec-fetch-site')
    const origin = request.get('origin')
    if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new HubError('crossSite')
    if (origin !== undefined && !isOwn(origin, [request.get('host') ?? null, publicHost]))
      throw new HubError('crossSite')
    next()
  }
}

function isOwn(origin: string, hosts: readonly (string | null)[]): boolean {
  try {
    return hosts.includes(new URL(origin).host)
  } catch {
    return false
  }
}
