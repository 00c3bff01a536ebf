import { compareDecimals, decimalFrom } from '#hub/canonical/index.ts'
import type { Scope } from './ports.ts'
import type { RuleRun } from './run.ts'
import { addExpression, canonicalReader, gather, jobKey, valueReader, type Forms } from './forms.ts'
import type { WrittenCondition } from './schema.ts'

export type Condition = (source: Scope, run: RuleRun) => boolean

/** Compiles a condition. While expressions are gathered one with an expression is true. Throws PlaceError. */
export function conditionOf(written: WrittenCondition, forms: Forms): Condition {
  const { all, any, none, expression } = written
  if (all !== undefined) {
    const conditions = all.map((one) => conditionOf(one, forms))
    return (source, run) => conditions.filter((one) => !one(source, run)).length === 0
  }
  if (any !== undefined) {
    const conditions = any.map((one) => conditionOf(one, forms))
    return (source, run) => conditions.filter((one) => one(source, run)).length > 0
  }
  if (none !== undefined) {
    const conditions = none.map((one) => conditionOf(one, forms))
    return (source, run) => conditions.filter((one) => one(source, run)).length === 0 || run.jobs !== null
  }
  if (expression !== undefined) {
    const number = addExpression(expression, forms)
    return (_source, run) => {
      if (run.jobs !== null) gather(run, number, undefined)
      const result = run.results.get(jobKey(number, run))
      return (
        run.jobs !== null || (result !== null && result !== undefined && result !== false && result !== '0')
      )
    }
  }
  return testOf(written, forms)
}

function testOf(
  { from, canonical, is, isNot, in: among, exists, same, charactersMax, atLeast, atMost }: WrittenCondition,
  forms: Forms,
): Condition {
  const read = from === undefined ? canonicalReader(canonical!, forms) : valueReader(from, forms)
  if (exists !== undefined) return (source, run) => (read(source, run) !== undefined) === exists
  if (is !== undefined) return (source, run) => read(source, run) === is
  if (isNot !== undefined) return (source, run) => read(source, run) !== isNot
  if (charactersMax !== undefined)
    return (source, run) => {
      const value = read(source, run)
      return typeof value === 'string' && value.length <= charactersMax
    }
  if (same !== undefined) {
    const other = valueReader(same, forms)
    return (source, run) => {
      const value = read(source, run)
      return value !== undefined && value === other(source, run)
    }
  }
  const bound = atLeast ?? atMost
  if (bound !== undefined) {
    const sign = atLeast === undefined ? -1 : 1
    return (source, run) => {
      const value = read(source, run)
      const decimal = typeof value === 'string' ? decimalFrom(value) : null
      return decimal !== null && compareDecimals(decimal, bound) * sign >= 0
    }
  }
  const listed = new Set(among)
  return (source, run) => {
    const value = read(source, run)
    return typeof value === 'string' && listed.has(value)
  }
}
