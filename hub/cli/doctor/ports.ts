import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Config } from '#hub/base/config.ts'
import type { Examined } from '#hub/store/examine.ts'

/** Whether the hub can listen where it is to, or already does. */
export async function examinePorts({ host, httpPort, sftpPort }: Config): Promise<Examined[]> {
  return [
    await port({ host, port: httpPort, name: 'HTTP port', variable: 'CROSSDOCK_HTTP_PORT' }),
    await port({ host, port: sftpPort, name: 'SFTP port', variable: 'CROSSDOCK_SFTP_PORT' }),
  ]
}

interface AskedPort {
  host: string
  port: number
  name: string
  variable: string
}

async function port({ host, port: number, name, variable }: AskedPort): Promise<Examined> {
  const fault = await listenOnce(host, number)
  if (fault === null)
    return { name, good: true, found: number === 0 ? 'any free one' : `${number} is free`, remedy: null }
  if (fault === 'EACCES') {
    const remedy = `Ports below 1024 need a right of their own: choose another by ${variable}.`
    return { name, good: false, found: `${number} may not be opened by this account`, remedy }
  }
  if (fault !== 'EADDRINUSE') {
    const remedy = 'Correct CROSSDOCK_HOST: it is an address of this machine, or 0.0.0.0 for all.'
    return { name, good: false, found: `${host} cannot be listened on (${fault})`, remedy }
  }
  const holder = await holderOf(number)
  if (holder !== null && /crossdock.*\b(serve|demo)\b/.test(holder.command))
    return {
      name,
      good: true,
      found: `${number} is held by a running hub (process ${holder.pid})`,
      remedy: null,
    }
  const whom =
    holder === null ? 'by another program' : `by process ${holder.pid} (${holder.command.slice(0, 80)})`
  const remedy = `Stop it, or choose another port by ${variable}.`
  return { name, good: false, found: `${number} is taken ${whom}`, remedy }
}

/** Null where it could be listened on, else the system's code. */
async function listenOnce(host: string, number: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    server.listen({ host, port: number, exclusive: true }, () => server.close(() => resolve(null)))
  })
}

/** The process that listens on a port of this machine, as far as Linux lets us see; null elsewhere. */
async function holderOf(number: number): Promise<{ pid: string; command: string } | null> {
  const inodes = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const text = await readFile(table, 'utf8').catch(() => '')
    for (const line of text.split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      // 0A is LISTEN
      if (state === '0A' && Number.parseInt(local.split(':')[1] ?? '', 16) === number)
        inodes.add(`socket:[${inode}]`)
    }
  }
  if (inodes.size === 0) return null
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const handles = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const handle of handles) {
      const target = await readlink(`/proc/${pid}/fd/${handle}`).catch(() => '')
      if (!inodes.has(target)) continue
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return { pid, command: command.replaceAll('\0', ' ').trim() }
    }
  }
  return null
}
