import type { Clock } from '#hub/base/clock.ts'
import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Format, FormatName } from '#hub/model/format.ts'
import type { DeliveryId, PersonId, ReplayId, TransmissionId } from '#hub/model/ids.ts'
import type { DeliverJob, JobQueue } from '#hub/model/queue.ts'
import type { Replay, ReplayItem } from '#hub/model/replay.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { Client, Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import {
  beginReplay,
  endItem,
  endReplay,
  findItems,
  findOpenItems,
  isStale,
  lockReplay,
  type ItemEnd,
} from '#hub/store/replay.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { repeat } from './again.ts'
import { sendAsNew } from './as-new.ts'
import { reprocess } from './reprocess.ts'

export interface ReplayDeps {
  store: Store
  sealer: Sealer
  queue: JobQueue
  formats: Readonly<Record<FormatName, Format>>
  clock: Clock
  log: Log
}

/** What one item is carried out with, in the transaction of its portion. */
export interface ReplayWork {
  client: Client
  replay: Replay
  item: ReplayItem
  deps: ReplayDeps
  /** `person:<id>` of who asked for it. */
  actor: string
  /** Asked for when the portion is done. */
  jobs: { deliver: DeliverJob[]; process: Set<TransmissionId> }
}

/**
 * Carries a plan out: exactly what it lists, each item once, however often and by however many this is asked. One that ended in between goes
 * on where it was. Returns the items with what came of them. Throws HubError `notFound`, `replayStale` for a plan that nobody
 * carried out in its time, `replayOfAnother` for somebody else's plan.
 */
export async function executeReplay(
  deps: ReplayDeps,
  id: ReplayId,
  person: PersonId,
): Promise<{ replay: Replay; items: ReplayItem[] }> {
  for (;;) {
    const end = await inTransaction(deps.store.worker, 'replay.portion', (client) =>
      portion(client, deps, { id, person }),
    )
    if (end !== null) return { replay: end, items: await findItems(deps.store.worker, id) }
  }
}

/** Carries out the next items; the replay when there are no more. */
async function portion(
  client: Client,
  deps: ReplayDeps,
  { id, person }: { id: ReplayId; person: PersonId },
): Promise<Replay | null> {
  const replay = await lockReplay(client, id)
  if (replay === null) throw new HubError('notFound')
  if (replay.personId !== person) throw new HubError('replayOfAnother')
  if (replay.doneAt !== null) return replay
  if (await isStale(client, id, limits.replayPlanMinutes)) throw new HubError('replayStale')
  if (replay.begunAt === null) await begin(client, replay)
  // what sends takes numbers and locks in an order of its own: one at a time it cannot stand crosswise to others
  const atOnce = replay.kind === 'reprocess' ? limits.replayItemsAtOnce : 1
  const items = await findOpenItems(client, id, atOnce)
  const jobs: ReplayWork['jobs'] = { deliver: [], process: new Set() }
  for (const item of items) {
    const work = { client, replay, item, deps, actor: `person:${replay.personId}`, jobs }
    await endItem(client, id, item.place, await carryOut(work))
  }
  await deps.queue.deliver(client, jobs.deliver)
  if (jobs.process.size > 0) await deps.queue.process(client, [...jobs.process])
  if (items.length === atOnce) return null
  await endReplay(client, id)
  return { ...replay, doneAt: deps.clock.now() }
}

async function begin(client: Client, { id, kind, reason, personId }: Replay): Promise<void> {
  const count = (await findItems(client, id)).length
  await beginReplay(client, id)
  await appendEntries(client, [
    {
      type: 'replay.begun',
      body: { replay: id, kind, count, reason },
      partnerId: null,
      actor: `person:${personId}`,
    },
  ])
}

async function carryOut(work: ReplayWork): Promise<ItemEnd> {
  const { replay, item } = work
  switch (replay.kind) {
    case 'again':
      return repeat(work, item.deliveryId as DeliveryId)
    case 'as_new':
      return sendAsNew(work)
    case 'reprocess':
      return reprocess(work)
  }
}
