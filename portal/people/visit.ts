import type { Request, Response } from 'express'
import type { Viewer } from '#hub/store/find.ts'
import type { SignedIn } from '../store/session.ts'
import type { ShownCheckpoint } from '../ledger/checkpoint.ts'
import { languages, wordsIn, type Language, type Words } from '../words.ts'

/** One request of somebody: who, in which language and zone, and as whom they see. */
export interface Visit {
  person: SignedIn | null
  words: Words
  /** Null follows the system. */
  theme: Theme | null
  /** The ledger's last checkpoint, for who is signed in; null where nothing is signed yet or nobody is. */
  checkpoint: ShownCheckpoint | null
  now: Date
}

export const themes = ['light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** A visit of somebody who is signed in. */
export interface PersonVisit extends Visit {
  person: SignedIn
  viewer: Viewer
}

const visits = new WeakMap<Response, Visit>()

/** Notes the visit of this request; called once, before any page. */
export function setVisit(response: Response, visit: Visit): void {
  visits.set(response, visit)
}

/** The visit of this request. */
export function visitOf(response: Response): Visit {
  const visit = visits.get(response)
  if (visit === undefined) throw new Error('the visit is set before the pages')
  return visit
}

/** The visit of a person; only for routes behind the log-in. */
export function personVisitOf(response: Response): PersonVisit {
  const visit = visitOf(response)
  if (visit.person === null) throw new Error('this route stands behind the log-in')
  return { ...visit, person: visit.person, viewer: visit.person.partnerId ?? '*' }
}

/** Language by the person's choice on this device, else of their account, else as the browser asks; theme by choice. */
export function visitFor(request: Request, person: SignedIn | null, now: Date): Visit {
  const cookies = cookiesOf(request)
  const chosen = languages.find((one) => one === cookies.get('language'))
  const asked = request.acceptsLanguages(...languages)
  const language: Language = chosen ?? person?.language ?? (asked === 'fr' ? 'fr' : 'en')
  return {
    person,
    words: wordsIn(language, person?.zone ?? 'UTC'),
    theme: themes.find((one) => one === cookies.get('theme')) ?? null,
    checkpoint: null,
    now,
  }
}

/** The request's cookies by name; the first of a name counts. */
export function cookiesOf(request: Request): Map<string, string> {
  const cookies = new Map<string, string>()
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at < 0) continue
    const name = part.slice(0, at).trim()
    if (!cookies.has(name)) cookies.set(name, part.slice(at + 1).trim())
  }
  return cookies
}
