import type { CanonicalType, ConditionProblem, RouteCondition } from '#hub/model/mapping.ts'
import { canonicalSchemaOf } from '#hub/canonical/index.ts'
import { conditionOf, type Condition } from './condition.ts'
import type { Forms } from './forms.ts'
import { PlaceError, splitAtLoop } from './place.ts'
import { plainSource } from './plain.ts'
import type { Source, Target } from './ports.ts'
import { RuleRun } from './run.ts'
import { conditionSchema, type WrittenCondition } from './schema.ts'

/*
 * The conditions of agreements: those of rules, asked of the canonical document, without expressions and settings. A
 * place with `[]` (`orderLine[].lineItem.item.name`) is asked of each item, and holds where it holds for one.
 */

/** What is wrong with a condition as it is written; empty where nothing is. */
export function routeConditionProblems(type: CanonicalType, written: unknown): ConditionProblem[] {
  const parsed = conditionSchema.safeParse(written)
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => ({ path, message }))
  const problems: ConditionProblem[] = []
  visit(parsed.data, [], (one, path) => {
    try {
      build(one, sourceOf(type))
    } catch (error) {
      if (!(error instanceof PlaceError)) throw error
      problems.push({ path: [...path, 'from'], message: error.message })
    }
  })
  return problems
}

const compiled = new WeakMap<object, Map<CanonicalType, RouteCondition>>()

/** A condition as plain functions, compiled once for as long as the agreement that holds it is kept in memory. */
export function routeCondition(type: CanonicalType, written: object): RouteCondition {
  const known = compiled.get(written) ?? new Map<CanonicalType, RouteCondition>()
  compiled.set(written, known)
  const before = known.get(type)
  if (before !== undefined) return before
  const made = build(conditionSchema.parse(written), sourceOf(type))
  known.set(type, made)
  return made
}

function visit(
  written: WrittenCondition,
  path: readonly PropertyKey[],
  leaf: (one: WrittenCondition, path: readonly PropertyKey[]) => void,
): void {
  for (const word of ['all', 'any', 'none'] as const)
    for (const [index, one] of (written[word] ?? []).entries()) visit(one, [...path, word, index], leaf)
  if (written.all === undefined && written.any === undefined && written.none === undefined)
    leaf(written, path)
}

function build(written: WrittenCondition, source: Source): RouteCondition {
  const { all, any, none } = written
  const parts = (all ?? any ?? none ?? []).map((one) => build(one, source))
  if (parts.length === 0) return test(written, source)
  const of = (holding: boolean, canonical: object) =>
    parts.filter((one) => one.holds(canonical) === holding).map((one) => one.says(canonical))
  if (all !== undefined)
    return {
      holds: (canonical) => parts.every((one) => one.holds(canonical)),
      says: (canonical) => of(false, canonical).join('; '),
    }
  if (any !== undefined)
    return {
      holds: (canonical) => parts.some((one) => one.holds(canonical)),
      says: (canonical) => `(${of(false, canonical).join(' | ')})`,
    }
  return {
    holds: (canonical) => parts.every((one) => !one.holds(canonical)),
    says: (canonical) =>
      of(true, canonical)
        .map((one) => `¬ ${one}`)
        .join('; '),
  }
}

function test(written: WrittenCondition, source: Source): RouteCondition {
  const { from, canonical, expression } = written
  if (expression !== undefined)
    throw new PlaceError('an agreement is chosen by values, not by expressions: expected `from`')
  const place = from ?? canonical!
  if (place.startsWith('@'))
    throw new PlaceError('expected a place of the canonical document, such as `orderTypeCode`')
  const holds = place.includes('[]')
    ? someItem(written, place, source)
    : conditionOf({ ...written, from: place, canonical: undefined }, formsOf(source))
  const read = place.includes('[]') ? null : source.value(place)
  return {
    holds: (document) => holds(document, noRun()),
    says: (document) => {
      const value = read?.(document, noRun())
      return `${place} ${wanted(written)} ✗ ${value === undefined ? '∅' : shown(value)}`
    },
  }
}

function someItem(written: WrittenCondition, place: string, source: Source): Condition {
  const { list, rest } = splitAtLoop(place)!
  const items = source.list(list)
  const within = source.within!(list)
  const inner = rest.includes('[]')
    ? someItem(written, rest, within)
    : conditionOf({ ...written, from: rest, canonical: undefined }, formsOf(within))
  return (document, run) => items(document, run).some((item) => inner(item, run))
}

/** In signs, for people of any language: `= "220"`, `∈ {"220", "221"}`, `≥ 100`, `∃`. */
function wanted(written: WrittenCondition): string {
  const { is, isNot, in: among, exists, same, charactersMax, atLeast, atMost } = written
  if (is !== undefined) return `= ${shown(is)}`
  if (isNot !== undefined) return `≠ ${shown(isNot)}`
  if (among !== undefined)
    return `∈ {${among.slice(0, 5).map(shown).join(', ')}${among.length > 5 ? ', …' : ''}}`
  if (exists !== undefined) return exists ? '∃' : '∄'
  if (same !== undefined) return `= ${same}`
  if (charactersMax !== undefined) return `≤ ${charactersMax} characters`
  return atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`
}

function shown(value: string | boolean): string {
  const text = String(value).replace(/\p{C}/gu, '\ufffd')
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}

function sourceOf(type: CanonicalType): Source {
  return plainSource(canonicalSchemaOf(type))
}

function formsOf(source: Source): Forms {
  return {
    source,
    target: noTarget,
    whole: { source, target: noTarget },
    around: [],
    canonical: null,
    plain: false,
    lists: new Set(),
    expressions: [],
    problem: (_path, message) => {
      throw new PlaceError(message)
    },
  }
}

function noRun(): RuleRun {
  return new RuleRun({ lists: {}, day: null, data: {} })
}

const noTarget: Target = { set: nothing, remove: nothing, list: nothing }

function nothing(): never {
  throw new PlaceError('a condition writes nothing')
}
