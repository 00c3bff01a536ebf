import type { OffboardingId, PartnerId, PersonId } from '#hub/model/ids.ts'
import type { Client, Queryable } from '#hub/store/connect.ts'

/** A partner that leaves. */
export interface OffboardingRow {
  id: OffboardingId
  partnerId: PartnerId
  partner: string
  at: Date
  reason: string
  plannedBy: PersonId
}

const columns = `o.id, o.partner_id as "partnerId", p.key as partner, o.at, o.reason, o.planned_by as "plannedBy"`
const isOpen = 'o.cancelled_at is null and o.done_at is null'

/** The leaving of a partner that is still to come, or null. */
export async function openOffboarding(db: Queryable, partnerId: PartnerId): Promise<OffboardingRow | null> {
  const { rows } = await db.query<OffboardingRow>(
    `select ${columns} from offboarding o join partner p on p.id = o.partner_id where o.partner_id = $1 and ${isOpen}`,
    [partnerId],
  )
  return rows[0] ?? null
}

/** Those whose date has come. */
export async function dueOffboardings(db: Queryable): Promise<OffboardingRow[]> {
  const { rows } = await db.query<OffboardingRow>({
    name: 'due_offboardings',
    text: `select ${columns} from offboarding o join partner p on p.id = o.partner_id where ${isOpen} and o.at <= now() order by o.at limit 100`,
  })
  return rows
}

/** False where this partner leaves already. */
export async function insertOffboarding(
  client: Client,
  row: Omit<OffboardingRow, 'partner'>,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into offboarding (id, partner_id, at, reason, planned_by) values ($1, $2, $3, $4, $5)
     on conflict (partner_id) where cancelled_at is null and done_at is null do nothing`,
    [row.id, row.partnerId, row.at, row.reason, row.plannedBy],
  )
  return rowCount === 1
}

/** Takes back a leaving that is still to come; its date, or null where there is none. */
export async function cancelOffboarding(
  client: Client,
  partnerId: PartnerId,
  by: PersonId,
): Promise<Date | null> {
  const { rows } = await client.query<{ at: Date }>(
    `update offboarding o set cancelled_by = $2, cancelled_at = now() where o.partner_id = $1 and ${isOpen} returning o.at`,
    [partnerId, by],
  )
  return rows[0]?.at ?? null
}

/** What ended with a partner. */
export interface Ended {
  channels: number
  credentials: number
  profiles: number
  agreements: number
}

/**
 * Ends a partner: channels suspended, log-ins revoked, profiles and agreements retired, names on the wire given free. Rows stay, so that history
 * is found by them. Null where somebody else has done it.
 */
export async function endPartner(client: Client, row: OffboardingRow): Promise<Ended | null> {
  const done = await client.query(
    `update offboarding o set done_at = now() where o.id = $1 and ${isOpen} and o.at <= now()`,
    [row.id],
  )
  if (done.rowCount !== 1) return null
  await endIdentities(client, row)
  // their sessions and tokens end with them
  await client.query('update person set disabled_at = now() where partner_id = $1 and disabled_at is null', [
    row.partnerId,
  ])
  const count = async (sql: string): Promise<number> =>
    (await client.query(sql, [row.partnerId])).rowCount ?? 0
  return {
    channels: await count(
      'update channel set suspended_at = now() where partner_id = $1 and suspended_at is null',
    ),
    credentials: await count(
      'update credential set revoked_at = now() where partner_id = $1 and revoked_at is null',
    ),
    profiles: await count(
      `update profile set state = 'retired' where partner_id = $1 and state <> 'retired'`,
    ),
    agreements: await count(
      `update agreement set state = 'retired' where (sender_partner = $1 or receiver_partner = $1) and state <> 'retired'`,
    ),
  }
}

async function endIdentities(client: Client, { partnerId, at }: OffboardingRow): Promise<void> {
  // one that was to begin later ends as it begins: an empty range would hold at all times
  await client.query(
    `update identity set valid = tstzrange(lower(valid), least(upper(valid), greatest($2, lower(valid) + interval '1 microsecond')))
     where partner_id = $1 and (upper(valid) is null or upper(valid) > $2)`,
    [partnerId, at],
  )
}

/** One thing that is under way with a partner, and how much of it there is. */
export interface UnderWay {
  kind:
    | 'held'
    | 'waiting'
    | 'deliveriesHeld'
    | 'deliveriesWaiting'
    | 'deliveriesPending'
    | 'answersOwed'
    | 'answersAwaited'
  count: number
  /** The oldest of them. */
  oldest: string | null
}

/** What is under way with a partner, whichever side it is on; ids are in the order of their time. */
export async function underWay(db: Queryable, partnerId: PartnerId): Promise<UnderWay[]> {
  const { rows } = await db.query<UnderWay>(
    `select 'held' as kind, count(*)::int as count, min(id::text) as oldest from document
       where (sender = $1 or receiver = $1) and processing = 'held'
     union all select 'waiting', count(*)::int, min(id::text) from document
       where (sender = $1 or receiver = $1) and processing = 'waiting'
     union all select case state when 'held' then 'deliveriesHeld' when 'pending' then 'deliveriesPending' else 'deliveriesWaiting' end,
         count(*)::int, min(id::text) from delivery
       where partner_id = $1 and state in ('held', 'waiting', 'sending', 'pending') group by 1
     union all select case way when 'owed' then 'answersOwed' else 'answersAwaited' end, count(*)::int, min(about_id::text) from acknowledgement
       where partner_id = $1 and state = 'waiting' group by 1`,
    [partnerId],
  )
  return rows.filter(({ count }) => count > 0)
}
