import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SftpClient from 'ssh2-sftp-client'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSupplierEndpoint } from '#hub/cli/demo/supplier-endpoint.ts'
import { startSupplierSftp } from '#hub/cli/demo/supplier-sftp.ts'
import { makeHostKey } from '#hub/keys/host-key.ts'
import { canaryConfiguration, failingChannels, refusedConfiguration } from './support/canary-configuration.ts'
import { Canaries, dumpDatabase } from './support/canaries.ts'
import { runCommand, signIn, type EndedCommand } from './support/command.ts'
import { testDatabase, type TestDatabase } from './support/database.ts'
import { startHubProcess, type HubProcess } from './support/hub-process.ts'
import { until } from './support/poll.ts'

/*
 * SECURITY §1.8: a canary in every secret place; then everything that the hub writes and answers, when it succeeds and when
 * it fails, is searched for them. The hub and the verbs are real processes, with the log at debug.
 */
const demo = new URL('../hub/cli/demo/', import.meta.url)
const canaries = new Canaries()
const login = `canary_${randomBytes(4).toString('hex')}`
const forged = '\n{"level":"fatal","msg":"forged"}\u001b[31m'

const secrets = {
  database: canaries.make('password of DATABASE_URL'),
  masterKey: canaries.know('master key', randomBytes(32).toString('base64')),
  ledgerKey: canaries.know('ledger key', randomBytes(32).toString('base64')),
  metrics: canaries.make('token of /metrics'),
  person: canaries.make('password of a person'),
  personWrong: canaries.make('wrong password of a person'),
  tokenWrong: canaries.make('wrong token'),
  tokenInQuery: canaries.make('token in the query of a URL'),
  basic: canaries.make('Authorization: Basic'),
  sftpIn: canaries.make('password of an SFTP log-in'),
  sftpInWrong: canaries.make('wrong password of an SFTP log-in'),
  sftpOut: canaries.make('password of the partner’s SFTP server'),
  sftpOutWrong: canaries.make('wrong password of the partner’s SFTP server'),
  privateKey: makeHostKey(),
  webhook: canaries.make('webhook secret'),
  bearer: canaries.make('token of an endpoint, in secretHeaders'),
  inYaml: canaries.make('secret written into YAML'),
}
// one line of it, whatever is between them where it is shown
canaries.know('private key of an SFTP channel', secrets.privateKey.split('\n')[2]!)
const content = new Canaries()
const note = content.make('note of a document')
const wrongDate = content.make('wrong value of a document')

let folder: string
let database: TestDatabase
let hub: HubProcess
let endpoint: Awaited<ReturnType<typeof startSupplierEndpoint>>
let server: Awaited<ReturnType<typeof startSupplierSftp>>
/** What was written and answered, by where. */
const said = new Map<string, string>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-canary-'))
  database = await testDatabase()
  await database.admin.query(`create role ${login} superuser login password '${secrets.database}'`)
  endpoint = await startSupplierEndpoint(webhookSecret())
  server = await startSupplierSftp('crossdock', secrets.sftpOut)
})
afterAll(async () => {
  await hub?.stop()
  await endpoint.close()
  await server.close()
  const url = new URL(database.url)
  await database.drop()
  url.pathname = '/postgres'
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  await client.query(`drop role ${login}`)
  await client.end()
  await rm(folder, { recursive: true, force: true })
})

test(
  'no secret stands in logs, answers, pages, exports, metrics or the database',
  { timeout: 600_000 },
  async () => {
    await refusedStarts()
    await configure()
    hub = await startHubProcess({ databaseUrl: databaseUrl(), dataFolder: folder, env: environment() })
    const token = await tokens()
    await talkHttp(token)
    await talkSftp()
    await until('deliveries have been tried', tried, 60_000)
    await lookEverywhere(token)
    await withoutDatabase(token)
    for (const verb of [
      ['doctor'],
      ['export', join(folder, 'exported')],
      ['export', '--ledger'],
      ['trace', '601'],
      ['key', 'list'],
    ])
      await verbSays(verb)
    await hub.stop()
    said.set('log of the hub', hub.log())
    for (const [table, rows] of await dumpDatabase(database.admin)) said.set(`table ${table}`, rows)

    const hits = [...said].flatMap(([where, text]) =>
      canaries.found(text).map((place) => `${place}: in ${where}`),
    )
    expect(hits).toEqual([])
    const outside = [...said].filter(([where]) =>
      /^(log|table|metrics|ledger|verb (doctor|export|key))/.test(where),
    )
    expect(
      outside.flatMap(([where, text]) => content.found(text).map((place) => `${place}: in ${where}`)),
    ).toEqual([])
    // the search would find them: each place was in use
    expect(said.size).toBeGreaterThan(60)
    expect(canaries.found(JSON.stringify(secrets))).toHaveLength(Object.keys(secrets).length)
  },
)

test('what strangers send makes no line of the log of its own', () => {
  const lines = hub.log().trimEnd().split('\n')
  expect(lines.length).toBeGreaterThan(20)
  for (const line of lines) {
    expect(() => JSON.parse(line) as unknown, line).not.toThrow()
    expect((JSON.parse(line) as { msg?: string }).msg, line).not.toBe('forged')
    expect(line).not.toMatch(/[\u0000-\u001f\u007f]/)
  }
})

function webhookSecret(): string {
  return `whsec_${Buffer.from(secrets.webhook).toString('base64')}`
}

function databaseUrl(): string {
  const url = new URL(database.url)
  url.username = login
  url.password = secrets.database
  return url.href
}

function environment(): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl(),
    CROSSDOCK_DATA: folder,
    CROSSDOCK_MASTER_KEY: secrets.masterKey,
    CROSSDOCK_LEDGER_KEY: secrets.ledgerKey,
    CROSSDOCK_METRICS_TOKEN: secrets.metrics,
    CROSSDOCK_LOG_LEVEL: 'debug',
    CROSSDOCK_LIMITS: 'watchSeconds=1,ledgerEveryMs=200',
    RETAILER_PASSWORD: secrets.sftpIn,
    SUPPLIER_PASSWORD: secrets.sftpIn,
    SUPPLIER_WEBHOOK_SECRET: webhookSecret(),
    SUPPLIER_SFTP_PASSWORD: secrets.sftpOut,
    WRONG_SFTP_PASSWORD: secrets.sftpOutWrong,
    PRIVATE_KEY: secrets.privateKey,
    BEARER: `Bearer ${secrets.bearer}`,
  }
}

async function verbSays(args: string[], env: Record<string, string> = {}): Promise<EndedCommand> {
  const ended = await runCommand(args, { ...environment(), ...env })
  const name = `verb ${args.join(' ').replace(folder, '')}`
  said.set(`${name} ${said.size}`, `${ended.out}\n${ended.error}`)
  return ended
}

/** Starts that fail, each with a secret in what is wrong. */
async function refusedStarts(): Promise<void> {
  const away = new URL(databaseUrl())
  away.port = '1'
  const wrong: Record<string, string>[] = [
    { DATABASE_URL: away.href },
    { DATABASE_URL: `postgres://${login}:${secrets.database} @[:::/x` },
    { DATABASE_URL: `nothing ${secrets.database}` },
    { CROSSDOCK_MASTER_KEY: `${secrets.masterKey}!` },
    { CROSSDOCK_MASTER_KEY: secrets.masterKey.slice(0, -8) },
    { CROSSDOCK_LEDGER_KEY: `${secrets.ledgerKey}!` },
    { CROSSDOCK_METRICS_TOKEN: `${secrets.metrics} ${secrets.metrics}` },
    { CROSSDOCK_URL: `not an address ${secrets.database}` },
  ]
  await Promise.all(
    wrong.map(async (env) => {
      const { code } = await verbSays(['doctor'], env)
      if (env['CROSSDOCK_LEDGER_KEY'] === undefined) expect(code).not.toBe(0)
    }),
  )
}

/** Applies the demo's configuration with channels that fail, and files that are refused. */
async function configure(): Promise<void> {
  const config = join(folder, 'config')
  await mkdir(config)
  const ends = { endpoint: endpoint.address, sftpPort: server.port, hostKey: server.hostKey }
  for (const { name, text } of await canaryConfiguration(ends)) await writeFile(join(config, name), text)
  const applied = await verbSays(['apply', config])
  expect(applied.error).toBe('')
  await verbSays(['apply', config, '--plan', '--json'])
  await Promise.all(
    refusedConfiguration(secrets.inYaml).map(async (text, index) => {
      const path = join(folder, `bad-${index}.yaml`)
      await writeFile(path, text)
      const { code, out, error } = await verbSays(['apply', path])
      expect(code, `${text}\n${out}${error}`).not.toBe(0)
    }),
  )
}

/** Adds a person and a token; what prints the token is the one place where it belongs. */
async function tokens(): Promise<string> {
  const asked = ['--name', 'Operator', '--role', 'operator']
  await verbSays(['user', 'add', 'short@example.com', ...asked], {
    CROSSDOCK_PASSWORD: secrets.person.slice(0, 8),
  })
  const added = await verbSays(['user', 'add', 'operator@example.com', ...asked], {
    CROSSDOCK_PASSWORD: secrets.person,
  })
  expect(added.code).toBe(0)
  const made = await runCommand(
    ['token', 'add', '--partner', 'maison-verdier', '--channel', 'api', '--name', 'canary', '--json'],
    environment(),
  )
  return canaries.know('token', (JSON.parse(made.out) as { token: string }).token)
}

async function ask(path: string, init: RequestInit = {}): Promise<Response & { body: unknown }> {
  const response = await fetch(`${hub.http}${path}`, { redirect: 'manual', ...init })
  const text = await response.clone().text()
  const headers = [...response.headers].filter(([name]) => name !== 'set-cookie')
  said.set(
    `answer ${said.size} to ${init.method ?? 'GET'} ${path.split('?')[0]}`,
    `${JSON.stringify(headers)}\n${text}`,
  )
  return response
}

async function talkHttp(token: string): Promise<void> {
  const json = await readFile(new URL('samples/order-347.json', demo), 'utf8')
  const noted = json.replaceAll('347', '601').replace('Commande complémentaire', note)
  const post = (authorization: string, body: string, query = '') =>
    ask(`/v1/documents${query}`, {
      method: 'POST',
      headers: {
        authorization,
        'idempotency-key': randomBytes(8).toString('hex'),
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(forged)}.json`,
        'user-agent': `agent\u00ff {"level":"fatal"}`,
      },
      body,
    })
  expect((await post(`Bearer ${token}`, noted)).status).toBe(202)
  expect((await post(`Bearer ${token}`, noted.replace('2026-11-19', wrongDate))).status).toBe(202)
  expect((await post(`Bearer ${token}`, `{"type": ${wrongDate}`)).status).toBe(202)
  for (const wrong of [
    `Bearer cd_live_${secrets.tokenWrong}`,
    `Basic ${Buffer.from(`user:${secrets.basic}`).toString('base64')}`,
    secrets.tokenWrong,
  ])
    expect((await post(wrong, noted)).status).toBe(401)
  for (const query of [`?token=${secrets.tokenInQuery}`, `?access_token=cd_live_${secrets.tokenInQuery}`]) {
    await post('', noted, query)
    await ask(`/v1/documents${query}`)
    await ask(`/v1/nothing${query}`)
    await ask(`/p/documents${query}`)
  }
  const wrongForm = new URLSearchParams({ email: `x@example.com${forged}`, password: secrets.personWrong })
  await ask('/sign-in', { method: 'POST', body: wrongForm })
  await ask('/sign-in', {
    method: 'POST',
    body: new URLSearchParams({ email: 'operator@example.com', password: secrets.personWrong }),
  })
  expect((await ask('/metrics', { headers: { authorization: `Bearer ${secrets.tokenWrong}` } })).status).toBe(
    404,
  )
  const metrics = await ask('/metrics', { headers: { authorization: `Bearer ${secrets.metrics}` } })
  expect(metrics.status).toBe(200)
  said.set('metrics', await metrics.text())
}

async function talkSftp(): Promise<void> {
  const edi = (await readFile(new URL('samples/order-345.edi', demo), 'utf8')).replace(
    'NAD+BY',
    `FTX+AAI+++${note}'NAD+BY`,
  )
  const attempts = [
    { username: 'maison-verdier', password: secrets.sftpIn, name: `/inbox/a${forged}.edi` },
    { username: 'maison-verdier', password: secrets.sftpInWrong, name: null },
    { username: `nobody${forged}`, password: secrets.sftpInWrong, name: null },
  ]
  for (const { username, password, name } of attempts) {
    const client = new SftpClient('canary', { error: () => {}, end: () => {}, close: () => {} })
    const error = await client
      .connect({ host: '127.0.0.1', port: hub.sftpPort, username, password })
      .then(async () => {
        await client.put(Buffer.from(edi, 'latin1'), '/inbox/plain.edi')
        await client.put(Buffer.from(edi, 'latin1'), name!).catch(() => {})
        return null
      })
      .catch((caught: Error) => caught)
    expect(error === null).toBe(name !== null)
    said.set(`SFTP ${said.size}`, String(error?.message))
    await client.end().catch(() => {})
  }
}

/** The partner's ends have what they are to have, and each channel that fails has failed. */
async function tried(): Promise<true | null> {
  const { rows } = await database.admin.query<{ key: string; states: string[] }>(
    `select c.key, array_agg(distinct d.state || coalesce(d.code, '')) as states
     from delivery d join channel c on c.id = d.channel_id group by c.key`,
  )
  const failed = failingChannels.filter((key) =>
    rows.some((row) => row.key === key && row.states.some((state) => /CD-/.test(state))),
  )
  return failed.length === failingChannels.length ? true : null
}

/** Every page and every read of the API, with what is linked from them. */
async function lookEverywhere(token: string): Promise<void> {
  const cookie = await signIn(hub.http, 'operator@example.com', secrets.person)
  canaries.know('session', cookie.split('=')[1]!)
  const { rows } = await database.admin.query<{ document: string; exchange: string }>(
    'select id as document, transmission_id as exchange from document',
  )
  const { rows: deliveries } = await database.admin.query<{ id: string; document: string }>(
    'select d.id, o.document_id as document from delivery d join output o using (interchange_id)',
  )
  const pages = [
    '/',
    '/ops',
    '/p/documents',
    '/docs',
    '/sign-in',
    '/p/nothing',
    '/p/documents?q=601',
    '/ledger/checkpoint',
  ]
  pages.push(
    ...rows.flatMap(({ document, exchange }) => [`/p/documents/${document}`, `/p/exchanges/${exchange}`]),
  )
  pages.push(...deliveries.map(({ id, document }) => `/p/documents/${document}/outputs/${id}`))
  const languages = ['en', 'fr']
  await Promise.all(
    pages.flatMap((path) =>
      languages.map((language) => ask(path, { headers: { cookie, 'accept-language': language } })),
    ),
  )
  const reads = ['/v1/documents', '/v1/documents/nothing']
  reads.push(
    ...rows.flatMap(({ document, exchange }) => [
      `/v1/documents/${document}`,
      `/v1/documents/${document}/timeline`,
      `/v1/exchanges/${exchange}`,
    ]),
  )
  for (const path of reads) await ask(path, { headers: { authorization: `Bearer ${token}` } })
}

/** The database refuses the hub's log-in for a while: errors of the driver know the address and the password. */
async function withoutDatabase(token: string): Promise<void> {
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity where usename = $1 or (datname = current_database() and pid <> pg_backend_pid() and application_name like 'crossdock%')`
  await database.admin.query(`alter role ${login} nologin`)
  await database.admin.query(cut, [login])
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': 'while-away' }
  await until('503', async () => {
    const response = await ask('/v1/documents', { method: 'POST', headers, body: '{"type":"order"}' })
    return response.status === 503 ? true : null
  })
  await ask('/v1/documents', { headers })
  await ask('/p/documents')
  await ask('/metrics', { headers: { authorization: `Bearer ${secrets.metrics}` } })
  await verbSays(['doctor'])
  await database.admin.query(`alter role ${login} login`)
  await until('202 again', async () => {
    const response = await ask('/v1/documents', { method: 'POST', headers, body: '{"type":"order"}' })
    return response.status === 202 ? true : null
  })
}
