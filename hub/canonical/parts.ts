import { z } from 'zod'

/*
 * The building blocks that canonical documents share. Names and nesting are those of UBL 2.x aggregates, in
 * lowerCamelCase; numbers are decimal strings, so that no digit is ever lost.
 */

/** A decimal with `.`, e.g. `12.50` or `-3`: no exponent, no leading zeros, no sign plus. */
export const decimal = z
  .string()
  .max(1_300)
  .regex(/^-?(0|[1-9]\d*)(\.\d+)?$/, 'a decimal such as 12.50')
/** A calendar date as written, without a zone: it is never converted. */
export const date = z.iso.date('a date such as 2026-11-21')
/** A time as written, with a zone only where the document has one. */
export const time = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-][01]\d:[0-5]\d)?$/, 'a time such as 14:30:00')
/** Any text that says something. */
export const text = z.string().min(1, 'a text that is not empty').max(100_000)

/** ISO 4217. */
const currency = z.string().regex(/^[A-Z]{3}$/, 'a currency such as EUR')
/** UN/ECE recommendations 20 and 21, e.g. `C62` or `KGM`. */
const unit = z.string().min(1).max(10)

export const amount = z.strictObject({ value: decimal, currencyId: currency.optional() })
export const quantity = z.strictObject({ value: decimal, unitCode: unit.optional() })

/** `schemeId` is an ISO 6523 ICD (`0088` GLN, `0160` GTIN, `0060` DUNS), or whatever the document says. */
export const identifier = z.strictObject({ id: text, schemeId: text.optional() })

/** E.g. `VAT`. */
export const taxScheme = z.strictObject({ id: text })

export const country = z.strictObject({ identificationCode: text.optional(), name: text.optional() })

export const address = z.strictObject({
  id: text.optional(),
  postbox: text.optional(),
  streetName: text.optional(),
  additionalStreetName: text.optional(),
  buildingNumber: text.optional(),
  department: text.optional(),
  cityName: text.optional(),
  postalZone: text.optional(),
  countrySubentity: text.optional(),
  addressLine: z.array(z.strictObject({ line: text })).optional(),
  country: country.optional(),
})

export const contact = z.strictObject({
  id: text.optional(),
  name: text.optional(),
  telephone: text.optional(),
  telefax: text.optional(),
  electronicMail: text.optional(),
})

export const party = z.strictObject({
  endpointId: identifier.optional(),
  partyIdentification: z.array(identifier).optional(),
  partyName: z.array(z.strictObject({ name: text })).optional(),
  postalAddress: address.optional(),
  partyTaxScheme: z
    .array(z.strictObject({ companyId: text.optional(), taxScheme: taxScheme.optional() }))
    .optional(),
  partyLegalEntity: z
    .array(z.strictObject({ registrationName: text.optional(), companyId: identifier.optional() }))
    .optional(),
  contact: contact.optional(),
})

/** A buyer, seller, payer: `supplierAssignedAccountId` is the number that the other side knows it by. */
export const partyRole = z.strictObject({
  supplierAssignedAccountId: text.optional(),
  customerAssignedAccountId: text.optional(),
  party,
})

/** `EUR`; ISO 4217. */
export const documentCurrency = currency.optional()

/** What has no place elsewhere, by the name of the place it came from or one of the partner's; texts only. */
export const extensions = z.record(z.string().max(256), z.string().max(100_000)).optional()

export const period = z.strictObject({
  startDate: date.optional(),
  startTime: time.optional(),
  endDate: date.optional(),
  endTime: time.optional(),
})

export const documentReference = z.strictObject({
  id: text,
  issueDate: date.optional(),
  /** UNTDID 1153 or 1001, whichever the document gives. */
  documentTypeCode: text.optional(),
  documentType: text.optional(),
})

export const delivery = z.strictObject({
  quantity: quantity.optional(),
  requestedDeliveryPeriod: period.optional(),
  promisedDeliveryPeriod: period.optional(),
  estimatedDeliveryPeriod: period.optional(),
  latestDeliveryDate: date.optional(),
  actualDeliveryDate: date.optional(),
  actualDeliveryTime: time.optional(),
  deliveryLocation: z
    .strictObject({ id: text, schemeId: text.optional(), description: text.optional() })
    .optional(),
  deliveryAddress: address.optional(),
  deliveryParty: party.optional(),
})

export const taxCategory = z.strictObject({
  /** UNTDID 5305, e.g. `S`. */
  id: text.optional(),
  percent: decimal.optional(),
  taxScheme: taxScheme.optional(),
})

/** Something taken off (`chargeIndicator` false) or added: by amount, by percentage of a base, or both. */
export const allowanceCharge = z.strictObject({
  chargeIndicator: z.boolean(),
  /** UNTDID 7161 (or 5189 for allowances), whichever the document gives. */
  allowanceChargeReasonCode: text.optional(),
  allowanceChargeReason: text.optional(),
  /** A percentage: `5` is five per cent. */
  multiplierFactorNumeric: decimal.optional(),
  amount: amount.optional(),
  baseAmount: amount.optional(),
  taxCategory: z.array(taxCategory).optional(),
})

export const taxTotal = z.strictObject({
  taxAmount: amount,
  taxSubtotal: z
    .array(z.strictObject({ taxableAmount: amount.optional(), taxAmount: amount, taxCategory }))
    .optional(),
})

/** Of an invoice: it may give the taxes by category alone. */
export const invoiceTaxTotal = z.strictObject({
  taxAmount: amount.optional(),
  taxSubtotal: z
    .array(z.strictObject({ taxableAmount: amount.optional(), taxAmount: amount.optional(), taxCategory }))
    .optional(),
})

export const monetaryTotal = z.strictObject({
  lineExtensionAmount: amount.optional(),
  taxExclusiveAmount: amount.optional(),
  taxInclusiveAmount: amount.optional(),
  allowanceTotalAmount: amount.optional(),
  chargeTotalAmount: amount.optional(),
  prepaidAmount: amount.optional(),
  payableRoundingAmount: amount.optional(),
  payableAmount: amount.optional(),
})

export const deliveryTerms = z.strictObject({
  /** Incoterms, e.g. `DAP`. */
  id: text.optional(),
  specialTerms: text.optional(),
  deliveryLocation: text.optional(),
})

export const paymentTerms = z.strictObject({
  note: text.optional(),
  /** UNTDID 4279. */
  paymentTermsTypeCode: text.optional(),
  paymentDueDate: date.optional(),
  settlementPeriod: period.optional(),
  /** From when it counts, which way, in what and how many: UNTDID 2475, 2009, 2151 (`D` days) and 2152. */
  referenceEventCode: text.optional(),
  timeRelationCode: text.optional(),
  periodTypeCode: text.optional(),
  periodCount: decimal.optional(),
  settlementDiscountPercent: decimal.optional(),
  settlementDiscountAmount: amount.optional(),
})

const account = z.strictObject({
  /** An IBAN, or the number that the bank knows. */
  id: text.optional(),
  name: text.optional(),
  /** The BIC, or the number of the branch. */
  financialInstitutionBranch: z.strictObject({ id: text.optional(), name: text.optional() }).optional(),
})

export const paymentMeans = z.strictObject({
  /** UNTDID 4461, e.g. `58`. */
  paymentMeansCode: text.optional(),
  paymentDueDate: date.optional(),
  paymentId: z.array(text).optional(),
  payeeFinancialAccount: account.optional(),
  payerFinancialAccount: account.optional(),
})

export type Amount = z.infer<typeof amount>
export type Quantity = z.infer<typeof quantity>
export type Identifier = z.infer<typeof identifier>
export type Address = z.infer<typeof address>
export type Contact = z.infer<typeof contact>
export type Party = z.infer<typeof party>
export type PartyRole = z.infer<typeof partyRole>
export type Period = z.infer<typeof period>
export type DocumentReference = z.infer<typeof documentReference>
export type Delivery = z.infer<typeof delivery>
export type AllowanceCharge = z.infer<typeof allowanceCharge>
export type TaxCategory = z.infer<typeof taxCategory>
export type TaxTotal = z.infer<typeof taxTotal>
export type MonetaryTotal = z.infer<typeof monetaryTotal>
