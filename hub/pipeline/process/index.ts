import type { Clock } from '#hub/base/clock.ts'
import type { Log } from '#hub/base/log.ts'
import type { Agreements } from '#hub/model/agreement.ts'
import type { Format, FormatName } from '#hub/model/format.ts'
import type { TransmissionId } from '#hub/model/ids.ts'
import type { Mappings } from '#hub/model/mapping.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { Store } from '#hub/store/connect.ts'
import { processBatch } from './batch.ts'
import { createRuns } from './runs.ts'
import { noNumbers } from './stages.ts'

export interface ProcessDeps {
  store: Store
  sealer: Sealer
  queue: JobQueue
  agreements: Agreements
  mappings: Mappings
  formats: Readonly<Record<FormatName, Format>>
  /** The format of a file by its first bytes, or null. */
  detectFormat(head: Buffer): FormatName | null
  /** Whether files with a long message are handed on to the queue of large files; otherwise they are done with the others. */
  leavesLarge?: boolean
  clock: Clock
  log: Log
}

export interface Process {
  /**
   * Does all that waits in these transmissions, each from where it stands; what is done already is left alone. Throws
   * where an outage kept some of it from being done: ask again.
   */
  process: (ids: readonly TransmissionId[]) => Promise<void>
}

/** The computing half of the hub: from accepted files to deliveries that wait, and the answers their senders are owed. */
export function createProcess({ store, sealer, queue, leavesLarge = false, ...parts }: ProcessDeps): Process {
  const runs = createRuns(store.worker)
  const made = { store, sealer, queue, runs, leavesLarge, tools: { ...parts, numbers: noNumbers } }
  return { process: (ids) => processBatch(ids, made) }
}
