import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSealer } from '#hub/keys/sealing.ts'
import { exampleFiles, retailerYaml } from '#tests/support/configuration.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { applyConfiguration, planConfiguration, type ConfigurationDeps } from './apply.ts'
import { addCredential } from './credentials.ts'
import { findDrift } from './drift.ts'
import { asStream, exportConfiguration } from './export.ts'
import { createLogins } from './logins.ts'
import { readSecret } from './secrets.ts'
import { channelByKey } from './store/channel.ts'

let full: TestDatabase
let empty: TestDatabase
let folder: string
const key =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKmZWlq0cw0m1LvZBmUyoqU3cHAPcSbQdWzcNE3Vd3E1 retailer@example.com'

/** Everything an export has to carry: drafts, ends, intermediaries, dates, keys, values that look like something else. */
const more = [
  {
    path: 'more.yaml',
    text: `partner:
  key: van
  name: "yes"
  ours: true
  timeZone: America/New_York
  identities:
    - { scheme: party, value: "0123", env: test, internal: "a: b", from: 2026-01-01, until: "2026-12-31T22:00:00Z" }
    - { scheme: gln, value: "5012345000008", env: test }
  channels:
    - key: edi
      kind: mailbox
      env: test
      peerDedupes: true
      identities:
        - { scheme: gln, value: "5012345000008" }
        - { partner: retailer, scheme: gln, value: "4012345000009" }
      settings: { collectWithinHours: 12, limits: { fileBytes: 5000 } }
      logins:
        - { kind: public_key, username: van, name: "2026", value: "${key}", until: 2027-01-01 }
        - { kind: password, username: van, value: canary-password-van }
  profiles:
    - { direction: receives, env: test, type: order, format: edifact, guide: EAN008, mapping: order/edifact-d96a, channel: edi,
        mappingSettings: { b: [2, 1], a: null }, write: { separators: "+:.? '", lineEnds: crlf }, ordered: true, bundle: { everyMinutes: 15 } }
    - { direction: receives, env: test, type: order, format: json, state: retired, mapping: order/json, channel: edi,
        bundle: { maxDocuments: 50, at: ["18:00", "06:30"], days: [mon, fri], timeZone: Europe/Paris, holidays: ["2026-12-25"] } }
    - { direction: receives, env: test, type: order, format: xml, mapping: order/ubl-2.1, channel: supplier/web }
    - { direction: receives, env: test, type: order, format: xml, mapping: order/ubl-2.1, channel: edi, state: draft }
    - { direction: sends, env: test, type: opaque, format: opaque, channel: edi, files: "*.pdf" }
    - { direction: sends, env: test, type: opaque, format: opaque, channel: edi, guide: "2026" }
    - { direction: receives, env: test, type: opaque, format: opaque, channel: edi }
---
agreement:
  key: scans
  sender: { partner: van, env: test, type: opaque, guide: "2026" }
  receiver: { partner: van }
  terms: { rails: { sizeMax: 1000 }, duplicates: { payloadHash: { answer: hold } } }
---
agreement:
  key: any-orders
  state: draft
  sender: { partner: retailer, env: test, type: order }
  receiver: any
  from: 2026-02-01
---
agreement:
  key: van-orders
  sender: { partner: retailer, env: test, type: order }
  receiver: { partner: van, guide: EAN008 }
  terms: { duplicates: { businessKey: { answer: hold, days: 30 } }, rails: { amountMax: "250000.00", linesMax: 3, windows: [{ countMax: 100, minutes: 60 }] } }
`,
  },
]

function depsOf(database: TestDatabase, env: NodeJS.ProcessEnv = {}): Promise<ConfigurationDeps> {
  return openSealer({ masterKey: null, dataFolder: folder }).then((sealer) => ({
    store: database.store,
    sealer,
    env,
  }))
}

async function exported(database: TestDatabase, partner: string | null = null): Promise<string> {
  return asStream(await exportConfiguration(database.store, { partner }))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-export-'))
  full = await testDatabase()
  empty = await testDatabase()
  const deps = await depsOf(full, { SUPPLIER_WEBHOOK: 'canary-webhook-secret' })
  await applyConfiguration(deps, [...exampleFiles, ...more], { actor: 'cli' })
  await addCredential(full.store, { partnerKey: 'retailer', channelKey: 'api', name: 'shop', actor: 'cli' })
})
afterAll(async () => {
  await full.drop()
  await empty.drop()
  await rm(folder, { recursive: true })
})

test('an export holds no secret, and is the same each time', async () => {
  const text = await exported(full)
  expect(text).not.toMatch(/canary|argon2|cd_test_/)
  expect(text).toContain('# `keep: true`: the value is not exported')
  expect(await exported(full)).toBe(text)
})

test('applying an export to the same hub changes nothing, and there is no drift', async () => {
  const deps = await depsOf(full)
  const files = [{ path: 'export.yaml', text: await exported(full) }]
  const { changes } = await applyConfiguration(deps, files, { actor: 'cli' })
  expect(changes.filter((change) => change.action !== 'none')).toEqual([])
  expect(await findDrift(deps, files)).toEqual([])
})

test('an export applied to an empty hub names each secret that is missing, and exports to the same bytes', async () => {
  const deps = await depsOf(empty)
  const text = await exported(full)
  const files = [{ path: 'export.yaml', text }]
  const { changes } = await applyConfiguration(deps, files, { actor: 'cli' })
  const missing = changes.filter((change) => change.action === 'missing').map((change) => change.key)
  expect(missing).toEqual([
    'retailer/api/token (shop)',
    'retailer/box/password:retailer-test',
    'van/edi/password:van',
    'supplier/web/webhook_secret',
  ])
  expect(changes.every((change) => change.action === 'add' || change.action === 'missing')).toBe(true)
  expect(await exported(empty)).toBe(text)
  const again = await planConfiguration(deps, files)
  expect(again.filter((change) => change.action === 'missing').map((change) => change.key)).toEqual(missing)
  expect(again.filter((change) => !['none', 'missing'].includes(change.action))).toEqual([])
})

test('a log-in without its value lets nobody in, and a secret without its value is none, until each is given', async () => {
  const people = createLogins(empty.store)
  for (const password of ['missing', 'missing password', ''])
    expect(await people.byPassword('mailbox', 'retailer-test', password)).toBeNull()
  const deps = await depsOf(empty, { SUPPLIER_WEBHOOK: 'another webhook secret' })
  const web = (await channelByKey(empty.store.worker, 'supplier', 'web'))!
  expect(await readSecret(deps.store, deps.sealer, web.id, 'webhook_secret')).toBeNull()
  const { changes } = await applyConfiguration(deps, exampleFiles, { actor: 'cli' })
  expect(changes.filter((change) => change.action !== 'none')).toMatchObject([
    { action: 'change', key: 'retailer/box/password:retailer-test' },
    { action: 'change', key: 'supplier/web/webhook_secret', version: 2 },
  ])
  expect(await people.byPassword('mailbox', 'retailer-test', 'canary-password-retailer')).not.toBeNull()
  expect(String(await readSecret(deps.store, deps.sealer, web.id, 'webhook_secret'))).toBe(
    'another webhook secret',
  )
  expect(await exported(empty)).toBe(await exported(full))
  await people.close()
})

test('`keep` beside a source takes the value where it is there, and keeps the one in the hub where not', async () => {
  const files = exampleFiles.map(({ path, text }) => ({
    path,
    text: text.replace('{ env: SUPPLIER_WEBHOOK }', '{ env: SUPPLIER_WEBHOOK, keep: true }'),
  }))
  const actions = async (env: NodeJS.ProcessEnv) =>
    (await planConfiguration(await depsOf(full, env), files)).find((change) => change.kind === 'secret')
      ?.action
  expect(await actions({})).toBe('none')
  expect(await actions({ SUPPLIER_WEBHOOK: 'canary-webhook-secret' })).toBe('none')
  expect(await actions({ SUPPLIER_WEBHOOK: 'another one' })).toBe('change')
})

test('one partner is exported alone; one that is not there is asked back', async () => {
  const text = await exported(full, 'retailer')
  expect(text).toContain('key: retailer')
  expect(text).not.toContain('key: supplier')
  await expect(exported(full, 'retailr')).rejects.toThrow(
    'there is no partner `retailr`; did you mean `retailer`?',
  )
})

test('drift names each field with both values and its line, and what only one side has', async () => {
  const deps = await depsOf(full)
  const files = [
    ...exampleFiles.map(({ path, text }) => ({
      path,
      text: text
        .replace('language: fr', 'language: en')
        .replace('https://supplier.example/in', 'https://supplier.example/orders')
        .replace('deliverWithinMinutes: 60', 'deliverWithinMinutes: 30'),
    })),
    { path: 'new.yaml', text: 'partner: { key: fresh, name: Fresh }' },
  ]
  const drift = await findDrift(deps, files)
  const told = drift.map(({ kind, key, field, hub, wanted, file, line }) => [
    kind,
    key,
    field,
    hub,
    wanted,
    file,
    line,
  ])
  expect(told).toEqual([
    ['changed', 'retailer', 'language', 'fr', 'en', 'retailer.yaml', 4],
    ['absent', 'van', '', undefined, undefined, null, null],
    ['new', 'fresh', '', undefined, undefined, 'new.yaml', 1],
    [
      'changed',
      'supplier/web',
      'settings.url',
      'https://supplier.example/in',
      'https://supplier.example/orders',
      'supplier.yaml',
      10,
    ],
    ['absent', 'retailer/api/token (shop)', '', undefined, undefined, null, null],
    ['changed', 'retailer-orders', 'terms.deliverWithinMinutes', 60, 30, 'agreement.yaml', 6],
    ['absent', 'any-orders', '', undefined, undefined, null, null],
    ['absent', 'scans', '', undefined, undefined, null, null],
    ['absent', 'van-orders', '', undefined, undefined, null, null],
  ])
})

test('another password in a file is drift that shows neither', async () => {
  const files = exampleFiles.map(({ path, text }) => ({
    path,
    text: text.replace('canary-password-retailer', 'canary-password-two'),
  }))
  expect(retailerYaml).toContain('canary-password-retailer')
  const drift = await findDrift(await depsOf(full), files)
  const password = drift.find(({ key }) => key === 'retailer/box/password:retailer-test')
  expect(password).toMatchObject({ kind: 'changed', field: 'value', file: 'retailer.yaml' })
  expect(JSON.stringify(drift)).not.toContain('canary')
})
