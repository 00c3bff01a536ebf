import { canonicalJson } from '#hub/base/canonical-json.ts'
import { plan, type ConfigurationDeps, type ConfigurationFile } from './apply.ts'
import type { Change, Facts, PlannedChange } from './change.ts'

/** One thing, or one field of it, in which files and hub differ. */
export interface Difference {
  /** `changed`: it stands in both and differs. `absent`: in the hub and in no file. `new`: in a file and not in the hub. */
  kind: 'changed' | 'absent' | 'new'
  thing: Change['kind']
  /** As changes name it, e.g. `supplier/web`. */
  key: string
  /** E.g. `settings.url`; empty where it is about the whole thing. */
  field: string
  /** What stands in each; undefined for what is not there, and for secrets, which are never shown. */
  hub?: unknown
  wanted?: unknown
  /** Where it stands in the files; null for `absent`. */
  file: string | null
  line: number | null
  column: number | null
}

/**
 * Compares files, taken as the whole configuration, with the hub: every field that differs, and everything that stands in one of the two only.
 * Secrets are compared where their values are at hand. Changes nothing. Throws a ConfigurationError where the files are not valid.
 */
export async function findDrift(
  deps: ConfigurationDeps,
  files: readonly ConfigurationFile[],
): Promise<Difference[]> {
  const { changes } = await plan(deps, files, { whole: true, secretsOptional: true })
  return changes.flatMap(differencesOf)
}

function differencesOf(change: PlannedChange): Difference[] {
  switch (change.action) {
    case 'none':
    case 'missing':
      return []
    case 'absent':
      return [{ ...whole(change), kind: 'absent', file: null, line: null, column: null }]
    case 'add':
      return [{ ...whole(change), kind: 'new', ...placeOf(change, []) }]
    case 'change':
    case 'retire':
      return changedFields(change)
  }
}

function whole({ kind, key }: PlannedChange) {
  return { thing: kind, key, field: '' }
}

function changedFields(change: PlannedChange): Difference[] {
  const { kind, key, before, after } = change
  const base = { kind: 'changed' as const, thing: kind, key }
  const pairs = before && after ? leaves(before, after, []) : []
  // of a password, a token or a secret only that it is another one
  if (pairs.length === 0) return [{ ...base, field: 'value', ...placeOf(change, []) }]
  return pairs.map(({ path, hub, wanted }) => ({
    ...base,
    field: path.join('.'),
    hub,
    wanted,
    ...placeOf(change, path),
  }))
}

interface Leaf {
  path: string[]
  hub: unknown
  wanted: unknown
}

/** The innermost members in which two things differ; lists are compared as a whole. */
function leaves(hub: Facts, wanted: Facts, path: readonly string[]): Leaf[] {
  const names = new Set([...Object.keys(hub), ...Object.keys(wanted)])
  return [...names].flatMap((name) => {
    const one = plain(hub[name])
    const other = plain(wanted[name])
    if (canonicalJson(one ?? null) === canonicalJson(other ?? null)) return []
    const at = [...path, name]
    return isGroup(one) && isGroup(other) ? leaves(one, other, at) : [{ path: at, hub: one, wanted: other }]
  })
}

function isGroup(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Dates as ISO 8601; nothing (null) as undefined. */
function plain(value: unknown): unknown {
  return value === undefined || value === null ? undefined : JSON.parse(JSON.stringify(value))
}

function placeOf({ origin }: PlannedChange, path: readonly string[]) {
  if (origin === undefined) return { file: null, line: null, column: null }
  const { file, line, column } = origin.document.problem([...origin.path, ...path], '')
  return { file, line, column }
}
