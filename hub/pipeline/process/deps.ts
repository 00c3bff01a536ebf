import type { JobQueue } from '#hub/model/queue.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { Store } from '#hub/store/connect.ts'
import type { Runs } from './runs.ts'
import type { Tools } from './stages.ts'

/** What process works with, once it is made. */
export interface Parts {
  store: Store
  sealer: Sealer
  queue: JobQueue
  runs: Runs
  /** Whether files with a long message are left to the queue of large files, or done here like the others. */
  leavesLarge: boolean
  tools: Tools
}
