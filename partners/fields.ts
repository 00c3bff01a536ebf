import { z } from 'zod'
import { notText } from './hints.ts'

/** The kinds of field that several documents have, each with the words for what it may hold. */

export const keyField = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'expected a key: small letters, digits and hyphens, at most 63, not beginning with a hyphen',
  )

export const environmentField = z.enum(['test', 'live'])

export const lifeCycleField = z.enum(['draft', 'test', 'live', 'retired']).default('live')

/** Names without control characters, so that none can break a line of a log, a mail or a file. */
export function textField(lengthMax: number) {
  return z
    .string({
      error: (issue) => notText(issue.input),
    })
    .min(1)
    .max(lengthMax)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'expected text without control characters')
}

const dayPattern = /^\d{4}-\d{2}-\d{2}$/

/** A day (its beginning in UTC) or an instant with its zone. */
export const momentField = z
  .string()
  .refine(
    (text) => (dayPattern.test(text) || instantPattern.test(text)) && !Number.isNaN(Date.parse(text)),
    'expected a day such as 2026-12-31, or an instant such as 2026-12-31T22:00:00Z',
  )
  .transform((text) => new Date(text))

const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/

/** From this moment, until that one (which is no longer part of it); either may be left out. */
export const datedFields = { from: momentField.optional(), until: momentField.optional() }

/** Refuses dates that hold at no time. */
export function datesInOrder(dated: { from?: Date | undefined; until?: Date | undefined }): boolean {
  return dated.from === undefined || dated.until === undefined || dated.from < dated.until
}

export const datesOutOfOrder = {
  message: 'expected `until` to be later than `from`',
  path: ['until'],
}

const sourceShape = {
  value: z.string().min(1).optional(),
  env: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable')
    .optional(),
  file: z.string().min(1).optional(),
  keep: z.literal(true, { error: 'expected `true`, or no `keep` at all' }).optional(),
}

/**
 * Where a secret comes from: written here, an environment variable, or a file beside this one. `keep`: where there is nothing to take
 * it from, the one that stands in the hub is kept.
 */
export const sourceFields = sourceShape

export interface SecretSource {
  value?: string | undefined
  env?: string | undefined
  file?: string | undefined
  keep?: true | undefined
}

export function hasOneSource(source: SecretSource): boolean {
  const named = [source.value, source.env, source.file].filter((from) => from !== undefined).length
  return named === 1 || (named === 0 && source.keep === true)
}

export const oneSourceOnly =
  'expected exactly one of `value`, `env` and `file`, or `keep: true` for the one that stands in the hub'

export const timeZoneField = z
  .string()
  .refine(isTimeZone, 'expected an IANA time zone such as `Europe/Paris`')

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
