import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { canonicalSchemaOf } from '#hub/canonical/index.ts'
import { canonicalTypes, type CanonicalDocument, type Place } from '#hub/model/mapping.ts'
import { compileRules, type CompiledRule } from '#mappings/rules/compile.ts'
import { edifactSource } from '#mappings/rules/edifact-source.ts'
import { edifactTarget } from '#mappings/rules/edifact-target.ts'
import { expandPairs, type PairDirection } from '#mappings/rules/pairs.ts'
import { plainSource, plainTarget } from '#mappings/rules/plain.ts'
import { ruleSchema, type WrittenRule } from '#mappings/rules/schema.ts'
import { collectPlaces } from '#mappings/rules/written-places.ts'

/*
 * Mappings of the library that are rules: a YAML file with `library` (what it maps), `parts` and `rules`, which are written
 * for both ways in the language of docs/mappings.md.
 */

const rulesField = z.array(ruleSchema)

const fileSchema = z.strictObject({
  library: z.strictObject({
    type: z.array(z.enum(canonicalTypes)).min(1),
    message: z.string(),
    /** Raised with what the mapping does: documents keep it. */
    version: z.string(),
  }),
  parts: z.record(z.string(), rulesField).default({}),
  rules: rulesField,
})

/** Rules of a library mapping, compiled for both ways. */
export interface RuledMapping {
  version: string
  message: string
  read: CompiledRule
  write: CompiledRule
  places: Readonly<Record<string, Place>>
}

/**
 * Reads and compiles a file of the library for a type; `shared` holds parts that several files use. Throws Error where a
 * rule is wrong: the files are ours.
 */
export function ruledMapping(file: URL, shared: URL, type: CanonicalDocument['type']): RuledMapping {
  const written = fileSchema.parse(parse(readFileSync(file, 'utf8')))
  const { parts } = z
    .strictObject({ parts: z.record(z.string(), rulesField) })
    .parse(parse(readFileSync(shared, 'utf8')))
  const { library, rules } = written
  const all = { ...parts, ...written.parts }
  const reading = expandPairs(rules, 'toCanonical', all)
  return {
    version: library.version,
    message: library.message,
    read: compiled(reading, type, 'toCanonical'),
    write: compiled(expandPairs(rules, 'fromCanonical', all), type, 'fromCanonical'),
    places: Object.fromEntries(
      Array.from(collectPlaces(reading), ([member, place]) => [member, { what: member, write: place }]),
    ),
  }
}

function compiled(
  rules: readonly WrittenRule[],
  type: CanonicalDocument['type'],
  direction: PairDirection,
): CompiledRule {
  const reads = direction === 'toCanonical'
  const schema = canonicalSchemaOf(type)
  const problems: string[] = []
  const source = reads ? edifactSource : plainSource(schema)
  const target = reads ? plainTarget(schema) : edifactTarget
  const apply = compileRules(
    rules,
    {
      source,
      target,
      whole: { source, target },
      around: [],
      canonical: reads ? plainSource(schema) : null,
      plain: !reads,
      lists: new Set(),
      expressions: [],
      problem: (path, message) =>
        void problems.push(`${JSON.stringify(rules[Number(path[0])])} ${path.join('.')}: ${message}`),
    },
    [],
  )
  if (problems.length > 0) throw new Error(`${type} ${direction}: ${problems.join('\n')}`)
  return apply
}
