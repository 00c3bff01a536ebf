import { z } from 'zod'
import {
  amount,
  date,
  delivery,
  documentCurrency,
  documentReference,
  extensions,
  partyRole,
  period,
  quantity,
  text,
  time,
} from './parts.ts'
import { item, lineReference, pricing, qualifiedAmount, qualifiedPeriod, qualifiedQuantity } from './item.ts'
import { orderFunctions } from './order.ts'

const head = {
  version: z.literal('1'),
  id: text,
  issueDate: date,
  issueTime: time.optional(),
  function: z.enum(orderFunctions),
  note: z.array(text).optional(),
  documentCurrencyCode: documentCurrency,
  additionalDocumentReference: z.array(documentReference).optional(),
  buyerCustomerParty: partyRole.optional(),
  sellerSupplierParty: partyRole.optional(),
  extensions,
}

const location = z.strictObject({
  id: text.optional(),
  schemeId: text.optional(),
  name: text.optional(),
  /** UNTDID 3227, e.g. `162` place of sale. */
  locationTypeCode: text.optional(),
})

/** One quantity of an item: of what kind (UNTDID 6063, `145` in stock), where, when and in which state. */
const inventory = z.strictObject({
  quantityTypeCode: text,
  quantity,
  /** UNTDID 4501: which way goods moved. */
  movementDirectionCode: text.optional(),
  /** UNTDID 7491, 4499 and 4503. */
  inventoryTypeCode: text.optional(),
  movementReasonCode: text.optional(),
  balanceMethodCode: text.optional(),
  date: z.array(qualifiedPeriod).optional(),
  inventoryLocation: z.array(location).optional(),
  price: z.array(pricing).optional(),
  documentReference: z.array(documentReference).optional(),
})

/** The canonical inventory report, version 1: UBL 2.x `InventoryReport`; a line has as many quantities as the report gives. */
export const inventoryReportSchema = z.strictObject({
  type: z.literal('inventoryReport'),
  ...head,
  /** UNTDID 1001, e.g. `35`. */
  inventoryReportTypeCode: text.optional(),
  inventoryPeriod: period.optional(),
  retailerCustomerParty: partyRole.optional(),
  inventoryReportingParty: partyRole.optional(),
  warehouseParty: partyRole.optional(),
  inventoryReportLine: z
    .array(
      z.strictObject({
        id: text,
        note: z.array(text).optional(),
        item,
        inventoryLocation: z.array(location).optional(),
        date: z.array(qualifiedPeriod).optional(),
        documentReference: z.array(documentReference).optional(),
        inventory: z.array(inventory).optional(),
      }),
    )
    .min(1),
})

const salesItem = z.strictObject({
  id: text,
  item,
  quantity: z.array(qualifiedQuantity).optional(),
  amount: z.array(qualifiedAmount).optional(),
  price: z.array(pricing).optional(),
  documentReference: z.array(documentReference).optional(),
})

/** The canonical sales report, version 1: UBL 2.x `ProductActivity`: by place and period, what was sold there. */
export const salesReportSchema = z.strictObject({
  type: z.literal('salesReport'),
  ...head,
  /** UNTDID 1001, e.g. `73E` of EANCOM. */
  salesReportTypeCode: text.optional(),
  activityPeriod: period.optional(),
  senderParty: partyRole.optional(),
  receiverParty: partyRole.optional(),
  supplyChainActivityDataLine: z
    .array(
      z.strictObject({
        activityLocation: location.optional(),
        activityPeriod: period.optional(),
        documentReference: z.array(documentReference).optional(),
        salesItem: z.array(salesItem).optional(),
      }),
    )
    .min(1),
})

/** One call-off of a schedule: how firm it is, how much, when, how often. */
const scheduled = z.strictObject({
  /** UNTDID 4017: `1` firm, `4` planning, and so on. */
  commitmentCode: text.optional(),
  /** UNTDID 4493. */
  requirementCode: text.optional(),
  /** UNTDID 2013: `W` weekly. */
  frequencyCode: text.optional(),
  despatchPatternCode: text.optional(),
  /** UNTDID 6063, e.g. `113` to be delivered, `3` cumulative. */
  quantityTypeCode: text.optional(),
  quantity,
  requestedDeliveryPeriod: period.optional(),
  requestedDespatchPeriod: period.optional(),
  /** What a cumulative quantity counts. */
  countedPeriod: period.optional(),
  documentReference: z.array(documentReference).optional(),
})

/** The canonical delivery schedule, version 1: UBL 2.x `Forecast`, with its call-offs under each line. */
export const scheduleSchema = z.strictObject({
  type: z.literal('schedule'),
  ...head,
  /** UNTDID 1001, e.g. `241`. */
  scheduleTypeCode: text.optional(),
  forecastPeriod: period.optional(),
  orderReference: z.array(documentReference).optional(),
  despatchSupplierParty: partyRole.optional(),
  deliveryCustomerParty: partyRole.optional(),
  accountingCustomerParty: partyRole.optional(),
  forecastLine: z
    .array(
      z.strictObject({
        id: text,
        note: z.array(text).optional(),
        item,
        /** Where it is to be delivered. */
        delivery: delivery.optional(),
        location: z.array(location).optional(),
        orderLineReference: z.array(lineReference).optional(),
        documentReference: z.array(documentReference).optional(),
        schedule: z.array(scheduled).optional(),
      }),
    )
    .min(1),
})

const adjustment = z.strictObject({
  /** UNTDID 4465. */
  reasonCode: text.optional(),
  amount: z.array(qualifiedAmount).optional(),
  documentReference: documentReference.optional(),
  note: z.array(text).optional(),
})

/** The canonical remittance advice, version 1: UBL 2.x `RemittanceAdvice`: each line a document that is paid. */
export const remittanceAdviceSchema = z.strictObject({
  type: z.literal('remittanceAdvice'),
  version: z.literal('1'),
  id: text,
  issueDate: date,
  issueTime: time.optional(),
  function: z.enum(orderFunctions),
  /** UNTDID 1001, e.g. `481`. */
  remittanceAdviceTypeCode: text.optional(),
  note: z.array(text).optional(),
  documentCurrencyCode: documentCurrency,
  /** When the money moves. */
  paymentDate: date.optional(),
  paymentOrderReference: text.optional(),
  additionalDocumentReference: z.array(documentReference).optional(),
  accountingCustomerParty: partyRole.optional(),
  accountingSupplierParty: partyRole.optional(),
  payeeParty: partyRole.optional(),
  payerParty: partyRole.optional(),
  /** UNTDID 4461. */
  paymentMeansCode: text.optional(),
  payerFinancialAccount: z
    .strictObject({ id: text.optional(), name: text.optional(), branchId: text.optional() })
    .optional(),
  payeeFinancialAccount: z
    .strictObject({ id: text.optional(), name: text.optional(), branchId: text.optional() })
    .optional(),
  totalPaymentAmount: amount.optional(),
  additionalAmount: z.array(qualifiedAmount).optional(),
  remittanceAdviceLine: z
    .array(
      z.strictObject({
        billingReference: documentReference,
        /** What is paid of the document. */
        paidAmount: amount.optional(),
        dueAmount: amount.optional(),
        additionalAmount: z.array(qualifiedAmount).optional(),
        documentReference: z.array(documentReference).optional(),
        adjustment: z.array(adjustment).optional(),
      }),
    )
    .optional(),
  extensions,
})
