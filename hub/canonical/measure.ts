import { multiplyDecimals, sumDecimals } from '#hub/base/decimal.ts'
import type { CanonicalDocument, CanonicalType } from '#hub/model/mapping.ts'
import type { Amount, MonetaryTotal, Quantity } from './parts.ts'
import { linesMemberOf } from './types.ts'

/** What guard rails look at. Decimals are exact strings; compare them with `compareDecimals`. */
export interface Measures {
  lines: number
  /** The sum over the lines, whatever their units. */
  quantity: string
  /** Payable total where the document states one, else the sum of its lines; null where no amount can be known. */
  amount: string | null
  currency: string | null
}

/** Measures a canonical document in which `checkCanonical` found no error; what has no lines measures nothing. */
export function measure(document: CanonicalDocument): Measures {
  const lines = linesOf(document)
  const quantities = lines.flatMap((line) => quantitiesOf(document.type, line))
  return {
    lines: lines.length,
    quantity: sumDecimals(quantities.map(({ value }) => value)),
    amount: statedTotal(document) ?? sumOfLines(document.type, lines),
    currency: (document.documentCurrencyCode as string | undefined) ?? null,
  }
}

/** A line as far as measures look at it. */
interface Line {
  lineItem?: Line
  lineExtensionAmount?: Amount
  price?: { priceAmount: Amount; baseQuantity?: Quantity }
  [member: string]: unknown
}

function linesOf(document: CanonicalDocument): Line[] {
  const member = linesMemberOf(document.type)
  const lines = (member === null ? undefined : document[member]) as Line[] | undefined
  return lines?.map((line) => line.lineItem ?? line) ?? []
}

/** The member of a line that says how many, by type; of reports, which have many, all quantities are one kind. */
const quantityMembers: Readonly<Partial<Record<CanonicalType, string>>> = {
  order: 'quantity',
  orderChange: 'quantity',
  orderResponse: 'quantity',
  despatchAdvice: 'deliveredQuantity',
  receiptAdvice: 'receivedQuantity',
  invoice: 'invoicedQuantity',
  creditNote: 'creditedQuantity',
}

function quantitiesOf(type: CanonicalType, line: Line): Quantity[] {
  if (type === 'inventoryReport') return innerQuantities(line.inventory)
  if (type === 'schedule') return innerQuantities(line.schedule)
  if (type === 'salesReport')
    return ((line.salesItem ?? []) as Line[]).flatMap((sold) => innerQuantities(sold.quantity))
  const quantity = line[quantityMembers[type] ?? ''] as Quantity | undefined
  return quantity === undefined ? [] : [quantity]
}

function innerQuantities(list: unknown): Quantity[] {
  return ((list ?? []) as { quantity: Quantity }[]).map(({ quantity }) => quantity)
}

function statedTotal(document: CanonicalDocument): string | undefined {
  const total = (document.anticipatedMonetaryTotal ?? document.legalMonetaryTotal) as
    MonetaryTotal | undefined
  const paid = document.totalPaymentAmount as Amount | undefined
  return (paid ?? total?.payableAmount ?? total?.taxInclusiveAmount ?? total?.lineExtensionAmount)?.value
}

function sumOfLines(type: CanonicalType, lines: Line[]): string | null {
  if (type === 'remittanceAdvice') {
    const paid = lines.flatMap((line) => (line.paidAmount as Amount | undefined)?.value ?? [])
    return paid.length === lines.length ? sumDecimals(paid) : null
  }
  const amounts = lines.map((line) => lineAmount(type, line))
  if (amounts.length === 0 || amounts.includes(null)) return null
  return sumDecimals(amounts as string[])
}

/**
 * The line's own amount, else quantity × price. A price for a base quantity other than 1 would need a division, which
 * is not always exact: then the line has no known amount.
 */
function lineAmount(type: CanonicalType, line: Line): string | null {
  if (line.lineExtensionAmount) return line.lineExtensionAmount.value
  const [quantity] = quantitiesOf(type, line)
  if (!line.price?.priceAmount || quantity === undefined) return null
  const base = line.price.baseQuantity?.value ?? '1'
  if (!/^1(\.0+)?$/.test(base)) return null
  return multiplyDecimals(quantity.value, line.price.priceAmount.value)
}
