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
  LifeCycle,
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
  /** The profiles of one partner, direction and type: of each the version that takes part or, where none does, the newest. */
  profiles(partnerId: PartnerId, direction: 'sends' | 'receives', type: string): ProfileRow[]
  profile(id: ProfileId): ProfileRow | undefined
  /** Whether a version in this state takes part in documents of an environment. */
  takesPart(state: LifeCycle, env: Environment): boolean
  /** The agreements from one sender: of each key the version that takes part or, where none does, the newest. */
  agreementsFrom(partnerId: PartnerId): AgreementRow[]
}

/**
 * Builds the look-ups over what was read. In a `simulation`, where files are tried and nothing is sent, what is in test takes part in the live
 * environment too.
 */
export function snapshotOf(read: Configuration, { simulation = false } = {}): Snapshot {
  const takesPart = (state: LifeCycle, env: Environment): boolean =>
    state === 'live' || (state === 'test' && (env === 'test' || simulation))
  const partners = new Map(read.partners.map((row) => [row.id, row]))
  const channels = new Map<ChannelId, Channel>(read.channels.map((row) => [row.id, row]))
  const named = new Map(
    read.channels.map((row) => [`${partners.get(row.partnerId)?.key ?? ''}/${row.key}`, row as Channel]),
  )
  const identities = new Map<IdentityId, IdentityRow>(read.identities.map((row) => [row.id, row]))
  const wire = grouped(read.identities, wireKey)
  const ofPartner = grouped(read.identities, (row) => `${row.partnerId} ${row.env}`)
  const speakers = grouped(read.channelIdentities, (row) => row.channelId)
  const profiles = grouped(
    chosen(
      read.profiles,
      (row) => [row.partnerId, row.direction, row.type, row.env, row.terms.format, row.guide].join(' '),
      (row) => takesPart(row.state, row.env),
    ),
    (row) => `${row.partnerId} ${row.direction} ${row.type}`,
  )
  const profileById = new Map<ProfileId, ProfileRow>(read.profiles.map((row) => [row.id, row]))
  const envOf = (row: AgreementRow) => profileById.get(row.senderProfile)?.env ?? 'live'
  const agreements = grouped(
    chosen(
      read.agreements,
      (row) => row.key,
      (row) => takesPart(row.state, envOf(row)),
    ),
    (row) => row.senderPartner,
  )
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
    takesPart,
    agreementsFrom: (partnerId) => agreements.get(partnerId) ?? [],
  }
}

/** Of the versions of each thing (oldest first) one: what is in test where that takes part, else what is live, else the newest. */
function chosen<Row extends { state: LifeCycle }>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  takesPart: (row: Row) => boolean,
): Row[] {
  const rank = (row: Row): number => (takesPart(row) ? (row.state === 'test' ? 2 : 1) : 0)
  const byKey = new Map<string, Row>()
  for (const row of rows) {
    const before = byKey.get(keyOf(row))
    if (before === undefined || rank(row) >= rank(before)) byKey.set(keyOf(row), row)
  }
  return [...byKey.values()]
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
