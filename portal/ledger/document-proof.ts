import { limits } from '#hub/base/limits.ts'
import type { DocumentProof } from '#hub/ledger/document-proof.ts'
import { proveEntry } from '#hub/ledger/prove.ts'
import type { Queryable } from '#hub/store/connect.ts'
import type { DocumentTimeline, TimelineEntry } from '#hub/store/find-timeline.ts'
import type { Side } from '../turn.ts'

/** Proves the entries of a timeline as its viewer sees it: a leaf is given whole or not at all. */
export async function proveDocument(
  db: Queryable,
  timeline: DocumentTimeline,
  side: Side,
): Promise<DocumentProof> {
  const entries: DocumentProof['entries'] = []
  for (const entry of timeline.entries.slice(0, limits.documentProofEntries)) {
    const { id, type } = entry
    const proof = isWithheld(entry, side) ? 'withheld' : ((await proveEntry(db, id)) ?? 'waiting')
    entries.push(
      typeof proof === 'string' ? { id, type, proof: null, why: proof } : { id, type, proof, why: null },
    )
  }
  const more = timeline.entries.length - entries.length
  return { format: 'crossdock-document-proof', version: 1, document: timeline.document.id, entries, more }
}

/** What redaction takes out of an entry stands in its leaf or body: the other party's channel, and what it gets. */
function isWithheld({ type, actor }: TimelineEntry, side: Side): boolean {
  if (side === 'hub') return false
  const ownChannel = type.startsWith(side === 'sender' ? 'transmission.' : 'delivery.')
  return (actor === 'channel' && !ownChannel) || (side === 'sender' && type.startsWith('output.'))
}
