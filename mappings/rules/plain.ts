import { JsonNumber, jsonObject } from '#hub/formats/json/index.ts'
import { canonicalSchemaAt, checkFrom, type Schema } from './canonical-places.ts'
import { PlaceError, stepsOf, type Step } from './place.ts'
import type { Source, Target, Value } from './ports.ts'

type Node = Record<Step, unknown>

/**
 * Reads canonical and JSON documents: `orderLine[0].lineItem.id`, `orderLine.length`; `.` is the item itself. With a schema
 * places are checked against it.
 */
export function plainSource(schema: Schema | null): Source {
  return {
    value: (place) => {
      if (place === '.') return valueOf
      const steps = stepsOf(place)
      const counts = steps.at(-1) === 'length' && steps.length > 1
      if (schema !== null)
        if (counts) checkFrom(schema, steps.slice(0, -1), 'list')
        else checkFrom(schema, steps, 'value')
      const read = follow(steps)
      return (scope) => valueOf(read(scope))
    },
    list: (place) => {
      const steps = stepsOf(place)
      if (schema !== null) checkFrom(schema, steps, 'list')
      const read = follow(steps)
      return (scope) => {
        const found = read(scope)
        return Array.isArray(found) ? found : found === undefined || found === null ? [] : [found]
      }
    },
    within: (place) =>
      plainSource(schema === null ? null : canonicalSchemaAt(schema, [...stepsOf(place), 0])),
  }
}

function follow(steps: readonly Step[]): (scope: unknown) => unknown {
  const [first, second, third] = steps
  // most paths are short
  if (steps.length === 1) return (scope) => member(scope, first!)
  if (steps.length === 2) return (scope) => member(member(scope, first!), second!)
  if (steps.length === 3) return (scope) => member(member(member(scope, first!), second!), third!)
  return (scope) => {
    let at = scope
    for (const step of steps) at = member(at, step)
    return at
  }
}

function member(of: unknown, step: Step): unknown {
  if (typeof of !== 'object' || of === null) return undefined
  return Object.hasOwn(of, step) ? (of as Node)[step] : undefined
}

function valueOf(found: unknown): Value {
  if (typeof found === 'string') return found === '' ? undefined : found
  if (typeof found === 'boolean') return found
  if (found instanceof JsonNumber) return found.text
  if (typeof found === 'number') return String(found)
  return undefined
}

/** Where rules write into a tree of objects and lists; each object that they touch is copied once, and the rest shared. */
export interface PlainScope {
  node: Node
  draft: PlainDraft
  /** The item of the list `node` that is meant, where it is made only with its first value. */
  slot?: number
}

/** A tree that is changed without changing the one it began as. */
export class PlainDraft {
  readonly root: PlainScope
  readonly #own = new Set<object>()
  readonly #bare: boolean

  /** `bare`: objects that are made have no prototype, as those of JSON trees. */
  constructor(from: object, bare: boolean) {
    this.#bare = bare
    this.root = { node: this.#copied(from) as Node, draft: this }
  }

  /** The member as an object that may be changed; made where there is none and `make` is given. */
  child(of: Node, step: Step, make: 'object' | 'list' | null): Node | undefined {
    const found = Object.hasOwn(of, step) ? of[step] : undefined
    if (typeof found === 'object' && found !== null && !(found instanceof JsonNumber)) {
      if (this.#own.has(found)) return found as Node
      const copy = this.#copied(found) as Node
      of[step] = copy
      return copy
    }
    if (make === null) return undefined
    const made = make === 'list' ? [] : this.#bare ? jsonObject() : {}
    this.#own.add(made)
    of[step] = made
    return made as Node
  }

  #copied(from: object): object {
    const copy = Array.isArray(from)
      ? from.slice()
      : (Object.assign(Object.create(Object.getPrototypeOf(from) as object | null) as object, from) as object)
    this.#own.add(copy)
    return copy
  }
}

/** Writes into canonical documents, whose places are checked against their schema, and JSON trees. */
export function plainTarget(schema: Schema | null): Target {
  const check = (steps: readonly Step[], context: 'value' | 'list' | 'any'): void => {
    if (schema !== null) checkFrom(schema, steps, context)
  }
  return {
    set: (place) => {
      if (place === '.') return setItem
      const steps = checked(place, 'value', check)
      const way = steps.slice(0, -1)
      const last = steps.at(-1)!
      const kinds = kindsAlong(steps)
      return (scope, value) => {
        const at = walk(scope as PlainScope, way, kinds)!
        if (Array.isArray(at) && typeof last === 'number' && last > at.length)
          throw new PlaceError(`item ${last} is set before item ${at.length}`)
        at[last] = value
      }
    },
    remove: (place) => {
      const steps = checked(place, 'any', check)
      const way = steps.slice(0, -1)
      const last = steps.at(-1)!
      return (scope) => {
        const at = walk(scope as PlainScope, way, null)
        if (at === undefined) return
        if (Array.isArray(at) && typeof last === 'number') {
          if (last < at.length) at.splice(last, 1)
        } else delete at[last]
      }
    },
    within: (place) =>
      plainTarget(schema === null ? null : canonicalSchemaAt(schema, [...stepsOf(place), 0])),
    list: (place) => {
      const steps = checked(place, 'list', check)
      const kinds = kindsAlong([...steps, 0])
      return (scope) => {
        const { draft } = scope as PlainScope
        let list = walk(scope as PlainScope, steps, null)
        return {
          get length() {
            return Array.isArray(list) ? list.length : 0
          },
          at: (index, make) => {
            if (make) list ??= walk(scope as PlainScope, steps, kinds)
            if (!Array.isArray(list) || (!make && index >= list.length)) return undefined
            // an item that came to nothing leaves no gap
            const slot = make ? Math.min(index, list.length) : index
            return { node: list as unknown as Node, draft, slot }
          },
        }
      }
    },
  }
}

/** An item that is a text. */
const setItem: ReturnType<Target['set']> = (scope, value) => {
  const { node, slot } = scope as PlainScope
  if (slot === undefined) throw new PlaceError('`.` is the item of a list of texts')
  node[slot] = value
}

function checked(
  place: string,
  context: 'value' | 'list' | 'any',
  check: (steps: readonly Step[], context: 'value' | 'list' | 'any') => void,
): Step[] {
  const steps = stepsOf(place)
  check(steps, context)
  return steps
}

/** Whether each step but the last holds an object or a list: the step behind it says. */
function kindsAlong(steps: readonly Step[]): ('object' | 'list')[] {
  return steps.slice(1).map((next) => (typeof next === 'number' ? 'list' : 'object'))
}

function walk(
  { node, draft, slot }: PlainScope,
  way: readonly Step[],
  kinds: readonly ('object' | 'list')[] | null,
): Node | undefined {
  let at: Node | undefined =
    slot === undefined ? node : draft.child(node, slot, kinds === null ? null : 'object')
  for (let depth = 0; depth < way.length && at !== undefined; depth++)
    at = draft.child(at, way[depth]!, kinds === null ? null : kinds[depth]!)
  return at
}
