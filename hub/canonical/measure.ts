import type { CanonicalDocument } from '#hub/model/mapping.ts'
import { isOrder } from './check.ts'
import { multiplyDecimals, sumDecimals } from '#hub/base/decimal.ts'
import type { LineItem, Order } from './order.ts'

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
  if (!isOrder(document)) return { lines: 0, quantity: '0', amount: null, currency: null }
  return measureOrder(document)
}

export function measureOrder(order: Order): Measures {
  const items = order.orderLine.map((line) => line.lineItem)
  return {
    lines: items.length,
    quantity: sumDecimals(items.map((item) => item.quantity.value)),
    amount: statedTotal(order) ?? sumOfLines(items),
    currency: order.documentCurrencyCode ?? null,
  }
}

function statedTotal(order: Order): string | undefined {
  const total = order.anticipatedMonetaryTotal
  return (total?.payableAmount ?? total?.taxInclusiveAmount ?? total?.lineExtensionAmount)?.value
}

function sumOfLines(items: LineItem[]): string | null {
  const amounts = items.map(lineAmount)
  if (amounts.includes(null)) return null
  return sumDecimals(amounts as string[])
}

/**
 * The line's own amount, else quantity × price. A price for a base quantity other than 1 would need a division, which
 * is not always exact: then the line has no known amount.
 */
function lineAmount(item: LineItem): string | null {
  if (item.lineExtensionAmount) return item.lineExtensionAmount.value
  if (!item.price) return null
  const base = item.price.baseQuantity?.value ?? '1'
  if (!/^1(\.0+)?$/.test(base)) return null
  return multiplyDecimals(item.quantity.value, item.price.priceAmount.value)
}
