import type { FormatName, WireIdentity } from '#hub/model/format.ts'
import type { PartnerId } from '#hub/model/ids.ts'
import type { Environment } from '#hub/model/states.ts'
import type { Channel } from '#hub/model/transport.ts'
import { holdsAt, type Snapshot } from './snapshot.ts'
import type { IdentityRow } from './store/configuration.ts'

/** Whom a name on the wire stands for. `elsewhere`: the name is known, but in the other environment only. */
export type Party =
  | { kind: 'found'; partnerId: PartnerId; identity: IdentityRow | null }
  | { kind: 'elsewhere' }
  | { kind: 'unknown' }

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
    if (partners.size > 1) return { kind: 'unknown' }
    return { kind: 'found', partnerId: [...partners][0] ?? channel.partnerId, identity: null }
  }
  const allowed = (identity: IdentityRow): boolean =>
    speakers.length > 0
      ? speakers.some((speaker) => speaker.id === identity.id)
      : identity.partnerId === channel.partnerId
  const party = among(snapshot.identitiesNamed(sender).filter(allowed), {
    wire: sender,
    env: channel.env,
    at,
  })
  if (party.kind !== 'unknown' || speakers.length === 0) return party
  // a list holds identities of the channel's environment; the name in the other one still tells what is wrong
  const own = snapshot
    .identitiesNamed(sender)
    .filter((identity) => identity.partnerId === channel.partnerId && identity.env !== channel.env)
  return among(own, { wire: sender, env: channel.env, at })
}

/** Which partner bears the name that the file gives as its receiver. */
export function receiverOf(
  snapshot: Snapshot,
  asked: { receiver: WireIdentity; env: Environment; at: Date },
): Party {
  return among(snapshot.identitiesNamed(asked.receiver), {
    wire: asked.receiver,
    env: asked.env,
    at: asked.at,
  })
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
  const wire = { scheme: first.scheme, value: first.value }
  return first.internal === '' ? wire : { ...wire, internal: first.internal }
}

/** UNB names a party by a qualifier; an AS2 id or a free party id has no place in it. */
function carries(format: FormatName, scheme: string): boolean {
  return format !== 'edifact' || /^(gln|duns|unb(:.+)?)$/.test(scheme)
}

function among(
  identities: readonly IdentityRow[],
  asked: { wire: WireIdentity; env: Environment; at: Date },
): Party {
  const held = identities.filter((identity) => holdsAt(identity, asked.at))
  const here = held.filter((identity) => identity.env === asked.env)
  const internal = asked.wire.internal ?? ''
  // an internal address that is registered wins; otherwise the address belongs to whoever has the name itself
  const found =
    here.find((identity) => identity.internal === internal) ??
    here.find((identity) => identity.internal === '')
  if (found !== undefined) return { kind: 'found', partnerId: found.partnerId, identity: found }
  return held.length > here.length ? { kind: 'elsewhere' } : { kind: 'unknown' }
}
