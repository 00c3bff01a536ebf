import type { Channel } from '#hub/model/transport.ts'
import type { Queryable } from '#hub/store/connect.ts'

/** A channel's columns as `Channel` has them, of the table with this alias. */
export function channelColumns(alias: string): string {
  return `${alias}.id, ${alias}.partner_id as "partnerId", ${alias}.key, ${alias}.kind, ${alias}.env,
    ${alias}.peer_dedupes as "peerDedupes", ${alias}.settings, ${alias}.suspended_at is not null as suspended`
}

/** The channel that a partner calls by this key, or null. */
export async function channelByKey(db: Queryable, partnerKey: string, key: string): Promise<Channel | null> {
  const { rows } = await db.query<Channel>({
    name: 'channel_by_key',
    text: `select ${channelColumns('c')} from channel c join partner p on p.id = c.partner_id
           where p.key = $1 and c.key = $2`,
    values: [partnerKey, key],
  })
  return rows[0] ?? null
}

/** The channels of a partner, in the order of their keys. */
export async function channelsOf(db: Queryable, partnerKey: string): Promise<Channel[]> {
  const { rows } = await db.query<Channel>({
    name: 'channels_of',
    text: `select ${channelColumns('c')} from channel c join partner p on p.id = c.partner_id
           where p.key = $1 order by c.key`,
    values: [partnerKey],
  })
  return rows
}

/** The keys of all partners, in order. */
export async function partnerKeys(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ key: string }>('select key from partner order by key')
  return rows.map(({ key }) => key)
}
