import { z } from 'zod'
import { date, documentReference, extensions, partyRole, text, time } from './parts.ts'

const reference = z.strictObject({ type: text, id: text, issueDate: date.optional() })

/**
 * One shape for every answer, whatever its format: CONTRL, 997, APERAK, an order response's verdict, an MDN. A syntax
 * acknowledgement is matched from `SyntaxAcknowledgement` of the format that read it; this is what business answers
 * are mapped to. UBL's `ApplicationResponse` has the same in other words.
 */
export const acknowledgementSchema = z.strictObject({
  type: z.literal('acknowledgement'),
  version: z.literal('1'),
  /** Of the answer itself, where it has a number and a day. */
  id: text.optional(),
  issueDate: date.optional(),
  issueTime: time.optional(),
  /** UNTDID 1001, e.g. `305`. */
  acknowledgementTypeCode: text.optional(),
  level: z.enum(['transport', 'syntax', 'business', 'host']),
  scope: z.enum(['interchange', 'group', 'message', 'document']),
  status: z.enum(['received', 'accepted', 'withErrors', 'partial', 'rejected']),
  note: z.array(text).optional(),
  errors: z
    .array(
      z.strictObject({
        /** As the answer gives it, e.g. `39` of UN/EDIFACT element 0085, or a code of 9321. */
        code: text,
        text: text.optional(),
        /** Where in the answered message, as far as the answer says it. */
        position: z
          .strictObject({
            segment: text.optional(),
            element: text.optional(),
            component: text.optional(),
            tag: text.optional(),
          })
          .optional(),
        documentReference: z.array(documentReference).optional(),
      }),
    )
    .optional(),
  /** What is answered: control references, and the business document itself. */
  references: z.strictObject({
    interchange: text.optional(),
    group: text.optional(),
    message: text.optional(),
    /** `type` in words of the canonical model (`order`), or the qualifier the answer has. */
    document: reference.optional(),
  }),
  additionalDocumentReference: z.array(documentReference).optional(),
  buyerCustomerParty: partyRole.optional(),
  sellerSupplierParty: partyRole.optional(),
  deliveryCustomerParty: partyRole.optional(),
  extensions,
})

/** @public */
export type Acknowledgement = z.infer<typeof acknowledgementSchema>
