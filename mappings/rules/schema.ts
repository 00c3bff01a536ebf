import { z } from 'zod'
import { limits } from '#hub/base/limits.ts'

/*
 * The rules of a mapping as they are written. Every rule has one of `set`, `remove` and `each`.
 */

const placeField = z
  .string({ error: 'expected a place, such as `orderLine[].lineItem.quantity.value`' })
  .min(1)
  .max(400)
  .regex(/^[^\p{Cc}]*$/u, 'expected text without control characters')

/** Numbers are written in quotes, because YAML would lose their zeros. */
const valueField = z.union([z.string().max(10_000), z.boolean()], {
  error: 'expected a text (a number in quotes, so that no digit is lost), true or false',
})

const textValue = z
  .string({ error: 'expected a text; put a number in quotes, so that no digit is lost' })
  .max(10_000)

const expressionField = z.string().min(1).max(limits.expressionCharacters)

export interface WrittenCondition {
  from?: string | undefined
  canonical?: string | undefined
  is?: string | boolean | undefined
  isNot?: string | boolean | undefined
  in?: string[] | undefined
  exists?: boolean | undefined
  /** Another place that has the same value. */
  same?: string | undefined
  /** A text of at most so many characters. */
  charactersMax?: number | undefined
  atLeast?: string | undefined
  atMost?: string | undefined
  expression?: string | undefined
  all?: WrittenCondition[] | undefined
  any?: WrittenCondition[] | undefined
  none?: WrittenCondition[] | undefined
}

const decimalField = z
  .string({ error: 'expected a decimal number in quotes, such as "100.5"' })
  .regex(/^-?\d{1,15}(\.\d{1,9})?$/, 'expected a decimal number in quotes, such as "100.5"')

export const conditionSchema: z.ZodType<WrittenCondition> = z
  .strictObject({
    from: placeField.optional(),
    canonical: placeField.optional(),
    is: valueField.optional(),
    isNot: valueField.optional(),
    in: z.array(textValue).min(1).max(1_000).optional(),
    exists: z.boolean().optional(),
    same: placeField.optional(),
    charactersMax: z.int().min(1).max(100_000).optional(),
    atLeast: decimalField.optional(),
    atMost: decimalField.optional(),
    expression: expressionField.optional(),
    get all() {
      return z.array(conditionSchema).min(1).max(20).optional()
    },
    get any() {
      return z.array(conditionSchema).min(1).max(20).optional()
    },
    get none() {
      return z.array(conditionSchema).min(1).max(20).optional()
    },
  })
  .superRefine((condition, context) => {
    const { from, canonical, is, isNot, in: among, exists, same, charactersMax, atLeast, atMost } = condition
    const { expression, all, any, none } = condition
    const sources = [from, canonical, expression, all, any, none].filter((one) => one !== undefined).length
    if (sources !== 1)
      context.addIssue({
        code: 'custom',
        message: 'expected one of `from`, `canonical`, `expression`, `all`, `any`, `none`',
      })
    const tests = [is, isNot, among, exists, same, charactersMax, atLeast, atMost].filter(
      (one) => one !== undefined,
    ).length
    const place = from ?? canonical
    if (place !== undefined && tests !== 1)
      context.addIssue({
        code: 'custom',
        message:
          'expected one of `is`, `isNot`, `in`, `exists`, `same`, `charactersMax`, `atLeast`, `atMost`',
      })
    if (place === undefined && tests > 0)
      context.addIssue({
        code: 'custom',
        message: '`is`, `isNot`, `in`, `exists`, `atLeast` and `atMost` belong to `from` or `canonical`',
      })
  })

const dateSchema = z.strictObject({
  read: z.string().min(2).max(40).optional(),
  write: z.string().min(2).max(40).optional(),
})

const markField = z.enum(['.', ','])

const numberSchema = z.strictObject({
  read: markField.optional(),
  times: z
    .string()
    .regex(/^-?\d{1,12}(\.\d{1,12})?$/, 'expected a decimal in quotes such as "0.01"')
    .optional(),
  decimals: z.int().min(0).max(9).optional(),
  mark: markField.optional(),
  plain: z.boolean().optional(),
})

const textSchema = z.strictObject({
  case: z.enum(['upper', 'lower']).optional(),
  trim: z.boolean().optional(),
  cut: z.int().min(1).max(100_000).optional(),
  max: z.int().min(1).max(100_000).optional(),
  fit: z.boolean().optional(),
  before: textValue.optional(),
  after: textValue.optional(),
  pad: z.strictObject({ to: z.int().min(1).max(100), with: z.string().length(1) }).optional(),
})

const whenField = conditionSchema.optional()

/** A short code list that stands in the rule itself; YAML keys are texts. */
const codesField = z.record(z.string().max(100), textValue).optional()

const setSchema = z
  .strictObject({
    set: placeField,
    from: placeField.optional(),
    canonical: placeField.optional(),
    value: valueField.optional(),
    expression: expressionField.optional(),
    join: z.array(placeField).min(1).max(20).optional(),
    separator: textValue.optional(),
    lookup: z.string().optional(),
    codes: codesField,
    unlisted: z.enum(['refuse', 'keep', 'remove']).optional(),
    otherwise: textValue.optional(),
    date: dateSchema.optional(),
    number: numberSchema.optional(),
    text: textSchema.optional(),
    flag: z.boolean().optional(),
    when: whenField,
    after: placeField.optional(),
    before: placeField.optional(),
  })
  .superRefine((rule, context) => {
    const sources = [rule.from, rule.canonical, rule.value, rule.join].filter((one) => one !== undefined)
    if (sources.length > 1 || (sources.length === 0 && rule.expression === undefined))
      context.addIssue({
        code: 'custom',
        message: 'expected one source: `from`, `canonical`, `value`, `join` or `expression`',
      })
    if (rule.unlisted !== undefined && rule.lookup === undefined && rule.codes === undefined)
      context.addIssue({ code: 'custom', message: '`unlisted` belongs to `lookup` or `codes`' })
    if (rule.lookup !== undefined && rule.codes !== undefined)
      context.addIssue({ code: 'custom', message: 'expected `lookup` or `codes`, not both' })
    if (rule.after !== undefined && rule.before !== undefined)
      context.addIssue({ code: 'custom', message: 'expected `after` or `before`, not both' })
  })

const removeSchema = z.strictObject({ remove: placeField, when: whenField })

export type WrittenSet = z.output<typeof setSchema>
export type WrittenRemove = z.output<typeof removeSchema>
export interface WrittenEach {
  each: string
  into?: string | undefined
  when?: WrittenCondition | undefined
  append?: boolean | undefined
  rules: WrittenRule[]
}
/** What a place says is known from elsewhere: it counts as read. */
export interface WrittenIgnore {
  ignore: string
}
/** A rule for both ways: a value, the values of a group, or a list. */
export interface WrittenPair {
  member?: string | undefined
  place?: string | undefined
  value?: string | boolean | undefined
  group?: string | undefined
  members?: string | undefined
  groups?: string | undefined
  as?: 'number' | 'text' | 'flag' | undefined
  codes?: Record<string, string> | undefined
  unlisted?: 'refuse' | 'keep' | 'remove' | undefined
  absent?: string | undefined
  missing?: string | undefined
  max?: number | undefined
  only?: 'reading' | 'writing' | undefined
  whenReading?: WrittenCondition | undefined
  whenWriting?: WrittenCondition | undefined
  use?: string | undefined
  rules?: WrittenRule[] | undefined
}
export type WrittenRule = WrittenSet | WrittenRemove | WrittenEach | WrittenIgnore | WrittenPair

const eachSchema: z.ZodType<WrittenEach> = z.strictObject({
  each: placeField,
  into: placeField.optional(),
  when: whenField,
  append: z.boolean().optional(),
  get rules() {
    return z.array(ruleSchema).min(1).max(limits.mappingRules)
  },
})

const ignoreSchema: z.ZodType<WrittenIgnore> = z.strictObject({ ignore: placeField })

const pairSchema: z.ZodType<WrittenPair> = z
  .strictObject({
    member: placeField.optional(),
    place: placeField.optional(),
    value: valueField.optional(),
    group: placeField.optional(),
    members: placeField.optional(),
    groups: placeField.optional(),
    as: z.enum(['number', 'text', 'flag']).optional(),
    codes: codesField,
    unlisted: z.enum(['refuse', 'keep', 'remove']).optional(),
    absent: textValue.optional(),
    missing: textValue.optional(),
    max: z.int().min(1).max(100_000).optional(),
    only: z.enum(['reading', 'writing']).optional(),
    whenReading: whenField,
    whenWriting: whenField,
    use: z.string().max(60).optional(),
    get rules() {
      return z.array(ruleSchema).min(1).max(limits.mappingRules).optional()
    },
  })
  .superRefine((pair, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message })
    const hasInner = pair.rules !== undefined || pair.use !== undefined
    if (pair.members !== undefined && pair.groups === undefined) refuse('`members` needs `groups`')
    if (pair.members === undefined && !hasInner && pair.place === undefined && pair.value === undefined)
      refuse('expected `place` beside `member`, or `rules` or `use`')
  })

/** One rule; a wrong one is told by the kind that its first word says. */
export const ruleSchema: z.ZodType<WrittenRule> = z.unknown().transform((written, context): WrittenRule => {
  const kind =
    typeof written === 'object' && written !== null
      ? kinds.find(([word]) => Object.hasOwn(written, word))
      : undefined
  if (kind === undefined) {
    context.addIssue({
      code: 'custom',
      message:
        'expected a rule that begins with `set`, `remove`, `each`, `member`, `members`, `group`, `use` or `ignore`',
    })
    return z.NEVER
  }
  const result = kind[1].safeParse(written, { reportInput: true })
  if (result.success) return result.data
  for (const issue of result.error.issues) context.addIssue(issue as never)
  return z.NEVER
})

const kinds: readonly [string, z.ZodType<WrittenRule>][] = [
  ['set', setSchema as z.ZodType<WrittenRule>],
  ['remove', removeSchema as z.ZodType<WrittenRule>],
  ['each', eachSchema as z.ZodType<WrittenRule>],
  ['ignore', ignoreSchema as z.ZodType<WrittenRule>],
  ...['members', 'member', 'groups', 'group', 'use', 'place'].map(
    (word): [string, z.ZodType<WrittenRule>] => [word, pairSchema as z.ZodType<WrittenRule>],
  ),
]

/** How many rules there are, those in loops counted, and how deep loops stand in each other. */
export function sizeOf(rules: readonly WrittenRule[]): { rules: number; loops: number } {
  let count = 0
  let deepest = 0
  for (const rule of rules) {
    count++
    const within = 'rules' in rule ? rule.rules : undefined
    if (within === undefined) continue
    const inner = sizeOf(within)
    count += inner.rules
    deepest = Math.max(deepest, inner.loops + ('each' in rule || 'members' in rule ? 1 : 0))
  }
  return { rules: count, loops: deepest }
}
