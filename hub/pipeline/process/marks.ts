import { createHash } from 'node:crypto'
import { canonicalJson } from '#hub/base/canonical-json.ts'
import { isOrder, measure, type Measures } from '#hub/canonical/index.ts'
import type { CanonicalDocument } from '#hub/model/mapping.ts'
import type { ComputedDocument } from './computed.ts'
import { orderKeyOf } from './order-key.ts'

/** What the transaction needs of a canonical document whose tree is let go; nothing where no agreement asks for it. */
export interface Marks {
  /** For windows. */
  measures?: Measures
  /** For the detector `businessKey`, hashed. */
  businessKey?: Buffer
  /** The keys of ordered flows that it leaves in, by the key of the agreement. */
  orderKeys?: ReadonlyMap<string, string>
}

/** Takes from a document what is asked of it once all of its batch are known. */
export function marksOf({ documentId, known }: ComputedDocument): Marks | undefined {
  const { agreements = [], canonical, sender, number } = known
  if (canonical === null) return undefined
  const marks: Marks = {}
  if (agreements.some(({ terms }) => terms.rails?.windows !== undefined)) marks.measures = measure(canonical)
  if (agreements.some(({ terms }) => terms.duplicates?.businessKey !== undefined)) {
    const key = businessKeyOf(canonical)
    if (key !== null) marks.businessKey = key
  }
  const keys = agreements.flatMap((agreement): [string, string][] => {
    const key = orderKeyOf(agreement, { documentId, sender, number, canonical })
    return key === null ? [] : [[agreement.key, key]]
  })
  if (keys.length > 0) marks.orderKeys = new Map(keys)
  return marks
}

/**
 * Number, message function and date; null where there is nothing to go by. A change, a replacement or a cancellation is
 * compared with others of its kind alone, and by its content too, because several of one day may be meant; a copy says
 * itself that it is one, and is never a repeat.
 */
function businessKeyOf(canonical: CanonicalDocument): Buffer | null {
  if (!isOrder(canonical) || canonical.function === 'copy') return null
  const { id: number, function: does, issueDate } = canonical
  const content = does === 'original' ? null : canonicalJson(canonical)
  return createHash('sha256')
    .update(canonicalJson([number, does, issueDate, content]))
    .digest()
}
