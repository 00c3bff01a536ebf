import { namesThere } from '#hub/base/nearest.ts'
import { HubError } from '#hub/model/errors.ts'
import { newId, type PersonId } from '#hub/model/ids.ts'
import type { Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { partnerKeys } from '#partners/store/channel.ts'
import { insertPerson, partnerIdByKey, roles, type Role } from '../store/person.ts'
import { hashPassword } from './password.ts'

export interface NewPerson {
  email: string
  name: string
  role: Role
  /** Of the partner's own people; without it they are of the hub. */
  partnerKey?: string
  password: string
  /** By default that of the partner, or English. */
  language?: 'en' | 'fr'
  actor?: string
}

const passwordLength = { min: 12, max: 1_000 } as const

/**
 * Adds a person who may sign in. Throws HubError `personInvalid` with a sentence that says what is wrong: address, role, partner,
 * password or an address that is taken.
 */
export async function addPerson(store: Store, person: NewPerson): Promise<PersonId> {
  const email = person.email.trim().toLowerCase()
  const fault = faultOf(person, email)
  if (fault !== null) throw new HubError('personInvalid', fault)
  const partner =
    person.partnerKey === undefined ? null : await partnerIdByKey(store.worker, person.partnerKey)
  if (person.partnerKey !== undefined && partner === null)
    throw new HubError(
      'nameUnknown',
      `there is no partner \`${person.partnerKey}\`${namesThere(person.partnerKey, await partnerKeys(store.worker))}`,
    )
  const id = newId<PersonId>()
  const passwordHash = await hashPassword(person.password)
  await inTransaction(store.worker, 'add-person', async (client) => {
    const added = await insertPerson(client, {
      id,
      partnerId: partner?.id ?? null,
      email,
      name: person.name,
      role: person.role,
      language: person.language ?? partner?.language ?? 'en',
      passwordHash,
    })
    if (!added) throw new HubError('personInvalid', `somebody has the e-mail address ${email} already`)
    await appendEntries(client, [
      {
        type: 'person.added',
        partnerId: partner?.id ?? null,
        actor: person.actor ?? 'cli',
        body: { person: id, role: person.role },
      },
    ])
  })
  return id
}

function faultOf(person: NewPerson, email: string): string | null {
  if (!/^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]{1,189}$/u.test(email)) return `${email} is no e-mail address`
  if (!roles.includes(person.role)) return `a role is one of ${roles.join(', ')}`
  if (person.name.length === 0 || person.name.length > 200 || /\p{Cc}/u.test(person.name))
    return 'a name has 1 to 200 characters, none of them a control character'
  const ofTheHub = person.role === 'operator' || person.role === 'auditor'
  if (ofTheHub && person.partnerKey !== undefined) return `the role ${person.role} belongs to no partner`
  if (!ofTheHub && person.partnerKey === undefined) return `the role ${person.role} needs a partner`
  const { min, max } = passwordLength
  return person.password.length < min || person.password.length > max
    ? `a password has ${min} to ${max} characters`
    : null
}
