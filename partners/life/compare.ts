import { canonicalJson } from '#hub/base/canonical-json.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Thing, Version } from './things.ts'

/** One field in which two versions differ; undefined stands for what is not there. */
export interface FieldChange {
  /** E.g. `terms.rails.linesMax`. */
  field: string
  from: unknown
  to: unknown
}

/** The version of this number; throws HubError `nameUnknown` with those that there are. */
export function versionOf(thing: Thing, version: number): Version {
  const found = thing.versions.find((one) => one.version === version)
  if (found !== undefined) return found
  const numbers = thing.versions.map((one) => one.version).join(', ')
  throw new HubError('nameUnknown', `\`${thing.key}\` has no version ${version}; there are ${numbers}`)
}

/** Compares two versions of one thing field by field; lists are compared as a whole. Where each stands in its life is no field. */
export function compareVersions(thing: Thing, from: number, to: number): FieldChange[] {
  const { state: _from, ...before } = versionOf(thing, from).content
  const { state: _to, ...after } = versionOf(thing, to).content
  return differences(before, after, [])
}

function differences(before: unknown, after: unknown, path: readonly string[]): FieldChange[] {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return []
  if (!isGroup(before) || !isGroup(after)) return [{ field: path.join('.'), from: before, to: after }]
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((name) => differences(before[name], after[name], [...path, name]))
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
