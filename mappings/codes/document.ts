import { z } from 'zod'
import { limits } from '#hub/base/limits.ts'
import type { CodeLists } from './lookup.ts'

/** Names and codes stand in logs and lists. */
const oneLine = /^[^\p{Cc}\u2028\u2029]*$/u

const codeField = z
  .string({ error: 'expected a text; put a number in quotes, so that no zero is lost' })
  .min(1)
  .max(200)
  .regex(oneLine, 'expected text without control characters')

const dayField = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a day such as 2026-12-31')
  .optional()

/** A code list or a cross-reference: what each code becomes, with the days on which it does. */
export const codeListSchema = z
  .strictObject({
    key: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9-]{0,62}$/,
        'expected a key: small letters, digits and hyphens, at most 63, not beginning with a hyphen',
      ),
    name: z.string().min(1).max(200).regex(oneLine, 'expected text without control characters').optional(),
    codes: z
      .array(
        z.strictObject({
          code: codeField,
          to: codeField,
          from: dayField,
          until: dayField,
          note: z.string().max(200).regex(oneLine, 'expected text without control characters').optional(),
        }),
      )
      .min(1)
      .max(limits.codeListRows),
  })
  .superRefine(({ codes }, context) => {
    const seen = new Map<string, { from: string | undefined; until: string | undefined }[]>()
    for (const [index, { code, from, until }] of codes.entries()) {
      if (from !== undefined && until !== undefined && from >= until)
        context.addIssue({
          code: 'custom',
          path: ['codes', index, 'until'],
          message: 'expected `until` to be later than `from`',
        })
      const others = seen.get(code) ?? []
      if (others.some((other) => overlap(other, { from, until })))
        context.addIssue({
          code: 'custom',
          path: ['codes', index, 'code'],
          message: `\`${code}\` stands here for days that another row is for`,
        })
      others.push({ from, until })
      seen.set(code, others)
    }
  })

export type CodeListDocument = z.output<typeof codeListSchema>

interface Days {
  from: string | undefined
  until: string | undefined
}

function overlap(one: Days, other: Days): boolean {
  const before = (a: Days, b: Days) => a.until !== undefined && b.from !== undefined && a.until <= b.from
  return !before(one, other) && !before(other, one)
}

/** Lists in the form in which codes are looked up. */
export function codeListsOf(documents: readonly CodeListDocument[]): CodeLists {
  return Object.fromEntries(documents.map(({ key, codes }) => [key, rowsByCode(codes)]))
}

function rowsByCode(codes: CodeListDocument['codes']): CodeLists[string] {
  const rows: Record<string, { to: string; from?: string; until?: string }[]> = Object.create(null) as never
  for (const { code, to, from, until } of codes)
    (rows[code] ??= []).push({
      to,
      ...(from !== undefined && { from }),
      ...(until !== undefined && { until }),
    })
  return rows
}
