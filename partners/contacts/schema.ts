import { z } from 'zod'
import { textField } from '../fields.ts'

/** What somebody may answer for. */
export const contactRoles = ['technical', 'business', 'security', 'manager'] as const

/** What a contact may be told of. */
export const contactEvents = [
  'rejected',
  'held',
  'refused',
  'overdue',
  'silence',
  'certificates',
  'changes',
] as const

const emailField = z
  .string()
  .max(254)
  .regex(
    /^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}.]+(\.[^\s@\p{Cc}.]+)+$/u,
    'expected an e-mail address such as edi@north-market.example',
  )

const phoneField = z
  .string({ error: 'expected a telephone number in quotes, such as "+33 1 23 45 67 89"' })
  .regex(/^\+\d[\d ]{4,22}\d$/, 'expected a number with its country, such as "+33 1 23 45 67 89"')

/** Somebody at the partner, and what they are told of. */
export const contactSchema = z.strictObject({
  name: textField(200),
  email: emailField,
  phone: phoneField.optional(),
  role: z.enum(contactRoles).default('technical'),
  /** Without it the partner's own. */
  language: z.enum(['en', 'fr']).optional(),
  events: z.array(z.enum(contactEvents)).max(contactEvents.length).default([]),
})

export type Contact = z.output<typeof contactSchema>

/** Contacts in the order in which they are kept, so that another order in a file is no change. */
export function contactsInOrder(contacts: readonly Contact[]): Contact[] {
  const order = ({ role, email }: Contact) => `${contactRoles.indexOf(role)} ${email.toLowerCase()}`
  return contacts
    .map((contact) => ({ ...contact, events: contactEvents.filter((one) => contact.events.includes(one)) }))
    .toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
}
