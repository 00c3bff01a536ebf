import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'
import { isId, type DeliveryId, type DocumentId, type PersonId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { Store } from '#hub/store/connect.ts'
import { findHold, findOpenMembers } from '#hub/store/hold.ts'
import { decideDelivery } from './delivery.ts'
import { decideHold } from './hold.ts'

export const holdDecisions = ['release', 'reject', 'confirm'] as const

export interface BatchDecision {
  holdId: string
  /** `reject` of a delivery stops it; `confirm` (of a delivery) says that the partner told us it has it. */
  decision: (typeof holdDecisions)[number]
  /** A part of the hold, by documents' ids or numbers; null for all of it. */
  documents: readonly string[] | null
  person: PersonId
  /** Why, in the person's words; not empty. */
  reason: string
  /** Released documents go by today's configuration, not by the versions they were judged with. */
  today: boolean
}

export interface DecidedBatch {
  /** What this decision decided; who comes second decides nothing. */
  decided: (DocumentId | DeliveryId)[]
  /** Documents that wait behind another: they follow it by themselves. */
  behind: DocumentId[]
}

/**
 * Carries out what a person decided about a hold, all of it or a part, each document exactly once. Documents that wait behind
 * another are left to follow it, unless they are named to be rejected. Throws HubError `notFound` where there is no such hold,
 * `holdNotOpen` where nothing of what is named waits for a decision, `holdDecisionUnfit` for one that does not fit.
 */
export async function decideBatch(
  deps: { store: Store; queue: JobQueue; sealer: Sealer },
  { holdId, decision, documents, person, reason, today }: BatchDecision,
): Promise<DecidedBatch> {
  if (!isId(holdId) || (await findHold(deps.store.worker, holdId)) === null) throw new HubError('notFound')
  const members = await findOpenMembers(deps.store.worker, holdId, documents)
  const deliveries = members.flatMap(({ deliveryId }) => deliveryId ?? [])
  const follows = ({ rule }: { rule: string }) =>
    rule === 'behind' && (decision === 'release' || documents === null)
  const meant = members.filter((member) => !follows(member)).flatMap(({ documentId }) => documentId ?? [])
  const behind = members.filter(follows).flatMap(({ documentId }) => documentId ?? [])
  if (decision === 'confirm' && meant.length > 0)
    throw new HubError(
      'holdDecisionUnfit',
      'only a delivery can be confirmed; documents are released or rejected',
    )
  const decided: (DocumentId | DeliveryId)[] = []
  for (const deliveryId of deliveries) {
    const said = decision === 'reject' ? 'stop' : decision
    const end = await decideDelivery(deps, { deliveryId, decision: said, person, reason })
    if (end === 'decided') decided.push(deliveryId)
  }
  if (decision !== 'confirm')
    for (let at = 0; at < meant.length; at += limits.splitCommitDocuments) {
      const documentIds = meant.slice(at, at + limits.splitCommitDocuments)
      decided.push(...(await decideHold(deps, { documentIds, decision, person, reason, today })))
    }
  if (decided.length === 0 && behind.length === 0) throw new HubError('holdNotOpen')
  return { decided, behind }
}
