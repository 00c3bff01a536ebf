import type { Clock } from '#hub/base/clock.ts'
import { limits } from '#hub/base/limits.ts'
import { messageOf } from '#hub/model/errors.ts'
import type { DeliveryId, PayloadId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { SettleByReceipt } from '#hub/model/transport.ts'
import { findDue, findDueOfChannel, type ClaimedAttempt } from '#hub/store/deliver.ts'
import { readPayload, readSmallPayloads } from '#hub/store/payload.ts'
import type { JudgedAttempt } from '#hub/store/settle.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { askAgain } from './behind.ts'
import { claim } from './claim.ts'
import { gather } from './gather.ts'
import { createLanes, type LaneWork, type RunEnd } from './lanes.ts'
import { keepLeases, type Leases } from './leases.ts'
import { createSettleByReceipt } from './match.ts'
import { storable } from './proof.ts'
import { holdSecrets } from './secrets.ts'
import { send, type SendDeps, type Sent } from './send.ts'
import { settleAttempts } from './settle.ts'
import { judgeOutcome, proofOf } from './verdict.ts'

export interface DeliverDeps extends SendDeps {
  queue: JobQueue
  clock: Clock
}

export interface Deliver {
  /**
   * Asks for one attempt of each delivery that waits and is due. Resolves as soon as they are in their channels' lanes, so that
   * no slow partner holds up who asks. Rejects where the database is away.
   */
  deliver(deliveryIds: readonly DeliveryId[]): Promise<void>
  /** Resolves when no attempt is under way and none is queued. */
  idle(): Promise<void>
  settleByReceipt: SettleByReceipt
  /** Begins nothing more, gives attempts under way some seconds to end, then aborts them; resolves when all are settled. */
  close(): Promise<void>
}

/**
 * Deliver: claim, send, settle. The claim is committed before a socket opens; the network is outside any transaction; the
 * settling is fenced by the attempt.
 */
export function createDeliver(given: DeliverDeps): Deliver {
  const deps = { ...given, secrets: holdSecrets(given.secrets, given.clock) }
  const settleByReceipt = createSettleByReceipt(deps)
  const closing = new AbortController()
  const leases = keepLeases(deps.store, deps.log)
  const run = createRun(deps, { settleByReceipt, leases, closing: closing.signal })
  const ends = new Set<Promise<unknown>>()

  const tracked = <Result>(end: Promise<Result>): Promise<Result> => {
    ends.add(end)
    const forget = (): boolean => ends.delete(end)
    end.then(forget, forget)
    return end
  }
  const lanes = createLanes({
    run: (deliveryId, release) => tracked(run(deliveryId, release)),
    refill: (channelId, limit) =>
      tracked(findDueOfChannel(deps.store.worker, channelId, limit).catch(() => [])),
  })
  const idle = async (): Promise<void> => {
    while (ends.size > 0) await Promise.allSettled(ends)
  }

  return {
    deliver: async (deliveryIds) => {
      const due = await findDue(deps.store.worker, deliveryIds)
      for (const { id, channelId, kind } of due) {
        const atOnce = deps.transports[kind]?.attemptsAtOnce ?? limits.deliveriesInFlightPerChannel
        lanes.add(channelId, id, atOnce)
      }
    },
    idle,
    settleByReceipt,
    close: async () => {
      lanes.stop()
      const patience = setTimeout(() => closing.abort(), limits.closeSeconds * 1000)
      await idle()
      clearTimeout(patience)
      leases.close()
    },
  }
}

interface RunTools {
  settleByReceipt: SettleByReceipt
  leases: Leases
  closing: AbortSignal
}

/** One delivery through claim, send and settle; claims and settlements that come together share a transaction. */
function createRun(deps: DeliverDeps, tools: RunTools): LaneWork['run'] {
  let sending = 0
  // while many are under way, those that end in close succession are settled together, and as many are claimed
  const together = {
    max: limits.deliverBatch,
    inFlight: 1,
    expected: () => sending,
    patienceMs: limits.deliverPatienceMs,
  }
  const claimOne = gather<DeliveryId, ClaimedAttempt | null>((ids) => claimEach(deps, ids), together)
  const settleOne = gather<JudgedAttempt, void>(
    (judged) => settleTogether(deps, tools.settleByReceipt, judged),
    together,
  )

  const readOne = gather<PayloadId, Buffer | null>((ids) => readTogether(deps, ids), {
    max: limits.deliverBatch,
    inFlight: 2,
  })
  // what is large, damaged or missing is read by itself, which says what is wrong
  const read = async (id: PayloadId): Promise<Buffer> =>
    deps.store.recent.take(id) ??
    (await readOne(id)) ??
    (await readPayload(deps.store.worker, deps.sealer, id))

  const sendAndSettle = async (attempt: ClaimedAttempt, release: () => void): Promise<RunEnd> => {
    sending += 1
    const sent = await send(deps, attempt, {
      closing: tools.closing,
      stillOurs: () => tools.leases.stillOurs(attempt),
      read,
    }).finally(() => (sending -= 1))
    release()
    if (sent === null) return 'skipped'
    await settleOne(judged(attempt, sent))
    return sent.outcome.kind === 'taken' || sent.outcome.kind === 'pending' ? 'well' : 'trouble'
  }
  return async (deliveryId, release) => {
    try {
      const attempt = await claimOne(deliveryId)
      if (attempt === null) return 'skipped'
      tools.leases.begin(attempt)
      try {
        return await sendAndSettle(attempt, release)
      } finally {
        tools.leases.end(attempt)
      }
    } catch (error) {
      // the row says what is due: its lease runs out, or it still waits, and watch asks again
      deps.log.error({ err: error, deliveryId, step: 'deliver' }, 'delivery could not be claimed or settled')
      return 'trouble'
    }
  }
}

/** Null for an id that could not be claimed, and for the repeat of one that was. */
async function claimEach(deps: DeliverDeps, ids: readonly DeliveryId[]): Promise<(ClaimedAttempt | null)[]> {
  const claimed = await claim(deps.store, ids)
  const byId = new Map(claimed.map((attempt) => [attempt.id, attempt]))
  if (claimed.length < ids.length)
    await askAgain(
      deps,
      ids.filter((id) => !byId.has(id)),
    )
  return ids.map((id) => {
    const attempt = byId.get(id) ?? null
    byId.delete(id)
    return attempt
  })
}

/** The bytes of small payloads that are asked for at the same time, in one statement. */
async function readTogether(deps: DeliverDeps, ids: readonly PayloadId[]): Promise<(Buffer | null)[]> {
  const found = await readSmallPayloads(deps.store.worker, deps.sealer, [...new Set(ids)])
  return ids.map((id) => found.get(id) ?? null)
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
