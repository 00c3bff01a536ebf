/** `T` while its values are still being found: each may be missing. */
export type Found<T> = { [Member in keyof T]: T[Member] | undefined }

/**
 * An object of the members that have a value; undefined if none has. Undefined, empty lists and empty objects are no
 * values. What the type demands may still be missing: the check of the canonical document finds that, by its path.
 */
export function compact<T extends object>(members: Found<T>): T | undefined {
  if (isFull(members)) return members
  let kept: Record<string, unknown> | undefined
  for (const name in members) {
    const value: unknown = members[name]
    if (isNothing(value)) continue
    kept ??= {}
    kept[name] = value
  }
  return kept as T | undefined
}

/** The values of a list that are there; undefined if none is. */
export function compactList<T>(values: readonly (T | undefined)[]): T[] | undefined {
  if (values.length === 0) return undefined
  const kept = values.filter((value) => !isNothing(value)) as T[]
  return kept.length === 0 ? undefined : kept
}

function isFull<T extends object>(members: Found<T>): members is T {
  for (const name in members) if (isNothing(members[name])) return false
  return !isNothing(members)
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === '') return true
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.length === 0
  for (const _ in value) return false
  return true
}
