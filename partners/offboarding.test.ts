import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSealer } from '#hub/keys/sealing.ts'
import { newId, type DocumentId, type PersonId } from '#hub/model/ids.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import {
  agreementYaml,
  retailerGln,
  retailerYaml,
  supplierGln,
  supplierYaml,
} from '#tests/support/configuration.ts'
import { applyConfiguration, type ConfigurationDeps } from './apply.ts'
import { createLogins } from './logins.ts'
import { endDuePartners, leavingOf, offboard, stay } from './offboarding/index.ts'
import { createAgreements } from './resolver.ts'
import { channelByKey } from './store/channel.ts'

let database: TestDatabase
let deps: ConfigurationDeps
let folder: string
const ada = newId<PersonId>()

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'crossdock-offboarding-'))
  deps = {
    store: database.store,
    sealer: await openSealer({ masterKey: null, dataFolder: folder }),
    env: { SUPPLIER_WEBHOOK: 'a webhook secret' },
  }
  const files = [retailerYaml, supplierYaml, agreementYaml]
  await apply(...files)
  await database.admin.query(
    `insert into person (id, email, name, role, password_hash) values ($1, 'ada@hub.example', 'Ada', 'operator', 'x')`,
    [ada],
  )
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true })
})

async function apply(...texts: string[]): Promise<void> {
  const files = texts.map((text, index) => ({ path: `${index}.yaml`, text }))
  await applyConfiguration(deps, files, { actor: 'cli' })
}

async function configuration(): Promise<unknown> {
  const { rows } = await database.admin.query(
    `select (select json_agg(c order by c.id) from channel c) channels, (select json_agg(c order by c.id) from credential c) credentials,
            (select json_agg(p order by p.id) from profile p) profiles, (select json_agg(a order by a.id) from agreement a) agreements,
            (select json_agg(i order by i.id) from identity i) identities`,
  )
  return rows[0]
}

async function resolved(): Promise<string> {
  const agreements = createAgreements(database.store)
  const found = await agreements.resolve({
    channel: (await channelByKey(database.store.worker, 'retailer', 'box'))!,
    sender: { scheme: 'gln', value: retailerGln },
    receiver: { scheme: 'gln', value: supplierGln },
    env: 'test',
    format: 'edifact',
    type: 'order',
    guide: '',
    at: new Date(),
  })
  agreements.close()
  return found.kind === 'resolved' ? 'resolved' : found.code
}

const tomorrow = () => new Date(Date.now() + 86_400_000)

test('what would end and what is under way are told, and nothing changes', async () => {
  const { id: sender } = (
    await database.admin.query<{ id: string }>(`select id from partner where key = 'retailer'`)
  ).rows[0]!
  const held = newId<DocumentId>()
  await database.admin.query(
    `insert into document (id, transmission_id, position, sender, env, format, type, number, processing, code, resume_at)
     values ($1, $1, 1, $2, 'test', 'edifact', 'order', '345', 'held', 'CD-4001', 'map')`,
    [held, sender],
  )
  const before = await configuration()
  expect(await leavingOf(database.store, 'retailer')).toEqual({
    partner: 'retailer',
    at: null,
    channels: ['api', 'box'],
    credentials: 1,
    profiles: 1,
    agreements: ['retailer-orders'],
    underWay: [{ kind: 'held', count: 1, oldest: held }],
  })
  expect(await configuration()).toEqual(before)
})

test('until its date a partner goes on as before, and its leaving can be taken back', async () => {
  const before = await configuration()
  const at = tomorrow()
  const { ended, leaving } = await offboard(database.store, {
    partner: 'retailer',
    at,
    by: ada,
    reason: 'ends',
  })
  expect(ended).toBeNull()
  expect(leaving).toMatchObject({ at, agreements: ['retailer-orders'] })
  expect((await endDuePartners(database.store)).size).toBe(0)
  expect(await configuration()).toEqual(before)
  expect(await resolved()).toBe('resolved')
  const again = offboard(database.store, { partner: 'retailer', at, by: ada, reason: 'ends' })
  await expect(again).rejects.toMatchObject({ code: 'offboardingOpen' })
  expect(await stay(database.store, { partner: 'retailer', by: ada })).toEqual(at)
  await expect(stay(database.store, { partner: 'retailer', by: ada })).rejects.toMatchObject({
    code: 'offboardingNone',
  })
  expect(await configuration()).toEqual(before)
})

test('at its date channels, log-ins, profiles, agreements and names end together, once, whoever looks first', async () => {
  const logins = createLogins(database.store)
  expect(await logins.byPassword('mailbox', 'retailer-test', 'canary-password-retailer')).not.toBeNull()
  await offboard(database.store, { partner: 'retailer', at: tomorrow(), by: ada, reason: 'contract ends' })
  await database.admin.query(
    'update offboarding set at = now() where done_at is null and cancelled_at is null',
  )
  const both = await Promise.all([endDuePartners(database.store), endDuePartners(database.store)])
  expect(both.flatMap((ended) => [...ended])).toEqual([
    ['retailer', { channels: 2, credentials: 1, profiles: 1, agreements: 1 }],
  ])
  await logins.close()
  const after = createLogins(database.store)
  expect(await after.byPassword('mailbox', 'retailer-test', 'canary-password-retailer')).toBeNull()
  await after.close()
  expect(await resolved()).toBe('senderUnknown')
  expect((await channelByKey(database.store.worker, 'retailer', 'box'))!.suspended).toBe(true)

  const { rows } = await database.admin.query(
    `select type, actor, convert_from(body, 'UTF8') body from entry where type like 'partner.%' order by at, id`,
  )
  expect(rows.map(({ type }) => type as string)).toEqual([
    'partner.leaving',
    'partner.staying',
    'partner.leaving',
    'partner.left',
  ])
  expect(new Set(rows.map(({ actor }) => actor as string))).toEqual(new Set([`person:${ada}`]))
  await expect(stay(database.store, { partner: 'retailer', by: ada })).rejects.toMatchObject({
    code: 'offboardingNone',
  })
})

test('its history stays, its name may go to another, and nobody else has changed', async () => {
  const { rows } = await database.admin.query(
    `select d.number, p.key from document d join partner p on p.id = d.sender`,
  )
  expect(rows).toEqual([{ number: '345', key: 'retailer' }])
  const supplier = await database.admin.query(
    `select c.suspended_at, r.state from partner p join channel c on c.partner_id = p.id join profile r on r.partner_id = p.id where p.key = 'supplier'`,
  )
  expect(supplier.rows).toEqual([{ suspended_at: null, state: 'live' }])
  const day = tomorrow().toISOString()
  await apply(
    `partner: { key: heir, name: Heir, identities: [{ scheme: gln, value: "${retailerGln}", env: test, from: ${day} }] }`,
  )
})

test('a date that has come is carried out at once', async () => {
  const now = new Date(Date.now() - 1_000)
  const { ended } = await offboard(database.store, { partner: 'supplier', at: now, by: ada, reason: 'ends' })
  expect(ended).toMatchObject({ channels: 1, profiles: 1 })
})
