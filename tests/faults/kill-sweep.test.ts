import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { HubEnded, startHubProcess, type HubProcess } from '../support/hub-process.ts'
import { until } from '../support/poll.ts'
import { orders, setScene, tryCollect, tryPost, tryUpload, untilDelivered, type Scene } from './scene.ts'

/**
 * capability 1: the hub is killed (SIGKILL) at each commit, send and receive, and started again. The points are those that the
 * code itself passed in a run without a fault; none is listed by hand. After each: nothing accepted is lost, nobody
 * received a document under two identities, and the nine checks return nothing.
 */
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-sweep-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

// three orders and the CONTRL that answers one of them
const deliveriesInAll = 4
// a killed hub's attempts are taken up again when their lease ends
const limits =
  'deliveryLeaseSeconds=2,deliveryLeaseRenewSeconds=1,watchSeconds=1,watchGraceSeconds=1,jobSilenceSeconds=2'

test(
  'capability 1: killed at every commit, send and receive, the hub loses nothing and delivers nothing under two identities',
  { timeout: 900_000 },
  async () => {
    const points = await discoverPoints()
    expect(points.length).toBeGreaterThan(10)
    const table: { point: string; ended: string }[] = []
    const waiting = [...points]
    const worker = async (): Promise<void> => {
      for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) {
        table.push({ point, ended: await killAt(point) })
      }
    }
    await Promise.all([worker(), worker(), worker()])
    table.sort((a, b) => points.indexOf(a.point) - points.indexOf(b.point))
    process.stdout.write(`${table.map(({ point, ended }) => `  ${point.padEnd(32)} ${ended}`).join('\n')}\n`)
    expect(table.filter(({ ended }) => ended !== good)).toEqual([])
  },
)

const good = 'nothing lost, nothing twice'

async function discoverPoints(): Promise<string[]> {
  const record = join(folder, 'passed-points')
  const outcome = await run('points', { CROSSDOCK_FAULT_RECORD: record })
  expect(outcome).toBe(good)
  const passed = (await readFile(record, 'utf8')).trim().split('\n')
  return [...new Set(passed)]
}

async function killAt(point: string): Promise<string> {
  return run(point, { CROSSDOCK_FAULT: `${point}:1:kill` }).catch((error: Error) => error.message)
}

/** Sends, kills on the way where the environment says so, starts again, and says how it ended. */
async function run(name: string, fault: Record<string, string>): Promise<string> {
  const database = await testDatabase()
  const dataFolder = join(folder, name.replaceAll(/[^a-z.-]/g, '_'))
  const scene = await setScene(database.store, dataFolder)
  const start = (env: Record<string, string>) =>
    startHubProcess({ databaseUrl: database.url, dataFolder, env: { CROSSDOCK_LIMITS: limits, ...env } })
  let hub: HubProcess | null = null
  try {
    const collected = { retailer: new Map<string, string>(), supplier: new Map<string, string>() }
    const accepted = new Set<string>()
    hub = await start(fault).catch(startAgainAfterDeath(() => start({})))
    const died = Symbol('died')
    const first = await Promise.race([
      exchange(hub, scene, { accepted, collected, database }).then(() => null),
      hub.ended.then(() => died),
    ])
    if (first === died) {
      hub = await start({})
      await exchange(hub, scene, { accepted, collected, database })
    }
    return await verdict(database, scene, collected)
  } finally {
    await hub?.stop()
    await scene.close()
    await database.drop()
  }
}

/** The point may lie before the hub listens: then it died while starting, and is started again. */
function startAgainAfterDeath(again: () => Promise<HubProcess>): (error: unknown) => Promise<HubProcess> {
  return (error) => {
    if (error instanceof HubEnded) return again()
    throw error
  }
}

interface Exchange {
  accepted: Set<string>
  collected: { retailer: Map<string, string>; supplier: Map<string, string> }
  database: TestDatabase
}

/** The partners' own rules: send until yes, collect until nothing is left. Ends early where the hub dies. */
async function exchange(
  hub: HubProcess,
  scene: Scene,
  { accepted, collected, database }: Exchange,
): Promise<void> {
  let alive = true
  void hub.ended.then(() => (alive = false))
  const isAlive = (): boolean => alive
  const send = async (name: string, attempt: () => Promise<boolean>): Promise<void> => {
    while (isAlive() && !accepted.has(name)) if (await attempt()) accepted.add(name)
  }
  await Promise.all([
    send(orders.edifact.name, () => tryUpload(hub, orders.edifact.name)),
    send(orders.xml.name, () => tryPost(hub, scene.token, orders.xml.name)),
    send(orders.json.name, () => tryPost(hub, scene.token, orders.json.name)),
  ])
  await until(
    'both mailboxes collected',
    async () => {
      if (!alive) return true
      await tryCollect(hub, 'retailer', collected.retailer)
      await tryCollect(hub, 'supplier', collected.supplier)
      return collected.retailer.size > 0 && collected.supplier.size > 0 ? true : null
    },
    45_000,
  )
  if (!alive) return
  const emptying = until(
    'both mailboxes empty',
    async () => {
      if (!alive) return true
      await tryCollect(hub, 'retailer', collected.retailer)
      await tryCollect(hub, 'supplier', collected.supplier)
      const { rows } = await database.admin.query(`select from delivery where state = 'pending'`)
      return rows.length === 0 ? true : null
    },
    45_000,
  )
  await emptying
  if (alive) await Promise.race([untilDelivered(database.admin, deliveriesInAll), hub.ended])
}

async function verdict(
  database: TestDatabase,
  scene: Scene,
  collected: Exchange['collected'],
): Promise<string> {
  const faults: string[] = []
  const once = (what: string, arrivals: number) => {
    if (arrivals !== 1) faults.push(`${what}: ${arrivals} times`)
  }
  const holding = (texts: Iterable<string>, words: string) =>
    [...texts].filter((text) => text.includes(words)).length
  const texts = (arrivals: { bytes: Buffer }[]) => arrivals.map(({ bytes }) => bytes.toString())
  once('order 345 at the endpoint', holding(texts(scene.endpoint.arrivals), '>345<'))
  once('order 346 on the SFTP server', holding(texts(scene.server.arrivals), '"346"'))
  once('order 347 in the mailbox', holding(collected.supplier.values(), 'BGM+220+347'))
  once('the CONTRL', holding(collected.retailer.values(), 'UCI+MV000345'))
  const { rows } = await database.admin.query<{ number: string; n: number }>(
    `select number, count(*)::int n from document where processing = 'processed' group by number order by number`,
  )
  for (const { number, n } of rows) once(`document ${number}`, n)
  if (rows.length !== 3) faults.push(`${rows.length} documents`)
  for (const { text, id } of await findBrokenFacts(database.store.worker, null))
    faults.push(`${text} (${id})`)
  return faults.length === 0 ? good : faults.join('; ')
}
