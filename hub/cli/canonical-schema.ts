import { z } from 'zod'
import { canonicalSchemaOf } from '#hub/canonical/index.ts'
import { canonicalTypes, type CanonicalType } from '#hub/model/mapping.ts'
import { UsageError, type Verb } from './verb.ts'

export const canonicalSchema: Verb = {
  name: 'canonical schema',
  summary: 'prints the JSON Schema of a canonical document type',
  usage: 'crossdock canonical schema [TYPE]',
  help: `The JSON Schema (draft 2020-12) that canonical documents of TYPE are held to, e.g. order or despatchAdvice. Without TYPE it lists
the types.`,
  run: async (call) => {
    const [type, ...more] = call.positionals
    if (more.length > 0) throw new UsageError('give one type')
    if (type === undefined) {
      for (const name of canonicalTypes) call.out(name)
      return 0
    }
    if (!(canonicalTypes as readonly string[]).includes(type))
      throw new UsageError(`there is no canonical type "${type}"; there are ${canonicalTypes.join(', ')}`)
    call.out(JSON.stringify(z.toJSONSchema(canonicalSchemaOf(type as CanonicalType)), null, 2))
    return 0
  },
}
