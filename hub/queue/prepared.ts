import { createHash } from 'node:crypto'
import { limits } from '#hub/base/limits.ts'
import type { Statement } from '#hub/model/queue.ts'

/** The names of statements, by their text. */
const names = new Map<string, string>()

/**
 * A statement of the queue with a name, so that PostgreSQL plans it once per connection instead of at every call:
 * planning is more than half of what it costs. Only what has parameters has a name, for it is a single statement; and
 * pg-boss writes its SQL from few patterns, so beyond `limits.queueStatements` texts the rest goes without.
 */
export function prepared(text: string, values: unknown[] | undefined): Statement {
  if (values === undefined || values.length === 0) return { text }
  const name = nameOf(text)
  return name === null ? { text, values } : { name, text, values }
}

function nameOf(text: string): string | null {
  const known = names.get(text)
  if (known !== undefined) return known
  if (names.size >= limits.queueStatements) return null
  const name = `queue_${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`
  names.set(text, name)
  return name
}
