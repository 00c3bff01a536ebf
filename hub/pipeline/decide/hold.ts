import { assert } from '#hub/model/errors.ts'
import type { DocumentId, PersonId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import { goOnBehind } from '#hub/pipeline/process/behind.ts'
import type { Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { decideDocuments } from '#hub/store/settle-decision.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { oweRefusals } from './refusal.ts'

interface HoldDecision {
  /** Some or all documents of a hold. */
  documentIds: readonly DocumentId[]
  decision: 'release' | 'reject'
  person: PersonId
  /** Why, in the person's words; not empty. */
  reason: string
  /** Released documents go by today's configuration, not by the versions they were judged with. */
  today?: boolean
}

/**
 * Carries out what a person decided about documents on hold, each exactly once: released ones go on from where the hold
 * left them, rejected ones end with `holdRejected`. Returns the documents that this call decided.
 */
export async function decideHold(
  { store, queue, sealer }: { store: Store; queue: JobQueue; sealer: Sealer },
  { documentIds, decision, person, reason, today = false }: HoldDecision,
): Promise<DocumentId[]> {
  assert(reason.trim() !== '', 'a decision has a reason')
  const made = decision === 'release' ? 'released' : 'rejected'
  const actor = `person:${person}`
  return await inTransaction(store.worker, 'decide.hold', async (client) => {
    const decided = await decideDocuments(client, documentIds, { decision: made, by: actor, reason, today })
    await appendEntries(
      client,
      decided.map(({ id, sender }) => ({
        type: 'document.released',
        body: { decision: made, reason, ...(today && decision === 'release' && { today }) },
        partnerId: sender,
        documentId: id,
        actor,
      })),
    )
    const ids = decided.map(({ id }) => id)
    if (decision === 'release')
      await queue.process(client, [...new Set(decided.map(({ transmissionId }) => transmissionId))])
    else {
      await oweRefusals(client, { queue, sealer }, { documentIds: ids, reason, actor })
      await goOnBehind(client, queue, ids)
    }
    return ids
  })
}
