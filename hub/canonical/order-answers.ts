import { z } from 'zod'
import {
  allowanceCharge,
  date,
  delivery,
  deliveryTerms,
  documentCurrency,
  documentReference,
  extensions,
  monetaryTotal,
  partyRole,
  paymentTerms,
  period,
  taxTotal,
  text,
  time,
} from './parts.ts'
import { lineItem, lineReference } from './item.ts'
import { orderFunctions } from './order.ts'

const orderLine = z.strictObject({
  lineItem,
  /** The line of the order that is meant, where its number is another one. */
  orderLineReference: z.array(lineReference).optional(),
  documentReference: z.array(documentReference).optional(),
  /** What is delivered instead: for lines with another item than the one ordered. */
  note: z.array(text).optional(),
})

/** What the answer to an order and its change have in common. */
const answer = {
  version: z.literal('1'),
  id: text,
  issueDate: date,
  issueTime: time.optional(),
  note: z.array(text).optional(),
  documentCurrencyCode: documentCurrency,
  customerReference: text.optional(),
  accountingCost: text.optional(),
  validityPeriod: period.optional(),
  /** The order that is answered or changed. */
  orderReference: z.array(documentReference).optional(),
  quotationDocumentReference: documentReference.optional(),
  originatorDocumentReference: documentReference.optional(),
  contract: z.array(documentReference).optional(),
  additionalDocumentReference: z.array(documentReference).optional(),
  buyerCustomerParty: partyRole,
  sellerSupplierParty: partyRole,
  originatorCustomerParty: partyRole.optional(),
  accountingCustomerParty: partyRole.optional(),
  delivery: z.array(delivery).optional(),
  deliveryTerms: deliveryTerms.optional(),
  paymentTerms: z.array(paymentTerms).optional(),
  allowanceCharge: z.array(allowanceCharge).optional(),
  taxTotal: z.array(taxTotal).optional(),
  extensions,
}

/** The canonical order response, version 1: UBL 2.x `OrderResponse`. Without lines it answers the whole order. */
export const orderResponseSchema = z.strictObject({
  type: z.literal('orderResponse'),
  ...answer,
  /** UNTDID 1001, e.g. `231`. */
  orderResponseTypeCode: text.optional(),
  function: z.enum(orderFunctions),
  /** `AP` accepted, `CA` accepted with changes, `RE` not accepted, `AB` received (UNCL 4343). */
  orderResponseCode: text.optional(),
  legalMonetaryTotal: monetaryTotal.optional(),
  orderLine: z.array(orderLine).optional(),
})

/** The canonical order change, version 1: UBL 2.x `OrderChange`; with function `cancel` an `OrderCancellation`. */
export const orderChangeSchema = z.strictObject({
  type: z.literal('orderChange'),
  ...answer,
  /** UNTDID 1001, e.g. `230`. */
  orderChangeTypeCode: text.optional(),
  function: z.enum(orderFunctions),
  sequenceNumberId: text.optional(),
  anticipatedMonetaryTotal: monetaryTotal.optional(),
  orderLine: z.array(orderLine).optional(),
})
