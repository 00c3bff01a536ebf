import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import SftpClient from 'ssh2-sftp-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '#tests/support/poll.ts'
import { copiedFiles, execForm, readCompose, readDockerfile, repository } from '#tests/support/image.ts'

/*
 * What Dockerfile and docker-compose.yml describe, carried out without a container runtime: the files that the image would
 * hold, npm's installation as in it, and the hub as its user without any right, in a mount namespace of its own where all
 * but the volume and /tmp is read-only. Its PostgreSQL is the machine's, made ready by the composition's own statements.
 */

const binaries = '/usr/lib/postgresql/15/bin'
const possible =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  ['unshare', 'setpriv', `${binaries}/initdb`].every((name) => spawnSync(name, ['--version']).status === 0)
const user = 65_532
const password = 'a-password-of-this-run'
const call = promisify(execFile)

let folder: string
let database: { url: string; stop(): Promise<void> }

beforeAll(async () => {
  if (!possible) return
  // not below /tmp, which is another one for the hub
  folder = await mkdtemp('/var/tmp/crossdock-container-')
  await chmod(folder, 0o755)
  await buildImage()
  database = await startDatabase()
}, 300_000)
afterAll(async () => {
  await database?.stop()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

test.runIf(possible)(
  'as in its container, the hub prepares its database, takes an order, hands it over, and stops when it is told to',
  { timeout: 180_000 },
  async () => {
    const hub = await serve()
    const ready = await inContainer(execForm(readDockerfile().last, 'HEALTHCHECK'), hub.env)
    expect(ready.code).toBe(0)
    expect(
      (await inContainer(execForm(readDockerfile().last, 'HEALTHCHECK'), { CROSSDOCK_HTTP_PORT: '1' })).code,
    ).toBe(1)

    const login =
      'settings: { collectWithinHours: 24 }\n      logins: [{ kind: password, username: brouwer, env: BROUWER_PASSWORD }]\n'
    const brouwer = await readFile(join(repository, 'docs/examples/brouwer.yaml'), 'utf8')
    const changed = brouwer.replace(/settings:\n[^]*?(?= {2}profiles:)/, login)
    await cp(join(repository, 'docs/examples'), join(folder, 'config'), { recursive: true })
    await writeFile(join(folder, 'config/brouwer.yaml'), changed)
    const applied = await crossdock(['apply', join(folder, 'config')], { BROUWER_PASSWORD: password })
    expect(applied).toMatchObject({ code: 0 })
    const { out } = await crossdock(['token', 'add', '--partner', 'verdier', '--channel', 'api', '--json'])
    const { token } = JSON.parse(out) as { token: string }

    const posted = await fetch(`http://127.0.0.1:${hub.httpPort}/v1/documents`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'idempotency-key': '346',
        'content-type': 'application/json',
      },
      body: await readFile(join(repository, 'docs/examples/order-346.json')),
    })
    expect(posted.status).toBe(202)
    const collected = await collect(hub.sftpPort)
    expect(collected).toMatch(/^UN[AB][^]*BGM\+220\+346/)
    await until('it is delivered', async () =>
      (await crossdock(['trace', 'order', '346'])).out.includes('delivered') ? true : null,
    )

    expect((await crossdock(['doctor'])).code).toBe(0)
    const began = performance.now()
    hub.child.kill('SIGTERM')
    const [code] = (await once(hub.child, 'exit')) as [number | null]
    expect(code).toBe(0)
    expect(performance.now() - began).toBeLessThan(15_000)
  },
)

test.runIf(possible)(
  'as in its container, the hub can write to its volume and /tmp alone, and has no rights',
  async () => {
    const program = `
    const fs = require('node:fs')
    const may = (path) => { try { fs.writeFileSync(path, ''); return true } catch (error) { return error.code } }
    const status = fs.readFileSync('/proc/self/status', 'utf8')
    console.log(JSON.stringify({
      uid: process.getuid(), rights: /CapBnd:\\s(\\w+)/.exec(status)[1], noNew: /NoNewPrivs:\\s(\\d)/.exec(status)[1],
      app: may(${JSON.stringify(join(folder ?? '', 'app/x'))}), root: may('/x'), etc: may('/etc/x'),
      data: may(${JSON.stringify(join(folder ?? '', 'data/x'))}), tmp: may('/tmp/x') }))`
    const { out } = await inContainer(['/usr/local/bin/node', '-e', program])
    expect(JSON.parse(out)).toEqual({
      uid: user,
      rights: '0000000000000000',
      noNew: '1',
      app: 'EROFS',
      root: 'EROFS',
      etc: 'EROFS',
      data: true,
      tmp: true,
    })
  },
)

/** Copies what the Dockerfile copies and installs as it does. */
async function buildImage(): Promise<void> {
  const { all } = readDockerfile()
  const build = all.find(({ keyword, rest }) => keyword === 'COPY' && rest.includes('package-lock.json'))!
  for (const path of [...copiedFiles(), ...build.rest.split(' ').slice(0, -1)]) {
    const target = join(folder, 'app', path)
    await mkdir(dirname(target), { recursive: true })
    await copyFile(join(repository, path), target)
  }
  const install = all.find(({ keyword, rest }) => keyword === 'RUN' && rest.includes('npm'))!
  const [program, ...args] = JSON.parse(install.rest) as string[]
  await call(program!, args, { cwd: join(folder, 'app') })
  await mkdir(join(folder, 'data'))
  await chown(join(folder, 'data'), user, user)
}

/** A cluster of PostgreSQL 15 with the composition's first-start statements run on it. */
async function startDatabase(): Promise<typeof database> {
  const place = join(folder, 'postgres')
  await mkdir(place)
  const nobody = 65_534
  await chown(place, nobody, nobody)
  const port = await freePort()
  const as = { uid: nobody, gid: nobody, cwd: place }
  await writeFile(join(folder, 'first'), 'of the administrator')
  await call(
    `${binaries}/initdb`,
    ['-D', 'data', '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${folder}/first`],
    as,
  )
  const settings = `-p ${port} -k ${place} -c listen_addresses=127.0.0.1`
  // its output must not keep the pipes of this process open
  const started = spawn(`${binaries}/pg_ctl`, ['-D', 'data', '-l', 'log', '-o', settings, '-w', 'start'], {
    ...as,
    stdio: 'ignore',
  })
  const [code] = (await once(started, 'exit')) as [number | null]
  if (code !== 0) throw new Error(await readFile(join(place, 'log'), 'utf8'))
  await writeFile(join(folder, 'prepare.sql'), readCompose().configs['prepare-database']!.content)
  const administrator = `postgres://postgres:${encodeURIComponent('of the administrator')}@127.0.0.1:${port}/postgres`
  const run = [administrator, '-v', 'ON_ERROR_STOP=1', '-f', join(folder, 'prepare.sql')]
  await call('psql', run, { env: { ...process.env, POSTGRES_PASSWORD: password } })
  await expect(call('psql', [administrator, '-c', 'select'])).rejects.toThrow(
    'password authentication failed',
  )
  return {
    url: `postgres://hub:${password}@127.0.0.1:${port}/crossdock`,
    stop: async () => {
      await call(`${binaries}/pg_ctl`, ['-D', 'data', '-m', 'fast', '-w', 'stop'], as)
    },
  }
}

interface Serving {
  child: ChildProcess
  httpPort: number
  sftpPort: number
  env: Record<string, string>
}

async function serve(): Promise<Serving> {
  const env = { CROSSDOCK_HTTP_PORT: String(await freePort()), CROSSDOCK_SFTP_PORT: String(await freePort()) }
  const { last } = readDockerfile()
  const words = [...execForm(last, 'ENTRYPOINT'), ...execForm(last, 'CMD'), '--json']
  const child = start(words, env)
  let said = ''
  child.stderr!.on('data', (data: Buffer) => (said += data.toString()))
  const line = await Promise.race([
    once(createInterface({ input: child.stdout! }), 'line').then(([text]) => String(text)),
    once(child, 'exit').then(() => null),
  ])
  if (line === null) throw new Error(`the hub ended: ${said}`)
  return { child, httpPort: Number(env.CROSSDOCK_HTTP_PORT), sftpPort: Number(env.CROSSDOCK_SFTP_PORT), env }
}

interface Ended {
  code: number | null
  out: string
}

/** A verb, as `docker compose run --rm hub …` would run it. */
function crossdock(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return inContainer([...execForm(readDockerfile().last, 'ENTRYPOINT'), ...args], env)
}

async function inContainer(words: string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = start(words, env)
  let out = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (data: Buffer) => (out += data.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out }
}

const namespace = `mount --make-rprivate /
mount -t tmpfs -o size=64m,mode=1777,noexec,nosuid,nodev tmpfs /tmp
mount --bind "$1/data" "$1/data"
mount -o remount,ro,bind /
shift
exec setpriv --reuid ${user} --regid ${user} --clear-groups --bounding-set=-all --no-new-privs -- "$@"`

/** Starts what the image names by its paths, with the image's variables; the process is the program's own. */
function start(words: string[], env: Record<string, string>): ChildProcess {
  const here = words.map((word) =>
    word.replace(/^\/usr\/local\/bin\/node$/, process.execPath).replace(/^\/app\//, `${folder}/app/`),
  )
  const pairs = readDockerfile()
    .last.find(({ keyword }) => keyword === 'ENV')!
    .rest.split(' ')
  const own = Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]))
  return spawn('unshare', ['--mount', 'sh', '-euc', namespace, 'sh', folder, ...here], {
    cwd: join(folder, 'app'),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      ...own,
      CROSSDOCK_DATA: join(folder, 'data'),
      CROSSDOCK_HOST: '127.0.0.1',
      DATABASE_URL: database.url,
      ...env,
    },
  })
}

/** Takes the first file out of the supplier's outbox, as the supplier does. */
async function collect(port: number): Promise<string> {
  const client = new SftpClient()
  await client.connect({ host: '127.0.0.1', port, username: 'brouwer', password })
  try {
    const file = await until('it lies in the outbox', async () => (await client.list('/outbox'))[0] ?? null)
    return String((await client.get(`/outbox/${file.name}`)) as Buffer)
  } finally {
    await client.end()
  }
}

/** A port that is free now, below those that the kernel gives to whoever asks for any. */
async function freePort(): Promise<number> {
  const server = createServer()
  for (;;) {
    const port = randomInt(20_000, 32_000)
    const took = once(server, 'listening').then(
      () => true,
      () => false,
    )
    server.listen(port, '127.0.0.1')
    if (!(await took)) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
