import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSealer } from '#hub/keys/sealing.ts'
import type { Resolution } from '#hub/model/agreement.ts'
import { httpsSettings } from '#hub/transports/https/outbound.ts'
import { mailboxSettings } from '#hub/transports/mailbox/index.ts'
import { sftpSettings } from '#hub/transports/sftp/index.ts'
import { libraryMappings } from '#mappings/engine/index.ts'
import { applyConfiguration, ConfigurationError, type ConfigurationDeps } from '#partners/apply.ts'
import { exportConfiguration } from '#partners/export.ts'
import { gs1CheckDigit } from '#partners/identities/check-digit.ts'
import { importedPartners } from '#partners/import/index.ts'
import { createAgreements } from '#partners/resolver.ts'
import { channelByKey } from '#partners/store/channel.ts'
import { testDatabase, type TestDatabase } from './support/database.ts'

/*
 * A hundred partners in one go, and one more beside them.
 */

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
  await apply(`partner:
  key: hub-shop
  name: Shop of the hub
  ours: true
  identities: [{ scheme: gln, value: "${gln(9000)}", env: test }]
  channels: [{ key: box, kind: mailbox, env: test }]
  profiles:
    - { direction: sends, env: test, type: order, format: edifact, mapping: order/edifact-d96a, channel: box }
    - { direction: receives, env: test, type: order, format: json, mapping: order/json, channel: box }
`)
})
afterAll(async () => {
  await database.drop()
})

const numbers = Array.from({ length: 100 }, (_, index) => index + 1)

function gln(number: number): string {
  const digits = `40123451${String(number).padStart(4, '0')}`
  return `${digits}${gs1CheckDigit(digits)}`
}

function keyOf(number: number): string {
  return `supplier-${String(number).padStart(3, '0')}`
}

async function apply(...texts: string[]): Promise<void> {
  const files = texts.map((text, index) => ({ path: `${index}.yaml`, text }))
  await applyConfiguration(deps, files, { actor: 'cli' })
}

function table(rows: readonly string[]): { path: string; text: string } {
  const head = 'key,name,language,time_zone,identities,channel,address,profiles,contact_name,contact_email'
  return { path: 'partners.csv', text: [head, ...rows].join('\r\n') }
}

function rowOf(number: number): string {
  const key = keyOf(number)
  const profiles = number % 2 === 0 ? 'receives-orders-xml' : ''
  return `${key},"Supplier ${number}, Ltd",${number % 3 === 0 ? 'fr' : ''},Europe/Brussels,gln:${gln(number)}@test,https,https://${key}.example/in,${profiles},Ada,ada@${key}.example`
}

async function refusal(rows: readonly string[]): Promise<string[]> {
  const error = await importedPartners(deps, table(rows), {}).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(ConfigurationError)
  return (error as ConfigurationError).problems.map(
    ({ file, line, field, message }) => `${file}:${line} ${field}: ${message}`,
  )
}

test('a hundred partners come from a table in one go, each with what its row says', async () => {
  const files = await importedPartners(deps, table(numbers.map(rowOf)), { like: 'hub-shop' })
  expect(files).toHaveLength(100)
  const { changes } = await applyConfiguration(deps, files, { actor: 'cli' })
  expect(changes.filter(({ kind, action }) => kind === 'partner' && action === 'add')).toHaveLength(100)
  const exported = await exportConfiguration(deps.store, { partner: keyOf(3) })
  expect(exported[0]!.contents[0]).toMatchObject({
    partner: {
      key: 'supplier-003',
      name: 'Supplier 3, Ltd',
      language: 'fr',
      timeZone: 'Europe/Brussels',
      contacts: [{ name: 'Ada', email: 'ada@supplier-003.example' }],
      identities: [{ scheme: 'gln', value: gln(3), env: 'test' }],
      channels: [{ key: 'https', settings: { url: 'https://supplier-003.example/in' } }],
      profiles: [
        { direction: 'sends', format: 'edifact', channel: 'https' },
        { direction: 'receives', format: 'json', channel: 'https' },
      ],
    },
  })
  const even = await exportConfiguration(deps.store, { partner: keyOf(4) })
  expect(even[0]!.contents[0]).toMatchObject({
    partner: { profiles: [{ direction: 'receives', format: 'xml' }] },
  })
  await apply(
    ...numbers.map(
      (number) => `agreement:
  key: orders-${number}
  sender: { partner: hub-shop, env: test, type: order }
  receiver: { partner: ${keyOf(number)}, format: ${number % 2 === 0 ? 'xml' : 'json'} }
`,
    ),
  )
})

test('a table with mistakes names the line and the column of each, and adds nobody', async () => {
  const before = await rowsOf('')
  const cells = rowOf(500).split(',')
  const changed = (at: number, value: string) =>
    cells.map((cell, index) => (index === at ? value : cell)).join(',')
  const good = rowOf(501)
  // the name stands in quotes with a comma in it: two parts here
  expect(await refusal([good, changed(0, 'Not A Key')])).toEqual([
    expect.stringMatching(/^partners\.csv:3 key: expected a key/),
  ])
  expect(await refusal([good, changed(3, 'de')])).toEqual([
    expect.stringMatching(/^partners\.csv:3 language: .*"en"\|"fr"/),
  ])
  expect(await refusal([changed(4, 'Mars/Olympus'), good])).toEqual([
    expect.stringMatching(/^partners\.csv:2 time_zone: expected an IANA time zone/),
  ])
  expect(await refusal([changed(5, 'gln:4012345000001@test'), good])).toEqual([
    expect.stringMatching(/^partners\.csv:2 identities: the check digit of this GLN is wrong/),
  ])
  expect(await refusal([changed(5, '4012345000001')])).toEqual([
    expect.stringMatching(/^partners\.csv:2 identities: expected names such as `gln:/),
  ])
  expect(await refusal([changed(6, 'pigeon')])).toEqual([
    expect.stringMatching(/^partners\.csv:2 address: a channel of kind pigeon has none/),
  ])
  expect(await refusal([changed(7, 'ftp://x')])).toContain(
    'partners.csv:2 address: expected an address such as https://host.example/in',
  )
  expect(await refusal([changed(8, 'receives-order-xml')])).toEqual([
    expect.stringMatching(
      /^partners\.csv:2 profiles: there is no template `receives-order-xml`; did you mean `receives-orders-xml`/,
    ),
  ])
  expect(await refusal([changed(10, 'nobody')])).toEqual([
    expect.stringMatching(/^partners\.csv:2 contact_email: expected an e-mail address/),
  ])
  expect(await refusal([rowOf(500), rowOf(500)])).toEqual([
    'partners.csv:3 key: another line of the table has this key',
  ])
  expect(await refusal([rowOf(7)])).toEqual([
    expect.stringMatching(/^partners\.csv:2 key: there is a partner `supplier-007` already/),
  ])
  expect(await refusal([rowOf(500).replace(gln(500), gln(7))])).toEqual([
    expect.stringMatching(/^partners\.csv:2 identities: .* belongs to partner `supplier-007`/),
  ])
  expect(await refusal([`${rowOf(500)},one more`])).toEqual([
    expect.stringMatching(/^partners\.csv:2 : expected 10 fields/),
  ])
  expect(await rowsOf('')).toEqual(before)
})

test('adding the 101st partner: no file, row or answer of another partner changes', async () => {
  const others = await rowsOf(keyOf(101))
  const files = await exportedFiles()
  const answers = await answersOf(numbers)

  const [added] = await importedPartners(deps, table([rowOf(101)]), { template: 'receives-orders-json' })
  const agreement = `agreement:
  key: orders-101
  sender: { partner: hub-shop, env: test, type: order }
  receiver: { partner: ${keyOf(101)} }
`
  const { changes } = await applyConfiguration(deps, [added!, { path: 'a.yaml', text: agreement }], {
    actor: 'cli',
  })
  expect(changes.every(({ key }) => key.includes(keyOf(101)) || key === 'orders-101')).toBe(true)

  expect(await rowsOf(keyOf(101))).toEqual(others)
  const after = await exportedFiles()
  expect([...after.keys()].filter((path) => !files.has(path))).toEqual([
    'partners/supplier-101.yaml',
    'agreements/orders-101.yaml',
  ])
  for (const [path, sha256] of files) expect(after.get(path), path).toBe(sha256)
  expect(await answersOf(numbers)).toEqual(answers)
  expect(answers).toHaveLength(100)
  const [found] = await answersOf([101])
  expect(found).toMatchObject({ agreements: [{ key: 'orders-101' }] })
})

test('what is looked at for one document grows with the agreements of its sender, and no faster', async () => {
  // counted, not timed: a candidate for each agreement of the sender, one for each of its profiles of the type
  const [found] = await answersOf([50])
  expect(found!.candidates).toHaveLength(1 + 101)
  expect(found!.candidates.filter(({ refused }) => refused === null)).toHaveLength(2)
})

/** Every row of the configuration that is not about this partner, as the database has it. */
async function rowsOf(except: string): Promise<unknown> {
  const of = async (sql: string) => (await database.admin.query(sql, [except])).rows
  const byPartner = (tableName: string) =>
    of(`select t.* from ${tableName} t join partner p on p.id = t.partner_id where p.key <> $1 order by t.id`)
  return {
    partners: await of('select * from partner where key <> $1 order by id'),
    identities: await byPartner('identity'),
    channels: await byPartner('channel'),
    profiles: await byPartner('profile'),
    credentials: await byPartner('credential'),
    secrets: await byPartner('secret'),
    agreements: await of(
      `select a.* from agreement a left join partner p on p.id = a.receiver_partner where p.key is distinct from $1 order by a.id`,
    ),
    speakers: await of(
      `select s.* from channel_identity s join channel c on c.id = s.channel_id join partner p on p.id = c.partner_id
       where p.key <> $1 order by 1, 2`,
    ),
  }
}

async function exportedFiles(): Promise<Map<string, string>> {
  const files = await exportConfiguration(deps.store, { partner: null })
  return new Map(files.map(({ path, text }) => [path, text]))
}

async function answersOf(to: readonly number[]): Promise<Resolution[]> {
  const agreements = createAgreements(database.store)
  const channel = (await channelByKey(database.store.worker, 'hub-shop', 'box'))!
  const answers: Resolution[] = []
  for (const number of to)
    answers.push(
      await agreements.resolve({
        channel,
        sender: { scheme: 'gln', value: gln(9000) },
        receiver: { scheme: 'gln', value: gln(number) },
        env: 'test',
        format: 'edifact',
        type: 'order',
        guide: '',
        at: new Date('2026-11-21T12:00:00Z'),
      }),
    )
  agreements.close()
  // what was looked at counts the new agreement too; what was found does not
  return to.length === 1 ? answers : answers.map((found) => ({ ...found, candidates: [] }))
}
