import { compareDecimals, measure, type Measures } from '#hub/canonical/index.ts'
import type { RailTerms } from '#hub/model/rails.ts'
import type { ClearedDocument, RoutedDocument, Step } from './stages.ts'

/** Holds a document that passes a guard rail of one of its agreements; a person decides, and it goes on at `map`. */
export const judge: Step<RoutedDocument, ClearedDocument> = {
  name: 'judge',
  faultCode: 'mappingFailed',
  run: (routed) => {
    let measures: Measures | null = null
    for (const { terms } of routed.resolution.agreements) {
      if (terms.rails === undefined) continue
      measures ??= measure(routed.canonical)
      const rule = railPassed(terms.rails, { ...measures, sizeBytes: routed.sizeBytes })
      if (rule !== null) return { kind: 'hold', rule, code: 'guardRail' }
    }
    return { kind: 'next', value: { ...routed, clearedBy: 'rails' } }
  },
}

/** The name of the rail that is passed, or null. An amount that cannot be known does not pass for a small one. */
function railPassed(
  { linesMax, quantityMax, amountMax, sizeMax }: RailTerms,
  { lines, quantity, amount, sizeBytes }: Measures & { sizeBytes: number },
): string | null {
  if (linesMax !== undefined && lines > linesMax) return 'linesMax'
  if (quantityMax !== undefined && compareDecimals(quantity, quantityMax) > 0) return 'quantityMax'
  if (amountMax !== undefined && (amount === null || compareDecimals(amount, amountMax) > 0))
    return 'amountMax'
  if (sizeMax !== undefined && sizeBytes > sizeMax) return 'sizeMax'
  return null
}
