import { limits } from '#hub/base/limits.ts'
import { newId, type HoldId, type PersonId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { Store } from '#hub/store/connect.ts'
import { heldForCause } from '#hub/store/notice.ts'
import { decideHold } from './hold.ts'

/**
 * Lets all documents that wait for a way, for one cause, look for it again, each once; who made the way says so by name.
 * Those for which there is still none are held again and are not asked twice. Returns how many went on.
 */
export async function routeCause(
  deps: { store: Store; queue: JobQueue; sealer: Sealer },
  asked: { cause: string; person: PersonId; reason: string },
): Promise<number> {
  const { cause, person, reason } = asked
  const before = newId<HoldId>()
  let routed = 0
  for (;;) {
    const ids = await heldForCause(deps.store.worker, { cause, before, limit: limits.splitCommitDocuments })
    if (ids.length === 0) return routed
    const decided = await decideHold(deps, { documentIds: ids, decision: 'release', person, reason })
    routed += decided.length
    // somebody else decides the same ones at this moment
    if (decided.length === 0) return routed
  }
}
