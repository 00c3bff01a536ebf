import type { Clock } from '#hub/base/clock.ts'
import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import { messageOf } from '#hub/model/errors.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import { findBrokenFacts, type BrokenFact, type CheckWindow } from '#hub/store/checks.ts'
import type { Store } from '#hub/store/connect.ts'
import { closeGoneNotices } from '#hub/store/notice.ts'
import { sweepExpiredOnce } from '#hub/store/once.ts'
import { sweepOrphanChunks } from '#hub/store/payload.ts'
import { sweepRuns } from '#hub/store/process-run.ts'
import { aloneInWatch, preparePartitions } from '#hub/store/watch.ts'
import { watchDeadlines } from './deadlines.ts'
import { watchLate } from './late.ts'
import { watchSilence } from './silence.ts'
import { reconcileBehind, reconcileDeliveries, reconcileLeases, reconcileTransmissions } from './reconcile.ts'

export interface WatchDeps {
  store: Store
  queue: JobQueue
  clock: Clock
  log: Log
  /** What else is due by the clock, such as partners that leave today; done in each pass. */
  further?: () => Promise<unknown>
}

export interface WatchReport {
  /** False where another process was at it. */
  ran: boolean
  /** Attempts whose lease ran out. */
  interrupted: number
  overdue: number
  /** Deliveries past the time their agreement promises. */
  late: number
  /** What was expected and did not come. */
  silences: number
  /** Notices whose cause is gone. */
  noticesClosed: number
  /** Jobs that were asked for again. */
  deliverJobs: number
  processJobs: number
  /** Documents on hold behind one that is out of the way. */
  wentOn: number
  partitions: number
  orphanChunks: number
  expiredOnce: number
  /** Runs of dead processes that were forgotten. */
  runs: number
  /** What the nine checks returned: each is an incident. */
  broken: BrokenFact[]
}

export interface Watch {
  /** One whole pass, with all checks on all rows and no grace: for start-up, tests and doctor. */
  runOnce(): Promise<WatchReport>
  /** Runs a whole pass at once and then goes on by the clock. */
  start(): void
  /** Resolves when the pass under way has ended. */
  stop(): Promise<void>
}

/** What clocks do: deadlines and reconciling. One process at a time; the others pass. */
export function createWatch(deps: WatchDeps): Watch {
  const known = new Set<string>()
  let timer: NodeJS.Timeout | null = null
  let passing: Promise<unknown> = Promise.resolve()
  let passes = 0

  const pass = async (scope: Scope): Promise<WatchReport> => {
    const report = await aloneInWatch(deps.store, async () => {
      await deps.further?.()
      return runPass(deps, scope)
    })
    for (const fact of report?.broken ?? []) reportOnce(deps.log, known, fact)
    return report ?? nothing
  }
  const tick = async (): Promise<void> => {
    try {
      await pass(scopeOf(passes))
      passes += 1
    } catch (error) {
      deps.log.warn({ reason: messageOf(error), step: 'watch' }, 'watch could not run')
    }
  }
  const next = (): void => {
    passing = tick().then(() => {
      if (timer !== null) timer = setTimeout(next, limits.watchSeconds * 1000)
    })
  }
  return {
    runOnce: () => pass(wholeScope),
    start: () => {
      if (timer !== null) return
      timer = setTimeout(next, 0)
    },
    stop: async () => {
      if (timer !== null) clearTimeout(timer)
      timer = null
      await passing
    },
  }
}

interface Scope {
  /** Due for less than this is left to its job. */
  graceSeconds: number
  /** How far back files are looked at. */
  days: number
  /** The rows that the checks look at; null for all, undefined for no checks. */
  checks: CheckWindow | null | undefined
  housekeeping: boolean
}

const wholeScope: Scope = { graceSeconds: 0, days: limits.watchDays, checks: null, housekeeping: true }

function scopeOf(passes: number): Scope {
  if (passes === 0) return { ...wholeScope, checks: lastDays }
  const hourly = passes % Math.ceil(3_600 / limits.watchSeconds) === 0
  return {
    graceSeconds: limits.watchGraceSeconds,
    days: hourly ? limits.watchDays : 1,
    checks: checksOf(passes),
    housekeeping: hourly,
  }
}

const lastDays: CheckWindow = { sinceMinutes: limits.watchCheckDays * 24 * 60, untilMinutes: 0 }

/**
 * What came since the last checks is looked at once, as soon as it must have come to something; what is older, for which a
 * fact may have been broken since, now and then.
 */
function checksOf(passes: number): CheckWindow | undefined {
  const isEvery = (seconds: number): boolean => passes % Math.ceil(seconds / limits.watchSeconds) === 0
  if (isEvery(limits.watchCheckHours * 3_600)) return lastDays
  const minutes = limits.watchCheckMinutes
  // a minute twice: passes come a little late
  return isEvery(minutes * 60) ? { sinceMinutes: 2 * minutes + 1, untilMinutes: minutes } : undefined
}

async function runPass({ store, queue, clock }: WatchDeps, scope: Scope): Promise<WatchReport> {
  const { graceSeconds, days, checks, housekeeping } = scope
  return {
    ran: true,
    interrupted: await reconcileLeases(store, queue),
    deliverJobs: await reconcileDeliveries(store, queue, graceSeconds),
    processJobs: await reconcileTransmissions(store, queue, { graceSeconds, days, portions: housekeeping }),
    wentOn: await reconcileBehind(store, queue, days),
    overdue: await watchDeadlines(store),
    late: await watchLate(store),
    silences: await watchSilence(store, clock),
    noticesClosed: await closeGoneNotices(store.worker, limits.noticeQuietHours),
    partitions: housekeeping ? await preparePartitions(store.worker, limits.partitionMonthsAhead) : 0,
    orphanChunks: housekeeping ? await sweepOrphanChunks(store.worker) : 0,
    expiredOnce: housekeeping ? await sweepExpiredOnce(store.worker) : 0,
    runs: housekeeping ? await sweepRuns(store.worker, limits.processRunHours) : 0,
    broken: checks === undefined ? [] : await findBrokenFacts(store.worker, checks),
  }
}

const nothing: WatchReport = {
  ran: false,
  interrupted: 0,
  overdue: 0,
  late: 0,
  silences: 0,
  noticesClosed: 0,
  deliverJobs: 0,
  processJobs: 0,
  wentOn: 0,
  partitions: 0,
  orphanChunks: 0,
  expiredOnce: 0,
  runs: 0,
  broken: [],
}

// an incident is one, however often the checks run
function reportOnce(log: Log, known: Set<string>, fact: BrokenFact): void {
  const key = `${fact.check} ${fact.id}`
  if (known.has(key)) return
  if (known.size >= limits.watchIncidentsRemembered) known.clear()
  known.add(key)
  log.error({ check: fact.check, id: fact.id, step: 'watch' }, fact.text)
}
