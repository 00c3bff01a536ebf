import type { ChannelId, CredentialId, PartnerId } from '#hub/model/ids.ts'
import type { Channel, ChannelKind } from '#hub/model/transport.ts'
import type { Client, Queryable } from '#hub/store/connect.ts'
import { channelColumns } from './channel.ts'

export type CredentialKind = 'password' | 'public_key' | 'token'

/** One way to log in on a channel. The verifier is a hash or a public key, never the secret itself. */
export interface CredentialRow {
  id: CredentialId
  partnerId: PartnerId
  channelId: ChannelId
  kind: CredentialKind
  name: string
  username: string | null
  verifier: Buffer
  from: Date | null
  until: Date | null
  revoked: boolean
}

/** A credential that holds at this moment, with the channel it opens. */
export interface ValidCredential {
  credentialId: CredentialId
  verifier: Buffer
  channel: Channel
}

const validNow = `d.revoked_at is null and d.valid @> now()`

/** The passwords or public keys of a user name on channels of one kind; several during a rotation. */
export async function validCredentials(
  db: Queryable,
  asked: { kind: 'password' | 'public_key'; channelKind: ChannelKind; username: string },
): Promise<ValidCredential[]> {
  const { rows } = await db.query<Channel & { credentialId: CredentialId; verifier: Buffer }>({
    name: 'valid_credentials',
    text: `select d.id as "credentialId", d.verifier, ${channelColumns('c')}
           from credential d join channel c on c.id = d.channel_id
           where d.username = $1 and d.kind = $2 and c.kind = $3 and ${validNow}
           order by d.id limit 10`,
    values: [asked.username, asked.kind, asked.channelKind],
  })
  return rows.map(valid)
}

/** The token with this SHA-256. */
export async function validToken(db: Queryable, sha256: Buffer): Promise<ValidCredential | null> {
  const { rows } = await db.query<Channel & { credentialId: CredentialId; verifier: Buffer }>({
    name: 'valid_token',
    text: `select d.id as "credentialId", d.verifier, ${channelColumns('c')}
           from credential d join channel c on c.id = d.channel_id
           where d.verifier = $1 and d.kind = 'token' and ${validNow}`,
    values: [sha256],
  })
  return rows[0] === undefined ? null : valid(rows[0])
}

/** Whether a credential still holds, and the channel it opens is not suspended. */
export async function credentialStanding(
  db: Queryable,
  id: CredentialId,
): Promise<'good' | 'suspended' | 'ended'> {
  const { rows } = await db.query<{ suspended: boolean }>({
    name: 'credential_standing',
    text: `select c.suspended_at is not null as suspended
           from credential d join channel c on c.id = d.channel_id where d.id = $1 and ${validNow}`,
    values: [id],
  })
  if (rows[0] === undefined) return 'ended'
  return rows[0].suspended ? 'suspended' : 'good'
}

/** Notes when a credential was last used, at most once a minute. */
export async function touchCredential(db: Queryable, id: CredentialId): Promise<void> {
  await db.query({
    name: 'touch_credential',
    text: `update credential set last_used_at = now()
           where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
    values: [id],
  })
}

/** Every credential that is not revoked, also those of later and earlier days. */
export async function readCredentials(db: Queryable): Promise<CredentialRow[]> {
  const { rows } = await db.query<CredentialRow>(
    `select id, partner_id as "partnerId", channel_id as "channelId", kind, name, username, verifier,
            lower(valid) as "from", upper(valid) as "until", revoked_at is not null as revoked
     from credential where revoked_at is null order by id`,
  )
  return rows
}

export async function insertCredential(
  client: Queryable,
  row: Omit<CredentialRow, 'revoked'>,
): Promise<void> {
  await client.query(
    `insert into credential (id, partner_id, channel_id, kind, name, username, verifier, valid)
     values ($1, $2, $3, $4, $5, $6, $7, tstzrange($8, $9))`,
    [
      row.id,
      row.partnerId,
      row.channelId,
      row.kind,
      row.name,
      row.username,
      row.verifier,
      row.from,
      row.until,
    ],
  )
}

/** Gives a credential other dates. */
export async function dateCredential(
  client: Client,
  row: Pick<CredentialRow, 'id' | 'from' | 'until'>,
): Promise<void> {
  await client.query('update credential set valid = tstzrange($2, $3) where id = $1', [
    row.id,
    row.from,
    row.until,
  ])
}

/** Revokes for good; returns whose it was, or null where there is none that is still good. */
export async function revokeCredential(
  client: Client,
  id: CredentialId,
): Promise<{ partnerId: PartnerId; kind: CredentialKind; channel: string } | null> {
  const { rows } = await client.query<{ partnerId: PartnerId; kind: CredentialKind; channel: string }>(
    `update credential d set revoked_at = now() from channel c
     where d.id = $1 and d.revoked_at is null and c.id = d.channel_id
     returning d.partner_id as "partnerId", d.kind, c.key as channel`,
    [id],
  )
  return rows[0] ?? null
}

function valid({
  credentialId,
  verifier,
  ...channel
}: Channel & { credentialId: CredentialId; verifier: Buffer }): ValidCredential {
  return { credentialId, verifier, channel }
}
