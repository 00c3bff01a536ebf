import { z } from 'zod'
import {
  allowanceCharge,
  amount,
  date,
  decimal,
  delivery,
  deliveryTerms,
  documentCurrency,
  documentReference,
  extensions,
  invoiceTaxTotal,
  monetaryTotal,
  partyRole,
  paymentMeans,
  paymentTerms,
  period,
  quantity,
  text,
  time,
} from './parts.ts'
import { item, lineReference, price, qualifiedAmount, qualifiedQuantity } from './item.ts'
import { orderFunctions } from './order.ts'
import { measurement } from './shipment.ts'

/* Business terms (BT) are those of EN 16931, whose rules speak of these members. */

const exchangeRate = z.strictObject({
  sourceCurrencyCode: text.optional(),
  targetCurrencyCode: text.optional(),
  calculationRate: decimal.optional(),
})

const head = {
  version: z.literal('1'),
  /** BT-1. */
  id: text,
  /** BT-2. */
  issueDate: date,
  issueTime: time.optional(),
  function: z.enum(orderFunctions),
  /** BT-22. */
  note: z.array(text).optional(),
  /** BT-7. */
  taxPointDate: date.optional(),
  /** BT-5. */
  documentCurrencyCode: documentCurrency,
  /** BT-6. */
  taxCurrencyCode: documentCurrency,
  /** BT-19. */
  accountingCost: text.optional(),
  /** BT-10. */
  buyerReference: text.optional(),
  /** BT-73 and BT-74. */
  invoicePeriod: z.array(period).optional(),
  /** BT-13, and the seller's number of the order, BT-14. */
  orderReference: z.array(documentReference).optional(),
  /** BT-25: earlier invoices that this one is about. */
  billingReference: z.array(z.strictObject({ invoiceDocumentReference: documentReference })).optional(),
  /** BT-16. */
  despatchDocumentReference: z.array(documentReference).optional(),
  /** BT-15. */
  receiptDocumentReference: z.array(documentReference).optional(),
  originatorDocumentReference: z.array(documentReference).optional(),
  /** BT-12. */
  contractDocumentReference: z.array(documentReference).optional(),
  /** BT-11. */
  projectReference: documentReference.optional(),
  /** BG-24. */
  additionalDocumentReference: z.array(documentReference).optional(),
  /** BG-4: the seller. */
  accountingSupplierParty: partyRole,
  /** BG-7: the buyer, or who gets the invoice in its place. */
  accountingCustomerParty: partyRole,
  /** The buyer, where the invoice goes to another. */
  buyerCustomerParty: partyRole.optional(),
  /** The seller, where another one writes the invoice. */
  sellerSupplierParty: partyRole.optional(),
  /** BG-10. */
  payeeParty: partyRole.optional(),
  /** BG-11. */
  taxRepresentativeParty: partyRole.optional(),
  /** BG-13. */
  delivery: z.array(delivery).optional(),
  deliveryTerms: deliveryTerms.optional(),
  /** BG-16. */
  paymentMeans: z.array(paymentMeans).optional(),
  /** BT-20. */
  paymentTerms: z.array(paymentTerms).optional(),
  /** BG-20 and BG-21. */
  allowanceCharge: z.array(allowanceCharge).optional(),
  taxExchangeRate: exchangeRate.optional(),
  /** BT-110 and BG-23. */
  taxTotal: z.array(invoiceTaxTotal).optional(),
  /** BG-22. */
  legalMonetaryTotal: monetaryTotal,
  additionalAmount: z.array(qualifiedAmount).optional(),
  extensions,
}

const lineHead = {
  /** BT-126. */
  id: text,
  /** BT-127. */
  note: z.array(text).optional(),
  /** BT-131. */
  lineExtensionAmount: amount.optional(),
  taxInclusiveLineAmount: amount.optional(),
  taxPointDate: date.optional(),
  /** BT-133. */
  accountingCost: text.optional(),
  /** BT-134 and BT-135. */
  invoicePeriod: z.array(period).optional(),
  /** BT-132. */
  orderLineReference: z.array(lineReference).optional(),
  despatchLineReference: z.array(lineReference).optional(),
  documentReference: z.array(documentReference).optional(),
  delivery: z.array(delivery).optional(),
  /** BG-27 and BG-28. */
  allowanceCharge: z.array(allowanceCharge).optional(),
  taxTotal: z.array(invoiceTaxTotal).optional(),
  additionalQuantity: z.array(qualifiedQuantity).optional(),
  measurementDimension: z.array(measurement).optional(),
  /** BG-31 and, in `classifiedTaxCategory`, BG-30. */
  item,
  /** BT-146. */
  price: price.optional(),
  /** BT-148. */
  grossPrice: price.optional(),
}

/** The canonical invoice, version 1: UBL 2.x `Invoice`. */
export const invoiceSchema = z.strictObject({
  type: z.literal('invoice'),
  ...head,
  /** BT-9. */
  dueDate: date.optional(),
  /** BT-3: UNTDID 1001, e.g. `380`. */
  invoiceTypeCode: text.optional(),
  /** BT-129. */
  invoiceLine: z.array(z.strictObject({ ...lineHead, invoicedQuantity: quantity.optional() })).optional(),
})

/** The canonical credit note, version 1: UBL 2.x `CreditNote`. */
export const creditNoteSchema = z.strictObject({
  type: z.literal('creditNote'),
  ...head,
  dueDate: date.optional(),
  /** BT-3: UNTDID 1001, e.g. `381`. */
  creditNoteTypeCode: text.optional(),
  creditNoteLine: z.array(z.strictObject({ ...lineHead, creditedQuantity: quantity.optional() })).optional(),
})
