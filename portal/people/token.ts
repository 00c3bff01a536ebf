import { createHash, randomBytes } from 'node:crypto'
import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'
import { newId, type CredentialId, type PartnerId, type PersonId } from '#hub/model/ids.ts'
import type { Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { findPersonByEmail, type Person, type Role } from '../store/person.ts'
import { findPersonByToken, insertPersonToken } from '../store/person-token.ts'

/** Somebody who acts through the API. */
export interface ActingPerson {
  id: PersonId
  /** Null for people of the hub itself. */
  partnerId: PartnerId | null
  role: Role
}

const tokenPattern = /^cd_person_[A-Za-z0-9_-]{43}$/

/**
 * Makes a token with which a person calls the API, and returns it, once: only its SHA-256 is kept. It ends after `days` days, at most
 * `limits.personTokenDays`. Throws HubError `nameUnknown` where nobody has this address, `personInvalid` where the person is
 * disabled or the days are out of range.
 */
export async function addPersonToken(
  store: Store,
  asked: { email: string; name: string; days: number; actor: string },
): Promise<string> {
  const { days } = asked
  if (!Number.isInteger(days) || days < 1 || days > limits.personTokenDays)
    throw new HubError('personInvalid', `a token is good for 1 to ${limits.personTokenDays} days`)
  const person = await personNamed(store, asked.email)
  const id = newId<CredentialId>()
  const token = `cd_person_${randomBytes(32).toString('base64url')}`
  await inTransaction(store.worker, 'add-person-token', async (client) => {
    await insertPersonToken(client, {
      id,
      personId: person.id,
      name: asked.name,
      sha256: tokenSha256(token),
      days,
    })
    await appendEntries(client, [
      {
        type: 'credential.added',
        partnerId: person.partnerId,
        actor: asked.actor,
        body: { credential: id, kind: 'person token', channel: '' },
      },
    ])
  })
  return token
}

/** Whose token this is, or null; asked of the database each time, so that a revocation counts at once. */
export async function personByToken(store: Store, token: string): Promise<ActingPerson | null> {
  return tokenPattern.test(token) ? findPersonByToken(store.worker, tokenSha256(token)) : null
}

/** The person with this e-mail address; throws HubError `nameUnknown` where there is none, `personInvalid` for one who is disabled. */
export async function personNamed(store: Store, email: string): Promise<Person> {
  const person = await findPersonByEmail(store.worker, email.trim().toLowerCase())
  if (person === null) throw new HubError('nameUnknown', `nobody has the e-mail address ${email}`)
  if (person.disabledAt !== null) throw new HubError('personInvalid', `${email} may no longer sign in`)
  return person
}

/** The operator of the hub with this address, in whose name a verb acts; throws as `personNamed`, and `personInvalid` for another role. */
export async function operatorNamed(store: Store, email: string): Promise<PersonId> {
  const person = await personNamed(store, email)
  if (person.role !== 'operator')
    throw new HubError(
      'personInvalid',
      `${email} has the role ${person.role}; this is for operators of the hub`,
    )
  return person.id
}

function tokenSha256(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
