import { afterAll, beforeAll, expect, test } from 'vitest'
import { addPerson } from '#portal/people/add-person.ts'
import { addPersonToken } from '#portal/people/token.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { testPortal, type TestPortal } from '#tests/support/portal.ts'
import { seedPortal } from '#tests/support/seed-portal.ts'

let database: TestDatabase
let portal: TestPortal
const tokens: Record<string, string> = {}

beforeAll(async () => {
  database = await testDatabase()
  portal = await testPortal(database, await seedPortal(database))
  for (const [name, role, partnerKey] of [
    ['nadia', 'operator', undefined],
    ['oskar', 'operator', undefined],
    ['otto', 'auditor', undefined],
    ['paula', 'partner_admin', 'lambert'],
  ] as const) {
    const email = `${name}@configuration.example`
    const person = { email, name, role, password: 'correct horse battery' }
    await addPerson(database.store, partnerKey === undefined ? person : { ...person, partnerKey })
    tokens[name] = await addPersonToken(database.store, { email, name: 'test', days: 30, actor: 'cli' })
  }
})
afterAll(async () => {
  await portal.close()
  await database.drop()
})

const as = (name: string) => ({ authorization: `Bearer ${tokens[name]}` })

async function put(path: string, body: unknown, headers: Record<string, string>) {
  const answer = await fetch(new URL(path, portal.url), {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...as('nadia'), ...headers },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

async function get(path: string, who = 'nadia') {
  const answer = await portal.get(path, as(who))
  return {
    status: answer.status,
    etag: answer.headers.get('etag'),
    body: (await answer.json()) as Record<string, unknown>,
  }
}

const fresh = (name: string) => ({
  partner: {
    key: 'fresh',
    name,
    identities: [{ scheme: 'gln', value: '4012345000009', env: 'test' }],
    channels: [{ key: 'box', kind: 'mailbox', env: 'test' }],
    profiles: [
      {
        direction: 'sends',
        env: 'test',
        type: 'order',
        format: 'json',
        mapping: 'order/json',
        channel: 'box',
      },
      {
        direction: 'receives',
        env: 'test',
        type: 'order',
        format: 'json',
        mapping: 'order/json',
        channel: 'box',
      },
    ],
  },
})

test('a partner is planned, put, read and changed, each time against the version that was read', async () => {
  expect((await put('/v1/partners/fresh', fresh('Fresh'), {})).body).toMatchObject({
    code: 'CD-8066',
    status: 428,
  })
  const planned = await put('/v1/partners/fresh?plan=true', fresh('Fresh'), { 'if-none-match': '*' })
  expect(planned.body['changes']).toContainEqual(expect.objectContaining({ kind: 'partner', action: 'add' }))
  expect((await get('/v1/partners/fresh')).status).toBe(404)

  const made = await put('/v1/partners/fresh', fresh('Fresh'), { 'if-none-match': '*' })
  expect(made).toMatchObject({ status: 200, body: { proposal: null } })
  const read = await get('/v1/partners/fresh')
  expect(read.body).toMatchObject({ partner: { key: 'fresh', name: 'Fresh' }, etag: read.etag })
  expect((await get('/v1/partners')).body['partners']).toContainEqual(
    expect.objectContaining({ key: 'fresh' }),
  )

  const again = await put('/v1/partners/fresh', fresh('Again'), { 'if-none-match': '*' })
  expect(again.body).toMatchObject({ code: 'CD-8065', status: 412 })
  const stale = await put('/v1/partners/fresh', fresh('Again'), { 'if-match': '"of another time"' })
  expect(stale.body).toMatchObject({ code: 'CD-8065' })
  const changed = await put('/v1/partners/fresh', fresh('Again'), { 'if-match': read.etag! })
  expect(changed.body['changes']).toContainEqual(
    expect.objectContaining({ kind: 'partner', action: 'change', fields: ['name'] }),
  )
  const late = await put('/v1/partners/fresh', fresh('Late'), { 'if-match': read.etag! })
  expect(late.body).toMatchObject({ code: 'CD-8065' })
})

test('a mistake is told with its field and what it may hold, and nothing is applied', async () => {
  const { etag } = await get('/v1/partners/fresh')
  const wrong = fresh('Wrong')
  wrong.partner.identities[0]!.value = '4012345000001'
  const refused = await put('/v1/partners/fresh', wrong, { 'if-match': etag! })
  expect(refused.body).toMatchObject({ code: 'CD-9006' })
  expect(JSON.stringify(refused.body)).toContain(
    'partner.identities[0].value: the check digit of this GLN is wrong',
  )
  expect((await get('/v1/partners/fresh')).etag).toBe(etag)
  const named = await put('/v1/partners/other', fresh('Other'), { 'if-none-match': '*' })
  expect(named.body).toMatchObject({ status: 400 })
})

test('a document over the network reads no file of the hub’s machine', async () => {
  const { etag } = await get('/v1/partners/fresh')
  const login = { kind: 'password', username: 'fresh', file: '/etc/hostname' }
  const body = {
    partner: {
      ...fresh('Again').partner,
      channels: [{ key: 'box', kind: 'mailbox', env: 'test', logins: [login] }],
    },
  }
  const refused = await put('/v1/partners/fresh', body, { 'if-match': etag! })
  expect(refused.status).toBe(400)
  expect(JSON.stringify(refused.body)).toContain('by `value` or `keep`')
})

test('profiles and agreements are listed with their versions, and an agreement is put', async () => {
  const agreement = (linesMax: number) => ({
    agreement: {
      key: 'fresh-own',
      sender: { partner: 'fresh', env: 'test', type: 'order' },
      receiver: { partner: 'fresh' },
      terms: { rails: { linesMax } },
    },
  })
  await put('/v1/agreements/fresh-own', agreement(5), { 'if-none-match': '*' })
  const first = await get('/v1/agreements/fresh-own')
  await put('/v1/agreements/fresh-own', agreement(6), { 'if-match': first.etag! })
  const { body } = await get('/v1/agreements/fresh-own/versions')
  expect(body['versions']).toMatchObject([
    { version: 1, state: 'retired', content: { terms: { rails: { linesMax: 5 } } } },
    { version: 2, state: 'live', content: { terms: { rails: { linesMax: 6 } } } },
  ])
  const profile = await get('/v1/profiles/fresh/sends/order/json/test')
  expect(profile.body).toMatchObject({ versions: [{ version: 1, state: 'live' }] })
  const profiles = await get('/v1/profiles')
  expect(profiles.body['profiles']).toContainEqual(
    expect.objectContaining({ key: 'fresh/sends/order/json/test' }),
  )
  expect((await get('/v1/agreements')).body['agreements']).toContainEqual(
    expect.objectContaining({ key: 'fresh-own', versions: 2 }),
  )
  expect((await get('/v1/partners/fresh/uses')).body).toMatchObject({ agreements: ['fresh-own'] })
  expect((await get('/v1/agreements/nothing')).status).toBe(404)
})

test('auditors read and do not write; to partners these addresses do not exist', async () => {
  expect((await get('/v1/partners', 'otto')).status).toBe(200)
  const { etag } = await get('/v1/partners/fresh')
  expect((await put('/v1/partners/fresh', fresh('No'), { ...as('otto'), 'if-match': etag! })).status).toBe(
    404,
  )
  expect((await get('/v1/partners', 'paula')).status).toBe(404)
  expect((await get('/v1/agreements', 'paula')).status).toBe(404)
})
