import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { testDatabase } from '../support/database.ts'
import { HubEnded, startHubProcess, type HubProcess } from '../support/hub-process.ts'
import { until } from '../support/poll.ts'
import { wrongs } from './checker.ts'
import { collectUntilDone, sendUntilYes } from './exchange.ts'
import { makeOrder, orderKinds, type Order } from './orders.ts'
import { setScene, type Scene } from './scene.ts'

/** R1: the hub is stopped at each point that the code passes, and must come back from it by itself. */
export const good = 'good'
export type Action = 'kill' | 'throw' | 'hang'

// what a killed or hanging hub left is taken up again when its lease ends
const limits =
  'deliveryLeaseSeconds=2,deliveryLeaseRenewSeconds=1,watchSeconds=1,watchGraceSeconds=1,jobSilenceSeconds=2'

let serial = 10_000
function threeOrders(): Order[] {
  serial += 1
  return orderKinds.map((kind, place) => makeOrder(kind, serial * 10 + place))
}

/** Each point that a run without a fault passes, once, in order; and those of them passed after the hub listened. */
export async function discoverPoints(folder: string): Promise<{ all: string[]; running: Set<string> }> {
  const record = join(folder, 'passed-points')
  const mark = 'the hub listens'
  const wrong = await runOnce(folder, 'points', {
    env: { CROSSDOCK_FAULT_RECORD: record },
    listening: () => appendFile(record, `${mark}\n`),
  })
  if (wrong !== good) throw new Error(`a run without a fault: ${wrong}`)
  const passed = (await readFile(record, 'utf8')).trim().split('\n')
  const listens = passed.indexOf(mark)
  return {
    all: [...new Set(passed.filter((line) => line !== mark))],
    running: new Set(passed.slice(listens + 1)),
  }
}

/** Kills the hub at a point in a database of its own, starts it again, and says what is wrong afterwards. */
export async function killAt(folder: string, point: string): Promise<string> {
  return runOnce(folder, point, { env: { CROSSDOCK_FAULT: `${point}:1:kill` } }).catch(
    (error: Error) => error.message,
  )
}

/**
 * Kills the hub at one point after the other on one database: each start first does what the death before left, and then
 * dies at the next point. Returns how each ended; after all of them nothing of any is lost or doubled.
 */
export async function killEach(folder: string, points: readonly string[]): Promise<Map<string, string>> {
  const { database, dataFolder, scene, evidence, sent } = await setSweep(folder, `kill-${points[0]!}`)
  const planned = join(dataFolder, 'planned')
  const start = async (): Promise<HubProcess> => {
    await writeFile(planned, '')
    const env = { CROSSDOCK_LIMITS: limits, CROSSDOCK_FAULT_FILE: planned }
    return startHubProcess({ databaseUrl: database.url, dataFolder, env })
  }
  const exchange = async (hub: HubProcess): Promise<void> => {
    await sendUntilYes(hub, scene, sent.generated, sent.accepted)
    const documents = sent.generated.length
    await collectUntilDone(hub, scene, { admin: database.admin, documents, mostMs: 120_000 })
  }
  const ended = new Map<string, string>()
  let hub = await start()
  try {
    for (const point of points) {
      const plan = `${point}:1:kill`
      await appendFile(planned, `${plan}\n`)
      sent.generated.push(...threeOrders())
      await exchange(hub)
      // what passes by the clock alone may come a moment later
      await until(`${plan} acted`, () => (isAlive(hub) ? null : true))
      hub = await start()
      const wrong = await exchange(hub).then(
        () => good,
        (error: Error) => error.message,
      )
      ended.set(point, wrong)
    }
    ended.set('all of them', verdict(await wrongs(evidence())))
    return ended
  } finally {
    await hub.stop()
    await scene.close()
    await database.drop()
  }
}

function isAlive({ child }: HubProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}

function diedStarting(error: unknown): null {
  if (error instanceof HubEnded) return null
  throw error
}

async function setSweep(folder: string, name: string) {
  const database = await testDatabase()
  const dataFolder = join(folder, name.replaceAll(/[^a-z.-]/g, '_'))
  await mkdir(dataFolder, { recursive: true })
  const scene = await setScene(database.store, dataFolder)
  const sent = { generated: [] as Order[], accepted: new Set<Order>() }
  const evidence = () => ({ ...sent, receipts: scene.receipts, store: database.store, sealer: scene.sealer })
  return { database, dataFolder, scene, sent, evidence }
}

interface Run {
  env: Record<string, string>
  listening?: () => Promise<void>
}

async function runOnce(folder: string, name: string, { env, listening }: Run): Promise<string> {
  const { database, dataFolder, scene, sent, evidence } = await setSweep(folder, name)
  const start = (more: Record<string, string>) =>
    startHubProcess({ databaseUrl: database.url, dataFolder, env: { CROSSDOCK_LIMITS: limits, ...more } })
  let hub: HubProcess | null = null
  try {
    sent.generated.push(...threeOrders())
    const { generated, accepted } = sent
    // the point may lie before the hub listens: then it died while starting
    hub = (await start(env).catch(diedStarting)) ?? (await start({}))
    await listening?.()
    for (let lives = 0; lives < 2; lives++) {
      await sendUntilYes(hub, scene, generated, accepted)
      await collectUntilDone(hub, scene, { admin: database.admin, documents: generated.length })
      if (isAlive(hub)) break
      hub = await start({})
    }
    return verdict(await wrongs(evidence()))
  } finally {
    await hub?.stop()
    await scene.close()
    await database.drop()
  }
}

function verdict(wrong: readonly string[]): string {
  return wrong.length === 0 ? good : wrong.join('; ')
}

/**
 * Lets points throw or hang in one hub that goes on running, one after the other, with new orders for each. Returns what
 * is wrong for each point; after all of them nothing of any is lost or doubled.
 */
export async function strikeEach(
  folder: string,
  action: Exclude<Action, 'kill'>,
  { points, hangMs }: { points: readonly string[]; hangMs: number },
): Promise<Map<string, string>> {
  const { database, dataFolder, scene, sent, evidence } = await setSweep(folder, `${action}-${points[0]!}`)
  const [planned, passed] = [join(dataFolder, 'planned'), join(dataFolder, 'passed')]
  await Promise.all([writeFile(planned, ''), writeFile(passed, '')])
  const hub = await startHubProcess({
    databaseUrl: database.url,
    dataFolder,
    env: {
      CROSSDOCK_LIMITS: limits,
      CROSSDOCK_FAULT_FILE: planned,
      CROSSDOCK_FAULT_RECORD: passed,
      CROSSDOCK_FAULT_HANG_MS: String(hangMs),
    },
  })
  const ended = new Map<string, string>()
  try {
    for (const point of points) {
      const plan = `${point}:1:${action}`
      await appendFile(planned, `${plan}\n`)
      const wrong = await strike(hub, scene, { ...sent, admin: database.admin, plan, passed }).then(
        () => good,
        (error: Error) => error.message,
      )
      ended.set(point, wrong)
    }
    ended.set('all of them', isAlive(hub) ? verdict(await wrongs(evidence())) : 'the hub ended')
    return ended
  } finally {
    await hub.stop()
    await scene.close()
    await database.drop()
  }
}

interface Strike {
  generated: Order[]
  accepted: Set<Order>
  admin: Parameters<typeof collectUntilDone>[2]['admin']
  plan: string
  passed: string
}

async function strike(hub: HubProcess, scene: Scene, struck: Strike): Promise<void> {
  const { generated, accepted, admin, plan, passed } = struck
  const orders = threeOrders()
  generated.push(...orders)
  await sendUntilYes(hub, scene, orders, accepted)
  await collectUntilDone(hub, scene, { admin, documents: generated.length, mostMs: 90_000 })
  await until(`${plan} acted`, async () =>
    (await readFile(passed, 'utf8')).includes(`! ${plan}\n`) ? true : null,
  )
  await collectUntilDone(hub, scene, { admin, documents: generated.length, mostMs: 90_000 })
}
