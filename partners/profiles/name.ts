import type { FormatName } from '#hub/model/format.ts'
import type { Environment } from '#hub/model/states.ts'

/** What tells the profiles of one partner apart. Versions are counted within it. */
export interface ProfileFacets {
  direction: 'sends' | 'receives'
  env: Environment
  type: string
  format: FormatName
  guide: string
}

/** E.g. `retailer sends order as edifact (live, guide *)`. */
export function profileName(partnerKey: string, profile: ProfileFacets): string {
  const { direction, type, format, env, guide } = profile
  return `${partnerKey} ${direction} ${type} as ${format} (${env}, guide ${guide})`
}
