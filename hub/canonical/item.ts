import { z } from 'zod'
import {
  allowanceCharge,
  amount,
  date,
  delivery,
  documentReference,
  identifier,
  period,
  quantity,
  taxCategory,
  text,
} from './parts.ts'

/*
 * What lines of every kind of document are made of: the item, its price, and what else they point to.
 */

export const item = z.strictObject({
  description: z.array(text).optional(),
  name: text.optional(),
  buyersItemIdentification: identifier.optional(),
  sellersItemIdentification: identifier.optional(),
  manufacturersItemIdentification: identifier.optional(),
  /** The GTIN, with `schemeId` `0160`. */
  standardItemIdentification: identifier.optional(),
  /** Other numbers, with UNTDID 7143 as `schemeId`. */
  additionalItemIdentification: z.array(identifier).optional(),
  classifiedTaxCategory: z.array(taxCategory).optional(),
  additionalItemProperty: z.array(z.strictObject({ name: text, value: text })).optional(),
  /** Batches and serial numbers, by day of expiry. */
  itemInstance: z
    .array(
      z.strictObject({
        lotNumberId: text.optional(),
        serialId: text.optional(),
        manufactureDate: date.optional(),
        bestBeforeDate: date.optional(),
        expiryDate: date.optional(),
      }),
    )
    .optional(),
})

/** The net price of `baseQuantity` (1 where it is absent). */
export const price = z.strictObject({ priceAmount: amount, baseQuantity: quantity.optional() })

/** A price as price lists give it: what kind it is (UNTDID 5125, e.g. `AAB` gross), when and for how many it holds. */
export const pricing = z.strictObject({
  priceAmount: amount,
  baseQuantity: quantity.optional(),
  /** UNTDID 5125. */
  priceTypeCode: text.optional(),
  /** UNTDID 5375 or 5387, e.g. `SRP`. */
  priceType: text.optional(),
  minimumQuantity: quantity.optional(),
  maximumQuantity: quantity.optional(),
  validityPeriod: period.optional(),
})

/** A quantity by what it is of (UNTDID 6063, e.g. `145` in stock). */
export const qualifiedQuantity = z.strictObject({
  quantityTypeCode: text,
  quantity,
})

/** An amount by what it is of (UNTDID 5025). */
export const qualifiedAmount = z.strictObject({ amountTypeCode: text, amount })

/** A moment or period by what happens then (UNTDID 2005). */
export const qualifiedPeriod = z.strictObject({ periodTypeCode: text, period })

/** A line of another document: of the order, the despatch advice. */
export const lineReference = z.strictObject({
  lineId: text.optional(),
  documentReference: documentReference.optional(),
})

/** A line of an order, and of its change and response. */
export const lineItem = z.strictObject({
  id: text,
  note: z.array(text).optional(),
  /** UNTDID 1229: what happens to the line, or became of it (`3` changed, `5` accepted, `7` not accepted). */
  lineStatusCode: text.optional(),
  quantity,
  /** Not to be delivered with the rest. */
  backorderQuantity: quantity.optional(),
  lineExtensionAmount: amount.optional(),
  totalTaxAmount: amount.optional(),
  price: price.optional(),
  delivery: z.array(delivery).optional(),
  allowanceCharge: z.array(allowanceCharge).optional(),
  item,
})
