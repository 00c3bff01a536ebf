import { canonicalJson } from '#hub/base/canonical-json.ts'
import type { CanonicalDocument } from '#hub/model/mapping.ts'

export { checkCanonical, isOrder } from './check.ts'
export { compareDecimals, decimalFrom, multiplyDecimals, sumDecimals } from '#hub/base/decimal.ts'
export { measure, type Measures } from './measure.ts'
export { canonicalSchemaOf, linesMemberOf } from './types.ts'
export { orderFunctions, type Item, type LineItem, type Order, type OrderLine } from './order.ts'
export { partiesOf } from './parties.ts'
export type * from './parts.ts'
export type * from './acknowledgement.ts'

/** The bytes of a canonical document: JSON in UTF-8, members sorted, so that equal documents have equal bytes. */
export function serialiseCanonical(document: CanonicalDocument): Buffer {
  return Buffer.from(canonicalJson(document), 'utf8')
}
