import type { CredentialId, PersonId } from '#hub/model/ids.ts'
import type { Client, Queryable } from '#hub/store/connect.ts'
import type { Person } from './person.ts'

export interface NewPersonToken {
  id: CredentialId
  personId: PersonId
  name: string
  /** SHA-256 of the token, 32 bytes. */
  sha256: Buffer
  days: number
}

/** Inserts a token that is good from now on for `days` days. */
export async function insertPersonToken(client: Client, token: NewPersonToken): Promise<void> {
  await client.query(
    `insert into person_token (id, person_id, name, sha256, expires_at)
     values ($1, $2, $3, $4, clock_timestamp() + make_interval(days => $5))`,
    [token.id, token.personId, token.name, token.sha256, token.days],
  )
}

/** Who acts with the token of this hash: nobody where it has ended or was revoked, or the person is disabled. */
export async function findPersonByToken(
  worker: Queryable,
  sha256: Buffer,
): Promise<Pick<Person, 'id' | 'partnerId' | 'role'> | null> {
  const { rows } = await worker.query<Pick<Person, 'id' | 'partnerId' | 'role'>>({
    name: 'person_by_token',
    text: `select p.id, p.partner_id as "partnerId", p.role
           from person_token t join person p on p.id = t.person_id
           where t.sha256 = $1 and t.revoked_at is null and t.expires_at > clock_timestamp()
             and p.disabled_at is null`,
    values: [sha256],
  })
  return rows[0] ?? null
}
