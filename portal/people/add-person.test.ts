import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, type PartnerId } from '#hub/model/ids.ts'
import { asPartner } from '#hub/store/transaction.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { findPerson, findPersonByEmail, setLanguage } from '../store/person.ts'
import { addPerson, type NewPerson } from './add-person.ts'
import { verifyPassword } from './password.ts'

let database: TestDatabase
const partnerId = newId<PartnerId>()
const ana: NewPerson = {
  email: ' Ana@Example.com ',
  name: 'Ana',
  role: 'partner_admin',
  partnerKey: 'mine',
  password: 'canary password of Ana',
}

beforeAll(async () => {
  database = await testDatabase()
  await database.store.worker.query(
    `insert into partner (id, key, name, language) values ($1, 'mine', 'Mine', 'fr')`,
    [partnerId],
  )
})
afterAll(async () => {
  await database.drop()
})

test('a person is added with the language of the partner, found by address, and the entry holds no personal data', async () => {
  const id = await addPerson(database.store, ana)
  const person = await asPartner(database.store.portal, '*', (client) =>
    findPersonByEmail(client, 'ana@example.com'),
  )
  expect(person).toMatchObject({ id, partnerId, role: 'partner_admin', language: 'fr', disabledAt: null })
  expect(await verifyPassword(person!.passwordHash, ana.password)).toBe(true)
  const { rows } = await database.admin.query(
    `select convert_from(body, 'UTF8') body, actor, partner_id from entry where type = 'person.added'`,
  )
  expect(rows).toEqual([
    { body: JSON.stringify({ person: id, role: 'partner_admin' }), actor: 'cli', partner_id: partnerId },
  ])
  await setLanguage(database.store.worker, id, 'en')
  const seen = await asPartner(database.store.portal, partnerId, (client) => findPerson(client, id))
  expect(seen?.language).toBe('en')
})

test('P5 people of another partner are not seen', async () => {
  const id = await addPerson(database.store, {
    email: 'olga@example.com',
    name: 'Olga',
    role: 'operator',
    password: 'a long password indeed',
  })
  expect(await asPartner(database.store.portal, partnerId, (client) => findPerson(client, id))).toBeNull()
  expect(await asPartner(database.store.portal, '*', (client) => findPerson(client, id))).not.toBeNull()
})

test('what cannot be is refused with a sentence', async () => {
  const refused: [Partial<NewPerson>, string][] = [
    [{ email: 'ANA@example.com' }, 'somebody has the e-mail address ana@example.com already'],
    [{ email: 'ana' }, 'is no e-mail address'],
    [{ email: 'ana@example.com\nBcc: x@example.com' }, 'is no e-mail address'],
    [{ email: 'b@example.com', name: 'B\r\nSubject: x' }, 'none of them a control character'],
    [{ email: 'b@example.com', role: 'operator' }, 'belongs to no partner'],
    [{ email: 'b@example.com', partnerKey: 'nobody' }, 'there is no partner `nobody`'],
    [{ email: 'b@example.com', password: 'short' }, 'a password has 12 to'],
    [{ email: 'b@example.com', role: 'king' as 'operator' }, 'a role is one of'],
  ]
  for (const [changes, message] of refused)
    await expect(addPerson(database.store, { ...ana, ...changes })).rejects.toThrow(message)
  const { partnerKey: _, ...hubs } = ana
  await expect(addPerson(database.store, { ...hubs, email: 'b@example.com' })).rejects.toThrow(
    'needs a partner',
  )
})
