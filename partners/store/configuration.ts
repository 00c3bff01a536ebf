import type { ChannelKind } from '#hub/model/transport.ts'
import type { AgreementTerms, ProfileTerms } from '#hub/model/agreement.ts'
import type { AgreementId, ChannelId, IdentityId, PartnerId, ProfileId } from '#hub/model/ids.ts'
import type { Environment } from '#hub/model/states.ts'
import type { Store } from '#hub/store/connect.ts'
import type { Contact } from '../contacts/schema.ts'
import { configurationVersion } from './version.ts'

/** The configuration as it stands in the tables, without log-ins and secrets. */
export interface Configuration {
  version: bigint
  partners: PartnerRow[]
  identities: IdentityRow[]
  channels: ChannelRow[]
  channelIdentities: ChannelIdentityRow[]
  profiles: ProfileRow[]
  agreements: AgreementRow[]
}

export interface PartnerRow {
  id: PartnerId
  key: string
  name: string
  ours: boolean
  language: 'en' | 'fr'
  timeZone: string
  contacts: Contact[]
}

export interface IdentityRow {
  id: IdentityId
  partnerId: PartnerId
  scheme: string
  value: string
  internal: string
  internalSub: string
  env: Environment
  from: Date | null
  until: Date | null
}

export interface ChannelRow {
  id: ChannelId
  partnerId: PartnerId
  key: string
  kind: ChannelKind
  env: Environment
  peerDedupes: boolean
  settings: Record<string, unknown>
  suspended: boolean
}

export interface ChannelIdentityRow {
  channelId: ChannelId
  identityId: IdentityId
}

export type LifeCycle = 'draft' | 'test' | 'live' | 'retired'

export interface ProfileRow {
  id: ProfileId
  partnerId: PartnerId
  direction: 'sends' | 'receives'
  env: Environment
  type: string
  guide: string
  version: number
  state: LifeCycle
  terms: ProfileTerms
}

export interface AgreementRow {
  id: AgreementId
  key: string
  version: number
  senderProfile: ProfileId
  receiverProfile: ProfileId | null
  senderPartner: PartnerId
  receiverPartner: PartnerId | null
  state: LifeCycle
  from: Date | null
  until: Date | null
  terms: AgreementTerms
}

/**
 * Reads all of it as of one moment. It is small (a few rows a partner), and whoever routes by it keeps it in memory.
 */
export async function readConfiguration(store: Store): Promise<Configuration> {
  const client = await store.worker.connect()
  let broken = true
  try {
    await client.query('begin isolation level repeatable read read only')
    const configuration: Configuration = {
      version: await configurationVersion(client),
      partners: (await client.query<PartnerRow>(partnersText)).rows,
      identities: (await client.query<IdentityRow>(identitiesText)).rows,
      channels: (await client.query<ChannelRow>(channelsText)).rows,
      channelIdentities: (await client.query<ChannelIdentityRow>(channelIdentitiesText)).rows,
      profiles: (await client.query<ProfileRow>(profilesText)).rows,
      agreements: (await client.query<AgreementRow>(agreementsText)).rows,
    }
    await client.query('commit')
    broken = false
    return configuration
  } finally {
    client.release(broken)
  }
}

const partnersText = `select id, key, name, ours, language, time_zone as "timeZone", contacts from partner order by key`

const identitiesText = `select id, partner_id as "partnerId", scheme, value, internal, internal_sub as "internalSub", env,
         lower(valid) as "from", upper(valid) as "until"
  from identity order by scheme, value, internal, internal_sub, env, id`

const channelsText = `select id, partner_id as "partnerId", key, kind, env, peer_dedupes as "peerDedupes", settings,
         suspended_at is not null as suspended
  from channel order by partner_id, key`

const channelIdentitiesText = `select channel_id as "channelId", identity_id as "identityId" from channel_identity`

const profilesText = `select id, partner_id as "partnerId", direction, env, type, guide, version, state, terms
  from profile order by partner_id, direction, env, type, format, guide, version`

const agreementsText = `select id, key, version, sender_profile as "senderProfile", receiver_profile as "receiverProfile",
         sender_partner as "senderPartner", receiver_partner as "receiverPartner", state,
         lower(valid) as "from", upper(valid) as "until", terms
  from agreement order by key, version`
