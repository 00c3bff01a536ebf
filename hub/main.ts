import express from 'express'
import { openMappings } from '#mappings/verbs.ts'
import { createLogins } from '#partners/logins.ts'
import { endDuePartners } from '#partners/offboarding/index.ts'
import { createAgreements } from '#partners/resolver.ts'
import { readSecret } from '#partners/secrets.ts'
import { apiRoutes } from '#portal/api/index.ts'
import { portalRoutes } from '#portal/index.ts'
import { systemClock } from './base/clock.ts'
import type { Config } from './base/config.ts'
import type { Log } from './base/log.ts'
import { startLargeFiles } from './large-files.ts'
import { createEgress } from './egress/index.ts'
import { detectFormat, formats } from './formats/index.ts'
import { makeHostKey } from './keys/host-key.ts'
import { openKeys } from './keys/open.ts'
import { openKeeper } from './ledger/keeper.ts'
import { createSequencer } from './ledger/sequence.ts'
import { createDeliver } from './pipeline/deliver/index.ts'
import { closeDueBundles } from './pipeline/process/close-bundle.ts'
import { createProcess } from './pipeline/process/index.ts'
import { createReceive } from './pipeline/receive/index.ts'
import { createWatch } from './pipeline/watch/index.ts'
import { jobQueue, startBoss } from './queue/boss.ts'
import { workDeliver } from './queue/deliver.ts'
import { workLarge, workProcess } from './queue/process.ts'
import { openStore } from './store/connect.ts'
import { keepRecent } from './store/recent.ts'
import { healthRoutes } from './transports/https/health.ts'
import { metricsRoutes } from './transports/https/metrics.ts'
import { hubSecret } from './store/hub-secret.ts'
import { storeMailbox } from './store/mailbox.ts'
import { masterKeyRegister } from './store/master-key.ts'
import { inboundRoutes } from './transports/https/inbound.ts'
import { listen } from './transports/https/listener.ts'
import { httpsTransport } from './transports/https/outbound.ts'
import { withDeps } from './tools.ts'
import { hostKeyFingerprint, mailboxTransport, startSftpServer } from './transports/mailbox/index.ts'
import { sftpTransport } from './transports/sftp/index.ts'

/**
 * The rooms of the house and how they are joined in a hub that runs. Beside it only `tools.ts`, for the verbs, sees all
 * rooms.
 */

/** `all` is every other role in one process. */
export const hubRoles = ['all', 'gateway', 'worker', 'portal'] as const
export type HubRole = (typeof hubRoles)[number]

export interface RunningHub {
  /** Null where the role has no such listener. */
  httpUrl: string | null
  sftpPort: number | null
  /** Fingerprint of the SFTP host key (`SHA256:…`), for partners to compare before they first log in. */
  sftpHostKey: string | null
  /** Ends gently: no new work is taken, what is under way is finished. */
  stop(): Promise<void>
}

/**
 * Runs the hub on a database that is up to date, in one role or all. Listens when it returns. Throws where a port is
 * taken or the database is away, and leaves nothing running then.
 */
export async function startHub(config: Config, url: string, role: HubRole, log: Log): Promise<RunningHub> {
  const closers: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).toReversed()) await close()
  }
  try {
    return { ...(await openHub({ config, url, role, log, closers })), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Opening {
  config: Config
  url: string
  role: HubRole
  log: Log
  /** What ends each thing that was opened, in order of opening. */
  closers: (() => Promise<void>)[]
}

async function openHub({ config, url, role, log, closers }: Opening): Promise<Omit<RunningHub, 'stop'>> {
  const has = (wanted: HubRole) => role === 'all' || role === wanted
  const store = openStore(url, {
    onError: (error) => log.warn({ err: error }, 'database connection lost'),
    ...(has('worker') ? { recent: keepRecent() } : {}),
  })
  closers.push(() => store.close())
  const keys = await openKeys(config, masterKeyRegister(store), log)
  closers.push(() => keys.close())
  const { sealer } = keys

  const boss = await startBoss(url, log)
  closers.push(() => boss.stop({ graceful: true, timeout: 10_000 }))
  log.debug('queue started')
  const queue = jobQueue(boss)
  const agreements = createAgreements(store)
  closers.push(async () => agreements.close())
  const logins = createLogins(store)
  const shared = { store, sealer, queue, clock: systemClock, log }

  const egress = createEgress()
  const deliver = createDeliver({
    ...shared,
    agreements,
    secrets: (channelId, name) => readSecret(store, sealer, channelId, name),
    transports: {
      https: httpsTransport({ egress, clock: systemClock, log }),
      sftp: sftpTransport({ egress, log }),
      mailbox: mailboxTransport({ clock: systemClock }),
    },
  })
  closers.push(() => deliver.close())

  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.use(healthRoutes(store))
  app.use(metricsRoutes({ store, clock: systemClock, log, token: config.metricsToken }))
  let sftpPort: number | null = null
  let sftpHostKey: string | null = null
  if (has('gateway')) {
    const receiver = createReceive(shared)
    closers.push(() => receiver.close())
    app.use(inboundRoutes({ receive: receiver.receive, logins, log }))
    const hostKey = (
      await hubSecret(store, sealer, 'sftp-host-key', () => Buffer.from(makeHostKey()))
    ).toString()
    sftpHostKey = hostKeyFingerprint(hostKey)
    const sftp = await startSftpServer({
      host: config.host,
      port: config.sftpPort,
      hostKey,
      receive: receiver.receive,
      logins,
      mailbox: storeMailbox(store, sealer, deliver.settleByReceipt),
      clock: systemClock,
      log,
    })
    sftpPort = sftp.port
    log.debug({ port: sftpPort }, 'SFTP listens')
    closers.push(() => sftp.close())
  }
  if (has('worker')) {
    const { pinned, close } = openMappings(store)
    closers.push(close)
    const pipeline = createProcess({
      ...shared,
      ...pinned(agreements),
      formats,
      detectFormat,
      leavesLarge: true,
    })
    await workProcess(boss, (ids) => pipeline.process(ids), log)
    const large = startLargeFiles({ config, url }, log)
    closers.push(() => large.close())
    await workLarge(boss, (ids) => large.process(ids), log)
    await workDeliver(boss, (ids) => deliver.deliver(ids), log)
    const watch = createWatch({
      ...shared,
      further: async () => {
        await endDuePartners(store)
        await closeDueBundles({ ...shared, formats })
      },
    })
    watch.start()
    log.debug('workers started')
    closers.push(() => watch.stop())
    const sequencer = createSequencer({ store, keeper: openKeeper(config), log })
    sequencer.start()
    closers.push(() => sequencer.stop())
  }
  if (has('portal')) {
    app.use(apiRoutes({ ...shared, logins, formats, configuration: (work) => withDeps(shared, work) }))
    app.use(portalRoutes({ store, sealer, formats, clock: systemClock, log, publicUrl: config.publicUrl }))
  }
  const listener = await listen(app, { host: config.host, port: config.httpPort })
  closers.push(() => listener.close())
  return {
    httpUrl: `http://${config.host}:${listener.port}`,
    sftpPort,
    sftpHostKey,
  }
}
