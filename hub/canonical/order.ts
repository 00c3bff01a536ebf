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
import { lineItem, type item } from './item.ts'

/** What the message does to the order of this number (UNTDID 1225 in words). */
export const orderFunctions = ['original', 'change', 'replace', 'cancel', 'copy'] as const

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
  documentCurrencyCode: documentCurrency,
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
  deliveryTerms: deliveryTerms.optional(),
  paymentTerms: z.array(paymentTerms).optional(),
  allowanceCharge: z.array(allowanceCharge).optional(),
  taxTotal: z.array(taxTotal).optional(),
  anticipatedMonetaryTotal: monetaryTotal.optional(),
  orderLine: z.array(orderLine).min(1),
  extensions,
})

export type Order = z.infer<typeof orderSchema>
export type OrderLine = z.infer<typeof orderLine>
export type LineItem = z.infer<typeof lineItem>
export type Item = z.infer<typeof item>
