import type { FormatName, WireIdentity } from '#hub/model/format.ts'
import type { PartnerId } from '#hub/model/ids.ts'
import type { Reason } from '#hub/model/reasons.ts'
import type { Environment } from '#hub/model/states.ts'
import type { Channel } from '#hub/model/transport.ts'
import { holdsAt, type Snapshot } from './snapshot.ts'
import type { IdentityRow } from './store/configuration.ts'

/**
 * Whom a name on the wire stands for. `elsewhere`: the name is known, but in the other environment only. `reason` says why an identity that was
 * found is not taken, for people of the hub; it is null where no partner ever had the name.
 */
export type Party =
  | { kind: 'found'; partnerId: PartnerId; identity: IdentityRow | null }
  | { kind: 'elsewhere'; reason: Reason }
  | { kind: 'unknown'; reason: Reason | null }

interface Asked {
  wire: WireIdentity
  env: Environment
  at: Date
}

/**
 * Who sent what came in over a channel: an identity the channel may speak for. That is one of its list or, where it has
 * none, one of its partner. A file that names nobody comes from the one partner that speaks on the channel.
 */
export function senderOf(
  snapshot: Snapshot,
  asked: { channel: Channel; sender: WireIdentity | null; at: Date },
): Party {
  const { channel, sender, at } = asked
  const speakers = snapshot.speakers(channel.id)
  if (sender === null) {
    const partners = new Set(speakers.map((identity) => identity.partnerId))
    if (partners.size > 1) return { kind: 'unknown', reason: null }
    return { kind: 'found', partnerId: [...partners][0] ?? channel.partnerId, identity: null }
  }
  const named = snapshot.identitiesNamed(sender)
  const party = among(snapshot, named, { wire: sender, env: channel.env, at })
  switch (party.kind) {
    case 'found': {
      // whose the name is comes first: a bare name that may speak opens no address that another partner has
      const { partnerId, identity } = party
      const allowed =
        speakers.length > 0
          ? speakers.some((speaker) => speaker.id === identity?.id)
          : partnerId === channel.partnerId
      return allowed ? party : { kind: 'unknown', reason: mayNotSpeak(snapshot, partnerId) }
    }
    case 'elsewhere': {
      // only to those who may speak it is said that the name stands in the other environment
      const own = new Set([channel.partnerId, ...speakers.map(({ partnerId }) => partnerId)])
      const other = named.find((identity) => identity.env !== channel.env)!
      if (own.has(other.partnerId)) return party
      return { kind: 'unknown', reason: mayNotSpeak(snapshot, other.partnerId) }
    }
    case 'unknown':
      return party
  }
}

/** Which partner bears the name that the file gives as its receiver. */
export function receiverOf(
  snapshot: Snapshot,
  asked: { receiver: WireIdentity; env: Environment; at: Date },
): Party {
  const { receiver, env, at } = asked
  return among(snapshot, snapshot.identitiesNamed(receiver), { wire: receiver, env, at })
}

/**
 * The name that goes on the wire for a partner: the one the inbound file used, where this format can carry it, else the
 * partner's first GLN, else its first identity that the format can carry; null where there is none.
 */
export function wireName(
  snapshot: Snapshot,
  asked: {
    partnerId: PartnerId
    named: WireIdentity | null
    format: FormatName
    env: Environment
    at: Date
  },
): WireIdentity | null {
  if (asked.named !== null && carries(asked.format, asked.named.scheme)) return asked.named
  const own = snapshot
    .identitiesOf(asked.partnerId, asked.env)
    .filter((identity) => holdsAt(identity, asked.at) && carries(asked.format, identity.scheme))
  const first = own.find((identity) => identity.scheme === 'gln') ?? own[0]
  if (first === undefined) return null
  const { scheme, value, internal, internalSub } = first
  return {
    scheme,
    value,
    ...(internal === '' ? {} : { internal }),
    ...(internalSub === '' ? {} : { internalSub }),
  }
}

/** UNB names a party by a qualifier; an AS2 id or a free party id has no place in it. */
function carries(format: FormatName, scheme: string): boolean {
  return format !== 'edifact' || /^(gln|duns|unb(:.+)?)$/.test(scheme)
}

/** The most exact of the identities with this name: with its internal address and sub-identification, with the address, the name alone. */
function among(snapshot: Snapshot, identities: readonly IdentityRow[], { wire, env, at }: Asked): Party {
  const held = identities.filter((identity) => holdsAt(identity, at))
  const here = held.filter((identity) => identity.env === env)
  const { internal = '', internalSub = '' } = wire
  const exactly = (address: string, sub: string) =>
    here.find((identity) => identity.internal === address && identity.internalSub === sub)
  const found = exactly(internal, internalSub) ?? exactly(internal, '') ?? exactly('', '')
  if (found !== undefined) return { kind: 'found', partnerId: found.partnerId, identity: found }
  if (held.length > here.length) {
    const is = env === 'live' ? 'test' : 'live'
    return { kind: 'elsewhere', reason: { reason: 'identityElsewhere', is, asked: env } }
  }
  const dated = identities.find((identity) => identity.env === env && !holdsAt(identity, at))
  if (dated === undefined) return { kind: 'unknown', reason: null }
  return { kind: 'unknown', reason: { reason: 'identityDated', partner: keyOf(snapshot, dated.partnerId) } }
}

function mayNotSpeak(snapshot: Snapshot, partnerId: PartnerId): Reason {
  return { reason: 'mayNotSpeak', partner: keyOf(snapshot, partnerId) }
}

function keyOf(snapshot: Snapshot, partnerId: PartnerId): string {
  return snapshot.partner(partnerId)?.key ?? partnerId
}
