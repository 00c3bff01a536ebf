import { HubError } from '#hub/model/errors.ts'
import type { LibraryMappings } from '#mappings/engine/index.ts'
import type { MappingRow } from '#mappings/store/mapping.ts'
import type { MappingFacts, WrittenRule } from './document.ts'
import { differing } from './facts.ts'

/** What a mapping extends: as it was when it was made, and as it is now. */
export interface Lineage {
  key: string
  version: number
  base: { name: string; version: string; newest: string; library: boolean } | null
  /** What changed upstream: rules that went (`-`) and came (`+`), and other fields by name. Empty where nothing did. */
  changes: string[]
}

/** Compares the base of a version with what stands now. `versions` are all of the base, oldest first. */
export function lineageOf(
  row: MappingRow,
  library: LibraryMappings,
  versions: readonly MappingRow[],
): Lineage {
  const { key, version, base } = row
  if (base === null) return { key, version, base, changes: [] }
  if (library.has(base.name)) {
    const newest = library.versionOf(base.name)
    const changes =
      newest === base.version
        ? []
        : [
            `the library's ${base.name} went from version ${base.version} to ${newest} with an update of the hub, and is in use`,
          ]
    return { key, version, base: { ...base, newest, library: true }, changes }
  }
  const was = versions.find((one) => one.version === Number(base.version))
  const now = versions.findLast(({ state }) => state === 'live') ?? versions.at(-1)
  if (was === undefined || now === undefined)
    throw new HubError(
      'mappingMissing',
      `${base.name} version ${base.version}, which ${key} extends, is not there`,
    )
  return {
    key,
    version,
    base: { ...base, newest: String(now.version), library: false },
    changes: now.version === was.version ? [] : changesBetween(was.facts, now.facts),
  }
}

/** What differs between two versions, a line a rule or field. */
export function changesBetween(was: MappingFacts, now: MappingFacts): string[] {
  const fields = differing(was, now).filter((field) => field !== 'canonical' && field !== 'output')
  const lines = fields.map((field) => `${field} changed`)
  for (const field of ['canonical', 'output'] as const) {
    const [before, after] = [rulesIn(was[field] ?? []), rulesIn(now[field] ?? [])]
    for (const rule of before) if (!after.includes(rule)) lines.push(`- ${field}: ${rule}`)
    for (const rule of after) if (!before.includes(rule)) lines.push(`+ ${field}: ${rule}`)
  }
  return lines
}

/** Rules as they are written, those in loops with the loops around them. */
function rulesIn(rules: readonly WrittenRule[], loops = ''): string[] {
  return rules.flatMap((rule) => {
    if (!('each' in rule)) return [`${loops}${JSON.stringify(rule)}`]
    const { rules: inner, ...loop } = rule
    return rulesIn(inner, `${loops}${JSON.stringify(loop)} `)
  })
}
