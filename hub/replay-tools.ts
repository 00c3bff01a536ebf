import { operatorNamed } from '#portal/people/token.ts'
import { replaySearch } from '#portal/replays/search.ts'
import { systemClock } from './base/clock.ts'
import { limits } from './base/limits.ts'
import type { Log } from './base/log.ts'
import { HubError } from './model/errors.ts'
import { formats } from './formats/index.ts'
import { asId, type DeliveryId, type ReplayId } from './model/ids.ts'
import type { JobQueue } from './model/queue.ts'
import { reprocessMappings, reprocessSteps, type ReplayItem, type ReplayKind } from './model/replay.ts'
import {
  actionsOf,
  actOnDelivery,
  executeReplay,
  planReplay,
  selectionNamed,
  type DeliveryAction,
  type ReplayPlan,
} from './pipeline/replay/index.ts'
import { findBlocking, type BlockingDelivery } from './store/find-blocked.ts'
import { jobQueue, startSender } from './queue/boss.ts'
import type { Tools } from './tools.ts'

/** The rooms joined for the verbs that have something sent or processed again. */

/** What a verb asks to have replayed, as it was typed. */
export interface ReplayAsked {
  kind: ReplayKind
  /** E-mail address of the operator in whose name it is done. */
  by: string
  reason: string
  what: { id: string } | { search: Record<string, string> }
  from: string | undefined
  mapping: string | undefined
}

export type { DeliveryAction } from './pipeline/replay/index.ts'
export type PlannedReplay = ReplayPlan

/** Plans a replay, and does nothing; throws HubError for what cannot be replayed. */
export async function planOfReplay(tools: Tools, asked: ReplayAsked): Promise<PlannedReplay> {
  const { kind, by, reason, what } = asked
  const person = await operatorNamed(tools.store, by)
  const selection =
    'id' in what
      ? await selectionNamed(tools.store, what.id)
      : ({ by: 'search', query: replaySearch(what.search) } as const)
  const from = reprocessSteps.find((step) => step === asked.from)
  const mapping = reprocessMappings.find((one) => one === asked.mapping)
  if (from !== asked.from || mapping !== asked.mapping)
    throw new HubError(
      'requestInvalid',
      `--from is one of ${reprocessSteps.join(', ')}, --mapping of ${reprocessMappings.join(', ')}`,
    )
  return planReplay(tools.store, { kind, selection, person, reason, from, mapping })
}

/** Carries a plan out; returns what came of each of its items. */
export async function runReplay(
  tools: Tools,
  log: Log,
  { id, by }: { id: string; by: string },
): Promise<ReplayItem[]> {
  const person = await operatorNamed(tools.store, by)
  return withSender(tools, log, async (queue) => {
    const { store, sealer } = tools
    const deps = { store, sealer, queue, formats, clock: systemClock, log }
    return (await executeReplay(deps, asId<ReplayId>(id), person)).items
  })
}

export type Blocking = BlockingDelivery & { actions: readonly DeliveryAction[] }

/** The deliveries that keep others of their ordered key waiting, with what can be done about each. */
export async function blockingDeliveries(tools: Tools): Promise<Blocking[]> {
  const found = await findBlocking(tools.store.worker, limits.pageRows)
  return found.map((one) => ({ ...one, actions: actionsOf(one.state) }))
}

/** Does something about a delivery, in the name of an operator. */
export async function actAbout(
  tools: Tools,
  log: Log,
  { id, action, by, reason }: { id: string; action: DeliveryAction; by: string; reason: string },
): Promise<void> {
  const person = await operatorNamed(tools.store, by)
  const deliveryId = asId<DeliveryId>(id)
  await withSender(tools, log, async (queue) => {
    const { store, sealer } = tools
    const deps = { store, sealer, queue, formats, clock: systemClock, log }
    await actOnDelivery(deps, { deliveryId, action, person, reason })
  })
}

/** A queue that takes jobs for a running hub, without working any. */
async function withSender<Result>(
  tools: Tools,
  log: Log,
  work: (queue: JobQueue) => Promise<Result>,
): Promise<Result> {
  const boss = await startSender(tools.url, log)
  try {
    return await work(jobQueue(boss))
  } finally {
    await boss.stop({ graceful: false })
  }
}
