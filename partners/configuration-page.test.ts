import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSealer } from '#hub/keys/sealing.ts'
import { httpsSettings } from '#hub/transports/https/outbound.ts'
import { mailboxSettings } from '#hub/transports/mailbox/transport.ts'
import { sftpSettings } from '#hub/transports/sftp/settings.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { applyConfiguration, planConfiguration, type ConfigurationDeps } from './apply.ts'
import { createLogins } from './logins.ts'
import { createAgreements } from './resolver.ts'
import { channelByKey } from './store/channel.ts'

let database: TestDatabase
let deps: ConfigurationDeps
let page: string

beforeAll(async () => {
  database = await testDatabase()
  page = await readFile(new URL('../docs/configuration.md', import.meta.url), 'utf8')
  deps = {
    store: database.store,
    sealer: await openSealer({ masterKey: Buffer.alloc(32, 7).toString('base64'), dataFolder: '.' }),
    settingsSchemas: { https: httpsSettings, sftp: sftpSettings, mailbox: mailboxSettings },
    env: {
      RETAILER_PASSWORD: 'a password for the page',
      SUPPLIER_WEBHOOK: `whsec_${Buffer.alloc(32, 5).toString('base64')}`,
    },
  }
})
afterAll(async () => {
  await database.drop()
})

function example(): string {
  return /```yaml\n([\s\S]+?)```/.exec(page)![1]!
}

test('the example of the configuration page applies as it stands, and then routes and logs in', async () => {
  const files = [{ path: 'example.yaml', text: example() }]
  const { changes } = await applyConfiguration(deps, files, { actor: 'cli' })
  expect(changes.map((change) => change.action)).toEqual(changes.map(() => 'add'))
  const again = await planConfiguration(deps, files, { whole: true })
  expect(again.map((change) => change.action)).toEqual(changes.map(() => 'none'))

  const channel = (await channelByKey(database.store.worker, 'north-market', 'mailbox'))!
  const agreements = createAgreements(database.store)
  const found = await agreements.resolve({
    channel,
    sender: { scheme: 'gln', value: '5012345000008' },
    receiver: { scheme: 'gln', value: '5023456000009' },
    env: 'test',
    format: 'edifact',
    type: 'order',
    guide: '',
    at: new Date('2026-06-01T00:00:00Z'),
  })
  expect(found).toMatchObject({ kind: 'resolved', agreements: [{ channel: { key: 'orders' } }] })
  agreements.close()
  const people = createLogins(database.store)
  expect(await people.byPassword('mailbox', 'north-market-test', 'a password for the page')).toEqual(channel)
  await people.close()
})

test('settings are checked by their kind: unknown ones, wrong ones, and a profile that could never deliver', async () => {
  const problemOf = async (from: string, to: string): Promise<string> => {
    expect(example()).toContain(from)
    const files = [{ path: 'example.yaml', text: example().replace(from, to) }]
    return planConfiguration(deps, files).then(
      () => 'no problem',
      (error: Error) => error.message,
    )
  }
  expect(await problemOf('collectWithinHours: 24', 'collectWithin: 24')).toContain(
    'example.yaml:15:9 partner.channels[0].settings.collectWithin: unknown setting of a channel of kind mailbox',
  )
  expect(await problemOf('url: https://', 'url: ftp://')).toContain('partner.channels[0].settings.url: ')
  expect(await problemOf('fileBytes: 20000000', 'fileBytes: 0')).toContain('settings.limits.fileBytes: ')
  const inbound = await problemOf(
    '      mapping: order/edifact-d96a\n      channel: mailbox',
    '      mapping: order/edifact-d96a\n      channel: api',
  )
  expect(inbound).toContain('partner.profiles[0].channel: the channel `api` has no settings to deliver by')
  expect(await problemOf('channel: orders', 'channel: invoices')).toContain('there is no channel `invoices`')
  expect(await problemOf('partner: mill-and-sons', 'partner: mills')).toContain(
    'agreement.receiver.partner: there is no partner `mills`',
  )
  expect(await problemOf('    env: test\n    type: order\n', '    env: live\n    type: order\n')).toContain(
    'agreement.sender: there is no profile: north-market sends order (live, guide *)',
  )
})

test('every field of the schemas stands on the page', async () => {
  const { partnerSchema } = await import('./files.ts')
  const { agreementSchema } = await import('./agreements/schema.ts')
  const { identitySchema } = await import('./identities/schema.ts')
  const { channelSchema } = await import('./channels/schema.ts')
  const { profileSchema } = await import('./profiles/schema.ts')
  const shapes = [partnerSchema, agreementSchema, identitySchema, channelSchema, profileSchema]
  const names = shapes.flatMap((schema) => Object.keys(schema.shape))
  const settings = [httpsSettings, sftpSettings, mailboxSettings].flatMap((schema) =>
    Object.keys(schema.shape),
  )
  const missing = [...names, ...settings].filter((name) => !page.includes(`\`${name}`))
  expect(missing).toEqual([])
})
