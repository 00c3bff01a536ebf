import type { PartnerId, PersonId } from '#hub/model/ids.ts'
import type { Queryable } from '#hub/store/connect.ts'

export const roles = ['operator', 'auditor', 'partner_admin', 'partner_user'] as const
export type Role = (typeof roles)[number]

export interface Person {
  id: PersonId
  /** Null for people of the hub itself. */
  partnerId: PartnerId | null
  email: string
  name: string
  role: Role
  language: 'en' | 'fr'
  passwordHash: string
  disabledAt: Date | null
}

const columns = `id, partner_id as "partnerId", email, name, role, language, password_hash as "passwordHash",
  disabled_at as "disabledAt"`

/** Inserts a person (as the worker role); false where the e-mail address, in small letters, is taken. */
export async function insertPerson(client: Queryable, person: Omit<Person, 'disabledAt'>): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into person (id, partner_id, email, name, role, language, password_hash)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (email) do nothing`,
    [
      person.id,
      person.partnerId,
      person.email,
      person.name,
      person.role,
      person.language,
      person.passwordHash,
    ],
  )
  return rowCount === 1
}

/** The person with this e-mail address in small letters, or null; through `asPartner('*')` before anybody is known. */
export async function findPersonByEmail(client: Queryable, email: string): Promise<Person | null> {
  const { rows } = await client.query<Person>({
    name: 'person_by_email',
    text: `select ${columns} from person where email = $1`,
    values: [email],
  })
  return rows[0] ?? null
}

export async function findPerson(client: Queryable, id: PersonId): Promise<Person | null> {
  const { rows } = await client.query<Person>({
    name: 'person_by_id',
    text: `select ${columns} from person where id = $1`,
    values: [id],
  })
  return rows[0] ?? null
}

/** Keeps the language a person chose; as the worker role, because the portal's may not write people. */
export async function setLanguage(worker: Queryable, id: PersonId, language: 'en' | 'fr'): Promise<void> {
  await worker.query('update person set language = $2 where id = $1', [id, language])
}

/** The id of the partner with this key, or null. */
export async function partnerIdByKey(
  client: Queryable,
  key: string,
): Promise<{ id: PartnerId; language: 'en' | 'fr' } | null> {
  const { rows } = await client.query<{ id: PartnerId; language: 'en' | 'fr' }>(
    'select id, language from partner where key = $1',
    [key],
  )
  return rows[0] ?? null
}
