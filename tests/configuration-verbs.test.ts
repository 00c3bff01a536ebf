import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommand, type EndedCommand } from './support/command.ts'
import { testDatabase, type TestDatabase } from './support/database.ts'

/** The verbs of configuration as code, as people call them: each call is a process of its own. */
const examples = fileURLToPath(new URL('../docs/examples', import.meta.url))
const order = join(examples, 'order-345.edi')
let full: TestDatabase
let empty: TestDatabase
let folder: string

beforeAll(async () => {
  full = await testDatabase()
  empty = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'crossdock-configuration-'))
  const secret = join(folder, 'secret.yaml')
  await writeFile(
    secret,
    `partner:
  key: shop
  name: Shop
  channels:
    - { key: box, kind: mailbox, env: test, logins: [{ kind: password, username: shop, value: canary-password-shop }] }
`,
  )
  for (const path of [examples, secret]) expect((await crossdock(['apply', path])).code).toBe(0)
}, 90_000)
afterAll(async () => {
  await full.drop()
  await empty.drop()
  await rm(folder, { recursive: true, force: true })
})

async function crossdock(args: string[], database: TestDatabase = full): Promise<EndedCommand> {
  return runCommand(args, {
    DATABASE_URL: database.url,
    CROSSDOCK_DATA: join(folder, database.url.slice(-8)),
  })
}

async function contents(of: string): Promise<Record<string, string>> {
  const names = (await readdir(of, { recursive: true })).filter((name) => name.endsWith('.yaml')).toSorted()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(of, name), 'utf8')])),
  ) as Record<string, string>
}

test(
  'an export applied to an empty hub exports to the same bytes, and names the secret that is missing',
  { timeout: 120_000 },
  async () => {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')]
    expect(await crossdock(['export', first])).toMatchObject({
      code: 0,
      out: `3 partners and 2 agreements written to ${first}\n`,
    })
    const applied = await crossdock(['apply', first], empty)
    expect(applied.code).toBe(0)
    expect(applied.out).toContain('missing credential shop/box/password:shop')
    expect(applied.out).toContain('One secret is missing')
    expect((await crossdock(['export', '--out', second], empty)).code).toBe(0)
    const files = await contents(first)
    expect(Object.keys(files)).toEqual([
      'agreements/verdier-brouwer-edifact.yaml',
      'agreements/verdier-brouwer-json.yaml',
      'code-lists/verdier-units.yaml',
      'mappings/order-brouwer-warehouse.yaml',
      'mappings/order-verdier-shops.yaml',
      'partners/brouwer.yaml',
      'partners/shop.yaml',
      'partners/verdier.yaml',
    ])
    expect(await contents(second)).toEqual(files)
    expect(JSON.stringify(files)).not.toContain('canary')
    const [stream, one] = await Promise.all([
      crossdock(['export']),
      crossdock(['export', '--partner', 'shop']),
    ])
    expect(stream.out).toBe(
      [...Object.values(files).slice(5), ...Object.values(files).slice(0, 5)].join('---\n'),
    )
    expect(one.out).toBe(files['partners/shop.yaml'])
  },
)

test(
  'drift ends with 0 without a difference, with 1 where one is, with 2 where it cannot compare',
  { timeout: 120_000 },
  async () => {
    const own = join(folder, 'own')
    expect((await crossdock(['export', own])).code).toBe(0)
    expect(await crossdock(['drift', own])).toMatchObject({
      code: 0,
      out: 'No difference between 8 files and the hub.\n',
    })
    await full.admin.query(`update partner set time_zone = 'Europe/Berlin' where key = 'verdier'`)
    const told = await crossdock(['drift', own])
    expect(told).toMatchObject({ code: 1, error: '' })
    expect(told.out).toBe(
      `${join(own, 'partners/verdier.yaml')}:5:3 partner verdier timeZone: "Europe/Berlin" in the hub, "Europe/Paris" in the file\n1 difference\n`,
    )
    const json = await crossdock(['drift', own, '--json'])
    expect(JSON.parse(json.out)).toMatchObject({
      differences: [{ kind: 'changed', thing: 'partner', key: 'verdier', field: 'timeZone', line: 5 }],
    })
    await rm(join(own, 'partners/shop.yaml'))
    const gone = await crossdock(['drift', own])
    expect(gone.out).toContain('hub only: partner shop stands in the hub and in no file')
    await writeFile(join(own, 'partners/shop.yaml'), 'partner:\n  key: shop\n  nam: Shop\n')
    const faulty = await crossdock(['drift', own])
    expect([faulty.code, faulty.out]).toEqual([2, ''])
    expect(faulty.error).toContain('partners/shop.yaml:3:3 partner.nam: unknown field; did you mean `name`?')
    expect((await crossdock(['drift', join(folder, 'nowhere')])).code).toBe(2)
  },
)

test(
  'an export does not go into a folder with other files, and the ledger says who applied what',
  { timeout: 60_000 },
  async () => {
    const strange = join(folder, 'strange')
    await mkdir(strange)
    await writeFile(join(strange, 'mine.yaml'), '')
    const refused = await crossdock(['export', strange])
    expect(refused.code).toBe(2)
    expect(refused.error).toContain('holds mine.yaml, which is no part of this export')
    const { rows } = await full.admin.query<{ actor: string }>(
      `select distinct actor from entry where type = 'config.applied'`,
    )
    expect(rows).toEqual([{ actor: expect.stringMatching(/^cli(:.+)?$/) }])
  },
)

test(
  'a name that is not there is asked back with those that are, and not called a fault of the configuration',
  { timeout: 60_000 },
  async () => {
    const [send, channel, token] = await Promise.all([
      crossdock(['send', order, '--from', 'verdeir']),
      crossdock(['send', order, '--from', 'verdier']),
      crossdock(['token', 'add', '--partner', 'verdier', '--channel', 'mailbox']),
    ])
    expect([send.code, channel.code, token.code]).toEqual([2, 2, 2])
    expect(send.error).toContain('there is no partner `verdeir`; did you mean `verdier`?')
    expect(channel.error).toContain('say --channel with one of `api`, `mailbox`')
    expect(token.error).toContain('only https takes tokens; there is `api`')
    for (const { error } of [send, channel, token]) expect(error).not.toContain('CD-9006')
  },
)

test(
  'translate gives the output on standard output and findings on standard error, without a database',
  { timeout: 60_000 },
  async () => {
    const env = { DATABASE_URL: 'postgres://127.0.0.1:1/none', CROSSDOCK_DATA: '/dev/null/none' }
    const translate = (...args: string[]) => runCommand(['translate', ...args], env)
    const [xml, canonical, byFiles, unreadable, wrong, toOne, toSender, toNobody] = await Promise.all([
      translate(order, '--from', 'order/edifact-d96a', '--to', 'order/ubl-2.1'),
      translate(order, '--canonical'),
      translate(join(examples, 'order-346.json'), '--config', examples, '--json'),
      translate(join(examples, 'verdier.yaml'), '--to', 'order/json'),
      translate(order, '--to', 'order/ubl'),
      translate(join(examples, 'order-346.json'), '--config', examples, '--to', 'brouwer'),
      translate(join(examples, 'order-346.json'), '--config', examples, '--to', 'verdier'),
      translate(join(examples, 'order-346.json'), '--config', examples, '--to', 'brower'),
    ])
    expect(toOne).toMatchObject({ code: 0, out: expect.stringContaining('UNB+UNOC') })
    expect(toSender).toMatchObject({ code: 1, out: '', error: expect.stringContaining('does not go to') })
    expect(toNobody).toMatchObject({ code: 2, error: expect.stringContaining('did you mean `brouwer`') })
    expect(xml).toMatchObject({ code: 0, error: '', out: expect.stringContaining('<cbc:ID>345</cbc:ID>') })
    expect(JSON.parse(canonical.out)).toMatchObject({ type: 'order', id: '345' })
    expect(JSON.parse(byFiles.out)).toMatchObject({
      documents: [{ verdict: 'mapped', outputs: [{ agreement: 'verdier-brouwer-json', format: 'edifact' }] }],
    })
    expect(unreadable).toMatchObject({ code: 1, out: '', error: expect.stringContaining('CD-2001') })
    expect(wrong).toMatchObject({ code: 2, error: expect.stringContaining('there are `order/edifact-d96a`') })
  },
)

test(
  'translate and parse read standard input, and parse tries the mapping where asked',
  { timeout: 60_000 },
  async () => {
    const bytes = (await readFile(order, 'utf8')).replace("BGM+220+345+9'", "BGM+220++9'")
    const [translated, parsed, tried] = await Promise.all([
      piped(['translate', '-', '--to', 'order/json'], bytes),
      piped(['parse', '-', '--summary'], bytes),
      piped(['parse', '-', '--summary', '--canonical'], bytes),
    ])
    expect(translated).toMatchObject({ code: 1, out: '', error: expect.stringContaining('BGM') })
    expect(parsed).toMatchObject({ code: 0, out: expect.stringContaining('No findings.') })
    expect(tried).toMatchObject({ code: 1, out: expect.stringContaining('read as order/edifact-d96a') })
  },
)

async function piped(args: string[], input: string): Promise<EndedCommand> {
  const command = fileURLToPath(new URL('../hub/cli/crossdock.mjs', import.meta.url))
  const child = spawn(process.execPath, [command, ...args], { stdio: 'pipe' })
  const ended: EndedCommand = { code: null, out: '', error: '' }
  child.stdout.on('data', (data: Buffer) => (ended.out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (ended.error += data.toString()))
  child.stdin.end(input)
  ended.code = await new Promise((resolve) => child.once('close', resolve))
  return ended
}

test(
  'doctor ends with 2 where it cannot look, and with 1 where something is wanting',
  { timeout: 60_000 },
  async () => {
    const env = {
      DATABASE_URL: empty.url,
      CROSSDOCK_DATA: folder,
      CROSSDOCK_HTTP_PORT: '0',
      CROSSDOCK_SFTP_PORT: '0',
    }
    const [away, wrong, full_] = await Promise.all([
      runCommand(['doctor', '--json'], { ...env, DATABASE_URL: 'postgres://127.0.0.1:1/none' }),
      runCommand(['doctor'], { ...env, CROSSDOCK_HTTP_PORT: 'many' }),
      runCommand(['doctor', '--json'], { ...env, CROSSDOCK_LIMITS: 'doctorFreeBytes=900000000000000' }),
    ])
    expect([away.code, wrong.code, full_.code]).toEqual([2, 2, 1])
    expect(JSON.parse(away.out)).toMatchObject({ good: false })
    expect(away.out).toContain('CD-9001')
    expect(wrong.out).toContain('NOT GOOD  configuration: CD-9006 CROSSDOCK_HTTP_PORT')
    const { checks } = JSON.parse(full_.out) as { checks: { name: string; good: boolean }[] }
    expect(checks.filter(({ good }) => !good).map(({ name }) => name)).toContain('disk space')
  },
)
