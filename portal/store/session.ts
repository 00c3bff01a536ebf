import type { PersonId, PartnerId } from '#hub/model/ids.ts'
import type { Queryable } from '#hub/store/connect.ts'
import type { Language } from '../words.ts'
import type { Role } from './person.ts'

/** Who is signed in, as far as pages need it. */
export interface SignedIn {
  personId: PersonId
  /** Null for people of the hub. */
  partnerId: PartnerId | null
  partnerName: string | null
  name: string
  role: Role
  language: Language
  /** The zone of the person's partner; for people of the hub that of its own partner. */
  zone: string
}

/** Keeps a session; only the hash of its token is stored. `hours` is its absolute end. Portal role, seeing all. */
export async function insertSession(
  client: Queryable,
  session: { tokenSha256: Buffer; personId: PersonId; hours: number },
): Promise<void> {
  await client.query(
    `insert into session (token_sha256, person_id, expires_at) values ($1, $2, now() + make_interval(hours => $3))`,
    [session.tokenSha256, session.personId, session.hours],
  )
}

/** Ends a session. */
export async function deleteSession(client: Queryable, tokenSha256: Buffer): Promise<void> {
  await client.query('delete from session where token_sha256 = $1', [tokenSha256])
}

/** Ends the sessions whose time is over. */
export async function deleteEndedSessions(client: Queryable, idleMinutes: number): Promise<void> {
  await client.query(
    `delete from session where expires_at <= now() or last_seen_at <= now() - make_interval(mins => $1)`,
    [idleMinutes],
  )
}

/**
 * The person of a session that is neither idle for longer than `idleMinutes` nor past its end, and notes that it was seen (at most
 * once a minute). Null if there is none.
 */
export async function touchSession(
  client: Queryable,
  tokenSha256: Buffer,
  idleMinutes: number,
): Promise<SignedIn | null> {
  const { rows } = await client.query<SignedIn & { seenLongAgo: boolean }>(
    `select p.id "personId", p.partner_id "partnerId", o.name "partnerName", p.name, p.role, p.language,
            coalesce(o.time_zone, (select time_zone from partner where ours order by key limit 1), 'Europe/Paris') zone,
            s.last_seen_at < now() - interval '1 minute' "seenLongAgo"
     from session s join person p on p.id = s.person_id left join partner o on o.id = p.partner_id
     where s.token_sha256 = $1 and s.expires_at > now()
       and s.last_seen_at > now() - make_interval(mins => $2) and p.disabled_at is null`,
    [tokenSha256, idleMinutes],
  )
  const row = rows[0]
  if (row === undefined) return null
  if (row.seenLongAgo) {
    await client.query('update session set last_seen_at = now() where token_sha256 = $1', [tokenSha256])
  }
  const { seenLongAgo: _, ...person } = row
  return person
}
