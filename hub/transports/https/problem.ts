import type { Request, Response } from 'express'
import { codes, type Code, type CodeName } from '#hub/model/codes/index.ts'

/** What a problem says beyond its row in the registry. */
export interface ProblemFacts {
  /** The particular case, in the two languages; without it the row's own sentence stands. */
  detail?: { en: string; fr: string }
  /** Further members: ids, limits. Never a secret, never content. */
  members?: Readonly<Record<string, string | number | boolean | null>>
  /** For 429 and 503: when to come again; 10 by default. */
  retryAfterSeconds?: number
}

/** Problem details (RFC 9457) with the registry's code as extension `code` and what to do as `fix`. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: string
  fix: string
  [member: string]: string | number | boolean | null
}

/** The body of a problem in one language. */
export function problemOf(name: CodeName, language: 'en' | 'fr', facts: ProblemFacts = {}): Problem {
  const row: Code = codes[name]
  const text = row[language]
  return {
    type: `/docs#${row.code}`,
    title: text.what,
    status: row.http ?? 500,
    detail: facts.detail?.[language] ?? text.what,
    code: row.code,
    fix: text.fix,
    ...facts.members,
  }
}

/** Answers with a problem in the language that Accept-Language asks for, English otherwise. */
export function sendProblem(req: Request, res: Response, name: CodeName, facts: ProblemFacts = {}): void {
  const language = req.acceptsLanguages('en', 'fr') === 'fr' ? 'fr' : 'en'
  const problem = problemOf(name, language, facts)
  res.status(problem.status)
  res.set('Content-Language', language)
  res.vary('Accept-Language')
  res.set('Cache-Control', 'no-store')
  if (problem.status === 401) res.set('WWW-Authenticate', 'Bearer realm="crossdock"')
  if (problem.status === 429 || problem.status === 503) {
    res.set('Retry-After', String(facts.retryAfterSeconds ?? 10))
  }
  const body = Buffer.from(JSON.stringify(problem))
  res.set('Content-Type', 'application/problem+json')
  res.set('Content-Length', String(body.length))
  res.end(body)
}
