import { namesThere } from '#hub/base/nearest.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Channel, ChannelKind } from '#hub/model/transport.ts'
import type { Store } from '#hub/store/connect.ts'
import { channelsOf, partnerKeys } from './store/channel.ts'

/**
 * The channel of this key, or the partner's only one (of the kind, where one is asked for). Throws HubError `nameUnknown` that names what
 * there is: partners, or channels.
 */
export async function channelNamed(
  store: Store,
  asked: { partner: string; channel: string | null; kind?: ChannelKind },
): Promise<Channel> {
  const { partner, channel: key, kind } = asked
  const all = await channelsOf(store.worker, partner)
  if (all.length === 0) await refusePartner(store, partner)
  const channels = all.filter((channel) => kind === undefined || channel.kind === kind)
  if (key === null && channels.length === 1) return channels[0]!
  const found = all.find((channel) => channel.key === key)
  if (found !== undefined && (kind === undefined || found.kind === kind)) return found
  const keys = channels.map((channel) => channel.key)
  if (found !== undefined)
    throw new HubError(
      'nameUnknown',
      `the channel \`${partner}/${found.key}\` is of kind ${found.kind}: only ${kind} takes tokens${namesThere('', keys)}`,
    )
  if (key === null && channels.length > 0)
    throw new HubError(
      'nameUnknown',
      `\`${partner}\` has several channels: say --channel with one of ${keys.map((one) => `\`${one}\``).join(', ')}`,
    )
  if (key === null) throw new HubError('nameUnknown', `\`${partner}\` has no channel of kind ${kind}`)
  throw new HubError('nameUnknown', `\`${partner}\` has no channel \`${key}\`${namesThere(key, keys)}`)
}

async function refusePartner(store: Store, partner: string): Promise<never> {
  const keys = await partnerKeys(store.worker)
  if (keys.includes(partner))
    throw new HubError('nameUnknown', `the partner \`${partner}\` has no channel yet`)
  throw new HubError('nameUnknown', `there is no partner \`${partner}\`${namesThere(partner, keys)}`)
}
