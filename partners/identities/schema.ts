import { z } from 'zod'
import {
  datedFields,
  datesInOrder,
  datesOutOfOrder,
  environmentField,
  keyField,
  textField,
} from '../fields.ts'
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
    internalSub: textField(35).optional(),
    env: environmentField,
    ...datedFields,
  })
  .refine(datesInOrder, datesOutOfOrder)
  .superRefine(checkIdentity)

/** Names an identity that is configured elsewhere: of this partner or, for an intermediary, of another. */
export const identityReferenceSchema = z
  .strictObject({
    partner: keyField.optional(),
    scheme: schemeField,
    value: textField(200),
    internal: textField(35).optional(),
    internalSub: textField(35).optional(),
  })
  .superRefine(checkIdentity)

interface Named {
  scheme: string
  value: string
  internal?: string | undefined
  internalSub?: string | undefined
}

function checkIdentity(identity: Named, context: z.RefinementCtx): void {
  const fault = identityFault(identity.scheme, identity.value)
  if (fault !== null) context.addIssue({ code: 'custom', path: ['value'], message: fault })
  if (identity.internalSub !== undefined && identity.internal === undefined)
    context.addIssue({
      code: 'custom',
      path: ['internalSub'],
      message: 'expected `internal` beside it, of which this is a part',
    })
}
