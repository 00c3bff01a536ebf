import { z } from 'zod'
import {
  allowanceCharge,
  amount,
  date,
  delivery,
  documentReference,
  identifier,
  monetaryTotal,
  partyRole,
  period,
  quantity,
  taxCategory,
  taxTotal,
  text,
  time,
} from './parts.ts'

/** What the message does to the order of this number (UNTDID 1225 in words). */
export const orderFunctions = ['original', 'change', 'replace', 'cancel', 'copy'] as const

const item = z.strictObject({
  description: z.array(text).optional(),
  name: text.optional(),
  buyersItemIdentification: identifier.optional(),
  sellersItemIdentification: identifier.optional(),
  manufacturersItemIdentification: identifier.optional(),
  /** The GTIN, with `schemeId` `0160`. */
  standardItemIdentification: identifier.optional(),
  classifiedTaxCategory: z.array(taxCategory).optional(),
  additionalItemProperty: z.array(z.strictObject({ name: text, value: text })).optional(),
})

const lineItem = z.strictObject({
  id: text,
  note: z.array(text).optional(),
  quantity,
  lineExtensionAmount: amount.optional(),
  totalTaxAmount: amount.optional(),
  /** The net price of `baseQuantity` (1 where it is absent). */
  price: z.strictObject({ priceAmount: amount, baseQuantity: quantity.optional() }).optional(),
  delivery: z.array(delivery).optional(),
  allowanceCharge: z.array(allowanceCharge).optional(),
  item,
})

const orderLine = z.strictObject({
  lineItem,
  documentReference: z.array(documentReference).optional(),
})

/** The canonical order, version 1: UBL 2.x `Order` in lowerCamelCase. */
export const orderSchema = z.strictObject({
  type: z.literal('order'),
  version: z.literal('1'),
  id: text,
  issueDate: date,
  issueTime: time.optional(),
  /** UNTDID 1001, e.g. `220`. */
  orderTypeCode: text.optional(),
  function: z.enum(orderFunctions),
  note: z.array(text).optional(),
  documentCurrencyCode: z
    .string()
    .regex(/^[A-Z]{3}$/, 'a currency such as EUR')
    .optional(),
  customerReference: text.optional(),
  accountingCost: text.optional(),
  validityPeriod: period.optional(),
  quotationDocumentReference: documentReference.optional(),
  /** The order that a change, replacement or cancellation is about. */
  orderDocumentReference: documentReference.optional(),
  originatorDocumentReference: documentReference.optional(),
  contract: z.array(documentReference).optional(),
  additionalDocumentReference: z.array(documentReference).optional(),
  buyerCustomerParty: partyRole,
  sellerSupplierParty: partyRole,
  originatorCustomerParty: partyRole.optional(),
  /** Who gets the invoice, where that is not the buyer. */
  accountingCustomerParty: partyRole.optional(),
  delivery: z.array(delivery).optional(),
  deliveryTerms: z.strictObject({ id: text.optional(), specialTerms: text.optional() }).optional(),
  paymentTerms: z.array(z.strictObject({ note: text })).optional(),
  allowanceCharge: z.array(allowanceCharge).optional(),
  taxTotal: z.array(taxTotal).optional(),
  anticipatedMonetaryTotal: monetaryTotal.optional(),
  orderLine: z.array(orderLine).min(1),
  /** What has no place above, by a name of the partner's; texts only. */
  extensions: z.record(z.string().max(256), z.string().max(100_000)).optional(),
})

export type Order = z.infer<typeof orderSchema>
export type OrderLine = z.infer<typeof orderLine>
export type LineItem = z.infer<typeof lineItem>
export type Item = z.infer<typeof item>
