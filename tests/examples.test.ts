import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { detectFormat, formats } from '#hub/formats/index.ts'
import { openSealer } from '#hub/keys/sealing.ts'
import type { FormatName } from '#hub/model/format.ts'
import { httpsSettings } from '#hub/transports/https/outbound.ts'
import { mailboxSettings } from '#hub/transports/mailbox/index.ts'
import { sftpSettings } from '#hub/transports/sftp/index.ts'
import { libraryMappings } from '#mappings/engine/index.ts'
import { applyConfiguration, planConfiguration, type ConfigurationDeps } from '#partners/apply.ts'
import { createAgreements } from '#partners/resolver.ts'
import { channelByKey } from '#partners/store/channel.ts'
import { testDatabase, type TestDatabase } from './support/database.ts'

/*
 * docs/examples is what the README's tour applies and sends.
 */

const folder = new URL('../docs/examples/', import.meta.url)
let database: TestDatabase
let deps: ConfigurationDeps

beforeAll(async () => {
  database = await testDatabase()
  deps = {
    store: database.store,
    sealer: await openSealer({ masterKey: randomBytes(32).toString('base64'), dataFolder: tmpdir() }),
    settingsSchemas: { https: httpsSettings, sftp: sftpSettings, mailbox: mailboxSettings },
    mappings: libraryMappings,
    env: {},
  }
})
afterAll(async () => {
  await database.drop()
})

async function exampleFiles(): Promise<{ path: string; text: string }[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml'))
  return Promise.all(
    names.map(async (name) => ({ path: name, text: await readFile(new URL(name, folder), 'utf8') })),
  )
}

test('the examples apply as they stand, without a secret, and a second time change nothing', async () => {
  const { changes } = await applyConfiguration(deps, await exampleFiles(), { actor: 'cli' })
  expect(changes.map(({ action }) => action)).toEqual(changes.map(() => 'add'))
  expect(changes.filter(({ kind }) => kind === 'secret' || kind === 'credential')).toEqual([])
  const again = await planConfiguration(deps, await exampleFiles(), { whole: true })
  expect(again.map(({ action }) => action)).toEqual(changes.map(() => 'none'))
})

test.each([
  ['order-345.edi', 'mailbox', 'edifact', '345', 'verdier-brouwer-edifact'],
  ['order-346.json', 'api', 'json', '346', 'verdier-brouwer-json'],
] as const)(
  '%s is read without a finding, becomes an order, and goes to the mailbox of the supplier',
  async (file, channelKey, format, number, agreement) => {
    const bytes = await readFile(new URL(file, folder))
    expect(detectFormat(bytes)).toBe(format)
    const { interchange, message } = read(format, bytes)
    expect(formats[format].check(message)).toEqual([])

    const agreements = createAgreements(database.store)
    const channel = (await channelByKey(database.store.worker, 'verdier', channelKey))!
    const env = interchange.env
    const sender = interchange.sender ?? message.sender
    const receiver = interchange.receiver ?? message.receiver
    const way = await agreements.resolve({
      channel,
      sender,
      receiver,
      env,
      format,
      type: libraryMappings.typeOf(format, message.wireType)!,
      guide: message.guide,
      at: new Date(),
    })
    agreements.close()
    expect(way).toMatchObject({
      kind: 'resolved',
      env: 'test',
      profile: { terms: { format } },
      agreements: [
        { key: agreement, channel: { key: 'mailbox', kind: 'mailbox' }, receiver: { guide: '*' } },
      ],
    })
    expect(message.number).toBe(number)
  },
)

function read(format: FormatName, bytes: Buffer) {
  const reader = formats[format].reader()
  const events = [...reader.push(bytes), ...reader.end()]
  const [first, second, third] = events
  if (first?.kind !== 'interchange' || second?.kind !== 'message' || third?.kind !== 'trailer')
    throw new Error(`read as ${events.map(({ kind }) => kind).join(', ')}`)
  const parts = [first.interchange, second.message, third.trailer]
  expect(parts.flatMap(({ findings }) => findings)).toEqual([])
  return { interchange: first.interchange, message: second.message }
}

test('the tour of the README sends what is there, from partners and channels that are there', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const sent = [...readme.matchAll(/docs\/examples\/([\w.-]+)/g)].map(([, name]) => name!)
  expect(await readdir(folder)).toEqual(expect.arrayContaining(sent))
  const named = [...readme.matchAll(/--(?:from|partner) (\S+) --channel (\S+)/g)]
  expect(named.length).toBeGreaterThan(1)
  for (const [, partner, channel] of named)
    expect(await channelByKey(database.store.worker, partner!, channel!)).not.toBeNull()
})

test('an address that is none and a mapping of another format are problems with their place', async () => {
  const text = `partner:
  key: wrong
  name: Wrong
  channels:
    - { key: out, kind: https, env: test, settings: { url: orders.acme.example/in } }
  profiles:
    - { direction: receives, env: test, type: order, format: edifact, mapping: order/ubl-2.1, channel: out }
`
  await expect(planConfiguration(deps, [{ path: 'wrong.yaml', text }])).rejects.toMatchObject({
    code: 'configInvalid',
    message: expect.stringMatching(
      /wrong\.yaml:5:\d+ .*expected an address[^]*wrong\.yaml:7:\d+ .*is for xml/,
    ),
  })
})
