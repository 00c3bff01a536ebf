import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase, type TestDatabase } from './support/database.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
let database: TestDatabase
let folder: string

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'crossdock-command-'))
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

interface Ended {
  code: number | null
  out: string
  error: string
}

async function crossdock(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, 'hub/cli/crossdock.mjs'), ...args], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: database.url, CROSSDOCK_DATA: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended: Ended = { code: null, out: '', error: '' }
  child.stdout.on('data', (data: Buffer) => (ended.out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (ended.error += data.toString()))
  ended.code = await new Promise((resolve) => child.once('close', resolve))
  return ended
}

test('a verb that is not there, an unknown option and a missing file end with 2 and say what is possible', async () => {
  const [verb, option, file] = await Promise.all([
    crossdock(['fly']),
    crossdock(['parse', '--wings', 'x.edi']),
    crossdock(['parse', 'no-such-file.edi']),
  ])
  expect([verb.code, option.code, file.code]).toEqual([2, 2, 2])
  expect(verb.error).toContain('there is no verb "fly"')
  expect(option.error).toContain('crossdock parse FILE')
  expect(file.error).toContain('there is no such file')
})

test('parse ends with 0 for a good file and with 1 for one that is wrong, and names the place', async () => {
  const [good, json, bad] = await Promise.all([
    crossdock(['parse', '--summary', 'hub/cli/demo/samples/order-346.xml']),
    crossdock(['parse', '--json', 'hub/cli/demo/samples/order-347.json']),
    crossdock(['parse', 'README.md']),
  ])
  expect([good.code, json.code, bad.code]).toEqual([0, 0, 1])
  expect(good.out).toContain('Order 2.1 number 346')
  expect(JSON.parse(json.out)).toMatchObject({ format: 'json', findings: [] })
  expect(bad.out).toContain('CD-2001')
})

test('the help of a verb of two words is found by its first', async () => {
  const help = await crossdock(['user', '--help'])
  expect([help.code, help.out]).toEqual([0, expect.stringContaining('crossdock user add EMAIL')])
})

test('a hub whose port is taken says so and ends', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as AddressInfo
  const ended = await crossdock(['serve'], { CROSSDOCK_HTTP_PORT: String(port), CROSSDOCK_SFTP_PORT: '0' })
  taken.close()
  expect(ended.code).toBe(2)
  expect(ended.error).toContain(`port ${port} is taken`)
})

test('doctor finds a migrated database good, and trace says where it knows nothing', async () => {
  const doctor = await crossdock(['doctor', '--json'])
  const { checks } = JSON.parse(doctor.out) as { checks: { name: string; good: boolean }[] }
  expect(checks.filter((check) => !check.good)).toEqual([])
  expect(doctor.code).toBe(0)
  const trace = await crossdock(['trace', 'order', '99999'])
  expect([trace.code, trace.out]).toEqual([1, expect.stringContaining('Nothing is known by "order 99999"')])
})

test('the demo ends with 0 only when every document has its proof', { timeout: 120_000 }, async () => {
  const demo = await crossdock(['demo', '--exit'])
  expect(demo.error).toBe('')
  expect(demo.out).toContain(
    'All three orders arrived, each with its proof, and the retailer has its CONTRL.',
  )
  expect(demo.code).toBe(0)
})
