import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSealer } from '#hub/keys/sealing.ts'
import { agreementYaml, edited, exampleFiles, retailerYaml } from '#tests/support/configuration.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { applyConfiguration, ConfigurationError, planConfiguration, type ConfigurationDeps } from './apply.ts'
import { readSecret } from './secrets.ts'
import { channelByKey } from './store/channel.ts'

let database: TestDatabase
let deps: ConfigurationDeps
let folder: string

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'crossdock-apply-'))
  const sealer = await openSealer({ masterKey: null, dataFolder: folder })
  deps = { store: database.store, sealer, env: { SUPPLIER_WEBHOOK: 'canary-webhook-secret' } }
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true })
})

const actor = 'cli'

async function counted(): Promise<Record<string, number>> {
  const { rows } = await database.admin.query(
    `select (select count(*)::int from partner) partners, (select count(*)::int from identity) identities,
            (select count(*)::int from channel) channels, (select count(*)::int from profile) profiles,
            (select count(*)::int from agreement) agreements, (select count(*)::int from credential) credentials,
            (select count(*)::int from secret) secrets, (select count(*)::int from entry) entries,
            (select version::int from config_version) version`,
  )
  return rows[0]
}

test('a plan says what would be added and changes nothing', async () => {
  const before = await counted()
  const changes = await planConfiguration(deps, exampleFiles)
  expect(changes.filter((change) => change.action === 'add').map((change) => change.key)).toEqual([
    'retailer',
    'supplier',
    'retailer/gln:4012345000009@test',
    'retailer/gln:4012345000009@live',
    'supplier/gln:4098765000010@test',
    'retailer/api',
    'retailer/box',
    'supplier/web',
    'retailer/box/password:retailer-test',
    'supplier/web/webhook_secret',
    'retailer sends order as edifact (test, guide *)',
    'supplier receives order as xml (test, guide *)',
    'retailer-orders',
  ])
  expect(await counted()).toEqual(before)
})

test('applying twice changes nothing the second time', async () => {
  const first = await applyConfiguration(deps, exampleFiles, { actor })
  expect(first.changes.every((change) => change.action === 'add')).toBe(true)
  const after = await counted()
  expect(after).toMatchObject({
    partners: 2,
    identities: 3,
    channels: 3,
    profiles: 2,
    agreements: 1,
    entries: 13,
  })
  const second = await applyConfiguration(deps, exampleFiles, { actor })
  expect(second.changes.map((change) => change.action)).toEqual(first.changes.map(() => 'none'))
  expect(await counted()).toEqual(after)
})

test('another term of a profile makes version 2 and retires version 1; its agreement stays as it is', async () => {
  const files = edited('supplier.yaml', 'mapping: order/ubl-2.1', 'mapping: order/ubl-2.2')
  const { changes } = await applyConfiguration(deps, files, { actor })
  expect(changes.filter((change) => change.action !== 'none')).toEqual([
    {
      kind: 'profile',
      key: 'supplier receives order as xml (test, guide *)',
      action: 'change',
      version: 2,
      fields: ['mapping'],
    },
  ])
  const { rows } = await database.admin.query(
    `select version, state, terms ->> 'mapping' mapping from profile where direction = 'receives' order by version`,
  )
  expect(rows).toEqual([
    { version: 1, state: 'retired', mapping: 'order/ubl-2.1' },
    { version: 2, state: 'live', mapping: 'order/ubl-2.2' },
  ])
  const { rows: agreements } = await database.admin.query('select version, state from agreement')
  expect(agreements).toEqual([{ version: 1, state: 'live' }])
  // back to the first terms: that is a third version, because a version never comes back to life
  await applyConfiguration(deps, exampleFiles, { actor })
  const again = await applyConfiguration(deps, exampleFiles, { actor })
  expect(again.changes.every((change) => change.action === 'none')).toBe(true)
  const { rows: last } = await database.admin.query(`select max(version) version from profile`)
  expect(last).toEqual([{ version: 3 }])
})

test('another term of an agreement makes version 2 and retires version 1', async () => {
  const files = edited('agreement.yaml', 'deliverWithinMinutes: 60', 'deliverWithinMinutes: 30')
  const { changes } = await applyConfiguration(deps, files, { actor })
  expect(changes.filter((change) => change.action !== 'none')).toMatchObject([
    { kind: 'agreement', action: 'change', version: 2, fields: ['terms'] },
  ])
  const { rows } = await database.admin.query('select version, state from agreement order by version')
  expect(rows).toEqual([
    { version: 1, state: 'retired' },
    { version: 2, state: 'live' },
  ])
})

test('a retired agreement stays, and comes back as live without another version', async () => {
  const retired = [{ path: 'a.yaml', text: agreementYaml.replace('key:', 'state: retired\n  key:') }]
  const { changes } = await applyConfiguration(deps, retired, { actor })
  expect(changes).toMatchObject([{ action: 'retire', key: 'retailer-orders', version: 2 }])
  const again = await planConfiguration(deps, retired)
  expect(again[0]?.action).toBe('none')
  const files = edited('agreement.yaml', 'deliverWithinMinutes: 60', 'deliverWithinMinutes: 30')
  const back = await applyConfiguration(deps, files, { actor })
  expect(back.changes.at(-1)).toMatchObject({ action: 'change', version: 2, fields: ['state'] })
})

test('a draft stands beside the live version until it goes live itself', async () => {
  const states = async () => {
    const { rows } = await database.admin.query(
      `select version, state, terms -> 'deliverWithinMinutes' minutes from agreement where version > 1 order by version`,
    )
    return rows
  }
  const drafted = [
    { path: 'a.yaml', text: agreementYaml.replace('key:', 'state: draft\n  key:').replace('60', '15') },
  ]
  await applyConfiguration(deps, drafted, { actor })
  expect(await states()).toEqual([
    { version: 2, state: 'live', minutes: 30 },
    { version: 3, state: 'draft', minutes: 15 },
  ])
  await applyConfiguration(deps, [{ path: 'a.yaml', text: agreementYaml.replace('60', '15') }], { actor })
  expect(await states()).toEqual([
    { version: 2, state: 'retired', minutes: 30 },
    { version: 3, state: 'live', minutes: 15 },
  ])
})

test('two agreements that would send each document twice are refused', async () => {
  const twin = { path: 'twin.yaml', text: agreementYaml.replace('retailer-orders', 'retailer-orders-again') }
  await expect(planConfiguration(deps, [twin])).rejects.toThrow(
    'twin.yaml:2:3 agreement.key: the agreement `retailer-orders` joins the same profiles',
  )
})

test('where a partner has a type in several formats an agreement says which, and the problem names them', async () => {
  const sends = 'direction: sends, env: test, type: order'
  const two = retailerYaml.replace(
    '  profiles:',
    `  profiles:\n    - { ${sends}, format: json, mapping: order/json, channel: box }`,
  )
  const files = (format: string, state = 'live') => [
    {
      path: 'retailer.yaml',
      text: two.replace(`{ ${sends}, format: json`, `{ state: ${state}, ${sends}, format: json`),
    },
    { path: 'a.yaml', text: agreementYaml.replace('type: order }', `type: order${format} }`) },
  ]
  await expect(planConfiguration(deps, files(''))).rejects.toThrow(
    'a.yaml:3:3 agreement.sender: `retailer` sends order (test, guide *) in several formats: say `format` with one of `edifact`, `json`',
  )
  await expect(planConfiguration(deps, files(', format: xml'))).rejects.toThrow(
    'there is no profile: retailer sends order as xml (test, guide *); there is edifact (guide *), json (guide *)',
  )
  const named = await planConfiguration(deps, files(', format: edifact'))
  expect(named.filter(({ kind }) => kind === 'profile')).toMatchObject([
    { key: 'retailer sends order as edifact (test, guide *)', action: 'none' },
    { key: 'retailer sends order as json (test, guide *)', action: 'add', version: 1 },
  ])
  const retired = await planConfiguration(deps, files('', 'retired'))
  expect(retired.find(({ kind }) => kind === 'agreement')).toMatchObject({ fields: ['terms'] })
})

test('what is no longer in the files is named as absent and left as it is', async () => {
  const retailer = retailerYaml.replace('    - { scheme: gln, value: "4012345000009", env: live }\n', '')
  const part = await applyConfiguration(deps, [{ path: 'retailer.yaml', text: retailer }], { actor })
  expect(part.changes.filter((change) => change.action === 'absent').map((change) => change.key)).toEqual([
    'retailer/gln:4012345000009@live',
  ])
  const whole = await planConfiguration(deps, [{ path: 'retailer.yaml', text: retailer }], { whole: true })
  expect(whole.filter((change) => change.action === 'absent').map((change) => change.key)).toEqual([
    'supplier',
    'retailer/gln:4012345000009@live',
    'retailer-orders',
  ])
  expect(await counted()).toMatchObject({ identities: 3, partners: 2 })
})

test('1.8 canary secrets stand nowhere in clear, and the channel can use its own', async () => {
  const channel = await channelByKey(database.store.worker, 'supplier', 'web')
  const secret = await readSecret(database.store, deps.sealer, channel!.id, 'webhook_secret')
  expect(secret?.toString()).toBe('canary-webhook-secret')
  const { rows: tables } = await database.admin.query<{ name: string }>(
    `select c.relname name from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`,
  )
  for (const { name } of tables) {
    const found = await database.admin.query(
      `select from ${name} t where t::text like '%canary%' or t::text like '%' || encode('canary', 'hex') || '%'`,
    )
    expect([name, found.rowCount]).toEqual([name, 0])
  }
})

test('another value of a secret or password makes another version, and the old password is revoked', async () => {
  const files = edited('retailer.yaml', 'canary-password-retailer', 'canary-password-second')
  const changed = { ...deps, env: { SUPPLIER_WEBHOOK: 'canary-webhook-second' } }
  const { changes } = await applyConfiguration(changed, files, { actor })
  expect(changes.filter((change) => change.kind === 'secret' || change.kind === 'credential')).toMatchObject([
    { key: 'retailer/box/password:retailer-test', action: 'change', fields: ['value'] },
    { key: 'supplier/web/webhook_secret', action: 'change', version: 2, fields: ['value'] },
  ])
  const channel = await channelByKey(database.store.worker, 'supplier', 'web')
  const secret = await readSecret(database.store, deps.sealer, channel!.id, 'webhook_secret')
  expect(secret?.toString()).toBe('canary-webhook-second')
  const { rows } = await database.admin.query(
    `select revoked_at is not null revoked from credential order by id`,
  )
  expect(rows).toEqual([{ revoked: true }, { revoked: false }])
})

test('capability 125 adding a partner touches no row of another', async () => {
  const rowsOf = async () => {
    const tables = ['partner', 'identity', 'channel', 'channel_identity', 'credential', 'secret', 'profile']
    const seen: Record<string, unknown[]> = {}
    for (const table of tables) {
      const { rows } = await database.admin.query(`select xmin::text, t.*::text from ${table} t order by 2`)
      seen[table] = rows
    }
    return seen
  }
  const before = await rowsOf()
  const text = `partner:
  key: newcomer
  name: Newcomer
  identities: [{ scheme: duns, value: "123456789", env: test }]
  channels: [{ key: api, kind: https, env: test }]
  profiles:
    - { direction: receives, env: test, type: order, format: json, mapping: order/json, channel: api }
`
  await applyConfiguration(deps, [{ path: 'newcomer.yaml', text }], { actor })
  const after = await rowsOf()
  for (const [table, rows] of Object.entries(before))
    expect(after[table]).toEqual(expect.arrayContaining(rows))
  expect(after['partner']).toHaveLength(before['partner']!.length + 1)
})

test('two who apply at once do it one after the other', async () => {
  const one = { path: 'one.yaml', text: 'partner: { key: one, name: One }' }
  const two = { path: 'two.yaml', text: 'partner: { key: two, name: Two }' }
  await Promise.all([
    applyConfiguration(deps, [one], { actor }),
    applyConfiguration(deps, [two], { actor }),
    applyConfiguration(deps, [one], { actor }),
  ])
  const { rows } = await database.admin.query(
    `select key from partner where key in ('one', 'two') order by key`,
  )
  expect(rows).toEqual([{ key: 'one' }, { key: 'two' }])
})

test('a name moves from one partner to another on its day, in one go', async () => {
  const of = (key: string, dates: string) => ({
    path: `${key}.yaml`,
    text: `partner:\n  key: ${key}\n  name: ${key}\n  identities: [{ scheme: gln, value: "4000001000005", env: live${dates} }]\n`,
  })
  await applyConfiguration(deps, [of('one', '')], { actor })
  await expect(planConfiguration(deps, [of('two', ', from: 2027-01-01')])).rejects.toThrow(
    'two.yaml:4:31 partner.identities[0].value: gln 4000001000005 belongs to partner `one` at that time',
  )
  const moved = [of('two', ', from: 2027-01-01'), of('one', ', until: 2027-01-01')]
  const { changes } = await applyConfiguration(deps, moved, { actor })
  expect(changes.filter((change) => change.kind === 'identity').map((change) => change.key)).toEqual([
    'one/gln:4000001000005@live',
    'two/gln:4000001000005@live',
  ])
})

test('nothing is applied in part', async () => {
  const before = await counted()
  const files = [...exampleFiles, { path: 'bad.yaml', text: 'partner: { key: bad }' }]
  await expect(applyConfiguration(deps, files, { actor })).rejects.toThrow(ConfigurationError)
  expect(await counted()).toEqual(before)
})
