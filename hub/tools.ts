import { libraryMappings } from '#mappings/engine/index.ts'
import { withMappings, withOfflineMappings } from '#mappings/verbs.ts'
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
import { channelNamed } from '#partners/names.ts'
import { offlineConfiguration } from '#partners/offline.ts'
import { causeNamed } from '#partners/unrouted.ts'
import { addPerson as addPersonTo, type NewPerson } from '#portal/people/add-person.ts'
import { addPersonToken, operatorNamed } from '#portal/people/token.ts'
import { roles } from '#portal/store/person.ts'
import { trace, type Traced } from '#portal/timeline/trace.ts'
import { systemClock } from './base/clock.ts'
import type { Config } from './base/config.ts'
import type { Log } from './base/log.ts'
import type { ResolveQuestion } from './model/agreement.ts'
import { HubError } from './model/errors.ts'
import { isId, type PersonId } from './model/ids.ts'
import type { ReadMessage } from './model/format.ts'
import type { Channel } from './model/transport.ts'
import { detectFormat, formats } from './formats/index.ts'
import { openKeys } from './keys/open.ts'
import type { Sealer } from './keys/sealing.ts'
import { decideBatch, routeCause, type BatchDecision, type DecidedBatch } from './pipeline/decide/index.ts'
import { createReceive } from './pipeline/receive/index.ts'
import { acknowledge } from './pipeline/translate/acknowledge.ts'
import { checkMapping } from './pipeline/translate/check-mapping.ts'
import { noChannel, translate, type TranslatedDocument } from './pipeline/translate/index.ts'
import { anyAgreements, namedAgreements, type NamedMappings } from './pipeline/translate/named.ts'
import { jobQueue, prepareQueues, startSender } from './queue/boss.ts'
import { openStore, type Store } from './store/connect.ts'
import { startEmbedded } from './store/embedded/server.ts'
import { findHold, findHolds, type HoldBatch, type HoldMember } from './store/hold.ts'
import { masterKeyRegister } from './store/master-key.ts'
import { createScratch } from './store/scratch.ts'
import { migrate } from './store/migrate.ts'
import { httpsSettings } from './transports/https/outbound.ts'
import { mailboxSettings } from './transports/mailbox/index.ts'
import { sftpSettings } from './transports/sftp/index.ts'

/** The rooms joined for the verbs of the command line: a piece of work each, on a database or none, without listeners. */

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

/** What reading and applying configuration works with. */
export function withDeps<Result>(
  tools: Pick<Tools, 'store' | 'sealer'>,
  work: (deps: ConfigurationDeps) => Promise<Result>,
): Promise<Result> {
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

/** The answers that the hub would give to a file: by what it holds alone, or as a hub would to which these files were applied. */
export async function acknowledgeFile(
  bytes: Buffer,
  by: { files: ConfigurationFile[]; from: string | null } | { version: string | null },
  log: Log,
): ReturnType<typeof acknowledge> {
  const parts = { mappings: libraryMappings, formats, detectFormat, clock: systemClock, log }
  if (!('files' in by)) {
    const agreements = anyAgreements(by, libraryMappings)
    return acknowledge(bytes, { ...parts, agreements, channelFor: () => noChannel(), all: false })
  }
  return withOfflineMappings(async (further, mappings) => {
    const offline = await offlineConfiguration(by.files, { settingsSchemas, further })
    const channelFor = (question: ResolveQuestion) => offline.channelFor(question, by.from)
    return acknowledge(bytes, { ...parts, mappings, agreements: offline.agreements, channelFor, all: true })
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

/** Makes an API token of a person; returns it, which is the only time it is shown. */
export async function tokenOfPerson(
  tools: Tools,
  asked: { email: string; name: string; days: number },
): Promise<string> {
  return addPersonToken(tools.store, { ...asked, actor: 'cli' })
}

/** The operator with this e-mail address, in whose name a verb acts. */
export async function operator(tools: Tools, email: string): Promise<PersonId> {
  return operatorNamed(tools.store, email)
}

/** The channel of this key, or the partner's only one; throws HubError `nameUnknown` that names those there are. */
export async function channelOfPartner(tools: Tools, partner: string, key: string | null): Promise<Channel> {
  return channelNamed(tools.store, { partner, channel: key })
}

/** Documents that words find (`order 345`), each with its sentence, timeline and findings as text. */
export async function traceWords(tools: Tools, words: string): Promise<Traced[]> {
  return trace({ ...tools, clock: systemClock }, words)
}

export { holdDecisions } from './pipeline/decide/index.ts'
export type { HoldBatch, HoldMember } from './store/hold.ts'

/** The holds with something to decide, the newest first, and whether there are more. */
export async function openHolds(tools: Tools, limit: number): Promise<{ holds: HoldBatch[]; more: boolean }> {
  const { holds, next } = await findHolds(tools.store.worker, { before: null, limit })
  return { holds, more: next !== null }
}

/** A hold with what is in it; throws HubError `nameUnknown` where there is none. */
export async function holdNamed(
  tools: Tools,
  id: string,
): Promise<{ hold: HoldBatch; members: HoldMember[] }> {
  const found = isId(id) ? await findHold(tools.store.worker, id) : null
  if (found === null) throw new HubError('nameUnknown', `there is no hold \`${id}\``)
  return found
}

/** Carries out what the operator with this address decided about a hold; throws as `decideBatch` and `operatorNamed`. */
export async function decideAboutHold(
  tools: Tools,
  { by, ...decision }: Omit<BatchDecision, 'person'> & { by: string },
  log: Log,
): Promise<DecidedBatch> {
  const person = await operatorNamed(tools.store, by)
  const boss = await startSender(tools.url, log)
  try {
    return await decideBatch({ ...tools, queue: jobQueue(boss) }, { ...decision, person })
  } finally {
    await boss.stop({ graceful: false })
  }
}

export { listUnrouted } from '#partners/unrouted.ts'

/** Lets all documents on hold for a cause look for their way again; returns how many. Throws HubError `nameUnknown`. */
export async function routeUnrouted(
  tools: Tools,
  asked: { cause: string; by: string; reason: string },
  log: Log,
): Promise<number> {
  const person = await operator(tools, asked.by)
  const cause = await causeNamed(tools.store, asked.cause)
  const boss = await startSender(tools.url, log)
  try {
    return await routeCause({ ...tools, queue: jobQueue(boss) }, { ...asked, cause, person })
  } finally {
    await boss.stop({ graceful: false })
  }
}
