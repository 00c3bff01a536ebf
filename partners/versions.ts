import type { Client } from '#hub/store/connect.ts'
import { differing, factsSha256, type PlannedChange } from './change.ts'
import type { LifeCycle } from './store/configuration.ts'

interface Versioned {
  version: number
  state: LifeCycle
}

export interface VersionPlan<Row extends Versioned> {
  thing: Pick<PlannedChange, 'kind' | 'key' | 'partnerId' | 'origin' | 'env'>
  /** All there are, oldest first. */
  versions: readonly Row[]
  wanted: { state: LifeCycle; facts: Readonly<Record<string, unknown>> }
  factsOf(row: Row): Readonly<Record<string, unknown>>
  /** The number of the next version. */
  nextVersion: number
  /** The documents hold both its live form and a draft of the next: neither ends the other. */
  beside: boolean
  insert(client: Client, version: number): Promise<void>
  setState(client: Client, rows: readonly Row[], state: LifeCycle): Promise<void>
}

/**
 * Plans a thing whose versions never change. Other facts make a new version; one that goes live retires those before it, a draft leaves the
 * live one as it is, and stands beside it where the documents hold both. Only where a version stands in its life may change.
 */
export function planVersion<Row extends Versioned>(plan: VersionPlan<Row>): PlannedChange {
  const { versions, wanted } = plan
  const newest = versions.at(-1)
  const inUse = versions.filter((row) => row.state !== 'retired')
  const standing = inUse.findLast((row) => row.state === wanted.state)
  const compared = standing ?? newest
  const fields =
    compared === undefined ? Object.keys(wanted.facts) : differing(plan.factsOf(compared), wanted.facts)
  const thing = {
    ...plan.thing,
    sha256: factsSha256({ ...wanted.facts, state: wanted.state }),
    before: compared === undefined ? null : { ...plan.factsOf(compared), state: compared.state },
    after: { ...wanted.facts, state: wanted.state },
  }
  if (wanted.state === 'retired' && newest !== undefined) {
    const write = (client: Client) => plan.setState(client, inUse, 'retired')
    const version = newest.version
    return inUse.length === 0
      ? { ...thing, action: 'none', version, fields: [], write: null }
      : { ...thing, action: 'retire', version, fields: ['state'], live: anyLive(inUse), write }
  }
  if (standing !== undefined && fields.length === 0)
    return { ...thing, action: 'none', version: standing.version, fields, write: null }
  const replaced = replacedBy(plan, inUse)
  const unused = newest !== undefined && (newest.state === 'retired' || !plan.beside)
  if (unused && newest.state !== wanted.state && differing(plan.factsOf(newest), wanted.facts).length === 0)
    return {
      ...thing,
      action: 'change',
      version: newest.version,
      fields: [...fields, 'state'],
      live: wanted.state === 'live' || anyLive([newest, ...replaced]),
      write: async (client) => {
        await plan.setState(client, replaced, 'retired')
        await plan.setState(client, [newest], wanted.state)
      },
    }
  const version = plan.nextVersion
  return {
    ...thing,
    action: newest === undefined ? 'add' : 'change',
    version,
    fields,
    live: wanted.state === 'live' || anyLive(replaced),
    write: async (client) => {
      await plan.setState(client, replaced, 'retired')
      await plan.insert(client, version)
    },
  }
}

function anyLive(rows: readonly Versioned[]): boolean {
  return rows.some(({ state }) => state === 'live')
}

/** The versions that end when the wanted one begins. */
function replacedBy<Row extends Versioned>(plan: VersionPlan<Row>, inUse: Row[]): Row[] {
  if (plan.wanted.state === 'live' && !plan.beside) return inUse
  return inUse.filter((row) => row.state === plan.wanted.state)
}
