import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const startMostMs = 60_000
const command = fileURLToPath(new URL('../../hub/cli/crossdock.mjs', import.meta.url))

export interface HubProcess {
  http: string
  sftpPort: number
  child: ChildProcess
  /** Resolves when the process has ended, however it did. */
  ended: Promise<void>
  /** What it wrote to standard error. */
  log(): string
  stop(): Promise<void>
}

export interface HubProcessOptions {
  databaseUrl: string
  dataFolder: string
  env?: Record<string, string>
  /** As of `serve --role`; by default all. */
  role?: string
  /** Where its log goes; without it, it is kept for `log()`. */
  logTo?: number
}

/** Starts `crossdock serve` as people do, in a process of its own, on free ports; resolves when it listens. */
export async function startHubProcess(options: HubProcessOptions): Promise<HubProcess> {
  const child = spawn(
    process.execPath,
    [command, 'serve', '--json', '--faults', '--role', options.role ?? 'all'],
    {
      stdio: ['ignore', 'pipe', options.logTo ?? 'pipe'],
      env: {
        ...process.env,
        // a hub that tests start again and again need not be compiled each time
        NODE_COMPILE_CACHE: join(tmpdir(), 'crossdock-compiled'),
        DATABASE_URL: options.databaseUrl,
        CROSSDOCK_DATA: options.dataFolder,
        CROSSDOCK_HTTP_PORT: '0',
        CROSSDOCK_SFTP_PORT: '0',
        CROSSDOCK_LOG_LEVEL: 'debug',
        ...options.env,
      },
    },
  )
  let log = ''
  child.stderr?.on('data', (data: Buffer) => (log += data.toString()))
  const ended = once(child, 'exit').then(() => {})
  const silent = Symbol('silent')
  let patience: NodeJS.Timeout | undefined
  const line = await Promise.race([
    once(createInterface({ input: child.stdout! }), 'line').then(([text]) => String(text)),
    ended.then(() => null),
    new Promise<typeof silent>((resolve) => (patience = setTimeout(() => resolve(silent), startMostMs))),
  ])
  clearTimeout(patience)
  if (line === null) throw new HubEnded(log)
  if (line === silent) {
    child.kill('SIGKILL')
    throw new Error(`the hub did not listen within ${startMostMs} ms; it said:\n${log}`)
  }
  const { http, sftp } = JSON.parse(line) as { http: string; sftp: string | null }
  return {
    http,
    sftpPort: sftp === null ? 0 : Number(sftp.slice(sftp.lastIndexOf(':') + 1)),
    child,
    ended,
    log: () => log,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      const overdue = setTimeout(() => child.kill('SIGKILL'), 20_000)
      await ended
      clearTimeout(overdue)
    },
  }
}

/** The hub ended before it listened; the message is what it said. */
export class HubEnded extends Error {}
