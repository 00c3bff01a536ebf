import { randomBytes } from 'node:crypto'
import { localKeyProvider } from '#hub/keys/provider.ts'
import { createSealer } from '#hub/keys/sealing.ts'
import { hashPassword } from '#hub/keys/password.ts'
import {
  newId,
  type AgreementId,
  type ChannelId,
  type PartnerId,
  type PersonId,
  type ProfileId,
} from '#hub/model/ids.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { Client } from '#hub/store/connect.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { insertPerson } from '#portal/store/person.ts'
import type { TestDatabase } from './database.ts'

/**
 * Rows as the pipeline would have left them, for tests of what reads them: three invented partners (Lambert sends,
 * Brouwer receives, Kestrel is a stranger to both), a person of each and an operator.
 */
export interface Seed {
  sealer: Sealer
  partners: Record<'lambert' | 'brouwer' | 'kestrel', SeedPartner>
  people: Record<'operator' | 'lambert' | 'brouwer' | 'kestrel', { id: PersonId; email: string }>
  /** The one password of all people. */
  password: string
}

export interface SeedPartner {
  id: PartnerId
  name: string
  channelId: ChannelId
  channelKind: string
}

/** Inserts the partners and people. */
export async function seed(database: TestDatabase): Promise<Seed> {
  const sealer = createSealer(localKeyProvider(randomBytes(32)))
  const password = 'correct horse battery'
  const hash = await hashPassword(password)
  return inTransaction(database.store.worker, 'seed', async (client) => {
    const lambert = await partner(client, {
      key: 'lambert',
      name: 'Brasserie Lambert',
      kind: 'mailbox',
      language: 'fr',
    })
    const brouwer = await partner(client, {
      key: 'brouwer',
      name: 'Brouwer & Zonen',
      kind: 'https',
      language: 'en',
    })
    const kestrel = await partner(client, {
      key: 'kestrel',
      name: 'Kestrel Foods',
      kind: 'sftp',
      language: 'en',
    })
    await agreement(client, lambert.id, brouwer.id)
    const person = async (name: string, partnerId: PartnerId | null) => {
      const id = newId<PersonId>()
      const email = `${name.toLowerCase()}@portal.example`
      const role = partnerId === null ? ('operator' as const) : ('partner_user' as const)
      await insertPerson(client, { id, partnerId, email, name, role, language: 'en', passwordHash: hash })
      return { id, email }
    }
    return {
      sealer,
      password,
      partners: { lambert, brouwer, kestrel },
      people: {
        operator: await person('Operator', null),
        lambert: await person('Lambert', lambert.id),
        brouwer: await person('Brouwer', brouwer.id),
        kestrel: await person('Kestrel', kestrel.id),
      },
    }
  })
}

async function partner(
  client: Client,
  { key, name, kind, language }: { key: string; name: string; kind: string; language: string },
): Promise<SeedPartner> {
  const id = newId<PartnerId>()
  const channelId = newId<ChannelId>()
  await client.query(`insert into partner (id, key, name, language) values ($1, $2, $3, $4)`, [
    id,
    key,
    name,
    language,
  ])
  await client.query(
    `insert into channel (id, partner_id, key, kind, env) values ($1, $2, 'main', $3, 'live')`,
    [channelId, id, kind],
  )
  return { id, name, channelId, channelKind: kind }
}

async function agreement(client: Client, sender: PartnerId, receiver: PartnerId): Promise<void> {
  const profile = async (partnerId: PartnerId, direction: string) => {
    const id = newId<ProfileId>()
    await client.query(
      `insert into profile (id, partner_id, direction, env, type, terms) values ($1, $2, $3, 'live', 'order', '{"format":"xml","mapping":"order/ubl-2.1","channel":"main"}')`,
      [id, partnerId, direction],
    )
    return id
  }
  const sends = await profile(sender, 'sends')
  const receives = await profile(receiver, 'receives')
  await client.query(
    `insert into agreement (id, key, sender_profile, receiver_profile, sender_partner, receiver_partner) values ($1, 'orders', $2, $3, $4, $5)`,
    [newId<AgreementId>(), sends, receives, sender, receiver],
  )
}
