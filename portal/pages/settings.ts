import { Router, type Request } from 'express'
import { themes } from '../people/visit.ts'
import { languages } from '../words.ts'

/** Language and appearance, kept on the device. */
export function settingsRoutes(publicUrl: string | null): Router {
  const router = Router()
  router.post('/settings', (request, response) => {
    const form = (request.body ?? {}) as Record<string, unknown>
    const options = {
      httpOnly: true,
      sameSite: 'lax' as const,
      secure: isSecure(request, publicUrl),
      maxAge: 365 * 24 * 3_600_000,
    }
    const language = languages.find((one) => one === form['language'])
    if (language) response.cookie('language', language, options)
    const theme = themes.find((one) => one === form['theme'])
    if (theme) response.cookie('theme', theme, options)
    if (form['theme'] === 'auto') response.clearCookie('theme')
    response.redirect(303, ownPath(form['back']))
  })
  return router
}

/** A path of this portal, whatever was given: never an address elsewhere, and nothing that looks like a secret in its query. */
export function ownPath(given: unknown): string {
  if (typeof given !== 'string' || !/^\/(?![/\\])/.test(given)) return '/p/documents'
  try {
    const url = new URL(given, 'http://portal.invalid')
    if (url.host !== 'portal.invalid') return '/p/documents'
    // set only where something goes: it writes the others in another form
    for (const name of new Set(url.searchParams.keys()))
      if (secretName.test(name)) url.searchParams.delete(name)
    return `${url.pathname}${url.search}`
  } catch {
    return '/p/documents'
  }
}

/** Parameters in which partners' programs put what belongs into a header. */
const secretName = /token|key|secret|passw|auth|session/i

function isSecure(request: Request, publicUrl: string | null): boolean {
  return request.secure || (publicUrl?.startsWith('https:') ?? false)
}
