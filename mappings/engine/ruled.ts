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
    /** Of types after the first: words of the file that are others for them, members and codes. */
    words: z.partialRecord(z.enum(canonicalTypes), z.record(z.string(), z.string())).optional(),
    /** Raised with what the mapping does: documents keep it. */
    version: z.string(),
  }),
  parts: z.record(z.string(), rulesField).default({}),
  rules: rulesField,
})

const sharedSchema = z.strictObject({ parts: z.record(z.string(), rulesField) })

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
  const parsed = fileSchema.parse(parse(readFileSync(file, 'utf8')))
  const { library, rules, parts: own } = inWordsOf(type, parsed)
  const { parts } = sharedSchema.parse(parse(readFileSync(shared, 'utf8')))
  const all = { ...parts, ...own }
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

type RuleFile = z.output<typeof fileSchema>

/** The file as it is for one of its types: whole texts, and the names in paths. */
function inWordsOf(type: CanonicalDocument['type'], file: RuleFile): RuleFile {
  const words = file.library.words?.[type]
  if (words === undefined) return file
  const change = (value: unknown): unknown => {
    if (typeof value === 'string')
      return value.replaceAll(/[A-Za-z0-9]+/g, (word) => (Object.hasOwn(words, word) ? words[word]! : word))
    if (Array.isArray(value)) return value.map(change)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, change(of)]))
  }
  return {
    ...file,
    rules: change(file.rules) as WrittenRule[],
    parts: change(file.parts) as RuleFile['parts'],
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
