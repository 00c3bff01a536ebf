import { namedId, type ChannelId, type IdentityId, type PartnerId, type ProfileId } from '#hub/model/ids.ts'
import type { KnownMappings } from '#hub/model/mapping.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { Environment } from '#hub/model/states.ts'
import type { ChannelKind } from '#hub/model/transport.ts'
import type { z } from 'zod'
import type { PlannedChange } from './change.ts'
import type { ConfigurationDocuments } from './files.ts'
import type { Problem } from './problems.ts'
import { profileName, type ProfileFacets } from './profiles/name.ts'
import type { Configuration, IdentityRow, LifeCycle, ProfileRow } from './store/configuration.ts'
import type { CredentialRow } from './store/credential.ts'
import type { SecretRow } from './store/secret.ts'

/** What a plan is made of: what is wanted, what stands, and what checks the parts that others know. */
export interface PlanInput {
  documents: ConfigurationDocuments
  current: Configuration
  credentials: readonly CredentialRow[]
  secrets: readonly SecretRow[]
  sealer: Sealer
  env: NodeJS.ProcessEnv
  /** One schema per kind of channel, for its `settings`; without one they are taken as they are. */
  settingsSchemas: Partial<Record<ChannelKind, z.ZodType>>
  /** Knows whether a mapping exists; without it every name is taken. */
  mappings: KnownMappings | null
  /** The files are the whole configuration: what is in none of them is named as absent. */
  whole: boolean
  /** `optional`: what cannot be taken is left as it is in the hub; `none`: log-ins and secrets are not looked at. */
  secretValues: 'required' | 'optional' | 'none'
}

/** A plan in the making: what will stand once the documents are applied, and the changes and problems found so far. */
export interface Planning extends PlanInput {
  partners: Map<string, PartnerId>
  identities: Map<string, IdentityRow>
  channels: Map<string, WantedChannel>
  profiles: Map<string, WantedProfile>
  /** The names of all versions of profiles, standing and planned. */
  profileNames: Map<ProfileId, string>
  /** The rows as they will be, of the things in the documents; log-ins and secrets are not among them. */
  rows: Pick<Configuration, 'partners' | 'channels' | 'channelIdentities' | 'profiles' | 'agreements'>
  /** The profile versions that planned agreements join. */
  joins: {
    key: string
    senderProfile: ProfileId
    receiverProfile: ProfileId | null
    version: number
    state: LifeCycle
  }[]
  changes: PlannedChange[]
  problems: Problem[]
}

export interface WantedChannel {
  id: ChannelId
  partnerId: PartnerId
  env: Environment
  kind: ChannelKind
  settings: Readonly<Record<string, unknown>>
}

/** A profile whatever its version; `id` is of the version that will be the newest. */
export interface WantedProfile extends ProfileFacets {
  id: ProfileId
  partnerId: PartnerId
  state: LifeCycle
}

/** Begins with what stands in the hub. */
export function beginPlan(input: PlanInput): Planning {
  const { current } = input
  const keys = new Map(current.partners.map((row) => [row.id, row.key]))
  const planning: Planning = {
    ...input,
    partners: new Map(current.partners.map((row) => [row.key, row.id])),
    identities: new Map(current.identities.map((row) => [identityName(keys.get(row.partnerId)!, row), row])),
    channels: new Map(current.channels.map((row) => [`${keys.get(row.partnerId)!}/${row.key}`, row])),
    profiles: new Map(),
    profileNames: new Map(),
    rows: { partners: [], channels: [], channelIdentities: [], profiles: [], agreements: [] },
    joins: [],
    changes: [],
    problems: [],
  }
  for (const row of current.profiles) {
    const { id, partnerId, state } = row
    const facets = facetsOf(row)
    const name = profileName(keys.get(partnerId)!, facets)
    planning.profiles.set(name, { ...facets, id, partnerId, state })
    planning.profileNames.set(row.id, name)
  }
  return planning
}

export function partnerIdOf(key: string): PartnerId {
  return namedId('partner', key)
}

export function identityIdOf(partnerKey: string, identity: IdentityNamed): IdentityId {
  const { env, scheme, value, internal, internalSub = '' } = identity
  const name = [scheme, value, internal ?? '', ...(internalSub === '' ? [] : [internalSub])]
  return namedId('identity', partnerKey, env, JSON.stringify(name))
}

interface IdentityNamed {
  scheme: string
  value: string
  internal?: string | undefined
  internalSub?: string | undefined
  env: Environment
}

/** E.g. `retailer/gln:4012345000009@live`. */
export function identityName(partnerKey: string, identity: IdentityNamed): string {
  const parts = [identity.internal, identity.internalSub].filter((part) => part !== undefined && part !== '')
  const internal = parts.map((part) => `+${part}`).join('')
  return `${partnerKey}/${identity.scheme}:${identity.value}${internal}@${identity.env}`
}

export function facetsOf({ direction, env, type, guide, terms }: ProfileRow): ProfileFacets {
  return { direction, env, type, format: terms.format, guide }
}
