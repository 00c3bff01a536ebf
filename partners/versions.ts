import type { Client } from '#hub/store/connect.ts'
import { differing, factsSha256, type PlannedChange } from './change.ts'
import type { LifeCycle } from './store/configuration.ts'

interface Versioned {
  version: number
  state: LifeCycle
}

export interface VersionPlan<Row extends Versioned> {
  thing: Pick<PlannedChange, 'kind' | 'key' | 'partnerId'>
  /** All there are, oldest first. */
  versions: readonly Row[]
  wanted: { state: LifeCycle; facts: Readonly<Record<string, unknown>> }
  factsOf(row: Row): Readonly<Record<string, unknown>>
  /** The number of the next version, where it is not one more than the newest. */
  nextVersion?: number
  insert(client: Client, version: number): Promise<void>
  setState(client: Client, rows: readonly Row[], state: LifeCycle): Promise<void>
}

/**
 * Plans a thing whose versions never change. Other facts make a new version; one that goes live retires those before it,
 * a draft leaves them as they are. Only where a version stands in its life may change.
 */
export function planVersion<Row extends Versioned>(plan: VersionPlan<Row>): PlannedChange {
  const { thing, versions, wanted } = plan
  const newest = versions.at(-1)
  const sha256 = factsSha256({ ...wanted.facts, state: wanted.state })
  const inUse = versions.filter((row) => row.state !== 'retired')
  const fields =
    newest === undefined ? Object.keys(wanted.facts) : differing(plan.factsOf(newest), wanted.facts)
  if (wanted.state === 'retired' && newest !== undefined) {
    const write = (client: Client) => plan.setState(client, inUse, 'retired')
    const version = newest.version
    return inUse.length === 0
      ? { ...thing, action: 'none', version, fields: [], sha256, write: null }
      : { ...thing, action: 'retire', version, fields: ['state'], sha256, write }
  }
  if (newest !== undefined && fields.length === 0 && newest.state === wanted.state)
    return { ...thing, action: 'none', version: newest.version, fields, sha256, write: null }
  const replaced = wanted.state === 'live' ? inUse : inUse.filter((row) => row.state === 'draft')
  if (newest !== undefined && fields.length === 0)
    return {
      ...thing,
      action: 'change',
      version: newest.version,
      fields: ['state'],
      sha256,
      write: async (client) => {
        await plan.setState(client, replaced, 'retired')
        await plan.setState(client, [newest], wanted.state)
      },
    }
  const version = plan.nextVersion ?? (newest?.version ?? 0) + 1
  return {
    ...thing,
    action: newest === undefined ? 'add' : 'change',
    version,
    fields,
    sha256,
    write: async (client) => {
      await plan.setState(client, replaced, 'retired')
      await plan.insert(client, version)
    },
  }
}
