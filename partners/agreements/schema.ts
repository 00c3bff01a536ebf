import { z } from 'zod'
import { weekdays } from '#hub/base/calendar.ts'
import { formatNames } from '#hub/model/format.ts'
import { canonicalTypes } from '#hub/model/mapping.ts'
import { duplicateAnswers, type DuplicateDetector } from '#hub/model/rails.ts'
import {
  datedFields,
  datesInOrder,
  datesOutOfOrder,
  environmentField,
  keyField,
  lifeCycleField,
  textField,
  timeZoneField,
} from '../fields.ts'
import { numbersSchema } from './numbers.ts'

const amountField = z
  .string({ error: 'expected a decimal number in quotes, such as "100000.00"' })
  .regex(/^\d{1,15}(\.\d{1,6})?$/, 'expected a decimal number in quotes, such as "100000.00"')

const duplicateField = z
  .strictObject({ answer: z.enum(duplicateAnswers), days: z.int().min(1).max(3_650).optional() })
  .optional()

const windowField = z
  .strictObject({
    minutes: z.int().min(1).max(10_080),
    countMax: z.int().min(1).optional(),
    quantityMax: amountField.optional(),
    amountMax: amountField.optional(),
    sizeMax: z.int().min(1).optional(),
    duplicatesMaxPercent: z.number().min(0).max(100).optional(),
  })
  .refine((window) => Object.keys(window).length > 1, 'expected at least one limit beside `minutes`')

const termsSchema = z.strictObject({
  duplicates: z
    .strictObject({
      messageId: duplicateField,
      reference: duplicateField,
      payloadHash: duplicateField,
      businessKey: duplicateField,
    } satisfies Record<DuplicateDetector, typeof duplicateField>)
    .optional(),
  rails: z
    .strictObject({
      linesMax: z.int().min(1).optional(),
      quantityMax: amountField.optional(),
      amountMax: amountField.optional(),
      sizeMax: z.int().min(1).optional(),
      windows: z
        .array(windowField)
        .min(1)
        .max(10)
        .refine(
          (windows) => new Set(windows.map(({ minutes }) => minutes)).size === windows.length,
          'expected one window of each length: put its limits together',
        )
        .optional(),
    })
    .optional(),
  deliverWithinMinutes: z.int().min(1).max(525_600).optional(),
  expects: z
    .strictObject({
      by: z
        .string()
        .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of the day in quotes such as "10:00"'),
      atLeast: z.int().min(1).max(100_000).optional(),
      timeZone: timeZoneField.optional(),
      days: z.array(z.enum(weekdays)).min(1).max(7).optional(),
      holidays: z.array(z.iso.date('expected days in quotes such as "2026-12-25"')).max(400).optional(),
    })
    .optional(),
  when: z
    .record(z.string(), z.unknown(), {
      error: 'expected a condition such as `{ from: orderTypeCode, is: "220" }`',
    })
    .optional(),
  takes: z.enum(['named', 'ours', 'copy']).optional(),
  numbers: numbersSchema.optional(),
})

/** Joins a sender's profile and a receiver's, or that of any receiver, for a document type. */
export const agreementSchema = z
  .strictObject({
    key: keyField,
    state: lifeCycleField,
    sender: z.strictObject({
      partner: keyField,
      env: environmentField,
      type: z.enum([...canonicalTypes, 'opaque']),
      format: z.enum(formatNames).optional(),
      guide: textField(200).default('*'),
    }),
    receiver: z.union(
      [
        z.literal('any'),
        z.strictObject({
          partner: keyField,
          format: z.enum(formatNames).optional(),
          guide: textField(200).default('*'),
        }),
      ],
      'expected `any`, or `partner` with, where it has several profiles, the `format` and `guide` of the one that is meant',
    ),
    terms: termsSchema.default({}),
    ...datedFields,
  })
  .refine(datesInOrder, datesOutOfOrder)
  .refine(({ receiver, terms }) => receiver !== 'any' || (terms.takes ?? 'named') === 'named', {
    path: ['terms', 'takes'],
    message: 'an agreement for any receiver takes what names one: expected `named`, or a receiver',
  })
  .superRefine(({ sender, receiver, terms }, { addIssue }) => {
    if (sender.type !== 'opaque') return
    const refuse = (path: string[], message: string): void => addIssue({ code: 'custom', path, message })
    if (receiver === 'any')
      refuse(['receiver'], 'a file that is not read names nobody: expected its receiver')
    const unread = 'files that are passed through are not read: this term has no meaning for `opaque`'
    for (const term of ['when', 'numbers'] as const)
      if (terms[term] !== undefined) refuse(['terms', term], unread)
    for (const rail of ['linesMax', 'quantityMax', 'amountMax', 'windows'] as const)
      if (terms.rails?.[rail] !== undefined) refuse(['terms', 'rails', rail], unread)
    for (const by of ['reference', 'businessKey'] as const)
      if (terms.duplicates?.[by] !== undefined) refuse(['terms', 'duplicates', by], unread)
  })

export type AgreementDocument = z.output<typeof agreementSchema>
