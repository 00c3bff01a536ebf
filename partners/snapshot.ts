import type { Profile } from '#hub/model/agreement.ts'
import type { WireIdentity } from '#hub/model/format.ts'
import type { ChannelId, IdentityId, PartnerId, ProfileId } from '#hub/model/ids.ts'
import type { Environment } from '#hub/model/states.ts'
import type { Channel } from '#hub/model/transport.ts'
import { profileName } from './profiles/name.ts'
import type {
  AgreementRow,
  Configuration,
  IdentityRow,
  PartnerRow,
  ProfileRow,
} from './store/configuration.ts'

/** The configuration as routing asks for it: everything found by a key, nothing by a search. */
export interface Snapshot {
  version: bigint
  partner(id: PartnerId): PartnerRow | undefined
  channel(id: ChannelId): Channel | undefined
  /** The channel that a profile names: `key` of its own partner, or `partner/key` of an intermediary. */
  channelNamed(partnerId: PartnerId, name: string): Channel | undefined
  /** Identities with this name on the wire, of whatever partner, environment and time. */
  identitiesNamed(wire: WireIdentity): IdentityRow[]
  /** The identities that may speak on a channel; empty where it lists none. */
  speakers(channel: ChannelId): IdentityRow[]
  identitiesOf(partnerId: PartnerId, env: Environment): IdentityRow[]
  /** Every version of the profiles of one partner, direction and type. */
  profiles(partnerId: PartnerId, direction: 'sends' | 'receives', type: string): ProfileRow[]
  profile(id: ProfileId): ProfileRow | undefined
  agreementsFrom(partnerId: PartnerId): AgreementRow[]
}

/** Builds the look-ups over what was read. */
export function snapshotOf(read: Configuration): Snapshot {
  const partners = new Map(read.partners.map((row) => [row.id, row]))
  const channels = new Map<ChannelId, Channel>(read.channels.map((row) => [row.id, row]))
  const named = new Map(
    read.channels.map((row) => [`${partners.get(row.partnerId)?.key ?? ''}/${row.key}`, row as Channel]),
  )
  const identities = new Map<IdentityId, IdentityRow>(read.identities.map((row) => [row.id, row]))
  const wire = grouped(read.identities, wireKey)
  const ofPartner = grouped(read.identities, (row) => `${row.partnerId} ${row.env}`)
  const speakers = grouped(read.channelIdentities, (row) => row.channelId)
  const profiles = grouped(read.profiles, (row) => `${row.partnerId} ${row.direction} ${row.type}`)
  const profileById = new Map<ProfileId, ProfileRow>(read.profiles.map((row) => [row.id, row]))
  const agreements = grouped(read.agreements, (row) => row.senderPartner)
  return {
    version: read.version,
    partner: (id) => partners.get(id),
    channel: (id) => channels.get(id),
    channelNamed: (partnerId, name) =>
      named.get(name.includes('/') ? name : `${partners.get(partnerId)?.key ?? ''}/${name}`),
    identitiesNamed: (identity) => wire.get(wireKey(identity)) ?? [],
    speakers: (channel) => (speakers.get(channel) ?? []).map((row) => identities.get(row.identityId)!),
    identitiesOf: (partnerId, env) => ofPartner.get(`${partnerId} ${env}`) ?? [],
    profiles: (partnerId, direction, type) => profiles.get(`${partnerId} ${direction} ${type}`) ?? [],
    profile: (id) => profileById.get(id),
    agreementsFrom: (partnerId) => agreements.get(partnerId) ?? [],
  }
}

/** Whether something with these dates holds at a time; the last instant is not part of it. */
export function holdsAt(dated: { from: Date | null; until: Date | null }, at: Date): boolean {
  return (dated.from === null || dated.from <= at) && (dated.until === null || at < dated.until)
}

/** How people name a profile: `retailer sends order as edifact (live, guide *)`. */
export function nameOfProfile(snapshot: Snapshot, profile: Omit<Profile, 'id' | 'version'>): string {
  const partner = snapshot.partner(profile.partnerId)?.key ?? profile.partnerId
  return profileName(partner, { ...profile, format: profile.terms.format })
}

function wireKey(identity: { scheme: string; value: string }): string {
  return `${identity.scheme} ${identity.value}`
}

function grouped<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return groups
}
