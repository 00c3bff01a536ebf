import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { namedId } from '#hub/model/ids.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { testDatabase, type TestDatabase } from './support/database.ts'
import { startHubProcess } from './support/hub-process.ts'
import { until } from './support/poll.ts'

const command = fileURLToPath(new URL('../hub/cli/crossdock.mjs', import.meta.url))
const partner = namedId('partner', 'ledger')
let database: TestDatabase
let folder: string

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'crossdock-ledger-verbs-'))
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

test('the running hub signs its ledger; what it exports is verified without it, and a changed byte is found', async () => {
  const { worker } = database.store
  await worker.query(`insert into partner (id, key, name) values ($1, 'ledger', 'Ledger')`, [partner])
  const type = 'credential.added'
  const body = { credential: 'c', kind: 'token', channel: 'api' }
  await appendEntries(worker, [
    { type, body, partnerId: partner, actor: 'cli' },
    { type, body, partnerId: null, actor: 'cli' },
    { type, body, partnerId: partner, actor: 'cli' },
  ])
  const hub = await startHubProcess({ databaseUrl: database.url, dataFolder: folder })
  await until('the entries have their places', async () => {
    const { rows } = await worker.query<{ n: number }>('select count(*)::int as n from ledger_waiting')
    return rows[0]!.n === 0 ? true : null
  })
  const doctor = await crossdock('doctor', '--json')
  await hub.stop()
  const { checks } = JSON.parse(doctor.out) as { checks: { name: string; good: boolean; found: string }[] }
  const ledger = checks.find(({ name }) => name === 'ledger')
  expect(ledger).toMatchObject({
    good: true,
    found: expect.stringMatching(/^3 entries of epoch 1 signed at /),
  })
  expect(checks.find(({ name }) => name === 'ledger delay')).toMatchObject({ good: true })

  const whole = join(folder, 'whole.jsonl')
  const own = join(folder, 'own.jsonl')
  const kept = join(folder, 'ledger.checkpoint')
  expect((await crossdock('export', '--ledger', '--out', whole)).code).toBe(0)
  expect((await crossdock('export', '--ledger', '--partner', 'ledger', '--out', own)).code).toBe(0)
  expect(await crossdock('verify', own, '--json')).toMatchObject({ code: 0 })
  const key = ledger!.found.split(' ').at(-1)!
  const good = await offline('verify', whole, '--checkpoint', kept, '--key', key)
  expect(good).toMatchObject({ code: 0, out: expect.stringContaining('Good: 3 entries') })

  const lines = await readFile(whole, 'utf8')
  await writeFile(whole, lines.replace('\\"kind\\":\\"token\\"', '\\"kind\\":\\"tokem\\"'))
  const bad = await offline('verify', whole, '--json')
  expect(bad.code).toBe(1)
  expect(JSON.parse(bad.out)).toMatchObject({ good: false, firstBad: 0, reason: 'body' })
  expect((await offline('verify', command)).code).toBe(2)
  expect((await offline('verify', join(folder, 'none'))).code).toBe(2)
}, 240_000)

interface Ended {
  code: number
  out: string
}

async function crossdock(...args: string[]): Promise<Ended> {
  return call(args, { DATABASE_URL: database.url })
}

/** Without a database that could be reached. */
async function offline(...args: string[]): Promise<Ended> {
  return call(args, { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
}

async function call(args: string[], env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, CROSSDOCK_DATA: folder, ...env } }
    execFile(process.execPath, [command, ...args], options, (error, out) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out })
    })
  })
}
