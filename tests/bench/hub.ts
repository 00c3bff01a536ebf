import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { readConfig } from '#hub/base/config.ts'
import { addToken, applyFiles, prepareDatabase, withTools } from '#hub/tools.ts'
import { createScratch } from '#hub/store/scratch.ts'
import { cpuMsOf } from './cpu.ts'
import type { BenchServer } from './database.ts'
import { retailer, supplier } from './samples.ts'

export type Wanted = 'xml' | 'json' | 'edifact'

export interface BenchHub {
  url: string
  databaseUrl: string
  /** The retailer's. */
  token: string
  /** CPU time of the hub's process so far. */
  cpuMs(): number
  stop(): Promise<void>
}

/** The mapping that the supplier wants; with a document, one of one's own. */
export interface BenchMapping {
  name: string
  document?: string
}

const command = fileURLToPath(new URL('../../hub/cli/crossdock.mjs', import.meta.url))

/**
 * A hub in a process of its own, with a retailer that sends EDIFACT orders by HTTP, and a supplier that wants them in
 * one format at `sink`. With `profile` its CPU profile is written to that folder when it stops.
 */
export async function startHub(
  server: BenchServer,
  options: { sink: string; wanted: Wanted; profile?: string; role?: 'gateway'; mapping?: BenchMapping },
): Promise<BenchHub> {
  const scratch = await createScratch(server.url, 'bench')
  const dataFolder = join(server.folder, `data-${new URL(scratch.url).pathname.slice(1)}`)
  const env = { DATABASE_URL: scratch.url, CROSSDOCK_DATA: dataFolder }
  await prepareDatabase(scratch.url)
  const token = await withTools(readConfig(env), async (tools) => {
    await applyFiles(tools, [{ path: 'bench.yaml', text: configuration(options) }], { actor: 'bench' })
    return addToken(tools, { partner: 'retailer', channel: 'api', name: 'bench' })
  })
  const profiling = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`]
  // as the container and the launcher start it
  const memory = '--max-semi-space-size=64'
  const child = spawn(
    process.execPath,
    [memory, ...profiling, command, 'serve', '--json', ...roleOf(options)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        ...env,
        CROSSDOCK_HTTP_PORT: '0',
        CROSSDOCK_SFTP_PORT: '0',
        CROSSDOCK_LOG_LEVEL: 'warn',
      },
    },
  )
  const ended = once(child, 'exit')
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return {
    url: (JSON.parse(String(line)) as { http: string }).http,
    databaseUrl: scratch.url,
    token,
    cpuMs: () => cpuMsOf(child.pid!),
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      await scratch.drop()
    },
  }
}

function roleOf({ role }: { role?: string }): string[] {
  return role === undefined ? [] : ['--role', role]
}

const mappings = { xml: 'order/ubl-2.1', json: 'order/json', edifact: 'order/edifact-d96a' } as const

function configuration(options: { sink: string; wanted: Wanted; mapping?: BenchMapping }): string {
  const { sink, wanted, mapping = { name: mappings[wanted] } } = options
  const own = mapping.document === undefined ? '' : `${mapping.document}\n---\n`
  return `${own}partner:
  key: retailer
  name: Maison Verdier
  identities: [{ scheme: gln, value: '${retailer}', env: live }]
  channels: [{ key: api, kind: https, env: live }]
  profiles:
    - { direction: sends, env: live, type: order, format: edifact, mapping: order/edifact-d96a, channel: api, acknowledgements: { syntax: none } }
---
partner:
  key: supplier
  name: Brouwer & Zonen
  identities: [{ scheme: gln, value: '${supplier}', env: live }]
  channels:
    - key: endpoint
      kind: https
      env: live
      peerDedupes: true
      settings: { url: '${sink}', allowAddresses: ['127.0.0.1/32'] }
  profiles:
    - { direction: receives, env: live, type: order, format: ${wanted}, mapping: ${mapping.name}, channel: endpoint }
---
agreement:
  key: orders
  sender: { partner: retailer, env: live, type: order, format: edifact }
  receiver: { partner: supplier, format: ${wanted} }
`
}
