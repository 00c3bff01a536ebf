import { limits } from '#hub/base/limits.ts'
import type { Replay, ReplayItem } from '#hub/model/replay.ts'

/** A replay as the API gives it: planned, begun or done, with each thing it is about and what came of it. */
export function replayView(replay: Replay, items: readonly ReplayItem[]) {
  const { id, kind, env, from, mapping, reason, personId, plannedAt, begunAt, doneAt } = replay
  const until = new Date(plannedAt.getTime() + limits.replayPlanMinutes * 60_000)
  return {
    id,
    kind,
    environment: env,
    ...(kind === 'reprocess' && { from, mapping }),
    reason,
    person: personId,
    count: items.length,
    state: doneAt !== null ? 'done' : begunAt !== null ? 'begun' : 'planned',
    plannedAt: plannedAt.toISOString(),
    executeUntil: begunAt === null ? until.toISOString() : null,
    doneAt: doneAt?.toISOString() ?? null,
    done: items.filter(({ outcome }) => outcome === 'done').length,
    skipped: items.filter(({ outcome }) => outcome === 'skipped').length,
    items: items.map(({ documentId, deliveryId, outcome, code, madeId }) => ({
      document: documentId,
      delivery: deliveryId,
      outcome: outcome ?? 'open',
      code,
      made: madeId,
    })),
    links: { self: `/v1/replays/${id}`, execution: `/v1/replays/${id}/execution` },
  }
}
