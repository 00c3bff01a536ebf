import { createHash } from 'node:crypto'
import { canonicalJson } from '#hub/base/canonical-json.ts'
import type { PartnerId } from '#hub/model/ids.ts'
import type { Environment } from '#hub/model/states.ts'
import type { Client } from '#hub/store/connect.ts'
import type { Placed } from './files.ts'

/**
 * What applying would do to one thing. `absent`: it stands in the hub and in no file; it stays. `missing`: a secret that the file leaves to
 * the hub (`keep`), and the hub has none: its name is noted, its value has to be given.
 */
export interface Change {
  kind:
    | 'partner'
    | 'identity'
    | 'channel'
    | 'credential'
    | 'secret'
    | 'profile'
    | 'agreement'
    | 'codeList'
    | 'mapping'
  /** E.g. `retailer`, `retailer/gln:4012345000009@live`, `retailer sends order as edifact (live, guide *)`. */
  key: string
  action: 'add' | 'change' | 'retire' | 'absent' | 'missing' | 'none'
  /** The version it has afterwards, of what has versions. */
  version: number | null
  /** The fields that change. */
  fields: string[]
}

/** A change with what carries it out. */
export interface PlannedChange extends Change {
  /** Of what belongs to one. */
  env?: Environment
  /** Of what has versions: whether one that is live begins or ends. */
  live?: boolean
  /** Null for what belongs to no partner. */
  partnerId: PartnerId | null
  /** SHA-256 of what it is afterwards, without any secret, as canonical JSON; in hex. */
  sha256: string
  write: ((client: Client) => Promise<void>) | null
  /** What stands (null: nothing) and what is wanted, of what is compared field by field. */
  before?: Facts | null
  after?: Facts
  origin?: Origin
}

/** Where a thing stands in its file. */
export interface Origin {
  document: Placed<unknown>
  path: readonly PropertyKey[]
}

export type Facts = Readonly<Record<string, unknown>>

/** Compares what stands with what is wanted; `before` is null for what is new. */
export function compare(
  thing: Pick<Change, 'kind' | 'key'> & {
    partnerId: PartnerId
    version?: number
    origin?: Origin
    env?: Environment
  },
  facts: { before: Facts | null; after: Facts },
  write: (client: Client) => Promise<void>,
): PlannedChange {
  const fields = differing(facts.before ?? {}, facts.after)
  const action = facts.before === null ? 'add' : fields.length === 0 ? 'none' : 'change'
  return {
    ...thing,
    version: thing.version ?? null,
    action,
    fields,
    sha256: factsSha256(facts.after),
    write: action === 'none' ? null : write,
    before: facts.before,
    after: facts.after,
  }
}

/** What stands in the hub and in no file. */
export function absent(thing: Pick<Change, 'kind' | 'key'> & { partnerId: PartnerId }): PlannedChange {
  return { ...thing, version: null, action: 'absent', fields: [], sha256: '', write: null }
}

/** Names of the members in which two things differ. */
export function differing(before: Facts, after: Facts): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => text(before[name]) !== text(after[name]))
}

export function factsSha256(facts: Facts): string {
  return createHash('sha256')
    .update(canonicalJson(plain(facts)))
    .digest('hex')
}

function text(value: unknown): string {
  return canonicalJson(plain(value ?? null))
}

/** Dates as ISO 8601, members that are undefined left out. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
