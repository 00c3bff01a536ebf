import type { ChannelId, IdentityId, PartnerId, ProfileId } from '#hub/model/ids.ts'
import { isPlaceholder } from './channels/placeholder.ts'
import { publicKeyText } from './channels/public-key.ts'
import { contactsInOrder, type Contact } from './contacts/schema.ts'
import { facetsOf } from './planning.ts'
import { profileName } from './profiles/name.ts'
import type {
  AgreementRow,
  ChannelRow,
  Configuration,
  IdentityRow,
  LifeCycle,
  PartnerRow,
  ProfileRow,
} from './store/configuration.ts'
import type { CredentialRow } from './store/credential.ts'

/** What an export is made of. */
export interface ExportSource {
  configuration: Configuration
  keys: ReadonlyMap<PartnerId, string>
  profiles: ReadonlyMap<ProfileId, ProfileRow>
  credentials: readonly CredentialRow[]
  secrets: readonly { channelId: ChannelId; name: string }[]
}

type Exported = Record<string, unknown>

/** A partner as its document says it: members in the order of docs/configuration.md, defaults left out, lists in the order of their names. */
export function exportedPartner(source: ExportSource, row: PartnerRow): Exported {
  const { configuration } = source
  const own = <Row extends { partnerId: PartnerId }>(rows: readonly Row[]): Row[] =>
    rows.filter(({ partnerId }) => partnerId === row.id)
  const identities = own(configuration.identities).toSorted(by(identityOrder))
  const channels = own(configuration.channels).toSorted(by((channel) => channel.key))
  const versions = Map.groupBy(own(configuration.profiles), (profile) => profileName('', facetsOf(profile)))
  const profiles = [...versions.values()]
    .flatMap((rows) => inUse<ProfileRow>(rows))
    .toSorted(by(profileOrder))
  return {
    key: row.key,
    name: row.name,
    ...(row.ours ? { ours: true } : {}),
    language: row.language,
    timeZone: row.timeZone,
    ...list('contacts', contactsInOrder(row.contacts).map(exportedContact)),
    ...list('identities', identities.map(exportedIdentity)),
    ...list(
      'channels',
      channels.map((channel) => exportedChannel(source, channel)),
    ),
    ...list('profiles', profiles.map(exportedProfile)),
  }
}

/** An agreement as its document says it. */
export function exportedAgreement({ profiles, keys }: ExportSource, row: AgreementRow): Exported {
  const profile = (id: ProfileId) => profiles.get(id)!
  const sender = profile(row.senderProfile)
  const receiver = row.receiverProfile === null ? null : profile(row.receiverProfile)
  return {
    key: row.key,
    ...stateOf(row.state),
    sender: {
      partner: keys.get(sender.partnerId),
      env: sender.env,
      type: sender.type,
      format: sender.terms.format,
      ...guideOf(sender.guide),
    },
    receiver:
      receiver === null
        ? 'any'
        : {
            partner: keys.get(receiver.partnerId),
            format: receiver.terms.format,
            ...guideOf(receiver.guide),
          },
    ...datesOf(row),
    ...(Object.keys(row.terms).length === 0 ? {} : { terms: ordered(row.terms) }),
  }
}

/** Of the versions of one thing what a document says of it: the live one, one that is tried and a draft of the next, else the newest. */
export function inUse<Row extends { state: LifeCycle }>(versions: readonly Row[]): Row[] {
  const used = (['live', 'test', 'draft'] as const)
    .map((state) => versions.findLast((row) => row.state === state))
    .filter((row) => row !== undefined)
  return used.length > 0 ? used : versions.slice(-1)
}

function exportedContact({ name, email, phone, role, language, events }: Contact): Exported {
  return {
    name,
    email,
    ...(phone === undefined ? {} : { phone }),
    ...(role === 'technical' ? {} : { role }),
    ...(language === undefined ? {} : { language }),
    ...(events.length === 0 ? {} : { events }),
  }
}

function exportedIdentity(row: IdentityRow): Exported {
  return { ...identityNamed(row), env: row.env, ...datesOf(row) }
}

function identityNamed({ scheme, value, internal, internalSub }: IdentityRow): Exported {
  return {
    scheme,
    value,
    ...(internal === '' ? {} : { internal }),
    ...(internalSub === '' ? {} : { internalSub }),
  }
}

function exportedChannel(source: ExportSource, row: ChannelRow): Exported {
  const secrets = source.secrets.filter(({ channelId }) => channelId === row.id).map(({ name }) => name)
  return {
    key: row.key,
    kind: row.kind,
    env: row.env,
    ...(row.peerDedupes ? { peerDedupes: true } : {}),
    ...list('identities', exportedSpeakers(source, row)),
    ...(Object.keys(row.settings).length === 0 ? {} : { settings: ordered(row.settings) }),
    ...list('logins', exportedLogins(source, row)),
    ...(secrets.length === 0
      ? {}
      : { secrets: Object.fromEntries(secrets.toSorted().map((name) => [name, { keep: true }])) }),
  }
}

function exportedSpeakers({ configuration, keys }: ExportSource, channel: ChannelRow): Exported[] {
  const speakers = configuration.channelIdentities.filter(({ channelId }) => channelId === channel.id)
  if (speakers.length === 0) return []
  const rows = new Map<IdentityId, IdentityRow>(configuration.identities.map((row) => [row.id, row]))
  const partnerOf = (row: IdentityRow): Exported =>
    row.partnerId === channel.partnerId ? {} : { partner: keys.get(row.partnerId) }
  return speakers
    .map(({ identityId }) => rows.get(identityId)!)
    .toSorted(by((row) => `${keys.get(row.partnerId)} ${identityOrder(row)}`))
    .map((row) => ({ ...partnerOf(row), ...identityNamed(row) }))
}

/** One for each name: of several tokens of one name the newest says the dates. Public keys are no secrets. */
function exportedLogins({ credentials }: ExportSource, channel: ChannelRow): Exported[] {
  const own = credentials.filter(({ channelId }) => channelId === channel.id)
  const order = ({ kind, username, name }: CredentialRow) => `${kind} ${username ?? ''} ${name}`
  return [...Map.groupBy(own, order)]
    .toSorted(by(([name]) => name))
    .map(([, rows]) => rows.findLast((row) => !isPlaceholder(row)) ?? rows.at(-1)!)
    .map((row) => ({
      kind: row.kind,
      ...(row.username === null ? {} : { username: row.username }),
      ...(row.name === '' ? {} : { name: row.name }),
      ...datesOf(row),
      ...(row.kind === 'public_key' && !isPlaceholder(row)
        ? { value: publicKeyText(row.verifier) }
        : { keep: true }),
    }))
}

/** A profile as the document of its partner says it. */
export function exportedProfile({ direction, env, type, guide, state, terms }: ProfileRow): Exported {
  const { format, mapping, mappingSettings, channel, ...others } = terms
  return {
    direction,
    env,
    type,
    format,
    ...guideOf(guide),
    ...stateOf(state),
    ...(mapping === '' ? {} : { mapping }),
    ...(mappingSettings === undefined ? {} : { mappingSettings: ordered(mappingSettings) }),
    channel,
    ...(ordered(others) as Exported),
  }
}

const lifeOrder = ['live', 'test', 'draft', 'retired']

function profileOrder({ direction, env, type, guide, state, terms }: ProfileRow): string {
  return [direction === 'sends' ? 0 : 1, type, env, terms.format, guide, lifeOrder.indexOf(state)].join(' ')
}

function identityOrder({ scheme, value, internal, internalSub, env }: IdentityRow): string {
  return [env, scheme, value, internal, internalSub].join(' ')
}

function guideOf(guide: string): Exported {
  return guide === '*' ? {} : { guide }
}

function stateOf(state: LifeCycle): Exported {
  return state === 'live' ? {} : { state }
}

/** The beginning of a day in UTC is written as the day. */
function datesOf({ from, until }: { from: Date | null; until: Date | null }): Exported {
  const text = (date: Date) => date.toISOString().replace('T00:00:00.000Z', '')
  return {
    ...(from === null ? {} : { from: text(from) }),
    ...(until === null ? {} : { until: text(until) }),
  }
}

function list(name: string, items: Exported[]): Exported {
  return items.length === 0 ? {} : { [name]: items }
}

/** Members by their names: the tables keep them in an order of their own. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).toSorted(by(([name]) => name))
  return Object.fromEntries(members.map(([name, member]) => [name, ordered(member)]))
}

function by<Item>(textOf: (item: Item) => string): (a: Item, b: Item) => number {
  return (a, b) => {
    const [one, other] = [textOf(a), textOf(b)]
    return one < other ? -1 : one > other ? 1 : 0
  }
}
