import { createServer, type AddressInfo, type Socket } from 'node:net'
import ssh2, { type AuthContext, type Connection, type Session as SshSession } from 'ssh2'
import type { Clock } from '#hub/base/clock.ts'
import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import type { ChannelLogins, Mailbox, Receive } from '#hub/model/transport.ts'
import { algorithms } from './algorithms.ts'
import { Budgets } from './budgets.ts'
import { Inbox } from './inbox.ts'
import { LoginGuard, sourceOf, type Attempts, type LoggedIn } from './login.ts'
import { Outbox } from './outbox.ts'
import { Pressure } from './pressure.ts'
import { serveSession } from './session.ts'
import { Standing } from './standing.ts'

export interface SftpServerDeps {
  host: string
  /** 0 for any free one. */
  port: number
  /** Private key in OpenSSH or PEM form. */
  hostKey: string
  receive: Receive
  logins: ChannelLogins
  mailbox: Mailbox
  clock: Clock
  log: Log
  /** Shorter waits, for tests. */
  waits?: { loginGraceMs?: number; idleMs?: number; refusalFloorMs?: number }
}

export interface SftpServer {
  port: number
  /** Ends every connection; resolves when uploads under way have come to their end, committed or not. */
  close(): Promise<void>
}

/** Starts the hosted mailbox: an SFTP server, and nothing else of SSH. Rejects where the port is taken. */
export async function startSftpServer(deps: SftpServerDeps): Promise<SftpServer> {
  const guard = new LoginGuard(deps.logins, deps.log, deps.waits ?? {})
  const visits = new Visits(deps)
  const budgets = new Budgets()
  const server = new ssh2.Server({ hostKeys: [deps.hostKey], algorithms, ident: 'Crossdock' })
  server.on('connection', (connection, info) => {
    const visit = visits.find(info.ip, info.port)
    if (visit === undefined) return void connection.end()
    greet(connection, { deps, visit, guard, budgets, software: info.header.versions.software })
  })
  // Nagle's algorithm would hold back each small answer for the delayed acknowledgement of the one before
  const listener = createServer({ noDelay: true }, (socket) => {
    if (visits.admit(socket)) server.injectSocket(socket)
  })
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(deps.port, deps.host, resolve)
  })
  listener.on('error', (error) => deps.log.error({ err: error }, 'sftp listener'))
  return {
    port: (listener.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()))
      visits.endAll()
      await closed
      await visits.settled()
    },
  }
}

/** One connection, from its first byte to its last session's end. */
interface Visit {
  socket: Socket
  address: string
  attempts: Attempts
  login: LoggedIn | null
  /** Session channels, whether SFTP runs in them yet or not. */
  channels: number
  sessions: Set<{ end(): Promise<void> }>
  timer: NodeJS.Timeout
  /** Restarts the clock that ends idle connections. */
  active(): void
}

/** Who is connected, how many have not logged in, and for how long they may go on. */
class Visits {
  readonly #deps: SftpServerDeps
  readonly #visits = new Map<string, Visit>()
  readonly #ending = new Set<Promise<void>>()

  constructor(deps: SftpServerDeps) {
    this.#deps = deps
  }

  /** Takes a connection in, or closes it: too many in all, or too many of its address that have not logged in. */
  admit(socket: Socket): boolean {
    socket.on('error', () => {})
    const address = socket.remoteAddress
    if (address === undefined || this.#visits.size >= limits.sftpConnections || this.#crowded(address)) {
      socket.destroy()
      return false
    }
    const graceMs = this.#deps.waits?.loginGraceMs ?? limits.sftpLoginGraceMs
    const idleMs = this.#deps.waits?.idleMs ?? limits.sftpIdleMs
    const visit: Visit = {
      socket,
      address,
      attempts: { address, passwords: 0, keys: 0 },
      login: null,
      channels: 0,
      sessions: new Set(),
      // ssh2 has no time limit of its own for those who connect and say nothing
      timer: setTimeout(() => socket.destroy(), graceMs),
      active: () => {
        clearTimeout(visit.timer)
        visit.timer = setTimeout(() => socket.destroy(), idleMs)
      },
    }
    const key = placeOf(address, socket.remotePort)
    this.#visits.set(key, visit)
    socket.once('close', () => {
      clearTimeout(visit.timer)
      this.#visits.delete(key)
      for (const session of visit.sessions) this.#await(session.end())
    })
    return true
  }

  find(address: string, port: number): Visit | undefined {
    return this.#visits.get(placeOf(address, port))
  }

  endAll(): void {
    for (const visit of this.#visits.values()) visit.socket.destroy()
  }

  async settled(): Promise<void> {
    while (this.#visits.size > 0 || this.#ending.size > 0) {
      await Promise.all(this.#ending)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #crowded(address: string): boolean {
    const source = sourceOf(address)
    let strangers = 0
    for (const visit of this.#visits.values()) {
      if (visit.login === null && sourceOf(visit.address) === source) strangers += 1
    }
    return strangers >= limits.sftpUnauthenticatedPerAddress
  }

  #await(end: Promise<void>): void {
    const ending = end
      .catch((error: unknown) => this.#deps.log.error({ err: error }, 'an sftp session ended badly'))
      .finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }
}

function placeOf(address: string, port: number | undefined): string {
  return `${address} ${port}`
}

interface Welcome {
  deps: SftpServerDeps
  visit: Visit
  guard: LoginGuard
  budgets: Budgets
  software: string
}

function greet(connection: Connection, welcome: Welcome): void {
  const { deps, visit } = welcome
  connection.on('error', (error: Error) => {
    deps.log.debug({ address: visit.address, reason: error.message }, 'sftp connection')
  })
  connection.on('authentication', (context) => void authenticate(connection, context, welcome))
  connection.on('session', (accept, reject) => {
    if (visit.login === null || visit.channels >= limits.sftpSessionsPerConnection) return reject()
    const session = accept()
    visit.channels += 1
    session.once('close', () => (visit.channels -= 1))
    openSession(session, visit.login, { ...welcome, hangUp: () => connection.end() })
  })
}

async function authenticate(connection: Connection, context: AuthContext, welcome: Welcome): Promise<void> {
  const { deps, visit, guard } = welcome
  try {
    const verdict = await guard.decide(context, visit.attempts)
    switch (verdict.kind) {
      case 'in':
        visit.login = verdict.login
        visit.active()
        deps.log.info(
          { address: visit.address, channel: verdict.login.channel.key, method: verdict.login.method },
          'sftp log-in',
        )
        return context.accept()
      case 'go_on':
        return context.accept()
      case 'refused':
        return context.reject(['publickey', 'password'])
      case 'out':
        return void connection.end()
    }
  } catch (error) {
    deps.log.error({ err: error }, 'sftp log-in could not be decided')
    context.reject(['publickey', 'password'])
  }
}

/** A session is one SFTP channel or nothing: shells, commands, terminals, forwarding have no listener, so ssh2 refuses them. */
function openSession(ssh: SshSession, login: LoggedIn, welcome: Welcome & { hangUp(): void }): void {
  const { deps, visit, budgets, software, hangUp } = welcome
  const standing = new Standing(deps.logins, login.channel)
  ssh.on('sftp', (accept) => {
    const { channel } = login
    const pressure = new Pressure(visit.socket, visit.active)
    const who = {
      door: 'sftp',
      user: login.user,
      login: login.method,
      ...(login.key === null ? {} : { key: login.key }),
      address: visit.address,
      client: software.slice(0, 100),
    }
    const inbox = new Inbox({
      receive: deps.receive,
      facts: { channel, evidence: who, onceScope: `mailbox:${channel.id}` },
      budget: budgets.uploads(channel.id),
      clock: deps.clock,
      log: deps.log,
    })
    const outbox = new Outbox({
      channel,
      mailbox: deps.mailbox,
      budget: budgets.reading(channel.id),
      collector: who,
    })
    const { clock, log } = deps
    const session = serveSession(accept(), { inbox, outbox, pressure, standing, hangUp, clock, log })
    visit.sessions.add(session)
    ssh.once('close', () => {
      visit.sessions.delete(session)
      void session.end()
    })
  })
}
