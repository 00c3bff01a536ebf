import { limits } from '#hub/base/limits.ts'
import { PlaceError } from './place.ts'
import type { Scope, Source, Target, TargetList, Value } from './ports.ts'
import type { RuleRun } from './run.ts'

/** What rules are compiled against. */
export interface Forms {
  /** What came in. */
  source: Source
  target: Target
  /** The same for the whole of what came in and is written, for places that begin with a slash. */
  whole: { source: Source; target: Target }
  /** What the loops around read, outermost first, for places that begin with `../`. */
  around: readonly Source[]
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
  if (place === '@index') return (_source, run) => String((run.indexes.at(-1) ?? 0) + 1)
  if (/^@(settings|sender|receiver|message)\./.test(place)) {
    const plain = plainData(place)
    return (_source, run) => plain(run)
  }
  if (place.startsWith('/')) {
    const read = forms.whole.source.value(place.slice(1))
    return (_source, run) => read(run.whole.source, run)
  }
  if (place.startsWith('../')) {
    const out = outwards(place, forms)
    const read = out.source.value(out.place)
    return (_source, run) => read(run.around.at(-out.loops), run)
  }
  if (place.includes('[]'))
    throw new PlaceError('`[]` stands in `from` only where it stands in `set` too; use `each` otherwise')
  return forms.source.value(place)
}

/** The loop that a place with `../` in front speaks of: one further out for each. Throws PlaceError. */
function outwards(place: string, { around }: Forms): { source: Source; place: string; loops: number } {
  const [dots = ''] = /^(\.\.\/)+/.exec(place) ?? []
  const loops = dots.length / 3
  const source = around.at(-loops)
  if (source === undefined) throw new PlaceError(`\`${place}\` leads out of more loops than there are`)
  return { source, place: place.slice(dots.length), loops }
}

/** The items of a list, of the whole where its place begins with a slash; with the source that its items are read by. */
export function listReader(
  place: string,
  forms: Forms,
): { read: (source: Scope, run: RuleRun) => readonly Scope[]; within: Source } {
  const isWhole = place.startsWith('/')
  const source = isWhole ? forms.whole.source : forms.source
  const bare = isWhole ? place.slice(1) : place
  const list = source.list(bare)
  return {
    read: isWhole ? (_source, run) => list(run.whole.source, run) : list,
    within: source.within?.(bare) ?? source,
  }
}

/** The list that a loop writes, of the whole where its place begins with a slash. */
export function listTarget(
  place: string,
  forms: Forms,
): { open: (target: Scope, run: RuleRun) => TargetList; within: Target } {
  const isWhole = place.startsWith('/')
  const target = isWhole ? forms.whole.target : forms.target
  const bare = isWhole ? place.slice(1) : place
  const list = target.list(bare)
  return {
    open: (scope, run) => list(isWhole ? run.whole.target : scope),
    within: target.within?.(bare) ?? target,
  }
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
