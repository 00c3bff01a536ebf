import type { FormatName } from '#hub/model/format.ts'
import type { Environment } from '#hub/model/states.ts'
import type { LifeCycle } from '../store/configuration.ts'

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

/** A live version, one that is tried and a draft of the next may stand side by side: what tells them apart. */
export function lifeName(name: string, state: LifeCycle): string {
  return state === 'draft' || state === 'test' ? `${name} ${state}` : name
}

/**
 * Of a thing with versions, what stands in the hub and not in the documents (`named`, by `lifeName`). Only who asks for the whole is told of a
 * draft beside the live one, and the other way round.
 */
export function unnamed(asked: {
  name: string
  rows: readonly { state: LifeCycle }[]
  named: ReadonlySet<string>
  whole: boolean
}): string[] {
  const { name, rows, named, whole } = asked
  const inUse = [...new Set(rows.map((row) => row.state))].filter((state) => state !== 'retired')
  const keys = inUse.map((state) => lifeName(name, state)).filter((key) => !named.has(key))
  const other = (['live', 'test', 'draft'] as const).some((state) => named.has(lifeName(name, state)))
  if (other) return whole ? keys : []
  return keys.length === 0 ? [] : [name]
}
