import { afterAll, beforeAll, expect, test } from 'vitest'
import { addPerson } from '#portal/people/add-person.ts'
import { addPersonToken } from '#portal/people/token.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { testPortal, type TestPortal } from '#tests/support/portal.ts'
import { seedPortal, type PortalSeed } from '#tests/support/seed-portal.ts'

let database: TestDatabase
let portal: TestPortal
let seed: PortalSeed
const tokens: Record<string, string> = {}

beforeAll(async () => {
  database = await testDatabase()
  seed = await seedPortal(database)
  portal = await testPortal(database, seed)
  for (const [name, role, partnerKey] of [
    ['nadia', 'operator', undefined],
    ['otto', 'auditor', undefined],
    ['paula', 'partner_admin', 'lambert'],
  ] as const) {
    const email = `${name}@tokens.example`
    const person = { email, name, role, password: 'correct horse battery' }
    await addPerson(database.store, partnerKey === undefined ? person : { ...person, partnerKey })
    const asked = { email, name: 'test', days: 30, actor: 'cli' }
    tokens[name] = await addPersonToken(database.store, asked)
  }
})
afterAll(async () => {
  await portal.close()
  await database.drop()
})

const as = (name: string) => ({ authorization: `Bearer ${tokens[name] ?? name}` })

test('a token of a person says whose it is, to operators and auditors', async () => {
  const operator = await portal.get('/v1/me', as('nadia'))
  expect(await operator.json()).toMatchObject({ role: 'operator', partnerId: null })
  expect(await (await portal.get('/v1/me', as('otto'))).json()).toMatchObject({ role: 'auditor' })
})

test("to a partner's channel and people the addresses of operators do not exist", async () => {
  expect((await portal.get('/v1/me', as('paula'))).status).toBe(404)
  expect((await portal.get('/v1/me', as('lambert'))).status).toBe(401)
  expect((await portal.get('/v1/me')).status).toBe(401)
})

test('a person reads documents with a token as on the pages: the hub all of them, a partner its own', async () => {
  const count = async (name: string) => {
    const answer = await portal.get('/v1/documents?limit=50', as(name))
    return ((await answer.json()) as { documents: unknown[] }).documents.length
  }
  const [all, own, channel] = [await count('nadia'), await count('paula'), await count('lambert')]
  expect(own).toBe(channel)
  expect(all).toBeGreaterThan(own)
})

test('a token that ended, was revoked, or whose person may no longer sign in, opens nothing', async () => {
  const email = 'quitting@tokens.example'
  await addPerson(database.store, { email, name: 'Q', role: 'operator', password: 'correct horse battery' })
  const make = () => addPersonToken(database.store, { email, name: 'test', days: 1, actor: 'cli' })
  const [ended, revoked, left] = [await make(), await make(), await make()]
  const status = async (token: string) => (await portal.get('/v1/me', as(token))).status
  expect([await status(ended), await status(revoked), await status(left)]).toEqual([200, 200, 200])
  const set = (what: string, token: string) =>
    database.store.worker.query(`update person_token set ${what} where sha256 = sha256($1)`, [token])
  await set('expires_at = clock_timestamp()', ended)
  await set('revoked_at = clock_timestamp()', revoked)
  expect([await status(ended), await status(revoked), await status(left)]).toEqual([401, 401, 200])
  await database.store.worker.query('update person set disabled_at = now() where email = $1', [email])
  expect(await status(left)).toBe(401)
})

test('days out of range and unknown addresses are said', async () => {
  const asked = { email: 'nadia@tokens.example', name: 'test', days: 400, actor: 'cli' }
  await expect(addPersonToken(database.store, asked)).rejects.toThrow('1 to 365 days')
  const nobody = { ...asked, days: 3, email: 'nobody@tokens.example' }
  await expect(addPersonToken(database.store, nobody)).rejects.toThrow('nobody has the e-mail address')
})
