import type { ChannelId, PartnerId, SecretId } from '#hub/model/ids.ts'
import type { Queryable } from '#hub/store/connect.ts'

/** A sealed secret of a channel. Earlier versions stay for whoever still has to be told about a change. */
export interface SecretRow {
  id: SecretId
  partnerId: PartnerId
  channelId: ChannelId
  name: string
  version: number
  wrappedKey: Buffer
  sealed: Buffer
}

const columns = `id, partner_id as "partnerId", channel_id as "channelId", name, version,
  wrapped_key as "wrappedKey", sealed`

/** The newest version of one secret, or null. */
export async function newestSecret(
  db: Queryable,
  channelId: ChannelId,
  name: string,
): Promise<SecretRow | null> {
  const { rows } = await db.query<SecretRow>({
    name: 'newest_secret',
    text: `select ${columns} from secret where channel_id = $1 and name = $2 order by version desc limit 1`,
    values: [channelId, name],
  })
  return rows[0] ?? null
}

/** The newest version of every secret. */
export async function newestSecrets(db: Queryable): Promise<SecretRow[]> {
  const { rows } = await db.query<SecretRow>(
    `select distinct on (channel_id, name) ${columns} from secret order by channel_id, name, version desc`,
  )
  return rows
}

export async function insertSecret(db: Queryable, row: SecretRow): Promise<void> {
  await db.query(
    `insert into secret (id, partner_id, channel_id, name, version, wrapped_key, sealed)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [row.id, row.partnerId, row.channelId, row.name, row.version, row.wrappedKey, row.sealed],
  )
}

/** Which secrets there are, without what they hold. */
export async function secretNames(db: Queryable): Promise<{ channelId: ChannelId; name: string }[]> {
  const { rows } = await db.query<{ channelId: ChannelId; name: string }>(
    `select distinct channel_id as "channelId", name from secret order by 1, 2`,
  )
  return rows
}
