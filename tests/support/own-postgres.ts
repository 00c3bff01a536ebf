import { spawn } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { installBinaries } from '#hub/store/embedded/binaries.ts'
import { migrate } from '#hub/store/migrate.ts'
import { prepareQueues } from '#hub/queue/boss.ts'
import { until } from './poll.ts'

/** A PostgreSQL of a test's own, to be stopped, killed and filled up. The database `crossdock` in it is migrated. */
export interface OwnPostgres {
  url: string
  /** Starts it again on the same port; resolves when it answers. */
  start(): Promise<void>
  /** `pg_ctl stop -m immediate`: no checkpoint, recovery at the next start. */
  stopAtOnce(): Promise<void>
  /** SIGKILL to the server process. */
  kill(): Promise<void>
  isRunning(): Promise<boolean>
  remove(): Promise<void>
}

export interface OwnPostgresTerms {
  /** Where the cluster is made; without it, in a folder that `remove` removes. */
  cluster?: string
  settings?: Readonly<Record<string, string>>
}

/** PostgreSQL does not run as root: then it is `nobody`, by number. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

export async function ownPostgres(terms: OwnPostgresTerms = {}): Promise<OwnPostgres> {
  const home = await mkdtemp(join(tmpdir(), 'crossdock-postgres-'))
  await chmod(home, 0o755)
  const cluster = terms.cluster ?? join(home, 'cluster')
  const programs = join(home, 'programs')
  await installBinaries(programs)
  await mkdir(cluster, { recursive: true, mode: 0o700 })
  await chmod(cluster, 0o700)
  if (unprivileged.uid !== undefined) {
    await chown(cluster, unprivileged.uid, unprivileged.gid)
    await chown(home, unprivileged.uid, unprivileged.gid)
  }
  const port = await freePort()
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    ...terms.settings,
  }
  const call = (program: string, args: string[]) => run(join(programs, 'bin', program), args, home)
  const init = ['-D', cluster, '-U', 'crossdock', '-A', 'trust', '--locale=C', '-E', 'UTF8', '--no-sync']
  await call('initdb', [...init, '--wal-segsize=4'])
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`)
  const server = `postgres://crossdock@127.0.0.1:${port}`
  const answers = (): Promise<boolean> => query(`${server}/postgres`, 'select 1').then(succeeded, failed)
  const start = (): Promise<void> =>
    until(
      'PostgreSQL has started',
      async () => {
        // after a kill, the processes it left must end first
        const args = ['start', '-D', cluster, '-w', '-l', join(home, 'log'), '-o', options.join(' ')]
        await call('pg_ctl', args).catch(() => {})
        return (await answers()) ? undefined : null
      },
      60_000,
    )
  await start()
  await query(`${server}/postgres`, 'create database crossdock')
  const url = `${server}/crossdock`
  await migrate(url)
  await prepareQueues(url)
  const stop = (mode: string): Promise<void> =>
    call('pg_ctl', ['stop', '-D', cluster, '-w', '-m', mode]).catch(() => {})
  return {
    url,
    start,
    stopAtOnce: () => stop('immediate'),
    kill: async () => {
      const note = await readFile(join(cluster, 'postmaster.pid'), 'utf8')
      process.kill(Number(note.split('\n')[0]), 'SIGKILL')
      await until('PostgreSQL has ended', async () => ((await answers()) ? null : true))
    },
    isRunning: answers,
    remove: async () => {
      await stop('immediate')
      await rm(home, { recursive: true, force: true })
    },
  }
}

const succeeded = (): boolean => true
const failed = (): boolean => false

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(text)
  } finally {
    await client.end().catch(() => {})
  }
}

async function run(program: string, args: string[], home: string): Promise<void> {
  // the server that pg_ctl starts keeps its output open: it goes to a file
  const said = await open(join(home, 'said'), 'a')
  try {
    const child = spawn(program, args, {
      cwd: home,
      stdio: ['ignore', said.fd, said.fd],
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' },
      ...unprivileged,
    })
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', resolve)
    })
    if (code !== 0) throw new Error(`${program} ended with ${String(code)}: see ${home}`)
  } finally {
    await said.close()
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
