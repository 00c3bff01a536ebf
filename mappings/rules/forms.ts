import { limits } from '#hub/base/limits.ts'
import { PlaceError } from './place.ts'
import type { Scope, Source, Target, Value } from './ports.ts'
import type { RuleRun } from './run.ts'

/** What rules are compiled against. */
export interface Forms {
  /** What came in. */
  source: Source
  target: Target
  /** The canonical document, for rules that read a message (`canonical:`); null where it is the source. */
  canonical: Source | null
  /** Whether members of the source's items can be named to expressions. */
  plain: boolean
  /** Key of the lists that rules may look up in. */
  lists: ReadonlySet<string>
  /** Collects the expressions of all rules: their number is their place. */
  expressions: string[]
  problem(path: readonly PropertyKey[], message: string): void
}

/** Reads a value of what came in; `@settings.name` is read beside the document in every form. Throws PlaceError. */
export function valueReader(place: string, forms: Forms): (source: Scope, run: RuleRun) => Value {
  if (place.startsWith('@settings.') || place.startsWith('@sender.') || place.startsWith('@receiver.')) {
    const plain = plainData(place)
    return (_source, run) => plain(run)
  }
  if (place.includes('[]'))
    throw new PlaceError('`[]` stands in `from` only where it stands in `set` too; use `each` otherwise')
  return forms.source.value(place)
}

function plainData(place: string): (run: RuleRun) => Value {
  const [group = '', ...names] = place.slice(1).split('.')
  return ({ data }) => {
    let at: unknown = data[group]
    for (const name of names)
      at =
        typeof at === 'object' && at !== null && Object.hasOwn(at, name)
          ? (at as Record<string, unknown>)[name]
          : undefined
    return typeof at === 'string' || typeof at === 'boolean'
      ? at
      : typeof at === 'number'
        ? String(at)
        : undefined
  }
}

/** Reads a member of the canonical document, in mappings to it. Throws PlaceError. */
export function canonicalReader(place: string, forms: Forms): (source: Scope, run: RuleRun) => Value {
  if (forms.canonical === null)
    throw new PlaceError('`canonical` is for mappings to canonical; use `from` here')
  const read = forms.canonical.value(place)
  return (_source, run) => read(run.canonical, run)
}

/** Takes an expression into the program; its number stands for it. */
export function addExpression(text: string, forms: Forms): number {
  return forms.expressions.push(text) - 1
}

/** Notes that an expression is to be evaluated here. */
export function gather(run: RuleRun, expression: number, value: Value): void {
  if (run.jobs!.size >= limits.mappingSteps) return
  const item = run.items.at(-1) ?? []
  run.jobs!.set(jobKey(expression, run), {
    expression,
    value: value ?? null,
    item,
    index: run.indexes.at(-1) ?? null,
  })
}

/** What tells one evaluation of an expression from those for other items. */
export function jobKey(expression: number, { indexes }: RuleRun): string {
  return indexes.length === 0 ? String(expression) : `${expression}:${indexes.join('.')}`
}
