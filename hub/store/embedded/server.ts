import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { messageOf } from '#hub/model/errors.ts'
import { aloneInStarting, forgetDeadUsers, isAlive, useServer, type ServerUse } from './users.ts'
import { exists, installBinaries, mayBeEntered, packagedBinaries } from './binaries.ts'

/** The user PostgreSQL runs as when the hub runs as root, which PostgreSQL refuses: `nobody`, by number. */
const unprivilegedId = 65_534

export interface EmbeddedServer {
  url: string
  /** False where a server was found running already, started by another process. */
  started: boolean
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** Settings added to postgresql.conf, e.g. for tests. */
  settings?: Record<string, string>
  /** Starts the server again, on the same port, when it ended without being asked to: for a hub that runs for long. */
  keepRunning?: boolean
  /** Told when it was started again, or could not be. */
  onRestart?: (outcome: string) => void
}

/**
 * Runs the embedded PostgreSQL on the folder `postgres` of the data folder; makes it on first use, and finds the one that
 * runs there already. It listens on loopback only, on a free port, with a password of its own. It ends when the last process
 * that uses it stops using it.
 */
export async function startEmbedded(
  dataFolder: string,
  options: EmbeddedOptions = {},
): Promise<EmbeddedServer> {
  const home = await homeFor(dataFolder)
  await mkdir(home, { recursive: true })
  await forgetDeadUsers(home)
  const use = await useServer(home)
  try {
    // two commands may start at the same moment: one makes and starts the server, the other finds it
    return await aloneInStarting(home, async () => {
      const running = await findRunning(home)
      const url = running ?? (await start(home, options))
      const release = options.keepRunning === true ? keepRunning(home, url, options) : () => {}
      const stop = stopper(home, use)
      return {
        url,
        started: running === null,
        stop: async () => {
          release()
          await stop()
        },
      }
    })
  } catch (error) {
    use.leave()
    throw error
  }
}

/** Looks every second whether the server lives; returns what ends the looking. */
function keepRunning(home: string, url: string, options: EmbeddedOptions): () => void {
  const say = options.onRestart ?? (() => {})
  const port = Number(new URL(url).port)
  let ended = false
  let busy = false
  const look = async (): Promise<void> => {
    if (busy || ended || isAlive(serverPid(home))) return
    busy = true
    try {
      await aloneInStarting(home, async () => {
        if (!ended && (await findRunning(home)) === null) await start(home, options, port)
      })
      say('the embedded PostgreSQL had ended and was started again')
    } catch (error) {
      say(`the embedded PostgreSQL had ended and could not be started again: ${messageOf(error)}`)
    } finally {
      busy = false
    }
  }
  const timer = setInterval(() => void look(), 1_000)
  timer.unref()
  return () => {
    ended = true
    clearInterval(timer)
  }
}

async function start(home: string, options: EmbeddedOptions, port?: number): Promise<string> {
  const binaries = join(home, `binaries-${packagedBinaries().version}`)
  await installBinaries(binaries)
  const cluster = join(home, 'cluster')
  if (!(await exists(join(cluster, 'PG_VERSION')))) await initialise(home, binaries, cluster)
  return launch(home, { binaries, cluster, port: port ?? (await freePort()) }, options)
}

/** Leaves the server, and shuts it down where nobody else uses it; also when this process ends without asking. */
function stopper(home: string, use: ServerUse): () => Promise<void> {
  const leaveAtExit = (): void => {
    if (use.leave()) signalServer(home)
  }
  process.once('exit', leaveAtExit)
  return async () => {
    process.off('exit', leaveAtExit)
    if (!use.leave()) return
    const pid = signalServer(home)
    for (let tries = 0; pid !== null && isAlive(pid) && tries < 600; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    await rm(join(home, 'port'), { force: true })
  }
}

/** SIGINT is PostgreSQL's fast shutdown: it ends sessions and writes a checkpoint. Returns the server's process number. */
function signalServer(home: string): number | null {
  const pid = serverPid(home)
  if (!isAlive(pid)) return null
  process.kill(pid, 'SIGINT')
  return pid
}

/** The process number that the server keeps in its folder while it runs; 0 where there is none. */
function serverPid(home: string): number {
  try {
    return Number(readFileSync(join(home, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0])
  } catch {
    return 0
  }
}

/**
 * Where the cluster lives: in the data folder; as root, where others may not enter the data folder (a clone under
 * /root), in a folder under /var/lib that belongs to it.
 */
async function homeFor(dataFolder: string): Promise<string> {
  const inside = join(dataFolder, 'postgres')
  if (!isRoot() || (await mayBeEntered(dataFolder))) return inside
  const name = createHash('sha256').update(dataFolder).digest('hex').slice(0, 16)
  return join('/var/lib/crossdock', name, 'postgres')
}

async function initialise(home: string, binaries: string, cluster: string): Promise<void> {
  const password = randomBytes(24).toString('base64url')
  const passwordFile = join(home, 'password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  await rm(cluster, { recursive: true, force: true })
  await mkdir(cluster, { mode: 0o700 })
  if (isRoot()) {
    await chown(passwordFile, unprivilegedId, unprivilegedId)
    await chown(cluster, unprivilegedId, unprivilegedId)
    await chmod(home, 0o755)
  }
  await run(
    join(binaries, 'bin', 'initdb'),
    [
      '--pgdata',
      cluster,
      '--username',
      'crossdock',
      '--pwfile',
      passwordFile,
      '--auth',
      'scram-sha-256',
      '--encoding',
      'UTF8',
      '--locale',
      'C',
      '--no-instructions',
    ],
    home,
  )
}

async function launch(
  home: string,
  { binaries, cluster, port }: { binaries: string; cluster: string; port: number },
  options: EmbeddedOptions,
): Promise<string> {
  const password = await readFile(join(home, 'password'), 'utf8')
  const url = `postgres://crossdock:${password}@127.0.0.1:${port}/crossdock`
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    ...options.settings,
  }
  const log = await open(join(home, 'postgres.log'), 'a')
  // a session of its own: Ctrl-C at the terminal ends the hub, and the hub ends the server after its last statement
  const child = spawn(
    join(binaries, 'bin', 'postgres'),
    ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { cwd: home, stdio: ['ignore', log.fd, log.fd], env: serverEnvironment(), detached: true, ...identity() },
  )
  await log.close()
  child.unref()
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}`))
  })
  const failed = exited.then((reason) => {
    throw new Error(`the embedded PostgreSQL did not start: ${reason}; see ${join(home, 'postgres.log')}`)
  })
  failed.catch(() => {})
  await Promise.race([ready(url), failed])
  await writeFile(join(home, 'port'), `${port}\n`, { mode: 0o600 })
  return url
}

/** Waits until the server answers, and makes the database on the first start. */
async function ready(url: string): Promise<void> {
  const admin = new URL(url)
  admin.pathname = '/postgres'
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({ connectionString: admin.href })
    try {
      await client.connect()
      const made = await client.query(`select from pg_database where datname = 'crossdock'`)
      if (made.rowCount === 0) await client.query('create database crossdock')
      return
    } catch (error) {
      if (tries >= 600) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    } finally {
      await client.end().catch(() => {})
    }
  }
}

async function findRunning(home: string): Promise<string | null> {
  const note = await readFile(join(home, 'port'), 'utf8').catch(() => null)
  const password = await readFile(join(home, 'password'), 'utf8').catch(() => null)
  if (note === null || password === null) return null
  const url = `postgres://crossdock:${password}@127.0.0.1:${note.split('\n')[0]}/crossdock`
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  try {
    await client.connect()
    return url
  } catch {
    return null
  } finally {
    await client.end().catch(() => {})
  }
}

async function run(program: string, args: string[], cwd: string): Promise<void> {
  const child = spawn(program, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: serverEnvironment(),
    ...identity(),
  })
  let said = ''
  child.stdout.on('data', (data: Buffer) => (said += data.toString()))
  child.stderr.on('data', (data: Buffer) => (said += data.toString()))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0 && said.includes('could not look up effective user ID'))
    throw new Error(
      'the embedded PostgreSQL cannot be made: this user has a number but no name on this machine, and initdb asks for the name; ' +
        'run as a user of /etc/passwd, or set DATABASE_URL to a server',
    )
  if (code !== 0) throw new Error(`${program} ended with code ${code}: ${said.slice(-2_000)}`)
}

function identity(): { uid?: number; gid?: number } {
  return isRoot() ? { uid: unprivilegedId, gid: unprivilegedId } : {}
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
