import type { z } from 'zod'
import type { YAMLParseError } from 'yaml'
import { namesThere } from '#hub/base/nearest.ts'

/** What is said beside the words of the YAML reader: what people usually meant. */
const yamlHints: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'a value that begins with * or & stands in quotes',
  BAD_SCALAR_START: 'a value that begins with @, `, % or another sign of YAML stands in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a value in which a colon and a space stand goes in quotes',
  BAD_DQ_ESCAPE: 'a backslash within "…" is written twice, or the value stands in single quotes',
  TAG_RESOLVE_FAILED: 'a value that begins with ! stands in quotes',
  TAB_AS_INDENT: 'indent with spaces, not with tabs',
  BAD_INDENT: 'fields of one thing begin in the same column',
  MISSING_CHAR: 'a quote, a bracket, or the colon behind a name is missing here or above',
  MULTILINE_IMPLICIT_KEY:
    'the colon behind a name is missing, or a value that goes over several lines stands in quotes',
  UNEXPECTED_TOKEN: 'a value with signs such as { } [ ] , & * # or a colon in it stands in quotes',
  DUPLICATE_KEY: 'this name stands in the same thing twice: take one out',
}

/** The YAML reader's words about an error, with what to do. */
export function yamlProblem(error: Pick<YAMLParseError, 'code' | 'message'>): string {
  const hint = yamlHints[error.code]
  return `not YAML: ${error.message}${hint === undefined ? '' : `; ${hint}`}`
}

/** What to say where a value is there, but is not text: YAML takes 123, true and null for other things. */
export function notText(value: unknown): string | undefined {
  if (typeof value === 'number') return 'expected text: put the value in quotes, so that no digit is lost'
  if (typeof value === 'boolean') return `expected text: put "${value}" in quotes`
  if (value === null)
    return 'expected text, and nothing stands here; a value that begins with # stands in quotes, because the rest of the line is a comment'
  return undefined
}

/** `unknown field`, with the one that may have been meant or those that there are. */
export function unknownField(schema: z.ZodType, path: readonly PropertyKey[], name: string): string {
  const known = fieldsAt(schema, path)
  return known.length === 0 ? 'unknown field' : `unknown field${namesThere(name, known)}`
}

/** The names that may stand at a place of a document; of a choice of kinds, those of all. */
export function fieldsAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const [step, ...rest] = path
  const parts = partsOf(schema)
  if (step === undefined) return [...new Set(parts.flatMap((part) => Object.keys(shapeOf(part) ?? {})))]
  return [
    ...new Set(
      parts.flatMap((part) => {
        const inner = shapeOf(part)?.[String(step)] ?? insideOf(part)
        return inner === undefined ? [] : fieldsAt(inner, rest)
      }),
    ),
  ]
}

interface Definition {
  type: string
  innerType?: z.ZodType
  in?: z.ZodType
  options?: z.ZodType[]
  element?: z.ZodType
  valueType?: z.ZodType
}

/** The schema without what is wrapped around it; the options of a choice. */
function partsOf(schema: z.ZodType): z.ZodType[] {
  const { innerType, in: before, options } = definitionOf(schema)
  if (options !== undefined) return options.flatMap(partsOf)
  const inner = innerType ?? before
  return inner === undefined ? [schema] : partsOf(inner)
}

function shapeOf(schema: z.ZodType): Record<string, z.ZodType> | undefined {
  return 'shape' in schema ? (schema.shape as Record<string, z.ZodType>) : undefined
}

function insideOf(schema: z.ZodType): z.ZodType | undefined {
  const { element, valueType } = definitionOf(schema)
  return element ?? valueType
}

function definitionOf(schema: z.ZodType): Definition {
  return schema.def as unknown as Definition
}
