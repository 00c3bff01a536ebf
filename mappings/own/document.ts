import { z } from 'zod'
import { limits } from '#hub/base/limits.ts'
import { readFormats, type ReadFormat } from '#hub/model/format.ts'
import { canonicalTypes, type CanonicalType } from '#hub/model/mapping.ts'
import { ruleSchema, sizeOf, type WrittenRule } from '#mappings/rules/schema.ts'

/*
 * A mapping as it is written in YAML: docs/mappings.md is its reference.
 */

export const mappingName = z
  .string()
  .regex(
    /^[a-z]+\/[a-z0-9][a-z0-9.-]{0,60}$/,
    'expected a name such as `order/north-market`: the type, and small letters, digits, points and hyphens',
  )

const listKey = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected the key of a code list')

export const mappingStates = ['draft', 'test', 'live', 'retired'] as const
export type MappingState = (typeof mappingStates)[number]

export const mappingDirections = ['toCanonical', 'fromCanonical'] as const
export type MappingDirection = (typeof mappingDirections)[number]

/** Text in one line: names stand in logs and lists. */
function shownText(most: number, least = 1) {
  return z
    .string()
    .min(least)
    .max(most)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'expected text without control characters')
}

const prefixField = z
  .string()
  .regex(/^([A-Za-z_][\w.-]*)?$/, 'expected a prefix such as `cbc`, or an empty one')

const contentField = z.union([z.string().max(1_000_000), z.record(z.string(), z.unknown())], {
  error: 'expected the text of a message, or a canonical document',
})

const testSchema = z.strictObject({
  name: shownText(200),
  /** A text of the format, or a canonical document. */
  input: contentField,
  output: contentField.optional(),
  /** The code that such a document is refused with. */
  refused: z
    .string()
    .regex(/^CD-\d{4}$/, 'expected a code such as `CD-5010`')
    .optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
})

const rulesField = z.array(ruleSchema).max(limits.mappingRules).optional()

export const mappingSchema = z
  .strictObject({
    key: mappingName,
    name: shownText(200).optional(),
    type: z.enum(canonicalTypes).optional(),
    direction: z.enum(mappingDirections),
    state: z.enum(mappingStates).default('live'),
    extends: mappingName.optional(),
    format: z.enum(readFormats).optional(),
    message: z
      .strictObject({
        type: shownText(100).optional(),
        version: shownText(100, 0).optional(),
        guide: shownText(200, 0).optional(),
      })
      .optional(),
    xml: z
      .strictObject({
        root: shownText(200).optional(),
        namespaces: z.record(prefixField, z.string().max(500)).default({}),
      })
      .optional(),
    codeLists: z.array(listKey).max(50).optional(),
    parts: z.record(z.string().regex(/^[a-z][A-Za-z0-9-]{0,59}$/), z.array(ruleSchema).min(1)).optional(),
    canonical: rulesField,
    output: rulesField,
    template: z.string().max(limits.templateBytes).optional(),
    tests: z.array(testSchema).max(limits.mappingTests).default([]),
  })
  .superRefine((mapping, context) => {
    const refuse = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    const { key, direction, extends: base, format, output, template, tests } = mapping
    if (mapping.type !== undefined && mapping.type !== key.split('/')[0])
      refuse(['type'], `expected \`${key.split('/')[0]}\`, the first part of the key`)
    if (!(canonicalTypes as readonly string[]).includes(key.split('/')[0]!))
      refuse(['key'], `expected one of the types ${canonicalTypes.join(', ')} in front of the slash`)
    if (base === key) refuse(['extends'], 'a mapping cannot extend itself')
    if (base === undefined && format === undefined)
      refuse(['format'], 'expected `edifact`, `xml` or `json`, because it extends nothing')
    if (direction === 'toCanonical' && output !== undefined)
      refuse(['output'], '`output` rules are for mappings from canonical')
    if (direction === 'toCanonical' && template !== undefined)
      refuse(['template'], 'a template is for mappings from canonical')
    if (template !== undefined && base !== undefined)
      refuse(['template'], 'a template writes the whole message: leave out `extends`')
    for (const [field, rules] of [
      ['canonical', mapping.canonical],
      ['output', output],
    ] as const) {
      const size = sizeOf(rules ?? [])
      if (size.rules > limits.mappingRules)
        refuse([field], `expected at most ${limits.mappingRules} rules (mappingRules)`)
      if (size.loops > limits.mappingLoops)
        refuse([field], `expected at most ${limits.mappingLoops} loops in each other (mappingLoops)`)
    }
    const names = new Set<string>()
    for (const [index, test] of tests.entries()) {
      if (names.has(test.name)) refuse(['tests', index, 'name'], 'another test case has this name')
      names.add(test.name)
      if ((test.output === undefined) === (test.refused === undefined))
        refuse(['tests', index], 'expected `output` or `refused`')
      const [input, written] = direction === 'toCanonical' ? ['string', 'object'] : ['object', 'string']
      if (typeof test.input !== input)
        refuse(
          ['tests', index, 'input'],
          direction === 'toCanonical' ? 'expected the text of a message' : 'expected a canonical document',
        )
      if (test.output !== undefined && typeof test.output !== written)
        refuse(
          ['tests', index, 'output'],
          direction === 'toCanonical'
            ? 'expected members of the canonical document'
            : 'expected the text of a message',
        )
    }
  })

export type MappingDocument = z.output<typeof mappingSchema>
export type MappingTest = MappingDocument['tests'][number]
export type { WrittenRule }

/** What tells one version from another: everything but where it stands in its life. */
export type MappingFacts = Omit<MappingDocument, 'state'>

/** The message that a mapping of a canonical type reads or writes where it does not say. */
export function usualMessage(format: ReadFormat, type: CanonicalType): { type: string; version: string } {
  switch (format) {
    case 'edifact':
      return { type: edifactMessages[type], version: 'D.96A' }
    case 'xml':
      return { type: type[0]!.toUpperCase() + type.slice(1), version: '2.1' }
    case 'json':
      return { type, version: '1' }
  }
}

const edifactMessages: Readonly<Record<CanonicalType, string>> = {
  order: 'ORDERS',
  orderChange: 'ORDCHG',
  orderResponse: 'ORDRSP',
  despatchAdvice: 'DESADV',
  receiptAdvice: 'RECADV',
  invoice: 'INVOIC',
  creditNote: 'INVOIC',
  inventoryReport: 'INVRPT',
  salesReport: 'SLSRPT',
  catalogue: 'PRICAT',
  partyInformation: 'PARTIN',
  remittanceAdvice: 'REMADV',
  schedule: 'DELFOR',
  acknowledgement: 'APERAK',
}
