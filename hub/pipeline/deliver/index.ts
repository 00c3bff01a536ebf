import type { Clock } from '#hub/base/clock.ts'
import { limits } from '#hub/base/limits.ts'
import { messageOf } from '#hub/model/errors.ts'
import type { DeliveryId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { SettleByReceipt } from '#hub/model/transport.ts'
import { findDue, findDueOfChannel, renewLeases } from '#hub/store/deliver.ts'
import type { JudgedAttempt } from '#hub/store/settle.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { claim, type ClaimedAttempt } from './claim.ts'
import { gather } from './gather.ts'
import { createLanes, type RunEnd } from './lanes.ts'
import { createSettleByReceipt } from './match.ts'
import { storable } from './proof.ts'
import { send, type SendDeps, type Sent } from './send.ts'
import { settleAttempts } from './settle.ts'
import { judgeOutcome, proofOf } from './verdict.ts'

export interface DeliverDeps extends SendDeps {
  queue: JobQueue
  clock: Clock
}

export interface Deliver {
  /** Makes one attempt of each delivery that waits and is due; resolves when each is settled or was left alone. */
  deliver(deliveryIds: readonly DeliveryId[]): Promise<void>
  /** The same, but resolves as soon as the deliveries are in their lanes: what a queue's handler calls, so that no slow partner holds it up. */
  accept(deliveryIds: readonly DeliveryId[]): Promise<void>
  settleByReceipt: SettleByReceipt
  /** Begins nothing more, gives attempts under way some seconds to end, then aborts them; resolves when all are settled. */
  close(): Promise<void>
}

/**
 * Deliver: claim, send, settle. The claim is committed before a socket opens; the network is outside any transaction; the
 * settling is fenced by the attempt.
 */
export function createDeliver(deps: DeliverDeps): Deliver {
  const settleByReceipt = createSettleByReceipt(deps)
  const closing = new AbortController()
  const underWay = new Map<DeliveryId, ClaimedAttempt & { renewedAt: number }>()
  const ends = new Set<Promise<unknown>>()

  const claimOne = gather<DeliveryId, ClaimedAttempt | null>(
    async (ids) => {
      const claimed = await claim(deps.store, [...new Set(ids)])
      const byId = new Map(claimed.map((attempt) => [attempt.id, attempt]))
      return ids.map((id) => {
        const attempt = byId.get(id) ?? null
        byId.delete(id)
        return attempt
      })
    },
    { max: limits.deliverBatch, inFlight: 2 },
  )
  const settleOne = gather<JudgedAttempt, void>((judged) => settleTogether(deps, settleByReceipt, judged), {
    max: limits.deliverBatch,
    inFlight: 2,
  })

  const run = async (deliveryId: DeliveryId, release: () => void): Promise<RunEnd> => {
    try {
      const attempt = await claimOne(deliveryId)
      if (attempt === null) return 'skipped'
      underWay.set(attempt.id, { ...attempt, renewedAt: performance.now() })
      try {
        const sent = await send(deps, attempt, {
          closing: closing.signal,
          stillOurs: () => stillOurs(attempt),
        })
        release()
        if (sent === null) return 'skipped'
        await settleOne(judged(attempt, sent))
        return sent.outcome.kind === 'taken' || sent.outcome.kind === 'pending' ? 'well' : 'trouble'
      } finally {
        underWay.delete(attempt.id)
      }
    } catch (error) {
      // the row says what is due: its lease runs out, or it still waits, and watch asks again
      deps.log.error({ err: error, deliveryId, step: 'deliver' }, 'delivery could not be claimed or settled')
      return 'trouble'
    }
  }

  // a process that stood still may have lost its lease: it asks before it opens a socket
  const stillOurs = async (attempt: ClaimedAttempt): Promise<boolean> => {
    const renewedAt = underWay.get(attempt.id)?.renewedAt ?? 0
    if (performance.now() - renewedAt < limits.deliveryLeaseRenewSeconds * 1000) return true
    const held = await renewLeases(deps.store.worker, [attempt], limits.deliveryLeaseSeconds)
    return held.length === 1
  }

  const renew = async (): Promise<void> => {
    const attempts = [...underWay.values()]
    if (attempts.length === 0) return
    try {
      await renewLeases(deps.store.worker, attempts, limits.deliveryLeaseSeconds)
      for (const attempt of attempts) attempt.renewedAt = performance.now()
    } catch (error) {
      deps.log.warn({ reason: messageOf(error), step: 'deliver' }, 'leases could not be renewed')
    }
  }
  const renewing = setInterval(() => void renew(), limits.deliveryLeaseRenewSeconds * 1000)
  renewing.unref()

  const lanes = createLanes({
    run: (deliveryId, release) => {
      const end = run(deliveryId, release)
      ends.add(end)
      void end.finally(() => ends.delete(end))
      return end
    },
    refill: (channelId, limit) => findDueOfChannel(deps.store.worker, channelId, limit).catch(() => []),
  })

  const enter = async (deliveryIds: readonly DeliveryId[]): Promise<Promise<void>[]> => {
    const due = await findDue(deps.store.worker, deliveryIds)
    return due.map(({ id, channelId }) => lanes.add(channelId, id))
  }

  return {
    deliver: async (deliveryIds) => {
      await Promise.all(await enter(deliveryIds))
    },
    accept: async (deliveryIds) => {
      await enter(deliveryIds)
    },
    settleByReceipt,
    close: async () => {
      lanes.stop()
      const patience = setTimeout(() => closing.abort(), limits.closeSeconds * 1000)
      await Promise.allSettled(ends)
      clearTimeout(patience)
      clearInterval(renewing)
    },
  }
}

function judged(attempt: ClaimedAttempt, { outcome, peerDedupes }: Sent): JudgedAttempt {
  return {
    deliveryId: attempt.id,
    transmissionId: attempt.transmissionId,
    attempt: attempt.attempt,
    verdict: judgeOutcome(outcome, { attempt: attempt.attempt, peerDedupes }),
    proof: storable(proofOf(outcome)),
  }
}

/** One transaction for what ended together; where it fails, one for each, so that none spoils the others. */
async function settleTogether(
  deps: DeliverDeps,
  settleByReceipt: SettleByReceipt,
  judged: JudgedAttempt[],
): Promise<void[]> {
  const late = await settleOrEach(deps, judged)
  for (const { deliveryId, proof } of late) {
    await settleByReceipt({ deliveryId, outcome: { kind: 'taken', proof }, evidenceId: null })
  }
  return judged.map(() => undefined)
}

async function settleOrEach(deps: DeliverDeps, judged: readonly JudgedAttempt[]): Promise<JudgedAttempt[]> {
  const settle = (some: readonly JudgedAttempt[]): Promise<JudgedAttempt[]> =>
    inTransaction(deps.store.worker, 'deliver.settle', (client) => settleAttempts(client, deps.queue, some))
  try {
    return await settle(judged)
  } catch (error) {
    deps.log.warn({ reason: messageOf(error), step: 'settle' }, 'settled one by one')
    const late: JudgedAttempt[] = []
    for (const one of judged) late.push(...(await settlePatiently(deps, () => settle([one]))))
    return late
  }
}

/** What the peer said is worth waiting for the database: without it a person would have to ask the partner. */
async function settlePatiently(
  deps: DeliverDeps,
  settle: () => Promise<JudgedAttempt[]>,
): Promise<JudgedAttempt[]> {
  for (let tries = 1; ; tries++) {
    try {
      return await settle()
    } catch (error) {
      deps.log.error({ err: error, step: 'settle', tries }, 'attempt could not be settled')
      if (tries >= limits.settleTries) return []
      await new Promise((resolve) => setTimeout(resolve, limits.settleRetryMs))
    }
  }
}
