import { z } from 'zod'
import { datedFields, datesInOrder, datesOutOfOrder, environmentField, textField } from '../fields.ts'
import { identityFault } from './check-digit.ts'

const schemeField = z
  .string()
  .regex(
    /^(gln|duns|as2|unb(:[A-Z0-9]{1,4})?|party(:[^\s:]{1,50})?)$/,
    'expected one of `gln`, `duns`, `as2`, `unb` (no qualifier), `unb:<qualifier>`, `party`, `party:<scheme>`',
  )

/** One name on the wire. */
export const identitySchema = z
  .strictObject({
    scheme: schemeField,
    value: textField(200),
    internal: textField(35).optional(),
    env: environmentField,
    ...datedFields,
  })
  .refine(datesInOrder, datesOutOfOrder)
  .superRefine(checkValue)

/** Names an identity that is configured elsewhere: of this partner or, for an intermediary, of another. */
export const identityReferenceSchema = z
  .strictObject({
    partner: z.string().optional(),
    scheme: schemeField,
    value: textField(200),
    internal: textField(35).optional(),
  })
  .superRefine(checkValue)

function checkValue(identity: { scheme: string; value: string }, context: z.RefinementCtx): void {
  const fault = identityFault(identity.scheme, identity.value)
  if (fault !== null) context.addIssue({ code: 'custom', path: ['value'], message: fault })
}
