import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig, type Config } from '#hub/base/config.ts'
import { createLog } from '#hub/base/log.ts'
import { messageOf } from '#hub/model/errors.ts'
import { startHub, type RunningHub } from '#hub/main.ts'
import { createScratchDatabase, prepareDatabase, withTools, type Tools } from '#hub/tools.ts'
import type { Call, Verb } from '../verb.ts'
import { openCounter, type Counter } from './counter.ts'
import { followUntilArrived } from './follow.ts'
import { addPeople, configure, type DemoPeople } from './setup.ts'
import { startPartners, type DemoPartners } from './partners.ts'

const secondsMost = 60

export const demo: Verb = {
  name: 'demo',
  summary: 'a hub with two demo partners that exchange real documents by every door',
  usage: 'crossdock demo [--exit]',
  help: `Runs in a throw-away data folder on free ports; nothing of it is left afterwards. A retailer sends three orders:
EDIFACT by SFTP, XML and JSON by HTTPS. The supplier gets them as XML by HTTPS, JSON on its own SFTP server, and EDIFACT
in its mailbox. Each timeline is printed as it happens, then the portal's address and log-ins.
--exit stops afterwards: exit code 0 only if each document has its channel's proof and the CONTRL was collected.`,
  options: { exit: { type: 'boolean' } },
  run: async (call) => {
    const folder = await mkdtemp(join(tmpdir(), 'crossdock-demo-'))
    await chmod(folder, 0o755)
    try {
      return await runDemo(call, folder)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function runDemo(call: Call, folder: string): Promise<number> {
  const log = createLog(call.env['CROSSDOCK_LOG_LEVEL'] ?? 'error')
  const database = await createScratchDatabase(demoConfig(call.env, folder))
  const config: Config = { ...demoConfig(call.env, folder), databaseUrl: database.url }
  const closers: (() => Promise<void>)[] = [() => database.drop()]
  try {
    await prepareDatabase(database.url)
    const partners = await startPartners()
    closers.push(() => partners.close())
    const { people, token } = await withTools(config, async (tools) => ({
      token: await configure(tools, partners),
      people: await addPeople(tools),
    }))
    const hub = await startHub(config, database.url, 'all', log)
    closers.push(() => hub.stop())
    return await exchange(call, { hub, partners, people, token, config })
  } finally {
    for (const close of closers.toReversed()) {
      await close().catch((error: unknown) => call.error(`crossdock demo: ${messageOf(error)}`))
    }
  }
}

interface Scene {
  hub: RunningHub
  partners: DemoPartners
  people: DemoPeople
  token: string
  config: Config
}

async function exchange(call: Call, scene: Scene): Promise<number> {
  const { hub, partners, people, token, config } = scene
  call.out(
    'Two partners and the hub between them: Maison Verdier (retailer) orders from Brouwer & Zonen (supplier).\n',
  )
  const retailer = await openCounter({ port: hub.sftpPort!, ...partners.retailerLogin })
  const supplier = await openCounter({ port: hub.sftpPort!, ...partners.supplierLogin })
  let arrived = false
  try {
    await partners.sendOrders({ hub, retailer, token, say: call.out })
    arrived = await withTools(config, (tools) => follow(call, { tools, partners, retailer, supplier }))
  } finally {
    await Promise.all([retailer.close(), supplier.close()])
  }
  call.out('')
  call.out(`The portal: ${hub.httpUrl}/`)
  for (const { who, email, password } of people)
    call.out(`  ${who.padEnd(24)} ${email.padEnd(34)} ${password}`)
  if (call.options['exit'] === true) {
    call.out('\nThe hub stops now; without --exit it goes on, and these log-ins work.')
    return arrived ? 0 : 1
  }
  call.out('\nThe hub runs until you press Ctrl-C.')
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  return arrived ? 0 : 1
}

async function follow(
  call: Call,
  scene: { tools: Tools; partners: DemoPartners; retailer: Counter; supplier: Counter },
): Promise<boolean> {
  const { missing } = await followUntilArrived({ ...scene, say: call.out, deadlineMs: secondsMost * 1000 })
  if (missing.length === 0) {
    call.out('\nAll three orders arrived, each with its proof, and the retailer has its CONTRL.')
    return true
  }
  call.out(`\nNot everything arrived within ${secondsMost} s:`)
  for (const what of missing) call.out(`  ${what}`)
  return false
}

function demoConfig(env: NodeJS.ProcessEnv, folder: string): Config {
  const given = readConfig(env)
  return {
    ...given,
    dataFolder: folder,
    host: '127.0.0.1',
    httpPort: 0,
    sftpPort: 0,
    masterKey: null,
    publicUrl: null,
  }
}
