import type { Request } from 'express'
import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'
import { asId, isId, type DeliveryId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import { actionsOf, actOnDelivery, deliveryActions } from '#hub/pipeline/replay/index.ts'
import { findBlocking, type BlockingDelivery } from '#hub/store/find-blocked.ts'
import type { PortalDeps } from '../deps.ts'
import { reasonOf, type OperatorRoute } from './operator.ts'

type Deps = Omit<PortalDeps, 'publicUrl'> & { queue: JobQueue }

/** Deliveries that keep others of their ordered key waiting, and what operators do about a delivery. */
export function deliveryRoutes(deps: Deps): OperatorRoute[] {
  return [
    {
      method: 'get',
      path: '/v1/deliveries/blocking',
      answer: async () => ({
        deliveries: (await findBlocking(deps.store.worker, limits.pageRows)).map(blockingView),
      }),
    },
    {
      method: 'post',
      path: '/v1/deliveries/:id/actions',
      answer: async (request, person) => {
        const deliveryId = deliveryOf(request)
        const { action } = (request.body ?? {}) as { action?: unknown }
        const known = deliveryActions.find((one) => one === action)
        if (known === undefined)
          throw new HubError('requestInvalid', `\`action\` is one of ${deliveryActions.join(', ')}`)
        const reason = reasonOf(request)
        await actOnDelivery(deps, { deliveryId, action: known, person: person.id, reason })
        return { delivery: deliveryId, action: known }
      },
    },
  ]
}

function deliveryOf(request: Request): DeliveryId {
  const id = String(request.params['id'])
  if (!isId(id)) throw new HubError('notFound')
  return asId<DeliveryId>(id)
}

function blockingView({ deliveryId, documentId, nextAt, dueAt, ...facts }: BlockingDelivery) {
  return {
    delivery: deliveryId,
    document: documentId,
    ...facts,
    nextAt: nextAt?.toISOString() ?? null,
    dueAt: dueAt?.toISOString() ?? null,
    actions: actionsOf(facts.state),
    links: { actions: `/v1/deliveries/${deliveryId}/actions` },
  }
}
