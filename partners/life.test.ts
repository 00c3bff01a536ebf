import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSealer } from '#hub/keys/sealing.ts'
import { newId, type DocumentId, type PersonId } from '#hub/model/ids.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { applyConfiguration, type ConfigurationDeps } from './apply.ts'
import { applyOrPropose, approvals, approve, proposals, refuse, setApprovals } from './approvals/index.ts'
import { exportConfiguration } from './export.ts'
import { compareVersions } from './life/compare.ts'
import { rollbackFile } from './life/rollback.ts'
import { thingNamed } from './life/things.ts'
import { whereUsed } from './life/where-used.ts'
import { readSecret } from './secrets.ts'
import { channelByKey } from './store/channel.ts'

let database: TestDatabase
let deps: ConfigurationDeps
let folder: string
const [ada, ben] = [newId<PersonId>(), newId<PersonId>()]

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'crossdock-life-'))
  deps = { store: database.store, sealer: await openSealer({ masterKey: null, dataFolder: folder }), env: {} }
  for (const [id, name] of [
    [ada, 'ada'],
    [ben, 'ben'],
  ])
    await database.admin.query(
      `insert into person (id, email, name, role, password_hash) values ($1, $2 || '@hub.example', $2, 'operator', 'x')`,
      [id, name],
    )
  await apply(shop, mill('order/ubl-2.1'), agreement(''))
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true })
})

const shop = `partner:
  key: shop
  name: Shop
  identities: [{ scheme: gln, value: "4012345000009", env: live }]
  channels: [{ key: box, kind: mailbox, env: live }]
  profiles: [{ direction: sends, env: live, type: order, format: edifact, mapping: order/edifact-d96a, channel: box }]
`
const sending = 'shop/sends/order/edifact/live'

function mill(mapping: string, more = ''): string {
  return `partner:
  key: mill
  name: Mill
  identities: [{ scheme: gln, value: "4098765000010", env: live }]
  channels: [{ key: web, kind: https, env: live, settings: { url: "https://mill.example/in" }${more} }]
  profiles: [{ direction: receives, env: live, type: order, format: xml, mapping: ${mapping}, channel: web }]
`
}
const receiving = 'mill/receives/order/xml/live'

function agreement(terms: string): string {
  return `agreement: { key: shop-mill, sender: { partner: shop, env: live, type: order }, receiver: { partner: mill }${terms} }`
}

const lines = (most: number) => `, terms: { rails: { linesMax: ${most} } }`

function filesOf(...texts: string[]): { path: string; text: string }[] {
  return texts.map((text, index) => ({ path: `${index}.yaml`, text }))
}

async function apply(...texts: string[]): Promise<void> {
  await applyConfiguration(deps, filesOf(...texts), { actor: 'cli' })
}

async function statesOf(key: string): Promise<[number, string][]> {
  const { versions } = await thingNamed(deps, 'agreement', key)
  return versions.map(({ version, state }) => [version, state])
}

async function entries(type: string): Promise<Record<string, unknown>[]> {
  const { rows } = await database.admin.query<{ actor: string; body: string }>(
    `select actor, convert_from(body, 'UTF8') body from entry where type = $1 order by at, id`,
    [type],
  )
  return rows.map(({ actor, body }) => ({ actor, ...(JSON.parse(body) as object) }))
}

test('versions of an agreement are listed, and compared field by field', async () => {
  await apply(agreement(lines(500)))
  await apply(agreement(`${lines(800)}, from: 2026-01-01`))
  expect(await statesOf('shop-mill')).toEqual([
    [1, 'retired'],
    [2, 'retired'],
    [3, 'live'],
  ])
  const thing = await thingNamed(deps, 'agreement', 'shop-mill')
  expect(compareVersions(thing, 2, 3)).toEqual([
    { field: 'terms.rails.linesMax', from: 500, to: 800 },
    { field: 'from', from: undefined, to: '2026-01-01' },
  ])
  expect(compareVersions(thing, 3, 3)).toEqual([])
  expect(() => compareVersions(thing, 3, 9)).toThrow('`shop-mill` has no version 9; there are 1, 2, 3')
  await expect(thingNamed(deps, 'agreement', 'shop-mil')).rejects.toThrow('did you mean `shop-mill`')
})

test('rolling back makes what an older version said live again, as a new version', async () => {
  const file = await rollbackFile(deps, { kind: 'agreement', key: 'shop-mill', version: 2 })
  await applyConfiguration(deps, [file], { actor: 'cli' })
  const thing = await thingNamed(deps, 'agreement', 'shop-mill')
  expect(thing.versions.map(({ version, state }) => `${version} ${state}`)).toEqual([
    '1 retired',
    '2 retired',
    '3 retired',
    '4 live',
  ])
  expect(compareVersions(thing, 2, 4)).toEqual([])
  await expect(rollbackFile(deps, { kind: 'agreement', key: 'shop-mill', version: 4 })).rejects.toThrow(
    'version 4 of `shop-mill` is live',
  )
})

test('rolling back a profile leaves the rest of its partner as it is', async () => {
  await apply(mill('order/ubl-2.2'))
  const before = await exportConfiguration(deps.store, { partner: 'mill' })
  const file = await rollbackFile(deps, { kind: 'profile', key: receiving, version: 1 })
  const { changes } = await applyConfiguration(deps, [file], { actor: 'cli' })
  expect(changes.filter(({ action }) => action !== 'none')).toMatchObject([
    { kind: 'profile', action: 'change', version: 3, fields: ['mapping'] },
  ])
  const [after] = await exportConfiguration(deps.store, { partner: 'mill' })
  expect(after!.text).toBe(before[0]!.text.replace('order/ubl-2.2', 'order/ubl-2.1'))
})

test('what uses a partner, a channel, a profile, a mapping, and which documents a version decided on', async () => {
  const used = (kind: Parameters<typeof whereUsed>[1]['kind'], key: string, version: number | null = null) =>
    whereUsed(deps, { kind, key, version })
  expect(await used('channel', 'mill/web')).toMatchObject({ profiles: [receiving] })
  expect(await used('profile', receiving)).toMatchObject({ agreements: ['shop-mill'] })
  expect(await used('mapping', 'order/edifact-d96a')).toMatchObject({ profiles: [sending] })
  expect(await used('partner', 'mill')).toMatchObject({ agreements: ['shop-mill'] })
  await expect(used('channel', 'mill/wep')).rejects.toThrow('did you mean `mill/web`')

  const { sender } = (await thingNamed(deps, 'agreement', 'shop-mill')).versions[0]!
  const [one, other] = [newId<DocumentId>(), newId<DocumentId>()]
  const insert = `insert into document (id, transmission_id, position, sender, env, format, type, number, processing, versions)
    values ($1, $1, 1, $2, 'live', 'edifact', 'order', $3, 'processed', $4)`
  const by = (version: number) => ({
    agreements: [{ key: 'shop-mill', version, mapping: 'm', mappingVersion: '1' }],
  })
  await database.admin.query(insert, [one, sender, '345', by(2)])
  await database.admin.query(insert, [other, sender, '346', by(4)])
  expect(await used('agreement', 'shop-mill', 2)).toMatchObject({
    documents: { documents: 1, atLeast: false, newest: { id: one, number: '345' } },
  })
  expect((await used('agreement', 'shop-mill', 3)).documents).toEqual({
    documents: 0,
    atLeast: false,
    newest: null,
  })
})

test('every change of the configuration has its entry, with who did it and the hashes before and after', async () => {
  const applied = (await entries('config.applied')).filter(({ kind }) => kind === 'agreement')
  expect(applied.map(({ version }) => version)).toEqual([1, 2, 3, 4])
  expect(applied[0]).toMatchObject({ actor: 'cli', before: null })
  for (const [index, entry] of applied.entries()) {
    expect(entry['sha256']).toMatch(/^[0-9a-f]{64}$/)
    if (index > 0) expect(entry['before']).toBe(applied[index - 1]!['sha256'])
  }
})

test('with approvals off, what is live is applied at once', async () => {
  expect(await approvals(deps.store)).toBe('off')
  const asked = { actor: `person:${ada}`, by: ada, reason: '' }
  const done = await applyOrPropose(deps, filesOf(agreement(lines(600))), asked)
  expect(done.proposal).toBeNull()
  expect((await statesOf('shop-mill')).at(-1)).toEqual([5, 'live'])
})

test('with approvals required, what is live is proposed by one person and approved by another', async () => {
  await setApprovals(deps.store, 'required', ada)
  const files = filesOf(agreement(lines(700)))
  const asked = { actor: `person:${ada}`, by: ada, reason: 'more lines' }
  await expect(applyOrPropose(deps, files, { ...asked, by: null, actor: 'cli' })).rejects.toMatchObject({
    code: 'proposerMissing',
  })
  const { proposal } = await applyOrPropose(deps, files, asked)
  expect((await statesOf('shop-mill')).at(-1)).toEqual([5, 'live'])
  expect(await proposals(deps.store.worker, { open: true, most: 10 })).toMatchObject([
    {
      id: proposal,
      proposer: 'ada@hub.example',
      reason: 'more lines',
      changes: [{ kind: 'agreement', version: 6 }],
    },
  ])

  await expect(approve(deps, { id: proposal!, by: ada, reason: '' })).rejects.toMatchObject({
    code: 'proposalOwn',
  })
  const both = await Promise.allSettled([
    approve(deps, { id: proposal!, by: ben, reason: 'agreed' }),
    approve(deps, { id: proposal!, by: ben, reason: 'agreed' }),
  ])
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect((await statesOf('shop-mill')).at(-1)).toEqual([6, 'live'])
  expect(await entries('config.decided')).toEqual([
    { actor: `person:${ben}`, proposal, decision: 'approved' },
  ])
  expect((await entries('config.applied')).at(-1)).toMatchObject({ actor: `person:${ben}`, version: 6 })
  await expect(approve(deps, { id: proposal!, by: ben, reason: '' })).rejects.toMatchObject({
    code: 'proposalDecided',
  })
})

test('what is not live changes without a second person: a draft, a test, the name of a partner', async () => {
  const asked = { actor: `person:${ada}`, by: ada, reason: '' }
  const draft = agreement(`${lines(900)}, state: draft`)
  for (const text of [draft, draft.replace('draft', 'test'), shop.replace('name: Shop', 'name: The shop')])
    expect((await applyOrPropose(deps, filesOf(text), asked)).proposal).toBeNull()
  const { proposal } = await applyOrPropose(deps, filesOf(draft.replace(', state: draft', '')), asked)
  expect(proposal).not.toBeNull()
  await refuse(deps, { id: proposal!, by: ben, reason: 'not now' })
  expect(await statesOf('shop-mill')).toContainEqual([6, 'live'])
})

test('a proposal that would do something else by now is refused, and nothing is applied', async () => {
  const asked = { actor: `person:${ada}`, by: ada, reason: '' }
  const { proposal } = await applyOrPropose(deps, filesOf(agreement(lines(1000))), asked)
  // somebody else's change, as if it had been approved meanwhile
  await apply(agreement(lines(1100)))
  const before = await statesOf('shop-mill')
  await expect(approve(deps, { id: proposal!, by: ben, reason: '' })).rejects.toMatchObject({
    code: 'proposalStale',
    message: 'agreement shop-mill has changed since',
  })
  expect(await statesOf('shop-mill')).toEqual(before)
  await refuse(deps, { id: proposal!, by: ada, reason: 'too late' })
})

test('the secrets of a proposal are sealed with it, and are those of whoever proposed', async () => {
  const withSecret = mill('order/ubl-2.1', ', secrets: { webhook_secret: { env: WEBHOOK } }')
  const proposing = { ...deps, env: { WEBHOOK: 'canary-of-the-proposal' } }
  const asked = { actor: `person:${ada}`, by: ada, reason: '' }
  const { proposal } = await applyOrPropose(proposing, filesOf(withSecret), asked)
  const { rows } = await database.admin.query<{ row: string }>('select proposal::text as row from proposal')
  const bytes = rows.map(({ row }) => row).join('')
  expect(bytes).not.toContain('canary')
  expect(bytes).not.toContain(Buffer.from('canary-of-the-proposal').toString('hex'))
  await approve(deps, { id: proposal!, by: ben, reason: '' })
  const channel = (await channelByKey(database.store.worker, 'mill', 'web'))!
  const secret = await readSecret(deps.store, deps.sealer, channel.id, 'webhook_secret')
  expect(secret?.toString()).toBe('canary-of-the-proposal')
})
