import { limits } from '#hub/base/limits.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import { HubError } from '#hub/model/errors.ts'
import {
  asId,
  newId,
  type DeliveryId,
  type DocumentId,
  type PersonId,
  type ReplayId,
} from '#hub/model/ids.ts'
import type { Replay, ReplayKind, ReprocessMapping, ReprocessStep } from '#hub/model/replay.ts'
import type { Environment } from '#hub/model/states.ts'
import { findDocuments, type DocumentQuery } from '#hub/store/find.ts'
import type { Client, Store } from '#hub/store/connect.ts'
import {
  deliveriesOfDocuments,
  findDeliveryFacts,
  findReplayable,
  insertReplay,
  type PlannedItem,
} from '#hub/store/replay.ts'
import { asPartner, inTransaction } from '#hub/store/transaction.ts'

/** What is to be replayed: one delivery, documents, or what a search finds. */
export type ReplaySelection =
  | { by: 'delivery'; id: DeliveryId }
  | { by: 'documents'; ids: readonly DocumentId[] }
  | { by: 'search'; query: Omit<DocumentQuery, 'viewer' | 'before' | 'limit'> }

export interface ReplayRequest {
  kind: ReplayKind
  selection: ReplaySelection
  person: PersonId
  /** Why, in the person's words; not empty. */
  reason: string
  /** Of a reprocess: where it begins, by default with the bytes as received, and by which mappings, by default today's. */
  from?: ReprocessStep | undefined
  mapping?: ReprocessMapping | undefined
}

/** What will be done, frozen: carrying it out does this and nothing else. */
export interface ReplayPlan {
  id: ReplayId
  kind: ReplayKind
  env: Environment
  items: PlannedItem[]
}

/**
 * Writes down what a replay will do, and does nothing yet. Throws HubError `notFound` for an id that is nobody's, `replayNothing` where nothing can
 * be replayed, `replaySetTooLarge` for more than `limits.replayDocuments`, `replayEnvironmentsMixed` for test and live together.
 */
export async function planReplay(store: Store, request: ReplayRequest): Promise<ReplayPlan> {
  const { kind, person, reason } = request
  if (reason.trim() === '' || reason.length > limits.reasonCharacters)
    throw new HubError('requestInvalid', `a reason has 1 to ${limits.reasonCharacters} characters`)
  const { items, env } = await selected(store, request)
  if (items.length === 0) throw new HubError('replayNothing')
  const reprocess = kind === 'reprocess'
  const plan: Omit<Replay, 'plannedAt' | 'begunAt' | 'doneAt'> = {
    id: newId<ReplayId>(),
    kind,
    personId: person,
    reason: reason.trim(),
    env,
    from: reprocess ? (request.from ?? 'resolve') : null,
    mapping: reprocess ? (request.mapping ?? 'today') : null,
  }
  await inTransaction(store.worker, 'replay.plan', (client: Client) => insertReplay(client, plan, items))
  return { id: plan.id, kind, env, items }
}

/** The delivery with this id, else the document. */
export async function selectionNamed(store: Store, id: string): Promise<ReplaySelection> {
  const delivery = asId<DeliveryId>(id)
  if ((await findDeliveryFacts(store.worker, delivery)) !== null) return { by: 'delivery', id: delivery }
  return { by: 'documents', ids: [asId<DocumentId>(id)] }
}

interface Selected {
  items: PlannedItem[]
  env: Environment
}

async function selected(store: Store, request: ReplayRequest): Promise<Selected> {
  const { selection, kind } = request
  if (selection.by === 'delivery') return ofDelivery(store, selection.id, kind)
  const ids = selection.by === 'documents' ? selection.ids : await found(store, selection.query)
  if (ids.length > limits.replayDocuments) throw tooLarge()
  const documents = await findReplayable(store.worker, ids)
  if (selection.by === 'documents' && documents.length < new Set(ids).size) throw new HubError('notFound')
  const here = [...new Set(documents.map(({ env }) => env))]
  if (here.length > 1) throw new HubError('replayEnvironmentsMixed')
  const env = here[0] ?? 'live'
  if (kind === 'reprocess')
    return {
      env,
      items: documents
        .filter(({ type }) => type !== 'acknowledgement')
        .map(({ id }) => ({ documentId: id, deliveryId: null })),
    }
  const wanted = selection.by === 'search' ? (selection.query.delivery ?? null) : null
  const deliveries = await deliveriesOfDocuments(
    store.worker,
    documents.map(({ id }) => id),
  )
  // all the documents of a bundle go out again with one delivery
  const isOnce = kind === 'again' ? firstOfDelivery() : () => true
  return {
    env,
    items: deliveries
      // a search for what was refused means the deliveries that were, not the others of the same documents
      .filter(({ state }) => (wanted === null || state === wanted) && refusalOf(kind, state) === null)
      .filter(isOnce)
      .map(({ documentId, deliveryId }) => ({ documentId, deliveryId })),
  }
}

/** Says of each item whether it is the first of its delivery. */
function firstOfDelivery(): (item: { deliveryId: DeliveryId }) => boolean {
  const seen = new Set<DeliveryId>()
  return ({ deliveryId }) => seen.size < seen.add(deliveryId).size
}

async function ofDelivery(store: Store, id: DeliveryId, kind: ReplayKind): Promise<Selected> {
  const facts = await findDeliveryFacts(store.worker, id)
  if (facts === null) throw new HubError('notFound')
  const { env, documentId } = facts
  if (kind !== 'again' && documentId === null) throw new HubError('replayNothing')
  return { env, items: [{ documentId, deliveryId: id }] }
}

async function found(store: Store, query: Omit<DocumentQuery, 'viewer'>): Promise<DocumentId[]> {
  const page = await asPartner(store.portal, '*', (client) =>
    findDocuments(client, { ...query, viewer: '*', limit: limits.replayDocuments }),
  )
  if (page.next !== null) throw tooLarge()
  // the oldest first: what leaves in order leaves in this one
  return page.rows.map(({ id }) => id).toReversed()
}

function tooLarge(): HubError {
  return new HubError(
    'replaySetTooLarge',
    `more than ${limits.replayDocuments} documents (replayDocuments) are meant`,
  )
}

/** Why a delivery in this state cannot be sent again, or null. */
export function refusalOf(kind: ReplayKind, state: string): CodeName | null {
  if (kind !== 'again') return null
  return state === 'sending' || state === 'pending' || state === 'stopped' ? 'replayNotOpen' : null
}
