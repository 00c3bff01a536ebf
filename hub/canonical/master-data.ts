import { z } from 'zod'
import {
  allowanceCharge,
  date,
  deliveryTerms,
  documentCurrency,
  documentReference,
  extensions,
  partyRole,
  party,
  paymentTerms,
  period,
  text,
  time,
} from './parts.ts'
import { item, pricing, qualifiedQuantity } from './item.ts'
import { orderFunctions } from './order.ts'
import { measurement } from './shipment.ts'

const head = {
  version: z.literal('1'),
  id: text,
  issueDate: date,
  issueTime: time.optional(),
  function: z.enum(orderFunctions),
  note: z.array(text).optional(),
  additionalDocumentReference: z.array(documentReference).optional(),
  extensions,
}

/** The canonical price list or catalogue, version 1: UBL 2.x `Catalogue`. */
export const catalogueSchema = z.strictObject({
  type: z.literal('catalogue'),
  ...head,
  /** UNTDID 1001, e.g. `9`. */
  catalogueTypeCode: text.optional(),
  documentCurrencyCode: documentCurrency,
  validityPeriod: period.optional(),
  contract: z.array(documentReference).optional(),
  providerParty: partyRole.optional(),
  receiverParty: partyRole.optional(),
  sellerSupplierParty: partyRole.optional(),
  buyerCustomerParty: partyRole.optional(),
  deliveryTerms: deliveryTerms.optional(),
  paymentTerms: z.array(paymentTerms).optional(),
  allowanceCharge: z.array(allowanceCharge).optional(),
  /** Groups of products that lines stand in. */
  productGroup: z
    .array(z.strictObject({ id: text, typeCode: text.optional(), name: text.optional() }))
    .optional(),
  catalogueLine: z
    .array(
      z.strictObject({
        id: text,
        /** UNTDID 1229: `1` added, `2` deleted, `3` changed. */
        actionCode: text.optional(),
        note: z.array(text).optional(),
        item,
        /** The `id` of the group of products that it stands in. */
        productGroup: text.optional(),
        lineValidityPeriod: period.optional(),
        orderQuantity: z.array(qualifiedQuantity).optional(),
        measurementDimension: z.array(measurement).optional(),
        price: z.array(pricing).optional(),
        allowanceCharge: z.array(allowanceCharge).optional(),
      }),
    )
    .optional(),
})

const account = z.strictObject({
  id: text.optional(),
  name: text.optional(),
  currencyCode: text.optional(),
  branchId: text.optional(),
  branchName: text.optional(),
})

/** The canonical party information, version 1: parties in the words of UBL 2.x, each with its role. */
export const partyInformationSchema = z.strictObject({
  type: z.literal('partyInformation'),
  ...head,
  /** UNTDID 1001, e.g. `10`. */
  partyInformationTypeCode: text.optional(),
  senderParty: partyRole.optional(),
  receiverParty: partyRole.optional(),
  partyLine: z
    .array(
      z.strictObject({
        /** UNTDID 3035, e.g. `BY`. */
        roleCode: text,
        party,
        validityPeriod: period.optional(),
        financialAccount: z.array(account).optional(),
        location: z
          .array(z.strictObject({ locationTypeCode: text, id: text.optional(), name: text.optional() }))
          .optional(),
        documentReference: z.array(documentReference).optional(),
        note: z.array(text).optional(),
        deliveryTerms: deliveryTerms.optional(),
      }),
    )
    .min(1),
})
