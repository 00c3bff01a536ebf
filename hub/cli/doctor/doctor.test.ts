import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readConfig } from '#hub/base/config.ts'
import { limits } from '#hub/base/limits.ts'
import { withTools } from '#hub/tools.ts'
import { newId } from '#hub/model/ids.ts'
import type { Examined } from '#hub/store/examine.ts'
import { hubSecret } from '#hub/store/hub-secret.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { examine } from './examine.ts'
import { examineMachine, node } from './machine.ts'
import { examinePorts } from './ports.ts'

let folder: string
const masterKey = Buffer.alloc(32, 3).toString('base64')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-doctor-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

function configFor(url: string, env: NodeJS.ProcessEnv = {}) {
  return readConfig({ DATABASE_URL: url, CROSSDOCK_DATA: folder, CROSSDOCK_MASTER_KEY: masterKey, ...env })
}

async function withDatabase<Result>(work: (database: TestDatabase) => Promise<Result>): Promise<Result> {
  const database = await testDatabase()
  try {
    return await work(database)
  } finally {
    await database.drop()
  }
}

function notGood(examined: readonly Examined[]): Examined[] {
  return examined.filter(({ good }) => !good)
}

const old = newId(Date.now() - 3 * 24 * 3_600_000)
const nextMonth = `to_char(now() at time zone 'UTC' + interval '1 month', 'YYYY_MM')`
const partner = `insert into partner (id, key, name) values ('${old}', 'retailer', 'Retailer')`
const box = `insert into channel (id, partner_id, key, kind, env) values ('${old}', '${old}', 'box', 'mailbox', 'test')`
const job = `insert into pgboss.job (name, data, state, start_after, started_on, heartbeat_on)`

/** What is broken, by which statements; the check that finds it; and what it says. */
const broken: [name: string, statements: string[], found: string | RegExp][] = [
  ['roles and extension', ['drop extension btree_gist cascade'], 'missing: extension btree_gist'],
  ['migrations', [`delete from migration where name like '0002%'`], 'not applied yet: 0002_search.sql'],
  [
    'migrations',
    [`insert into migration (name, sha256) values ('9999_later.sql', '')`],
    'the database is newer than this program: 9999_later.sql',
  ],
  [
    'partitions',
    [`do $$ begin execute 'drop table document_' || ${nextMonth}; end $$`],
    /^missing: document_\d{4}_\d\d$/,
  ],
  [
    'queue',
    ['update pgboss.version set version = version - 1'],
    /^tables of pg-boss version \d+; this program uses \d+$/,
  ],
  ['queue', ['drop table pgboss.version'], /^the queue has no tables/],
  [
    'jobs',
    [`${job} values ('process', '{}', 'created', now() - interval '1 hour', null, null)`],
    /^1 jobs wait, the oldest 36\d\d s past its time, 0 failed; 1 are stuck for more than 10 minutes$/,
  ],
  [
    'jobs',
    [
      `${job} values ('deliver', '{}', 'active', now(), now() - interval '1 hour', now() - interval '1 hour')`,
    ],
    /1 are stuck/,
  ],
  [
    'outboxes',
    [
      partner,
      box,
      `insert into delivery (id, partner_id, channel_id, payload_id, wire_id, state, due_at, overdue_at)
       values ('${old}', '${old}', '${old}', '${old}', 'a.edi', 'pending', now() - interval '1 day', now())`,
    ],
    /^not collected in time: retailer\/box \(1, the first since /,
  ],
  [
    'check C6',
    [
      `insert into delivery (id, partner_id, channel_id, payload_id, wire_id, state, lease_until)
       values ('${old}', '${old}', '${old}', '${old}', 'a.edi', 'sending', now() - interval '1 hour')`,
    ],
    /^A delivery is stuck/,
  ],
  [
    'orphans',
    [`insert into payload_chunk (payload_id, seq, bytes) values ('${old}', 0, 'x')`],
    'parts of 1 uploads that were never completed',
  ],
  [
    'expired once',
    [
      `insert into once (scope, key, owner_id, expires_at)
       select 's', n::text::bytea, '${old}', now() - interval '1 day' from generate_series(0, ${limits.doctorExpiredOnce}) n`,
    ],
    `${limits.doctorExpiredOnce + 1} rows`,
  ],
  [
    'secrets of channels',
    [
      partner,
      box,
      `insert into credential (id, partner_id, channel_id, kind, username, verifier)
       values ('${old}', '${old}', '${old}', 'password', 'shop', 'missing ${old}')`,
    ],
    'named, but without a value: retailer/box/password:shop',
  ],
]

test('a fresh installation is found good', async () => {
  await withDatabase(async ({ url }) => {
    const examined = await examine(configFor(url), url)
    expect(notGood(examined)).toEqual([])
    expect(examined.map(({ name }) => name)).toEqual([
      'PostgreSQL',
      'durability',
      'clock',
      'roles and extension',
      'migrations',
      'partitions',
      'the nine checks',
      'waiting for a person',
      'outboxes',
      'orphans',
      'expired once',
      'running hub',
      'queue',
      'jobs',
      'master key',
      'secrets of channels',
      'ledger',
      'ledger delay',
    ])
  })
})

test.each(broken)('%s is found not good where it was broken (%#)', async (name, statements, found) => {
  await withDatabase(async ({ url, admin }) => {
    for (const statement of statements) await admin.query(statement)
    const bad = notGood(await examine(configFor(url), url))
    expect(bad.map((check) => check.name)).toEqual([name])
    expect(bad[0]!.found).toEqual(typeof found === 'string' ? found : expect.stringMatching(found))
    expect(bad[0]!.remedy).toMatch(/\w/)
  })
})

test('durability that was switched off is found', async () => {
  await withDatabase(async ({ url, admin }) => {
    const name = new URL(url).pathname.slice(1)
    await admin.query(`alter database ${name} set synchronous_commit = off`)
    expect(notGood(await examine(configFor(url), url))).toMatchObject([
      { name: 'durability', found: expect.stringContaining('synchronous_commit off') },
    ])
  })
})

test('a clock that is an hour off is found', async () => {
  await withDatabase(async ({ url }) => {
    const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000)
    const examined = await examine(configFor(url), url)
    now.mockRestore()
    expect(examined.find(({ name }) => name === 'clock')).toMatchObject({
      good: false,
      found: expect.stringMatching(/^-3\d{3}\.\d s between/),
    })
  })
})

test('another master key than the one that sealed is found, with its code', async () => {
  await withDatabase(async ({ url }) => {
    await withTools(configFor(url), ({ store, sealer }) =>
      hubSecret(store, sealer, 'sftp-host-key', () => Buffer.from('a key')),
    )
    const other = { CROSSDOCK_MASTER_KEY: Buffer.alloc(32, 4).toString('base64') }
    const bad = notGood(await examine(configFor(url, other), url))
    expect(bad).toMatchObject([{ name: 'master key', code: 'CD-9005' }])
    const wrong = { CROSSDOCK_MASTER_KEY: 'not a key' }
    expect(notGood(await examine(configFor(url, wrong), url))).toMatchObject([
      { name: 'master key', code: 'CD-9005' },
    ])
  })
})

test('a database that is away is found, with its code', async () => {
  const url = 'postgres://hub:secret@127.0.0.1:1/crossdock'
  const bad = await examine(configFor(url), url)
  expect(bad).toMatchObject([{ name: 'database', good: false, code: 'CD-9001' }])
  expect(JSON.stringify(bad)).not.toContain('secret')
  expect(await examine(configFor('postgres://[none'), 'postgres://[none')).toMatchObject([
    { name: 'database', found: 'cannot be reached: Invalid URL' },
  ])
})

test('a port that is taken is found, and by whom', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as AddressInfo
  const env = { CROSSDOCK_HTTP_PORT: String(port), CROSSDOCK_SFTP_PORT: '0' }
  const [http, sftp] = await examinePorts(configFor('postgres://x', env))
  taken.close()
  expect(http).toMatchObject({ good: false, remedy: expect.stringContaining('CROSSDOCK_HTTP_PORT') })
  if (process.platform === 'linux')
    expect(http!.found).toContain(`${port} is taken by process ${process.pid} (`)
  expect(sftp).toMatchObject({ good: true, found: 'any free one' })
  const elsewhere = await examinePorts(configFor('postgres://x', { CROSSDOCK_HOST: '192.0.2.1' }))
  expect(elsewhere[0]).toMatchObject({
    good: false,
    found: expect.stringContaining('192.0.2.1 cannot be listened on'),
  })
})

test('an old Node, a data folder that cannot be, and limits of its own are said', async () => {
  expect(node('20.19.0')).toMatchObject({ good: false, remedy: expect.stringContaining('npm ci') })
  const config = configFor('postgres://x', { CROSSDOCK_DATA: `${process.execPath}/folder` })
  const machine = await examineMachine(config, { CROSSDOCK_LIMITS: 'fileBytes=5000' })
  expect(notGood(machine)).toMatchObject([{ name: 'data folder' }])
  expect(machine.find(({ name }) => name === 'limits')).toMatchObject({ good: true, found: 'fileBytes=5000' })
})
