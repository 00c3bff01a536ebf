import type { Request } from 'express'
import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'
import { isId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import { decideBatch, holdDecisions } from '#hub/pipeline/decide/index.ts'
import type { Store } from '#hub/store/connect.ts'
import { findHold, findHolds, type HoldBatch, type HoldMember } from '#hub/store/hold.ts'
import { reasonOf, type OperatorRoute } from './operator.ts'

/** Holds: what waits for a person of the hub, and what the person decides. */
export function holdRoutes(deps: { store: Store; queue: JobQueue; sealer: Sealer }): OperatorRoute[] {
  const { store } = deps
  return [
    {
      method: 'get',
      path: '/v1/holds',
      answer: async (request) => {
        const { cursor } = request.query
        if (cursor !== undefined && (typeof cursor !== 'string' || !isId(cursor)))
          throw new HubError('requestInvalid')
        const page = await findHolds(store.worker, { before: cursor ?? null, limit: limits.pageRows })
        return { holds: page.holds.map(holdView), next: page.next }
      },
    },
    {
      method: 'get',
      path: '/v1/holds/:id',
      answer: async (request) => {
        const id = String(request.params['id'])
        const found = isId(id) ? await findHold(store.worker, id) : null
        if (found === null) throw new HubError('notFound')
        return { ...holdView(found.hold), members: found.members.map(memberView) }
      },
    },
    {
      method: 'post',
      path: '/v1/holds/:id/decisions',
      answer: (request, person) =>
        decideBatch(deps, {
          holdId: String(request.params['id']),
          ...decisionOf(request),
          person: person.id,
          reason: reasonOf(request),
        }),
    },
  ]
}

function decisionOf(request: Request) {
  const { decision, documents = null, today = false } = (request.body ?? {}) as Record<string, unknown>
  const known = holdDecisions.find((each) => each === decision)
  if (known === undefined)
    throw new HubError('requestInvalid', `\`decision\` is one of ${holdDecisions.join(', ')}`)
  if (documents !== null && !isListOfTexts(documents))
    throw new HubError('requestInvalid', "`documents` is a list of documents' ids or numbers")
  if (typeof today !== 'boolean') throw new HubError('requestInvalid', '`today` is true or false')
  return { decision: known, documents, today }
}

function isListOfTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')
}

function holdView({ since, ...hold }: HoldBatch) {
  return { ...hold, since: since.toISOString(), links: { self: `/v1/holds/${hold.id}` } }
}

function memberView({ at, decidedAt, ...member }: HoldMember) {
  return { ...member, heldAt: at.toISOString(), decidedAt: decidedAt?.toISOString() ?? null }
}
