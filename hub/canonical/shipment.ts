import { z } from 'zod'
import {
  date,
  decimal,
  delivery,
  deliveryTerms,
  documentCurrency,
  documentReference,
  extensions,
  identifier,
  partyRole,
  period,
  quantity,
  text,
  time,
} from './parts.ts'
import { item, lineReference, qualifiedAmount, qualifiedQuantity } from './item.ts'
import { orderFunctions } from './order.ts'

/** What was measured: `WT` and what else UNTDID 6313 has, e.g. `AAB` gross weight. */
export const measurement = z.strictObject({
  /** UNTDID 6311, e.g. `PD` physical dimensions. */
  purposeCode: text.optional(),
  attributeId: text.optional(),
  measure: z.strictObject({ value: decimal, unitCode: text.optional() }),
})

const transport = z.strictObject({
  /** UNTDID 8051, e.g. `20` main carriage. */
  stageCode: text.optional(),
  id: text.optional(),
  /** UNECE recommendation 19 (8067), e.g. `30` road. */
  transportModeCode: text.optional(),
  /** UNTDID 8179, e.g. `31` truck. */
  transportMeansTypeCode: text.optional(),
  /** The plate or the name of the vehicle. */
  transportMeansId: text.optional(),
  transportMeansName: text.optional(),
  transportMeansCountryCode: text.optional(),
  carrierParty: z.strictObject({ id: identifier.optional(), name: text.optional() }).optional(),
})

/** What stands on packages or belongs to goods in them (EDIFACT PCI): marks, SSCC and serial numbers, days. */
const marking = z.strictObject({
  /** UNTDID 4233, e.g. `33E` marked with an SSCC, `36E` with a day. */
  instructionCode: text.optional(),
  marks: z.array(text).optional(),
  /** UNTDID 7511. */
  markingTypeCode: text.optional(),
  quantity: quantity.optional(),
  bestBeforeDate: date.optional(),
  expiryDate: date.optional(),
  manufactureDate: date.optional(),
  /** SSCC and other numbers, with UNTDID 7405 as `schemeId` (`BJ` SSCC, `BN` serial number, `BX` batch). */
  traceId: z.array(identifier).optional(),
})

const pack = z.strictObject({
  quantity: z.strictObject({ value: decimal, unitCode: text.optional() }).optional(),
  /** UNTDID 7075: 1 inner, 2 intermediate, 3 outer. */
  packageLevelCode: text.optional(),
  /** UNECE recommendation 21 or what the partners agreed (7065), e.g. `201` for a EUR pallet. */
  packagingTypeCode: text.optional(),
  packagingType: text.optional(),
  measurementDimension: z.array(measurement).optional(),
  marking: z.array(marking).optional(),
})

/** What differs and why: how much (of what kind, UNTDID 6063), UNTDID 4221 and 4295. */
const discrepancy = z.strictObject({
  quantity: z.strictObject({ value: decimal }).optional(),
  quantityTypeCode: text.optional(),
  natureCode: text.optional(),
  reasonCode: text.optional(),
  reason: text.optional(),
  period: period.optional(),
})

/** A level of packing (EDIFACT CPS): `parentId` names the unit it is in. */
const handlingUnit = z.strictObject({
  id: text,
  parentId: text.optional(),
  /** UNTDID 7075. */
  packagingLevelCode: text.optional(),
  actualPackage: z.array(pack).optional(),
})

const shipment = z.strictObject({
  id: text.optional(),
  deliveryTerms: deliveryTerms.optional(),
  measurementDimension: z.array(measurement).optional(),
  shipmentStage: z.array(transport).optional(),
  transportHandlingUnit: z.array(handlingUnit).optional(),
  delivery: delivery.optional(),
  actualDespatchDate: date.optional(),
  actualDespatchTime: time.optional(),
  pickupPeriod: period.optional(),
})

const head = {
  version: z.literal('1'),
  id: text,
  issueDate: date,
  issueTime: time.optional(),
  function: z.enum(orderFunctions),
  note: z.array(text).optional(),
  documentCurrencyCode: documentCurrency,
  orderReference: z.array(documentReference).optional(),
  contract: z.array(documentReference).optional(),
  additionalDocumentReference: z.array(documentReference).optional(),
  despatchSupplierParty: partyRole.optional(),
  deliveryCustomerParty: partyRole.optional(),
  buyerCustomerParty: partyRole.optional(),
  sellerSupplierParty: partyRole.optional(),
  originatorCustomerParty: partyRole.optional(),
  accountingCustomerParty: partyRole.optional(),
  carrierParty: partyRole.optional(),
  shipment: shipment.optional(),
  extensions,
}

const lineHead = {
  id: text,
  note: z.array(text).optional(),
  /** UNTDID 1229. */
  lineStatusCode: text.optional(),
  orderLineReference: z.array(lineReference).optional(),
  documentReference: z.array(documentReference).optional(),
  item,
  /** The `id` of the handling unit that the line is in. */
  handlingUnitId: text.optional(),
  marking: z.array(marking).optional(),
  /** As in `marking`. */
  traceId: z.array(identifier).optional(),
  discrepancy: z.array(discrepancy).optional(),
  additionalQuantity: z.array(qualifiedQuantity).optional(),
}

/** The canonical despatch advice, version 1: UBL 2.x `DespatchAdvice`. Lines stand flat and name their handling unit. */
export const despatchAdviceSchema = z.strictObject({
  type: z.literal('despatchAdvice'),
  ...head,
  /** UNTDID 1001, e.g. `351`. */
  despatchAdviceTypeCode: text.optional(),
  despatchLine: z
    .array(
      z.strictObject({
        ...lineHead,
        deliveredQuantity: quantity,
        orderedQuantity: quantity.optional(),
        backorderQuantity: quantity.optional(),
        freeQuantity: quantity.optional(),
        amount: z.array(qualifiedAmount).optional(),
        measurementDimension: z.array(measurement).optional(),
        deliveryLocation: z
          .strictObject({ id: text.optional(), schemeId: text.optional(), description: text.optional() })
          .optional(),
      }),
    )
    .min(1),
})

/** The canonical receipt advice, version 1: UBL 2.x `ReceiptAdvice`. */
export const receiptAdviceSchema = z.strictObject({
  type: z.literal('receiptAdvice'),
  ...head,
  /** UNTDID 1001, e.g. `632`. */
  receiptAdviceTypeCode: text.optional(),
  despatchDocumentReference: z.array(documentReference).optional(),
  receiptLine: z
    .array(
      z.strictObject({
        ...lineHead,
        receivedQuantity: quantity.optional(),
        despatchedQuantity: quantity.optional(),
        acceptedQuantity: quantity.optional(),
        rejectedQuantity: quantity.optional(),
        despatchLineReference: z.array(lineReference).optional(),
      }),
    )
    .min(1),
})
