import { readConfig } from '#hub/base/config.ts'
import { enableFaults } from '#hub/base/fault.ts'
import { limits } from '#hub/base/limits.ts'
import { createLog } from '#hub/base/log.ts'
import { hubRoles, startHub, type HubRole } from '#hub/main.ts'
import { openDatabase, prepareDatabase } from '#hub/tools.ts'
import { textOption, UsageError, type Verb } from './verb.ts'

export const serve: Verb = {
  name: 'serve',
  summary: 'runs the hub and prints the addresses it listens on',
  usage: 'crossdock serve [--role all|gateway|worker|portal]',
  help: `Roles: gateway takes documents in (POST /v1/documents, SFTP); worker translates and delivers; portal shows.
The database is that of DATABASE_URL; without it, an embedded PostgreSQL runs on the data folder (CROSSDOCK_DATA).
docs/operations.md lists every port, variable and default.`,
  options: { role: { type: 'string' }, faults: { type: 'boolean' } },
  run: async (call) => {
    const role = (textOption(call, 'role') ?? 'all') as HubRole
    if (!hubRoles.includes(role)) throw new UsageError(`--role is one of ${hubRoles.join(', ')}`)
    if (call.options['faults'] === true) enableFaults(call.env)
    const config = readConfig(call.env)
    const log = createLog(config.logLevel)
    const database = await openDatabase(config, log)
    try {
      await prepareDatabase(database.url)
      const hub = await startHub(config, database.url, role, log)
      const addresses = {
        role,
        http: hub.httpUrl,
        sftp: hub.sftpPort === null ? null : `${config.host}:${hub.sftpPort}`,
        sftpHostKey: hub.sftpHostKey,
      }
      call.out(call.json ? JSON.stringify(addresses) : listening(addresses))
      await untilStopped()
      // what has not ended by then is taken up by the next start, like after a crash
      setTimeout(() => process.exit(1), 3 * limits.stopMs).unref()
      await hub.stop()
    } finally {
      await database.stop()
    }
    return 0
  },
}

interface Addresses {
  role: string
  http: string | null
  sftp: string | null
  sftpHostKey: string | null
}

function listening(addresses: Addresses): string {
  const lines = [`The hub runs (role ${addresses.role}).`]
  if (addresses.http !== null) lines.push(`  portal and API  ${addresses.http}`)
  if (addresses.sftp !== null)
    lines.push(`  SFTP            ${addresses.sftp}`, `  its host key    ${addresses.sftpHostKey}`)
  return lines.join('\n')
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
async function untilStopped(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        resolve()
      })
    }
  })
}
