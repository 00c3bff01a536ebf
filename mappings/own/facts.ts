import { createHash } from 'node:crypto'
import { canonicalJson } from '#hub/base/canonical-json.ts'

type Facts = Readonly<Record<string, unknown>>

/** SHA-256 of a thing as canonical JSON, in hex. */
export function sha256Of(facts: object): string {
  return createHash('sha256')
    .update(canonicalJson(plain(facts)))
    .digest('hex')
}

/** Names of the members in which two things differ. */
export function differing(before: object, after: object): string[] {
  const [one, other] = [before as Facts, after as Facts]
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  const text = (value: unknown) => canonicalJson(plain(value ?? null))
  return [...names].filter((name) => text(one[name]) !== text(other[name]))
}

/** Members that are undefined left out. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
