import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { runCommand, signIn, type EndedCommand } from '../support/command.ts'
import { HubEnded, startHubProcess, type HubProcess } from '../support/hub-process.ts'
import { until } from '../support/poll.ts'
import { setScene, type Scene } from './scene.ts'

/*
 * SECURITY §1.8: the master key is rotated while hubs run, interrupted, lost and wrong. Hubs and verbs are real processes.
 */
const person = { email: 'operator@example.com', password: 'operator-password-1' }
const limits = 'masterKeyLookMs=200,watchSeconds=1,watchGraceSeconds=1'

let folder: string
let order: Buffer
let database: TestDatabase
let scene: Scene
let dataFolder: string
const hubs: HubProcess[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-keys-'))
  order = await readFile(new URL('../../hub/cli/demo/samples/order-347.json', import.meta.url))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
beforeEach(async () => {
  database = await testDatabase()
  dataFolder = join(folder, randomBytes(4).toString('hex'))
  scene = await setScene(database.store, dataFolder)
})
afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.stop()))
  await scene.close()
  await database.drop()
})

async function start(env: Record<string, string> = {}): Promise<HubProcess> {
  const hub = await startHubProcess({
    databaseUrl: database.url,
    dataFolder,
    env: { CROSSDOCK_LIMITS: limits, ...env },
  })
  hubs.push(hub)
  return hub
}

function crossdock(args: string[], env: Record<string, string> = {}): Promise<EndedCommand> {
  return runCommand(args, environment(env))
}

function environment(env: Record<string, string> = {}): Record<string, string> {
  return { DATABASE_URL: database.url, CROSSDOCK_DATA: dataFolder, CROSSDOCK_LIMITS: limits, ...env }
}

test(
  'the master key is rotated under load in two running hubs: no error, all readable, no ciphertext changed',
  { timeout: 300_000 },
  async () => {
    const [one, two] = [await start(), await start()]
    const before = await keyIds()
    expect(before).toEqual([{ id: expect.any(String) as string, state: 'current' }])
    const load = await startLoad([one, two])
    const sealed = await until('sealed contents', () => sealedColumns(60), 60_000)

    const rotated = await crossdock(['key', 'rotate', '--json'], {
      CROSSDOCK_LIMITS: `${limits},masterKeyRewrapRows=50`,
    })
    expect(rotated.error).toBe('')
    expect(rotated.code).toBe(0)
    const behind = load.posted.length
    await until('more documents', () => (load.posted.length >= behind + 10 ? true : null), 60_000)
    await load.stop()
    expect(load.errors).toEqual([])

    const [old, fresh] = await keyIds()
    expect(old).toEqual({ id: before[0]!.id, state: 'earlier' })
    expect(fresh?.state).toBe('current')
    expect(await wrappers()).toEqual([fresh!.id])
    const after = (await sealedColumns())!
    for (const [row, { ciphertext, wrapped }] of sealed) {
      expect(after.get(row)?.ciphertext, row).toBe(ciphertext)
      expect(after.get(row)?.wrapped, row).not.toBe(wrapped)
    }
    // the same processes, and the copy of the key from before is of no use to them any more
    const retired = await crossdock(['key', 'retire', old!.id])
    expect(retired.code).toBe(0)
    expect(await readdir(dataFolder)).toContain(`master.key.retired-${old!.id}`)
    expect((await readFile(join(dataFolder, 'master.key'), 'utf8')).trim().split('\n')).toHaveLength(1)
    await Promise.all(hubs.splice(0).map((hub) => hub.stop()))
    const again = await start()
    const cookie = await signIn(again.http, person.email, person.password)
    for (const exchange of load.posted.slice(0, 60)) expect(await readBack(again, cookie, exchange)).toBe(200)
    expect((await crossdock(['doctor'])).out).toContain(`master key: ${fresh!.id} opens what it sealed`)
    expect((await crossdock(['key', 'list'])).out).toMatch(new RegExp(`${old!.id}  retired .* wraps nothing`))
  },
)

test(
  'killed in mid-rotation it goes on when called again, and the earlier key is not retired before the end',
  { timeout: 300_000 },
  async () => {
    const hub = await start()
    const load = await startLoad([hub])
    await until('documents', () => (load.posted.length >= 60 ? true : null), 90_000)
    await load.stop()
    const [old] = await keyIds()
    const slowly = environment({ CROSSDOCK_LIMITS: `${limits},masterKeyRewrapRows=5` })
    const killed = runCommand(['key', 'rotate'], slowly, (child) => {
      void until(
        'rows under both keys',
        async () => ((await wrappers()).length === 2 ? true : null),
        60_000,
      ).then(() => child.kill('SIGKILL'))
    })
    expect((await killed).code).not.toBe(0)
    expect(await wrappers()).toHaveLength(2)
    const cookie = await signIn(hub.http, person.email, person.password)
    for (const exchange of load.posted) expect(await readBack(hub, cookie, exchange)).toBe(200)

    const refused = await crossdock(['key', 'retire', old!.id])
    expect(refused.code).toBe(2)
    expect(refused.error).toMatch(/CD-9014 [\s\S]*still wraps \d+ of payload/)
    const resumed = await crossdock(['key', 'rotate', '--json'])
    expect(resumed.code).toBe(0)
    expect(JSON.parse(resumed.out)).toMatchObject({ begun: false, left: [], retirable: [old!.id] })
    expect(await wrappers()).toHaveLength(1)
    expect(await keyIds()).toHaveLength(2)
    for (const exchange of load.posted) expect(await readBack(hub, cookie, exchange)).toBe(200)
    expect(load.errors).toEqual([])
  },
)

test(
  'a lost or wrong master key is said at the start and by doctor, and nothing is made or changed',
  { timeout: 120_000 },
  async () => {
    await (await start()).stop()
    hubs.length = 0
    const [{ id } = { id: '' }] = await keyIds()
    const state = () => Promise.all([keyIds(), sealedColumns()])
    const before = await state()
    await rename(join(dataFolder, 'master.key'), join(dataFolder, 'elsewhere'))
    const wrong = { CROSSDOCK_MASTER_KEY: randomBytes(32).toString('base64') }
    for (const env of [{}, wrong]) {
      const failed = await start(env).catch((error: unknown) => error)
      expect(failed).toBeInstanceOf(HubEnded)
      expect((failed as Error).message).toMatch(
        new RegExp(`CD-9005 .*\\n.*sealed with master key ${id}; .*Nothing was`),
      )
      expect((failed as Error).message).toContain('Put the right key back')
      const doctor = await crossdock(['doctor'], env)
      expect(doctor.code).toBe(1)
      expect(doctor.out).toMatch(
        new RegExp(`NOT GOOD  master key: CD-9005 .*sealed with ${id}; .*\\n.*Put the right key`),
      )
      expect((await crossdock(['key', 'list'], env)).out).toMatch(new RegExp(`${id}  current .*NOT HERE`))
    }
    expect(await readdir(dataFolder)).not.toContain('master.key')
    expect(await state()).toEqual(before)
    await rename(join(dataFolder, 'elsewhere'), join(dataFolder, 'master.key'))
    await start()
  },
)

test(
  'with keys in variables a rotation waits for every process to know the new one, and names those that do not',
  { timeout: 120_000 },
  async () => {
    const old = (await readFile(join(dataFolder, 'master.key'), 'utf8')).trim()
    const both = `${old},${randomBytes(32).toString('base64')}`
    const waits = { CROSSDOCK_LIMITS: `${limits},masterKeyWaitSeconds=2` }
    const behind = await start({ CROSSDOCK_MASTER_KEY: old })
    const ahead = await start({ CROSSDOCK_MASTER_KEY: both })
    const none = await crossdock(['key', 'rotate'], { ...waits, CROSSDOCK_MASTER_KEY: old })
    expect(none.code).toBe(2)
    expect(none.error).toContain('openssl rand -base64 32')
    const refused = await crossdock(['key', 'rotate'], { ...waits, CROSSDOCK_MASTER_KEY: both })
    expect(refused.code).toBe(2)
    expect(refused.error).toMatch(
      new RegExp(`CD-9014 [\\s\\S]*do not know master key .*:${behind.child.pid}\\b`),
    )
    expect(refused.error).not.toContain(`:${ahead.child.pid}`)
    expect(await wrappers()).toHaveLength(1)
    await behind.stop()
    await start({ CROSSDOCK_MASTER_KEY: both })
    expect((await crossdock(['key', 'rotate'], { CROSSDOCK_MASTER_KEY: both })).code).toBe(0)
    const current = (await keyIds()).find(({ state }) => state === 'current')!.id
    expect(await wrappers()).toEqual([current])
  },
)

interface Load {
  /** Exchanges that were accepted. */
  posted: string[]
  errors: string[]
  stop(): Promise<void>
}

/** Posts documents, and reads back again and again what was posted, until stopped. */
async function startLoad(on: HubProcess[]): Promise<Load> {
  const added = await crossdock(['user', 'add', person.email, '--name', 'Operator', '--role', 'operator'], {
    CROSSDOCK_PASSWORD: person.password,
  })
  if (added.code !== 0) throw new Error(added.error)
  const cookie = await signIn(on[0]!.http, person.email, person.password)
  const load = { posted: [] as string[], errors: [] as string[] }
  let going = true
  const isGoing = () => going
  const post = async (hub: HubProcess): Promise<void> => {
    while (isGoing()) {
      const response = await fetch(`${hub.http}/v1/documents`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${scene.token}`,
          'idempotency-key': randomBytes(9).toString('hex'),
        },
        body: new Uint8Array(order),
      })
      const body = await response.text()
      if (response.status === 202) load.posted.push(response.headers.get('location')!.split('/').at(-1)!)
      else load.errors.push(`${response.status} ${body}`)
    }
  }
  const read = async (hub: HubProcess): Promise<void> => {
    while (isGoing()) {
      const exchange = load.posted[Math.floor(Math.random() * load.posted.length)]
      const status = exchange === undefined ? 200 : await readBack(hub, cookie, exchange)
      if (status !== 200) load.errors.push(`reading ${exchange}: ${status}`)
      if (exchange === undefined) await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const workers = on.flatMap((hub) => [post(hub), read(hub)])
  return {
    ...load,
    stop: async () => {
      going = false
      await Promise.all(workers)
    },
  }
}

/** The status of a download of what was posted; 0 where other bytes came. */
async function readBack(hub: HubProcess, cookie: string, exchange: string): Promise<number> {
  const response = await fetch(`${hub.http}/p/exchanges/${exchange}/raw`, {
    headers: { cookie },
    redirect: 'manual',
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  return response.status === 200 && !bytes.equals(order) ? 0 : response.status
}

async function keyIds(): Promise<{ id: string; state: string }[]> {
  const { rows } = await database.admin.query<{ id: string; state: string }>(
    'select id, state from master_key order by at',
  )
  return rows
}

const sealedTables = [
  { table: 'payload', key: 'id', ciphertext: 'bytes' },
  { table: 'secret', key: 'id', ciphertext: 'sealed' },
  { table: 'hub_secret', key: 'name', ciphertext: 'sealed' },
  { table: 'proposal', key: 'id', ciphertext: 'sealed' },
]

/** The ids of the master keys that wrapped anything; every column of this name that the catalog has. */
async function wrappers(): Promise<string[]> {
  const { rows: columns } = await database.admin.query<{ table: string }>(
    `select c.relname as table from pg_attribute a join pg_class c on c.oid = a.attrelid
     where a.attname = 'wrapped_key' and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  )
  expect(columns.map(({ table }) => table).toSorted()).toEqual(
    sealedTables.map(({ table }) => table).toSorted(),
  )
  const ids = new Set<string>()
  for (const { table } of columns) {
    const { rows } = await database.admin.query<{ id: string }>(
      `select distinct encode(substring(wrapped_key from 2 for 4), 'hex') as id from ${table}`,
    )
    for (const { id } of rows) ids.add(id)
  }
  return [...ids].toSorted()
}

/** What is sealed, of each row; null while there are fewer. */
async function sealedColumns(
  least = 0,
): Promise<Map<string, { ciphertext: string; wrapped: string }> | null> {
  const found = new Map<string, { ciphertext: string; wrapped: string }>()
  const sha256 = (bytes: Buffer | null) =>
    createHash('sha256')
      .update(bytes ?? '')
      .digest('hex')
  for (const { table, key, ciphertext } of sealedTables) {
    const { rows } = await database.admin.query<{ key: string; ciphertext: Buffer | null; wrapped: Buffer }>(
      `select ${key}::text as key, ${ciphertext} as ciphertext, wrapped_key as wrapped from ${table}`,
    )
    for (const row of rows)
      found.set(`${table} ${row.key}`, {
        ciphertext: sha256(row.ciphertext),
        wrapped: row.wrapped.toString('hex'),
      })
  }
  return found.size < least ? null : found
}
