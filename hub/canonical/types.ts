import type { z } from 'zod'
import type { CanonicalType } from '#hub/model/mapping.ts'
import { acceptsOf, type Accepts } from './accepts.ts'
import { acknowledgementSchema } from './acknowledgement.ts'
import { creditNoteSchema, invoiceSchema } from './invoice.ts'
import { catalogueSchema, partyInformationSchema } from './master-data.ts'
import { orderChangeSchema, orderResponseSchema } from './order-answers.ts'
import { orderSchema } from './order.ts'
import {
  inventoryReportSchema,
  remittanceAdviceSchema,
  salesReportSchema,
  scheduleSchema,
} from './reports.ts'
import { despatchAdviceSchema, receiptAdviceSchema } from './shipment.ts'

/** What the hub knows of a type of document besides its schema. */
interface TypeFacts {
  schema: z.ZodType
  /** The member whose items are its business lines; null where it has none. */
  lines: string | null
}

const types: Readonly<Record<CanonicalType, TypeFacts>> = {
  order: { schema: orderSchema, lines: 'orderLine' },
  orderChange: { schema: orderChangeSchema, lines: 'orderLine' },
  orderResponse: { schema: orderResponseSchema, lines: 'orderLine' },
  despatchAdvice: { schema: despatchAdviceSchema, lines: 'despatchLine' },
  receiptAdvice: { schema: receiptAdviceSchema, lines: 'receiptLine' },
  invoice: { schema: invoiceSchema, lines: 'invoiceLine' },
  creditNote: { schema: creditNoteSchema, lines: 'creditNoteLine' },
  inventoryReport: { schema: inventoryReportSchema, lines: 'inventoryReportLine' },
  salesReport: { schema: salesReportSchema, lines: 'supplyChainActivityDataLine' },
  catalogue: { schema: catalogueSchema, lines: 'catalogueLine' },
  partyInformation: { schema: partyInformationSchema, lines: 'partyLine' },
  remittanceAdvice: { schema: remittanceAdviceSchema, lines: 'remittanceAdviceLine' },
  schedule: { schema: scheduleSchema, lines: 'forecastLine' },
  acknowledgement: { schema: acknowledgementSchema, lines: null },
}

/** The schema of a canonical type. */
export function canonicalSchemaOf(type: CanonicalType): z.ZodType {
  return types[type].schema
}

/** The member whose items are the lines of a document of this type; null where it has none. */
export function linesMemberOf(type: CanonicalType): string | null {
  return types[type].lines
}

/** Whether a word is the name of a canonical type. */
export function isCanonicalType(word: unknown): word is CanonicalType {
  return typeof word === 'string' && Object.hasOwn(types, word)
}

const compiled = new Map<CanonicalType, Accepts>()

/** Whether a document is surely good: nearly all are. Compiled when the first document of its type comes. */
export function surelyAccepts(type: CanonicalType, document: unknown): boolean {
  let accepts = compiled.get(type)
  if (accepts === undefined) {
    accepts = acceptsOf(types[type].schema)
    compiled.set(type, accepts)
  }
  return accepts(document)
}
