import type { z } from 'zod'
import { PlaceError, type Step } from './place.ts'

/** The schema of what stands at a path: for loops, whose rules go on from their item. */
export function canonicalSchemaAt(schema: Schema | null, steps: readonly Step[]): Schema | null {
  let at: Schema | null = schema
  for (const step of steps) at = at === null ? null : inner(at, step, '')
  return at
}

export type Schema = z.ZodType

/** Throws PlaceError where the path leads nowhere, or to another kind of thing than its use asks for. */
export function checkFrom(schema: Schema, steps: readonly Step[], context: 'value' | 'list' | 'any'): void {
  let at: Schema = schema
  let way = ''
  for (const step of steps) {
    at = inner(at, step, way)
    way += typeof step === 'number' ? `[${step}]` : way === '' ? step : `.${step}`
  }
  const kind = defOf(at).type
  if (context === 'list' && kind !== 'array') throw new PlaceError(`\`${way}\` is not a list`)
  if (context === 'value' && kind === 'array')
    throw new PlaceError(`\`${way}\` is a list: expected an item such as \`${way}[0]\`, or \`${way}[]\``)
  if (context === 'value' && kind === 'object')
    throw new PlaceError(`\`${way}\` is a group: expected one of its members ${membersOf(at).join(', ')}`)
}

function inner(schema: Schema, step: Step, way: string): Schema {
  const def = defOf(schema)
  if (typeof step === 'number') {
    if (def.type !== 'array') throw new PlaceError(`\`${way}\` is not a list and has no item ${step}`)
    return unwrapped(def.element!)
  }
  if (def.type === 'record') return unwrapped(def.valueType!)
  if (def.type === 'array')
    throw new PlaceError(`\`${way}\` is a list: expected an item such as \`${way}[0]\`, or \`${way}[]\``)
  const found = def.type === 'object' ? def.shape![step] : undefined
  if (found === undefined) {
    const members = def.type === 'object' ? `; expected one of ${membersOf(schema).join(', ')}` : ''
    throw new PlaceError(
      `${way === '' ? 'the canonical document' : `\`${way}\``} has no member \`${step}\`${members}`,
    )
  }
  return unwrapped(found)
}

interface Def {
  type: string
  shape?: Record<string, Schema>
  element?: Schema
  valueType?: Schema
  innerType?: Schema
}

function defOf(schema: Schema): Def {
  return (unwrapped(schema) as unknown as { def: Def }).def
}

function unwrapped(schema: Schema): Schema {
  const { def } = schema as unknown as { def: Def }
  return def.type === 'optional' && def.innerType !== undefined ? unwrapped(def.innerType) : schema
}

function membersOf(schema: Schema): string[] {
  return Object.keys(defOf(schema).shape ?? {})
}
