import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'

/** Whether a program is on this machine. Under CI=true a missing one is a failure, not a reason to skip. */
export function hasProgram(name: string): boolean {
  const there = spawnSync('sh', ['-c', `command -v ${name}`], { env: programEnvironment() }).status === 0
  if (!there && process.env['CI'] === 'true') throw new Error(`${name} is not on this machine`)
  return there
}

export interface SshClient {
  folder: string
  /** SSH wire form, for the server to know. */
  publicKey: Buffer
  /** Runs OpenSSH's sftp with a batch; an argument before the host may be added. */
  sftp(port: number, batch: string, ...more: string[]): Promise<Ran>
  ssh(port: number, ...more: string[]): Promise<Ran>
  /** Starts sftp and leaves it to the test. */
  start(port: number, ...more: string[]): ChildProcess
  close(): Promise<void>
}

export interface Ran {
  status: number
  out: string
}

/** A folder with a key pair, from which OpenSSH's own clients speak to a server on this machine. */
export async function openSshClient(
  kind: 'ed25519' | 'rsa' | 'ecdsa' = 'ed25519',
  user = 'retailer',
): Promise<SshClient> {
  const folder = await mkdtemp(join(tmpdir(), 'crossdock-ssh-'))
  const keyFile = join(folder, 'key')
  await run('ssh-keygen', ['-q', '-t', kind, '-N', '', '-f', keyFile])
  const publicText = await readFile(`${keyFile}.pub`, 'utf8')
  const settings = [
    'BatchMode=yes',
    'StrictHostKeyChecking=no',
    'IdentitiesOnly=yes',
    'LogLevel=INFO',
  ].concat(`UserKnownHostsFile=${join(folder, 'known')}`)
  const options = (port: number, portFlag: string): string[] =>
    [portFlag, String(port), '-i', keyFile, '-F', 'none'].concat(
      settings.flatMap((setting) => ['-o', setting]),
    )
  return {
    folder,
    publicKey: (ssh2.utils.parseKey(publicText) as ssh2.ParsedKey).getPublicSSH(),
    sftp: async (port, batch, ...more) => {
      const file = join(folder, 'batch')
      await writeFile(file, batch)
      return run('sftp', [...options(port, '-P'), '-b', file, ...more, `${user}@127.0.0.1`])
    },
    ssh: (port, ...more) => run('ssh', [...options(port, '-p'), ...more]),
    start: (port, ...more) =>
      spawn('sftp', [...options(port, '-P'), ...more, `${user}@127.0.0.1`], {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: programEnvironment(),
      }),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

function run(program: string, args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { timeout: 60_000, maxBuffer: 16 * 1024 * 1024, env: programEnvironment() },
      (error, stdout, stderr) => {
        const code = (error as { code?: number } | null)?.code
        resolve({
          status: error === null ? 0 : typeof code === 'number' ? code : 255,
          out: `${stdout}${stderr}`,
        })
      },
    )
  })
}

function programEnvironment(): NodeJS.ProcessEnv {
  // servers live where only root's path looks
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin` }
}

export interface SshServer {
  port: number
  user: string
  /** The folder that clients find as `files`. */
  files: string
  /** Private key that may log in, in OpenSSH format. */
  privateKey: Buffer
  /** Fingerprint of the host key, as pinned. */
  fingerprint: string
  /** Starts again on the same port with another host key. */
  changeHostKey(): Promise<string>
  close(): Promise<void>
}

/** OpenSSH's own server on this machine, on a free port, for the user who runs the tests. */
export async function openSshServer(): Promise<SshServer> {
  const folder = await mkdtemp(join(tmpdir(), 'crossdock-sshd-'))
  const files = join(folder, 'files')
  await mkdir(files)
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'user')])
  await copyFile(join(folder, 'user.pub'), join(folder, 'authorized'))
  // as root sshd wants the empty folder that its service would make
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true })
  const port = await freePort()
  let fingerprint = await newHostKey(folder)
  await writeFile(join(folder, 'config'), sshdConfig(folder, port))
  let server = await startSshd(folder, port)
  return {
    port,
    files,
    user: userInfo().username,
    privateKey: await readFile(join(folder, 'user')),
    fingerprint,
    changeHostKey: async () => {
      await stop(server)
      fingerprint = await newHostKey(folder)
      server = await startSshd(folder, port)
      return fingerprint
    },
    close: async () => {
      await stop(server)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function sshdConfig(folder: string, port: number): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'LogLevel ERROR',
    `Subsystem sftp internal-sftp -d ${folder}`,
    '',
  ].join('\n')
}

async function newHostKey(folder: string): Promise<string> {
  const file = join(folder, 'host')
  await rm(file, { force: true })
  await rm(`${file}.pub`, { force: true })
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file])
  const { out } = await run('ssh-keygen', ['-lf', file])
  return out.split(' ')[1]!
}

async function startSshd(folder: string, port: number): Promise<ChildProcess> {
  const path = spawnSync('sh', ['-c', 'command -v sshd'], { env: programEnvironment() })
    .stdout.toString()
    .trim()
  const server = spawn(path, ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  server.stderr.on('data', (data: Buffer) => (said += data.toString()))
  for (let tries = 0; tries < 200; tries++) {
    if (server.exitCode !== null) throw new Error(`sshd did not start: ${said}`)
    if (await answers(port)) return server
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`sshd does not answer: ${said}`)
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return
  const gone = new Promise((resolve) => server.once('exit', resolve))
  server.kill()
  await gone
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
