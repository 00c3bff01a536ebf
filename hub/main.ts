import express from 'express'
import { libraryMappings } from '#mappings/engine/index.ts'
import { openMappings, withMappings, withOfflineMappings } from '#mappings/verbs.ts'
import {
  applyConfiguration,
  planConfiguration,
  type Change,
  type ConfigurationDeps,
  type ConfigurationFile,
} from '#partners/apply.ts'
import { addCredential } from '#partners/credentials.ts'
import { findDrift, type Difference } from '#partners/drift.ts'
import { exportConfiguration, type ExportedFile } from '#partners/export.ts'
import { createLogins } from '#partners/logins.ts'
import { channelNamed } from '#partners/names.ts'
import { offlineConfiguration } from '#partners/offline.ts'
import { createAgreements } from '#partners/resolver.ts'
import { readSecret } from '#partners/secrets.ts'
import { apiRoutes } from '#portal/api/index.ts'
import { portalRoutes } from '#portal/index.ts'
import { addPerson as addPersonTo, type NewPerson } from '#portal/people/add-person.ts'
import { roles } from '#portal/store/person.ts'
import { trace, type Traced } from '#portal/timeline/trace.ts'
import { systemClock } from './base/clock.ts'
import type { Config } from './base/config.ts'
import type { Log } from './base/log.ts'
import type { ResolveQuestion } from './model/agreement.ts'
import type { ReadMessage } from './model/format.ts'
import type { Channel } from './model/transport.ts'
import { createEgress } from './egress/index.ts'
import { detectFormat, formats } from './formats/index.ts'
import { makeHostKey } from './keys/host-key.ts'
import { openKeys } from './keys/open.ts'
import type { Sealer } from './keys/sealing.ts'
import { openKeeper } from './ledger/keeper.ts'
import { createSequencer } from './ledger/sequence.ts'
import { createDeliver } from './pipeline/deliver/index.ts'
import { createProcess } from './pipeline/process/index.ts'
import { createReceive } from './pipeline/receive/index.ts'
import { checkMapping } from './pipeline/translate/check-mapping.ts'
import { noChannel, translate, type TranslatedDocument } from './pipeline/translate/index.ts'
import { namedAgreements, type NamedMappings } from './pipeline/translate/named.ts'
import { createWatch } from './pipeline/watch/index.ts'
import { jobQueue, prepareQueues, startBoss, startSender } from './queue/boss.ts'
import { workDeliver } from './queue/deliver.ts'
import { workProcess } from './queue/process.ts'
import { openStore, type Store } from './store/connect.ts'
import { startEmbedded } from './store/embedded/server.ts'
import { healthRoutes } from './transports/https/health.ts'
import { metricsRoutes } from './transports/https/metrics.ts'
import { hubSecret } from './store/hub-secret.ts'
import { storeMailbox } from './store/mailbox.ts'
import { masterKeyRegister } from './store/master-key.ts'
import { createScratch } from './store/scratch.ts'
import { migrate } from './store/migrate.ts'
import { inboundRoutes } from './transports/https/inbound.ts'
import { listen } from './transports/https/listener.ts'
import { httpsSettings, httpsTransport } from './transports/https/outbound.ts'
import {
  hostKeyFingerprint,
  mailboxSettings,
  mailboxTransport,
  startSftpServer,
} from './transports/mailbox/index.ts'
import { sftpSettings, sftpTransport } from './transports/sftp/index.ts'

/** The rooms of the house and how they are joined: the only file that sees all of them. */

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

/** What command-line verbs work with: the database and the keys, without listeners and workers. */
export interface Tools {
  config: Config
  url: string
  store: Store
  sealer: Sealer
  close(): Promise<void>
}

/**
 * The database of the configuration: the server of DATABASE_URL, or the embedded one, found or started. With a log, for a
 * hub that runs for long, the embedded one is started again when it ends by itself.
 */
export async function openDatabase(
  config: Config,
  log?: Log,
): Promise<{ url: string; stop(): Promise<void> }> {
  if (config.databaseUrl !== null) return { url: config.databaseUrl, stop: async () => {} }
  if (log === undefined) return startEmbedded(config.dataFolder)
  return startEmbedded(config.dataFolder, { keepRunning: true, onRestart: (outcome) => log.error(outcome) })
}

/** Brings tables, roles and queues to the newest form; returns the names of the migrations applied. */
export async function prepareDatabase(url: string): Promise<string[]> {
  const applied = await migrate(url)
  await prepareQueues(url)
  return applied
}

/**
 * A database that is thrown away afterwards: on the server of DATABASE_URL, or on an embedded one in the data folder,
 * which ends with it.
 */
export async function createScratchDatabase(config: Config): Promise<{ url: string; drop(): Promise<void> }> {
  const server = await openDatabase(config)
  const scratch = await createScratch(server.url, 'demo')
  return {
    url: scratch.url,
    drop: async () => {
      await scratch.drop()
      await server.stop()
    },
  }
}

/** Opens database and keys for a verb, brings the database up to date, and closes all after `work`. */
export async function withTools<Result>(
  config: Config,
  work: (tools: Tools) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase(config)
  try {
    await prepareDatabase(database.url)
    const store = openStore(database.url, { workerConnections: 4, portalConnections: 2 })
    try {
      const keys = await openKeys(config, masterKeyRegister(store))
      try {
        return await work({
          config,
          url: database.url,
          store,
          sealer: keys.sealer,
          close: () => store.close(),
        })
      } finally {
        await keys.close()
      }
    } finally {
      await store.close()
    }
  } finally {
    await database.stop()
  }
}

/** Takes documents in without listeners: what `crossdock send` does. */
export async function withReceive<Result>(
  tools: Tools,
  log: Log,
  work: (receive: ReturnType<typeof createReceive>['receive']) => Promise<Result>,
): Promise<Result> {
  const boss = await startSender(tools.url, log)
  const receiver = createReceive({
    store: tools.store,
    sealer: tools.sealer,
    queue: jobQueue(boss),
    clock: systemClock,
    log,
  })
  try {
    return await work(receiver.receive)
  } finally {
    await receiver.close()
    await boss.stop({ graceful: false })
  }
}

export type ConfigurationChange = Change
export const personRoles = roles
export type PersonRole = NewPerson['role']

/** What applying these configuration files would change. */
export async function planFiles(tools: Tools, files: ConfigurationFile[]): Promise<Change[]> {
  return withDeps(tools, (deps) => planConfiguration(deps, files))
}

/** Applies configuration files, all or none; returns what changed. */
export async function applyFiles(
  tools: Tools,
  files: ConfigurationFile[],
  options: { actor: string },
): Promise<Change[]> {
  return withDeps(tools, async (deps) => (await applyConfiguration(deps, files, options)).changes)
}

export type { Difference } from '#partners/drift.ts'
export { lineageOfMapping, rebaseMapping, testMappings, type Lineage } from '#mappings/verbs.ts'
export { asStream as configurationStream, type ExportedFile } from '#partners/export.ts'

/** Where files, taken as the whole configuration, and the hub differ. */
export async function driftOfFiles(tools: Tools, files: ConfigurationFile[]): Promise<Difference[]> {
  return withDeps(tools, (deps) => findDrift(deps, files))
}

/** The configuration as it stands, a file a thing; with a partner's key that partner alone. */
export async function exportFiles(
  tools: Tools,
  options: { partner: string | null },
): Promise<ExportedFile[]> {
  return withMappings(tools, (further) => exportConfiguration(tools.store, { ...options, further }))
}

/** What the settings of a channel of each kind may hold. */
const settingsSchemas = { https: httpsSettings, sftp: sftpSettings, mailbox: mailboxSettings }

function withDeps<Result>(tools: Tools, work: (deps: ConfigurationDeps) => Promise<Result>): Promise<Result> {
  const { store, sealer } = tools
  return withMappings(tools, (further) => work({ store, sealer, settingsSchemas, further }))
}

export { serialiseCanonical } from './canonical/index.ts'
export type { TranslatedDocument } from './pipeline/translate/index.ts'
export { missingSecrets } from '#partners/missing.ts'
/** The mappings that come with the hub, by name. */
export const mappings = libraryMappings

/**
 * Takes a file through the pipeline's steps without a database: by mappings that are named, or as a hub would to which these configuration files
 * were applied, for all receivers or for one partner (`to`).
 */
export async function translateFile(
  bytes: Buffer,
  by: NamedMappings | { files: ConfigurationFile[]; from: string | null; to: string | null },
  log: Log,
): Promise<TranslatedDocument[]> {
  const parts = { mappings: libraryMappings, formats, detectFormat, clock: systemClock, log }
  if (!('files' in by)) {
    const agreements = namedAgreements(by, libraryMappings)
    return translate(bytes, { ...parts, agreements, channelFor: () => noChannel() })
  }
  return withOfflineMappings(async (further, mappings) => {
    const offline = await offlineConfiguration(by.files, { settingsSchemas, further })
    const channelFor = (question: ResolveQuestion) => offline.channelFor(question, by.from)
    const to = by.to === null ? null : offline.partnerNamed(by.to)
    return translate(bytes, { ...parts, mappings, agreements: offline.agreements, channelFor, to })
  })
}

/** What the library's mapping for a message makes of it, and what it misses; null where the library has none. */
export async function tryMapping(message: ReadMessage, log: Log): ReturnType<typeof checkMapping> {
  return checkMapping(message, { mappings: libraryMappings, formats, clock: systemClock, log })
}

/** Adds a person of the hub (`partner` null) or of a partner. */
export async function addPerson(
  tools: Tools,
  { partner, ...person }: Omit<NewPerson, 'partnerKey'> & { partner: string | null },
): Promise<string> {
  return addPersonTo(tools.store, partner === null ? person : { ...person, partnerKey: partner })
}

/** Makes an API token on a channel; returns it, which is the only time it is shown. */
export async function addToken(
  tools: Tools,
  asked: { partner: string; channel: string | null; name: string },
): Promise<string> {
  const { partner, channel, name } = asked
  const { token } = await addCredential(tools.store, {
    partnerKey: partner,
    channelKey: channel,
    name,
    actor: 'cli',
  })
  return token
}

/** The channel of this key, or the partner's only one; throws HubError `nameUnknown` that names those there are. */
export async function channelOfPartner(tools: Tools, partner: string, key: string | null): Promise<Channel> {
  return channelNamed(tools.store, { partner, channel: key })
}

/** Documents that words find (`order 345`), each with its sentence, timeline and findings as text. */
export async function traceWords(tools: Tools, words: string): Promise<Traced[]> {
  return trace({ ...tools, clock: systemClock }, words)
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
  const store = openStore(url, { onError: (error) => log.warn({ err: error }, 'database connection lost') })
  closers.push(() => store.close())
  const keys = await openKeys(config, masterKeyRegister(store), log)
  closers.push(() => keys.close())
  const { sealer } = keys
  const has = (wanted: HubRole) => role === 'all' || role === wanted

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
    const pipeline = createProcess({ ...shared, ...pinned(agreements), formats, detectFormat })
    await workProcess(boss, (ids) => pipeline.process(ids), log)
    await workDeliver(boss, (ids) => deliver.deliver(ids), log)
    const watch = createWatch(shared)
    watch.start()
    log.debug('workers started')
    closers.push(() => watch.stop())
    const sequencer = createSequencer({ store, keeper: openKeeper(config), log })
    sequencer.start()
    closers.push(() => sequencer.stop())
  }
  if (has('portal')) {
    app.use(apiRoutes({ store, sealer, logins, formats, clock: systemClock, log }))
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
