import type { EndToEnd } from './end-to-end.ts'
import type { Row } from './table.ts'

/** B13: what the ledger has to do with B3. Entries are written in the transactions of the changes they record. */
export function ledgerRows({ entries, nodeMs, postgresMs }: EndToEnd): Row[] {
  return [
    {
      bench: 'B13',
      what: 'ledger entries of one document',
      figure: entries.toFixed(1),
      beside: `the document ${(nodeMs + postgresMs).toFixed(2)} ms CPU`,
      ratio: null,
      reach: '10 % of B3',
      reached: null,
    },
  ]
}
