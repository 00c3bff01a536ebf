import { z } from 'zod'
import { channelKinds } from '#hub/model/transport.ts'
import {
  datedFields,
  datesInOrder,
  datesOutOfOrder,
  environmentField,
  hasOneSource,
  keyField,
  oneSourceOnly,
  sourceFields,
  textField,
} from '../fields.ts'
import { identityReferenceSchema } from '../identities/schema.ts'

const usernameField = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/,
    'expected a user name: letters, digits and . _ @ -, at most 64',
  )

const login = { name: textField(100).default(''), ...datedFields, ...sourceFields }

/** How a partner logs in on the channel. A public key's source holds a line as in `authorized_keys`. */
const loginSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('password'), username: usernameField, ...login }),
    z.strictObject({ kind: z.literal('public_key'), username: usernameField, ...login }),
    z.strictObject({ kind: z.literal('token'), ...login }),
  ])
  .refine(hasOneSource, oneSourceOnly)
  .refine(datesInOrder, datesOutOfOrder)

/** Secrets the hub needs to log in elsewhere, by name. */
const secretsSchema = z.record(
  z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'expected a name such as `password` or `private_key`'),
  z.strictObject(sourceFields).refine(hasOneSource, oneSourceOnly),
)

/** One way in or out. What `settings` may hold depends on the kind and is checked by that transport's own schema. */
export const channelSchema = z.strictObject({
  key: keyField,
  kind: z.enum(channelKinds),
  env: environmentField,
  peerDedupes: z.boolean().default(false),
  identities: z.array(identityReferenceSchema).max(1_000).default([]),
  settings: z.record(z.string(), z.unknown()).default({}),
  logins: z.array(loginSchema).max(100).default([]),
  secrets: secretsSchema.default({}),
})

export type ChannelDocument = z.output<typeof channelSchema>
export type LoginDocument = ChannelDocument['logins'][number]
