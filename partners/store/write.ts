import type { Client } from '#hub/store/connect.ts'
import type { IdentityId, ChannelId, ProfileId, AgreementId } from '#hub/model/ids.ts'
import type {
  AgreementRow,
  ChannelRow,
  IdentityRow,
  LifeCycle,
  PartnerRow,
  ProfileRow,
} from './configuration.ts'

/** Writes a partner, new or with other data; its key never changes. */
export async function writePartner(client: Client, row: PartnerRow): Promise<void> {
  await client.query(
    `insert into partner (id, key, name, ours, language, time_zone, contacts) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (id) do update set name = excluded.name, ours = excluded.ours, language = excluded.language,
       time_zone = excluded.time_zone, contacts = excluded.contacts`,
    [row.id, row.key, row.name, row.ours, row.language, row.timeZone, JSON.stringify(row.contacts)],
  )
}

/** Writes an identity, new or with other dates. */
export async function writeIdentity(client: Client, row: IdentityRow): Promise<void> {
  await client.query(
    `insert into identity (id, partner_id, scheme, value, internal, internal_sub, env, valid)
     values ($1, $2, $3, $4, $5, $6, $7, tstzrange($8, $9))
     on conflict (id) do update set valid = excluded.valid`,
    [
      row.id,
      row.partnerId,
      row.scheme,
      row.value,
      row.internal,
      row.internalSub,
      row.env,
      row.from,
      row.until,
    ],
  )
}

/** Writes a channel, new or changed; whether it is suspended stays as it is. */
export async function writeChannel(client: Client, row: Omit<ChannelRow, 'suspended'>): Promise<void> {
  await client.query(
    `insert into channel (id, partner_id, key, kind, env, peer_dedupes, settings) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (id) do update set kind = excluded.kind, env = excluded.env, peer_dedupes = excluded.peer_dedupes,
       settings = excluded.settings`,
    [row.id, row.partnerId, row.key, row.kind, row.env, row.peerDedupes, JSON.stringify(row.settings)],
  )
}

/** Says which identities may speak on a channel: these and no others. */
export async function writeSpeakers(
  client: Client,
  channel: ChannelId,
  identities: readonly IdentityId[],
): Promise<void> {
  await client.query(
    `delete from channel_identity where channel_id = $1 and identity_id <> all ($2::uuid[])`,
    [channel, identities],
  )
  await client.query(
    `insert into channel_identity (channel_id, identity_id) select $1, unnest($2::uuid[]) on conflict do nothing`,
    [channel, identities],
  )
}

/** Inserts a version of a profile; a version is never written again. */
export async function insertProfile(client: Client, row: ProfileRow): Promise<void> {
  await client.query(
    `insert into profile (id, partner_id, direction, env, type, guide, version, state, terms)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      row.id,
      row.partnerId,
      row.direction,
      row.env,
      row.type,
      row.guide,
      row.version,
      row.state,
      JSON.stringify(row.terms),
    ],
  )
}

export async function setProfileState(
  client: Client,
  ids: readonly ProfileId[],
  state: LifeCycle,
): Promise<void> {
  await client.query('update profile set state = $2 where id = any ($1::uuid[])', [ids, state])
}

/** Inserts a version of an agreement; a version is never written again. */
export async function insertAgreement(client: Client, row: AgreementRow): Promise<void> {
  await client.query(
    `insert into agreement (id, key, version, sender_profile, receiver_profile, sender_partner, receiver_partner,
       state, valid, terms)
     values ($1, $2, $3, $4, $5, $6, $7, $8, tstzrange($9, $10), $11)`,
    [
      row.id,
      row.key,
      row.version,
      row.senderProfile,
      row.receiverProfile,
      row.senderPartner,
      row.receiverPartner,
      row.state,
      row.from,
      row.until,
      JSON.stringify(row.terms),
    ],
  )
}

export async function setAgreementState(
  client: Client,
  ids: readonly AgreementId[],
  state: LifeCycle,
): Promise<void> {
  await client.query('update agreement set state = $2 where id = any ($1::uuid[])', [ids, state])
}
