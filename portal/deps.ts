import type { Clock } from '#hub/base/clock.ts'
import type { Log } from '#hub/base/log.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { Store } from '#hub/store/connect.ts'
import type { Formats } from './panes/read.ts'

/** What main hands to the portal. */
export interface PortalDeps {
  store: Store
  sealer: Sealer
  formats: Formats
  clock: Clock
  log: Log
  /** The address people see, e.g. `https://edi.example`; null if it is the one they typed. */
  publicUrl: string | null
}
