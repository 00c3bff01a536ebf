import { namesThere } from '#hub/base/nearest.ts'
import { HubError } from '#hub/model/errors.ts'
import { newId, type OffboardingId, type PartnerId, type PersonId } from '#hub/model/ids.ts'
import type { Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { readConfiguration } from '../store/configuration.ts'
import { readCredentials } from '../store/credential.ts'
import {
  cancelOffboarding,
  dueOffboardings,
  endPartner,
  insertOffboarding,
  openOffboarding,
  underWay,
  type Ended,
  type OffboardingRow,
  type UnderWay,
} from '../store/offboarding.ts'
import { raiseConfigurationVersion } from '../store/version.ts'

export type { UnderWay } from '../store/offboarding.ts'

/** What leaving means for a partner: what ends at the date, and what is under way now. */
export interface Leaving {
  partner: string
  /** When it leaves, where that is planned. */
  at: Date | null
  channels: string[]
  /** How many log-ins will be revoked. */
  credentials: number
  profiles: number
  agreements: string[]
  underWay: UnderWay[]
}

/** What would end with a partner, and what is under way. Changes nothing. Throws HubError `nameUnknown`. */
export async function leavingOf(store: Store, key: string): Promise<Leaving> {
  const configuration = await readConfiguration(store)
  const id = partnerNamed(configuration.partners, key)
  const live = ({ state }: { state: string }) => state !== 'retired'
  const credentials = await readCredentials(store.worker)
  return {
    partner: key,
    at: (await openOffboarding(store.worker, id))?.at ?? null,
    channels: configuration.channels
      .filter((row) => row.partnerId === id && !row.suspended)
      .map((row) => row.key),
    credentials: credentials.filter((row) => row.partnerId === id).length,
    profiles: configuration.profiles.filter((row) => row.partnerId === id && live(row)).length,
    agreements: [
      ...new Set(
        configuration.agreements
          .filter((row) => (row.senderPartner === id || row.receiverPartner === id) && live(row))
          .map((row) => row.key),
      ),
    ],
    underWay: await underWay(store.worker, id),
  }
}

/**
 * Plans that a partner leaves at a date; a date that has come is carried out at once. Until then nothing changes, and it can be taken back. Throws
 * HubError `nameUnknown`, and `offboardingOpen` where it leaves already.
 */
export async function offboard(
  store: Store,
  asked: { partner: string; at: Date; by: PersonId; reason: string },
): Promise<{ leaving: Leaving; ended: Ended | null }> {
  const { partner, at, by, reason } = asked
  const leaving = await leavingOf(store, partner)
  const { partners } = await readConfiguration(store)
  const partnerId = partnerNamed(partners, partner)
  const id = newId<OffboardingId>()
  await inTransaction(store.worker, 'plan-offboarding', async (client) => {
    if (!(await insertOffboarding(client, { id, partnerId, at, reason, plannedBy: by })))
      throw new HubError('offboardingOpen')
    await appendEntries(client, [
      { type: 'partner.leaving', partnerId, actor: `person:${by}`, body: { at: at.toISOString() } },
    ])
  })
  const ended = await endDuePartners(store)
  return { leaving: { ...leaving, at }, ended: ended.get(partner) ?? null }
}

/** Takes back that a partner leaves, before its date. Throws HubError `nameUnknown`, `offboardingNone`. */
export async function stay(store: Store, asked: { partner: string; by: PersonId }): Promise<Date> {
  const { partners } = await readConfiguration(store)
  const partnerId = partnerNamed(partners, asked.partner)
  return inTransaction(store.worker, 'cancel-offboarding', async (client) => {
    const at = await cancelOffboarding(client, partnerId, asked.by)
    if (at === null) throw new HubError('offboardingNone')
    await appendEntries(client, [
      {
        type: 'partner.staying',
        partnerId,
        actor: `person:${asked.by}`,
        body: { at: at.toISOString() },
      },
    ])
    return at
  })
}

/** Carries out what has come: each partner in a transaction of its own. Returns what ended, by the partner's key. */
export async function endDuePartners(store: Store): Promise<Map<string, Ended>> {
  const ended = new Map<string, Ended>()
  for (const row of await dueOffboardings(store.worker)) {
    const done = await end(store, row)
    if (done !== null) ended.set(row.partner, done)
  }
  return ended
}

function end(store: Store, row: OffboardingRow): Promise<Ended | null> {
  return inTransaction(store.worker, 'end-partner', async (client) => {
    const ended = await endPartner(client, row)
    if (ended === null) return null
    const { channels, credentials, profiles, agreements } = ended
    await appendEntries(client, [
      {
        type: 'partner.left',
        partnerId: row.partnerId,
        actor: `person:${row.plannedBy}`,
        body: { channels, credentials, profiles, agreements },
      },
    ])
    await raiseConfigurationVersion(client)
    return ended
  })
}

function partnerNamed(partners: readonly { id: PartnerId; key: string }[], key: string): PartnerId {
  const found = partners.find((row) => row.key === key)
  if (found !== undefined) return found.id
  const keys = partners.map((row) => row.key)
  throw new HubError('nameUnknown', `there is no partner \`${key}\`${namesThere(key, keys)}`)
}
