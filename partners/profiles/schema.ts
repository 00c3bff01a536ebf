import { z } from 'zod'
import { weekdays } from '#hub/base/calendar.ts'
import { limits } from '#hub/base/limits.ts'
import { bundledFormats } from '#hub/model/bundle.ts'
import { formatNames } from '#hub/model/format.ts'
import { canonicalTypes } from '#hub/model/mapping.ts'
import { environmentField, lifeCycleField, textField, timeZoneField } from '../fields.ts'

const writeSchema = z.strictObject({
  syntax: textField(20).optional(),
  separators: textField(6).optional(),
  lineEnds: z.enum(['none', 'lf', 'crlf']).optional(),
  acknowledgementRequest: z.boolean().optional(),
  indent: z.boolean().optional(),
})

const acknowledgementsSchema = z.strictObject({
  syntax: z.enum(['none', 'always', 'as_requested']).optional(),
  syntaxVersion: z
    .string()
    .regex(/^[0-9A-Z]{1,3}:[0-9A-Z]{1,3}$/, 'expected version and release such as `2:2`, `D:3` or `4:1`')
    .optional(),
  expectSyntaxWithinMinutes: z.int().min(1).max(525_600).optional(),
  business: z.enum(['none', 'refusals']).optional(),
})

const bundleSchema = z
  .strictObject({
    everyMinutes: z.int().min(1).max(10_080).optional(),
    at: z
      .array(
        z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected times of the day in quotes such as "18:00"'),
      )
      .min(1)
      .max(96)
      .optional(),
    timeZone: timeZoneField.optional(),
    days: z.array(z.enum(weekdays)).min(1).max(7).optional(),
    holidays: z.array(z.iso.date('expected days in quotes such as "2026-12-25"')).max(400).optional(),
    maxDocuments: z.int().min(1).max(limits.bundleDocuments).optional(),
    maxBytes: z.int().min(1_000).max(limits.bundleBytes).optional(),
  })
  .refine(({ everyMinutes, at }) => (everyMinutes === undefined) !== (at === undefined), {
    message: 'expected either `everyMinutes` or `at`',
  })
  .refine(({ at, timeZone, days, holidays }) => at !== undefined || !(timeZone ?? days ?? holidays), {
    message: '`timeZone`, `days` and `holidays` belong to `at`: expected them beside it, or not at all',
  })

const mappingExpected = 'expected the name of a mapping such as `order/edifact-d96a`'

/** How one partner writes or wants one document type. */
export const profileSchema = z
  .strictObject({
    direction: z.enum(['sends', 'receives']),
    env: environmentField,
    type: z.enum([...canonicalTypes, 'opaque']),
    guide: textField(200).default('*'),
    state: lifeCycleField,
    format: z.enum(formatNames),
    // without one only where nothing is read
    mapping: z
      .string()
      .regex(/^([a-z]+\/[a-z0-9][a-z0-9.-]{0,60})?$/, mappingExpected)
      .default(''),
    mappingSettings: z.record(z.string(), z.unknown()).optional(),
    channel: z
      .string()
      .regex(
        /^([a-z0-9][a-z0-9-]{0,62}\/)?[a-z0-9][a-z0-9-]{0,62}$/,
        "expected the key of one of the partner's channels, or `partner/channel` for an intermediary's",
      ),
    charset: textField(40).optional(),
    files: textField(100)
      .regex(/^[^/\\]*$/, 'expected a pattern for file names without a path, such as `*.pdf`')
      .optional(),
    write: writeSchema.optional(),
    acknowledgements: acknowledgementsSchema.optional(),
    ordered: z.boolean().optional(),
    orderedBy: z
      .string()
      .regex(
        /^[a-z][A-Za-z]{0,60}(\.[a-z][A-Za-z]{0,60}){0,5}$/,
        'expected `number`, `sender` or a member of the canonical document such as `orderDocumentReference.id`',
      )
      .optional(),
    bundle: bundleSchema.optional(),
    unroutable: z.enum(['reject', 'hold']).optional(),
    replay: z.strictObject({ function: z.enum(['original', 'copy', 'replace']) }).optional(),
  })
  .refine(
    ({ acknowledgements, format, direction }) =>
      acknowledgements?.business !== 'refusals' || (format === 'json' && direction === 'sends'),
    {
      message: 'refusals are told in JSON: expected them in a profile that `sends` as `json`, or `none`',
      path: ['acknowledgements', 'business'],
    },
  )
  .refine(
    ({ bundle, format, direction }) =>
      bundle === undefined ||
      (direction === 'receives' && (bundledFormats as readonly string[]).includes(format)),
    {
      message:
        'only EDIFACT and JSON hold several documents in one interchange: expected `bundle` in a profile that `receives` as `edifact` or `json`',
      path: ['bundle'],
    },
  )
  .superRefine((profile, { addIssue }) => {
    const refuse = (field: string, message: string): void =>
      addIssue({ code: 'custom', path: [field], message })
    const isOpaque = profile.format === 'opaque'
    if (isOpaque !== (profile.type === 'opaque'))
      refuse(
        'format',
        'files that are passed through unread have `type: opaque` and `format: opaque`: expected both',
      )
    else if (isOpaque) {
      for (const field of readFields)
        if ((profile[field] ?? '') !== '')
          refuse(field, 'files that are passed through are not read: this field has no meaning for `opaque`')
    } else if (profile.mapping === '') refuse('mapping', mappingExpected)
    if (profile.files !== undefined && !(isOpaque && profile.direction === 'sends'))
      refuse('files', 'only a profile that `sends` as `opaque` goes by file names')
  })

/** What asks for something that stands in a document. */
const readFields = [
  'mapping',
  'mappingSettings',
  'charset',
  'write',
  'acknowledgements',
  'ordered',
  'orderedBy',
  'unroutable',
  'replay',
  'bundle',
] as const

export type ProfileDocument = z.output<typeof profileSchema>
