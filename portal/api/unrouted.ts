import type { Request } from 'express'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import { routeCause } from '#hub/pipeline/decide/index.ts'
import type { Store } from '#hub/store/connect.ts'
import { causeNamed, listUnrouted } from '#partners/unrouted.ts'
import { reasonOf, type OperatorRoute } from './operator.ts'

/** What could not be routed, by cause, and the one action that routes all of a cause once there is a way. */
export function unroutedRoutes(deps: { store: Store; queue: JobQueue; sealer: Sealer }): OperatorRoute[] {
  return [
    {
      method: 'get',
      path: '/v1/unrouted',
      answer: async () => ({ causes: await listUnrouted(deps.store) }),
    },
    {
      method: 'post',
      path: '/v1/unrouted/:cause/route',
      answer: async (request: Request, person) => {
        const reason = reasonOf(request)
        const cause = await causeNamed(deps.store, String(request.params['cause']))
        return { cause, routed: await routeCause(deps, { cause, person: person.id, reason }) }
      },
    },
  ]
}
