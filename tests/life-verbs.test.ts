import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommand, type EndedCommand } from './support/command.ts'
import { testDatabase, type TestDatabase } from './support/database.ts'

/** The verbs about the life of partners and of what was agreed, as people call them: each call is a process of its own. */
let database: TestDatabase
let folder: string

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'crossdock-life-verbs-'))
  for (const name of ['ada', 'ben'])
    await database.admin.query(
      `insert into person (id, email, name, role, password_hash) values (gen_random_uuid(), $1 || '@hub.example', $1, 'operator', 'x')`,
      [name],
    )
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

async function crossdock(...args: string[]): Promise<EndedCommand> {
  return runCommand(args, { DATABASE_URL: database.url, CROSSDOCK_DATA: join(folder, 'data') })
}

const table = `key,name,identities,channel,address,profiles
north,"North, Ltd",gln:4012345000009,https,https://north.example/in,sends-orders-json
south,South,gln:5012345000008,https,https://south.example/in,receives-orders-json
`

const agreement = (linesMax: number) => `agreement:
  key: north-south
  sender: { partner: north, env: live, type: order }
  receiver: { partner: south }
  terms: { rails: { linesMax: ${linesMax} } }
`

test(
  'partners come from a table, change by two people, are compared and rolled back, and leave',
  { timeout: 240_000 },
  async () => {
    const [csv, yaml] = [join(folder, 'partners.csv'), join(folder, 'agreement.yaml')]
    await writeFile(
      csv,
      table
        .replaceAll(/(gln:\d+)/g, '$1@live')
        .replace('identities,', 'identities,env,')
        .replaceAll('@live,', '@live,live,'),
    )
    const written = await crossdock('partner', 'import', csv, '--write', join(folder, 'out'))
    expect(written).toMatchObject({ code: 0, out: expect.stringContaining('2 files written') as string })
    expect(await readFile(join(folder, 'out/partners/north.yaml'), 'utf8')).toContain('name: North, Ltd')
    expect(await crossdock('partner', 'import', csv)).toMatchObject({
      code: 0,
      out: 'add north\nadd south\n2 partners with 2 profiles added\n',
    })
    await writeFile(yaml, agreement(5))
    expect((await crossdock('apply', yaml)).code).toBe(0)

    expect(await crossdock('config', 'approvals', 'required', '--by', 'ada@hub.example')).toMatchObject({
      code: 0,
      out: 'required\n',
    })
    await writeFile(yaml, agreement(6))
    expect(await crossdock('apply', yaml)).toMatchObject({
      code: 2,
      error: expect.stringContaining('CD-8062') as string,
    })
    const proposed = await crossdock('apply', yaml, '--by', 'ada@hub.example', '--reason', 'one more line')
    const id = /config approve (\S+)/.exec(proposed.out)![1]!
    expect(await crossdock('config', 'proposals')).toMatchObject({
      code: 1,
      out: expect.stringContaining('one more line') as string,
    })
    expect(await crossdock('config', 'approve', id, '--by', 'ada@hub.example')).toMatchObject({
      code: 2,
      error: expect.stringContaining('CD-8061') as string,
    })
    expect((await crossdock('config', 'approve', id, '--by', 'ben@hub.example')).code).toBe(0)
    expect((await crossdock('config', 'versions', 'agreement', 'north-south')).out).toMatch(
      /^version 1 {2}retired .*\nversion 2 {2}live /,
    )
    expect(await crossdock('config', 'compare', 'agreement', 'north-south', '1', '2')).toMatchObject({
      code: 1,
      out: 'terms.rails.linesMax: 5 → 6\n',
    })
    const back = await crossdock(
      'config',
      'rollback',
      'agreement',
      'north-south',
      '--to',
      '1',
      '--by',
      'ada@hub.example',
    )
    const second = /config approve (\S+)/.exec(back.out)![1]!
    expect(
      (await crossdock('config', 'refuse', second, '--by', 'ben@hub.example', '--reason', 'no')).code,
    ).toBe(0)
    expect((await crossdock('config', 'where-used', 'channel', 'south/https')).out).toBe(
      'profile   south/receives/order/json/live\n',
    )
    expect(await crossdock('partner', 'offboard', 'south', '--plan')).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 agreements (north-south)') as string,
    })
    const day = ['--on', '2999-12-31', '--by', 'ada@hub.example']
    expect((await crossdock('partner', 'offboard', 'south', '--reason', 'ends', ...day)).code).toBe(0)
    expect(
      await crossdock('partner', 'offboard', 'south', '--cancel', '--by', 'ben@hub.example'),
    ).toMatchObject({ code: 0 })
  },
)
