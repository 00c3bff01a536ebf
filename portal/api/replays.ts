import type { Request } from 'express'
import { HubError } from '#hub/model/errors.ts'
import { asId, isId, type DeliveryId, type DocumentId, type ReplayId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import { replayKinds, reprocessMappings, reprocessSteps } from '#hub/model/replay.ts'
import {
  executeReplay,
  planReplay,
  type ReplayRequest,
  type ReplaySelection,
} from '#hub/pipeline/replay/index.ts'
import { findItems, findReplay } from '#hub/store/replay.ts'
import type { PortalDeps } from '../deps.ts'
import { replaySearch } from '../replays/search.ts'
import { reasonOf, type OperatorRoute } from './operator.ts'
import { replayView } from './replay-view.ts'

type Deps = Omit<PortalDeps, 'publicUrl'> & { queue: JobQueue }

/**
 * What operators have sent or processed again: first a plan, which says what will be done and does nothing; then its execution, which does
 * exactly that, once, however often it is asked for.
 */
export function replayRoutes(deps: Deps): OperatorRoute[] {
  const view = async (id: ReplayId) => {
    const replay = await findReplay(deps.store.worker, id)
    if (replay === null) throw new HubError('notFound')
    return replayView(replay, await findItems(deps.store.worker, id))
  }
  return [
    {
      method: 'post',
      path: '/v1/replays',
      answer: async (request, person) => {
        const { id } = await planReplay(deps.store, requestOf(request, person.id))
        return view(id)
      },
    },
    { method: 'get', path: '/v1/replays/:id', answer: (request) => view(replayOf(request)) },
    {
      method: 'post',
      path: '/v1/replays/:id/execution',
      answer: async (request, person) => {
        const { id } = (await executeReplay(deps, replayOf(request), person.id)).replay
        return view(id)
      },
    },
  ]
}

function replayOf(request: Request): ReplayId {
  const id = String(request.params['id'])
  if (!isId(id)) throw new HubError('notFound')
  return asId<ReplayId>(id)
}

const members = new Set(['kind', 'delivery', 'documents', 'search', 'reason', 'from', 'mapping'])

function requestOf(request: Request, person: ReplayRequest['person']): ReplayRequest {
  const body = (request.body ?? {}) as Record<string, unknown>
  const unknown = Object.keys(body).find((name) => !members.has(name))
  if (unknown !== undefined) throw new HubError('requestInvalid', `there is no member \`${unknown}\``)
  const kind = oneOf(body, 'kind', replayKinds)
  if (kind === undefined) throw new HubError('requestInvalid', `\`kind\` is one of ${replayKinds.join(', ')}`)
  const from = oneOf(body, 'from', reprocessSteps)
  const mapping = oneOf(body, 'mapping', reprocessMappings)
  if (kind !== 'reprocess' && (from ?? mapping) !== undefined)
    throw new HubError('requestInvalid', '`from` and `mapping` belong to the kind `reprocess`')
  return { kind, selection: selectionOf(body), person, reason: reasonOf(request), from, mapping }
}

function oneOf<Value extends string>(
  body: Record<string, unknown>,
  name: string,
  values: readonly Value[],
): Value | undefined {
  const given = body[name]
  if (given === undefined) return undefined
  const found = values.find((value) => value === given)
  if (found === undefined) throw new HubError('requestInvalid', `\`${name}\` is one of ${values.join(', ')}`)
  return found
}

function selectionOf({ delivery, documents, search }: Record<string, unknown>): ReplaySelection {
  const given = [delivery, documents, search].filter((one) => one !== undefined)
  if (given.length !== 1)
    throw new HubError('requestInvalid', 'name one of `delivery`, `documents` and `search`')
  if (delivery !== undefined) return { by: 'delivery', id: idIn(delivery) as DeliveryId }
  if (documents !== undefined) {
    if (!Array.isArray(documents) || documents.length === 0)
      throw new HubError('requestInvalid', '`documents` is a list of ids')
    return { by: 'documents', ids: documents.map(idIn) as DocumentId[] }
  }
  if (typeof search !== 'object' || search === null)
    throw new HubError('requestInvalid', '`search` is an object')
  return { by: 'search', query: replaySearch(search as Record<string, unknown>) }
}

function idIn(value: unknown): string {
  if (typeof value !== 'string' || !isId(value))
    throw new HubError('requestInvalid', 'an id is missing or is none')
  return value
}
