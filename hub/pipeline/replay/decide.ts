import { HubError } from '#hub/model/errors.ts'
import type { DeliveryId, PersonId } from '#hub/model/ids.ts'
import type { DeliveryState } from '#hub/model/states.ts'
import { decideDelivery } from '#hub/pipeline/decide/index.ts'
import { findDeliveryState } from '#hub/store/find-blocked.ts'
import { executeReplay, type ReplayDeps } from './execute.ts'
import { planReplay } from './plan.ts'

/** What a person may have done about a delivery that is not delivered. */
export const deliveryActions = ['retry', 'stop', 'confirm'] as const
export type DeliveryAction = (typeof deliveryActions)[number]

/** What may be done about a delivery in this state. */
export function actionsOf(state: DeliveryState): readonly DeliveryAction[] {
  switch (state) {
    case 'waiting':
      return ['retry', 'stop']
    case 'held':
    case 'refused':
      return ['retry', 'stop', 'confirm']
    case 'pending':
      return ['confirm']
    case 'sending':
    case 'delivered':
    case 'stopped':
      return []
  }
}

/**
 * Has a delivery tried again at once, ends it, or takes the partner's word that it has the document; what waited behind it in an ordered flow
 * goes on. Throws HubError `notFound`, or `deliveryNotOpen` where there is nothing to decide (any more).
 */
export async function actOnDelivery(
  deps: ReplayDeps,
  asked: { deliveryId: DeliveryId; action: DeliveryAction; person: PersonId; reason: string },
): Promise<void> {
  const { deliveryId, action, person, reason } = asked
  const state = await findDeliveryState(deps.store.worker, deliveryId)
  if (state === null) throw new HubError('notFound')
  if (!actionsOf(state).includes(action)) throw new HubError('deliveryNotOpen')
  if (state === 'waiting' && action === 'retry') {
    const selection = { by: 'delivery', id: deliveryId } as const
    const { id } = await planReplay(deps.store, { kind: 'again', selection, person, reason })
    const { items } = await executeReplay(deps, id, person)
    if (items.some(({ outcome }) => outcome !== 'done')) throw new HubError('deliveryNotOpen')
    return
  }
  const decision = action === 'retry' ? 'release' : action
  const end = await decideDelivery(deps, { deliveryId, decision, person, reason })
  if (end === 'not_open') throw new HubError('deliveryNotOpen')
}
