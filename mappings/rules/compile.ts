import { JsonNumber } from '#hub/formats/json/index.ts'
import { lookUp } from '#mappings/codes/lookup.ts'
import { conditionOf, type Condition } from './condition.ts'
import { dateConversion, numberConversion, textConversion, type Convert } from './convert.ts'
import { PlaceError, splitAtLoop } from './place.ts'
import {
  addExpression,
  canonicalReader,
  gather,
  jobKey,
  listReader,
  listTarget,
  valueReader,
  type Forms,
} from './forms.ts'
import type { Scope, Value } from './ports.ts'
import type { RuleRun } from './run.ts'
import type { WrittenEach, WrittenIgnore, WrittenRemove, WrittenRule, WrittenSet } from './schema.ts'

/** A rule as a plain function. */
export type CompiledRule = (source: Scope, target: Scope, run: RuleRun) => void

/** Compiles rules in their order; whatever is wrong with one is a problem at its place, and the rule is left out. */
export function compileRules(
  rules: readonly WrittenRule[],
  forms: Forms,
  path: readonly PropertyKey[],
): CompiledRule {
  const compiled: CompiledRule[] = []
  for (const [index, rule] of rules.entries()) {
    const at = [...path, index]
    const made =
      'each' in rule
        ? compileEach(rule, forms, at)
        : 'set' in rule
          ? compileSet(rule, forms, at)
          : 'remove' in rule
            ? compileRemove(rule, forms, at)
            : 'ignore' in rule
              ? compileIgnore(rule, forms, at)
              : null
    if (made !== null) compiled.push(made)
  }
  return (source, target, run) => {
    for (const rule of compiled) rule(source, target, run)
  }
}

function compileSet(rule: WrittenSet, forms: Forms, path: readonly PropertyKey[]): CompiledRule | null {
  const loop = splitAtLoop(rule.set)
  if (loop !== null) return compileImplicit(rule, loop, forms, path)
  const read = attempt(forms, [...path, sourceField(rule)], () => sourceOf(rule, forms))
  const convert = conversionsOf(rule, forms, path)
  const when = whenOf(rule.when, forms, path)
  const beside = {
    ...(rule.after !== undefined && { after: rule.after }),
    ...(rule.before !== undefined && { before: rule.before }),
  }
  const write = attempt(forms, [...path, 'set'], () => forms.target.set(rule.set, beside))
  const expression = rule.expression === undefined ? null : addExpression(rule.expression, forms)
  if (read === null || convert === null || when === null || write === null) return null
  const { set, otherwise } = rule
  const plainNumber = rule.number?.plain === true
  const flag = rule.flag === true
  const reads = forms.canonical !== null
  return (source, target, run) => {
    run.step()
    const isGathering = run.jobs !== null
    if (!isGathering && !when(source, run)) return
    let value = read(source, run)
    if (isGathering) {
      when(source, run)
      if (expression !== null) gather(run, expression, value)
      return
    }
    if (expression !== null) value = run.results.get(jobKey(expression, run)) ?? undefined
    if (flag && typeof value === 'boolean') value = String(value)
    if (typeof value === 'string') value = convert(value, run)
    if (value === undefined || value === '') value = otherwise
    if (flag && reads && (value === 'true' || value === 'false')) value = value === 'true'
    if (value === undefined) return
    run.write(value)
    if (plainNumber && typeof value === 'string') {
      if (!/^-?(0|[1-9]\d*)(\.\d+)?$/.test(value))
        return run.find('valueNotMapped', set, `${quoted(value)} is not a number`)
      return write(target, new JsonNumber(value), run)
    }
    write(target, value, run)
  }
}

function compileRemove(rule: WrittenRemove, forms: Forms, path: readonly PropertyKey[]): CompiledRule | null {
  const loop = splitAtLoop(rule.remove)
  if (loop !== null) return overTarget(loop, { ...rule, remove: loop.rest }, forms, path)
  const remove = attempt(forms, [...path, 'remove'], () => forms.target.remove(rule.remove))
  const when = whenOf(rule.when, forms, path)
  if (remove === null || when === null) return null
  return (source, target, run) => {
    run.step()
    const applies = when(source, run)
    if (run.jobs === null && applies) remove(target, run)
  }
}

/** Everything that stands at the place counts as read, in every item of the list it is in. */
function compileIgnore(
  { ignore }: WrittenIgnore,
  forms: Forms,
  path: readonly PropertyKey[],
): CompiledRule | null {
  const read = attempt(forms, [...path, 'ignore'], () => forms.source.ignore?.(ignore) ?? (() => undefined))
  if (read === null) return null
  return (source, _target, run) => {
    run.step()
    if (run.jobs === null) read(source)
  }
}

/** `orderLine[].x` from `orderLine[].y` is a loop over both. */
function compileImplicit(
  rule: WrittenSet,
  target: { list: string; rest: string },
  forms: Forms,
  path: readonly PropertyKey[],
): CompiledRule | null {
  const source = rule.from === undefined ? null : splitAtLoop(rule.from)
  if (source === null) return overTarget(target, { ...rule, set: target.rest }, forms, path)
  const written: WrittenEach = {
    each: source.list,
    into: target.list,
    rules: [{ ...rule, set: target.rest, from: source.rest }],
  }
  return compileEach(written, forms, path, true)
}

/** A rule for every item that the target has; sources are read outside of the loop, conditions too. */
function overTarget(
  { list: place }: { list: string },
  inner: WrittenSet | WrittenRemove,
  forms: Forms,
  path: readonly PropertyKey[],
): CompiledRule | null {
  const field = 'set' in inner ? 'set' : 'remove'
  const list = attempt(forms, [...path, field], () => forms.target.list(place))
  if (list === null) return null
  const within = { ...forms, target: forms.target.within?.(place) ?? forms.target }
  const rule = 'set' in inner ? compileSet(inner, within, path) : compileRemove(inner, within, path)
  if (rule === null) return null
  return (source, target, run) => {
    // an item that is not made while expressions are gathered has no items either
    if (target === undefined) return
    const items = list(target)
    run.indexes.push(0)
    for (let index = 0; index < items.length; index++) {
      run.indexes[run.indexes.length - 1] = index
      rule(source, items.at(index, false), run)
    }
    run.indexes.pop()
  }
}

function compileEach(
  rule: WrittenEach,
  forms: Forms,
  path: readonly PropertyKey[],
  implicit = false,
): CompiledRule | null {
  const each = attempt(forms, [...path, implicit ? 'from' : 'each'], () => listReader(rule.each, forms))
  const { into } = rule
  const list =
    into === undefined
      ? undefined
      : attempt(forms, [...path, implicit ? 'set' : 'into'], () => listTarget(into, forms))
  if (each === null || list === null) return null
  const within: Forms = {
    ...forms,
    source: each.within,
    target: list?.within ?? forms.target,
    around: [...forms.around, forms.source],
  }
  // of the item, as what stands in the loop
  const when = whenOf(rule.when, within, path)
  const inner = implicit
    ? compileSet(rule.rules[0] as WrittenSet, within, path)
    : compileRules(rule.rules, within, [...path, 'rules'])
  if (when === null || inner === null) return null
  const way = forms.plain ? rule.each.replace(/^\//, '').split('.').flatMap(itemSteps) : []
  return (source, target, run) => {
    const items = each.read(source, run)
    const targets = run.jobs === null || target !== undefined ? list?.open(target, run) : undefined
    const outer = run.items.at(-1) ?? []
    let written = rule.append === true ? (targets?.length ?? 0) : 0
    run.indexes.push(0)
    run.around.push(source)
    for (let index = 0; index < items.length; index++) {
      run.step()
      const item = items[index]
      run.indexes[run.indexes.length - 1] = index
      run.items.push([...outer, ...way, index])
      // a condition that needs an expression is not known while expressions are gathered: then every item is looked at
      if (when(item, run) || run.jobs !== null) {
        const to =
          targets === undefined
            ? into === undefined
              ? target
              : undefined
            : targets.at(written, run.jobs === null)
        written++
        inner(item, to, run)
      }
      run.items.pop()
    }
    run.around.pop()
    run.indexes.pop()
  }
}

function itemSteps(part: string): (string | number)[] {
  const [name = '', ...indexes] = part.split('[')
  return [name, ...indexes.map((index) => Number(index.replace(']', '')))]
}

function sourceField(rule: WrittenSet): string {
  return ['from', 'canonical', 'join', 'value'].find((field) => field in rule) ?? 'expression'
}

function sourceOf(rule: WrittenSet, forms: Forms): (source: Scope, run: RuleRun) => Value {
  const { from, canonical, value, join, separator = ' ' } = rule
  if (value !== undefined) return () => value
  if (from !== undefined) return valueReader(from, forms)
  if (canonical !== undefined) return canonicalReader(canonical, forms)
  if (join === undefined) return () => undefined
  const readers = join.map((place) => valueReader(place, forms))
  return (source, run) => {
    const texts = readers.map((read) => read(source, run)).filter((one) => one !== undefined)
    return texts.length === 0 ? undefined : texts.map(String).join(separator)
  }
}

function conversionsOf(
  rule: WrittenSet,
  forms: Forms,
  path: readonly PropertyKey[],
): ((value: string, run: RuleRun) => string | undefined) | null {
  const made: { convert: Convert; what: string }[] = []
  const add = (field: 'date' | 'number' | 'text', convert: () => Convert, what: string): boolean => {
    const one = attempt(forms, [...path, field], convert)
    if (one !== null) made.push({ convert: one, what })
    return one !== null
  }
  const { date, number, text, lookup, codes, unlisted = 'refuse', otherwise, set } = rule
  if (lookup !== undefined && !forms.lists.has(lookup)) {
    forms.problem([...path, 'lookup'], `expected one of the lists under \`codeLists\`, not \`${lookup}\``)
    return null
  }
  if (
    date !== undefined &&
    !add('date', () => dateConversion(date), `a date as ${date.read ?? 'YYYY-MM-DD'}`)
  )
    return null
  if (number !== undefined && !add('number', () => numberConversion(number), 'a number')) return null
  if (text !== undefined && !add('text', () => textConversion(text), 'a text')) return null
  return (value, run) => {
    let now = value
    if (codes !== undefined) {
      const found = Object.hasOwn(codes, value) ? codes[value] : undefined
      if (found === undefined) {
        if (unlisted !== 'keep') run.giveBack()
        if (otherwise !== undefined || unlisted === 'remove') return otherwise
        if (unlisted === 'refuse') {
          const known = Object.keys(codes).join(', ')
          run.find('valueNotMapped', set, `${quoted(value)} is none of the codes ${known}`)
          return undefined
        }
      }
      now = found ?? value
    }
    if (lookup !== undefined) {
      const found = lookUp(run.lists, lookup, value, run.day)
      if (found === undefined) {
        if (otherwise !== undefined || unlisted === 'remove') return otherwise
        if (unlisted === 'refuse') {
          run.find('codeNotListed', set, `${quoted(value)} is not in the code list \`${lookup}\``)
          return undefined
        }
      }
      now = found ?? value
    }
    // cut, it would name something else
    if (text?.max !== undefined && now.length > text.max) return undefined
    for (const { convert, what } of made) {
      const converted = convert(now)
      if (converted === undefined) {
        run.find('valueNotMapped', set, `${quoted(now)} is not ${what}`)
        return undefined
      }
      now = converted
    }
    return text?.fit === true ? run.fit(now) : now
  }
}

function whenOf(when: WrittenSet['when'], forms: Forms, path: readonly PropertyKey[]): Condition | null {
  if (when === undefined) return () => true
  return attempt(forms, [...path, 'when'], () => conditionOf(when, forms))
}

function attempt<Made>(forms: Forms, path: readonly PropertyKey[], make: () => Made): Made | null {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof PlaceError)) throw error
    forms.problem(path, error.message)
    return null
  }
}

function quoted(value: string): string {
  return JSON.stringify(value.slice(0, 60))
}
