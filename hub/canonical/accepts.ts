import type { z } from 'zod'

/** Whether a value is surely good. False says nothing: then the schema is asked, which says what is wrong with it too. */
export type Accepts = (value: unknown) => boolean

/**
 * A schema compiled to plain functions that only say yes: the good documents are many, and each is looked at once,
 * without the objects that a full answer takes. It knows what canonical documents are made of (strict objects, arrays,
 * texts by length and pattern, closed sets, records of texts); throws Error for a schema with anything else in it.
 */
export function acceptsOf(schema: z.core.$ZodType): Accepts {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'object') return objectOf(def)
  if (def.type === 'array')
    return arrayOf(acceptsOf(def.element), boundsOf(schema, ['min_length', 'max_length']))
  if (def.type === 'string') return stringOf(boundsOf(schema, ['min_length', 'max_length', 'string_format']))
  if (def.type === 'optional') return acceptsOf(def.innerType)
  if (def.type === 'enum') return oneOf(Object.values(def.entries))
  if (def.type === 'literal') return oneOf(def.values)
  if (def.type === 'boolean') return (value) => typeof value === 'boolean'
  if (def.type === 'record') return recordOf(acceptsOf(def.keyType), acceptsOf(def.valueType))
  throw new Error(`a schema of type ${def.type} is not compiled`)
}

/** Only members that are known, and all that must be there. */
function objectOf({ shape, catchall }: z.core.$ZodObjectDef): Accepts {
  if (catchall?._zod.def.type !== 'never') throw new Error('only strict objects are compiled')
  const members = new Map<string, { accepts: Accepts; optional: boolean }>()
  let needed = 0
  for (const [name, schema] of Object.entries(shape)) {
    const optional = schema._zod.def.type === 'optional'
    members.set(name, { accepts: acceptsOf(schema), optional })
    if (!optional) needed++
  }
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    let found = 0
    for (const name in value) {
      const member = members.get(name)
      if (member === undefined) return false
      const of = (value as Record<string, unknown>)[name]
      if (of === undefined && member.optional) continue
      if (!member.accepts(of)) return false
      if (!member.optional) found++
    }
    return found === needed
  }
}

function arrayOf(item: Accepts, { minimum, maximum }: Bounds): Accepts {
  return (value) => {
    if (!Array.isArray(value) || value.length < minimum || value.length > maximum) return false
    for (let index = 0; index < value.length; index++) if (!item(value[index])) return false
    return true
  }
}

function stringOf({ minimum, maximum, patterns }: Bounds): Accepts {
  const [pattern, ...further] = patterns
  if (further.length > 0) throw new Error('a text with more than one pattern is not compiled')
  return (value) =>
    typeof value === 'string' &&
    value.length >= minimum &&
    value.length <= maximum &&
    (pattern === undefined || pattern.test(value))
}

function oneOf(values: readonly unknown[]): Accepts {
  const set = new Set(values)
  return (value) => set.has(value)
}

function recordOf(key: Accepts, member: Accepts): Accepts {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    for (const name in value)
      if (!key(name) || !member((value as Record<string, unknown>)[name])) return false
    return true
  }
}

interface Bounds {
  minimum: number
  maximum: number
  patterns: readonly RegExp[]
}

/** What a schema's checks come to, if they are of these kinds. A schema may be a check itself, as that of a date is. */
function boundsOf(schema: z.core.$ZodType, kinds: readonly string[]): Bounds {
  const own = schema._zod.def as Partial<Check>
  const checks = (schema._zod.def.checks ?? []).map(({ _zod }) => _zod.def as unknown as Check)
  const bounds = { minimum: 0, maximum: Infinity, patterns: [] as RegExp[] }
  for (const { check, minimum, maximum, pattern } of own.check === undefined ? checks : [own, ...checks]) {
    if (!kinds.includes(check!)) throw new Error(`a check ${check} is not compiled`)
    bounds.minimum = Math.max(bounds.minimum, minimum ?? 0)
    bounds.maximum = Math.min(bounds.maximum, maximum ?? Infinity)
    if (pattern !== undefined) bounds.patterns.push(pattern)
  }
  return bounds
}

interface Check {
  check: string
  minimum?: number
  maximum?: number
  pattern?: RegExp
}
