import type { Agreements, ResolveQuestion } from '#hub/model/agreement.ts'
import { namesThere } from '#hub/base/nearest.ts'
import { HubError } from '#hub/model/errors.ts'
import type { PartnerId } from '#hub/model/ids.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { Channel } from '#hub/model/transport.ts'
import { planAll, type ConfigurationDeps } from './apply.ts'
import { readDocuments, type ConfigurationFile } from './files.ts'
import { beginPlan } from './planning.ts'
import { ConfigurationError } from './problems.ts'
import { route } from './route.ts'
import { snapshotOf, type Snapshot } from './snapshot.ts'
import type { Configuration } from './store/configuration.ts'

/** A configuration that stands in files alone: what a hub to which they were applied would find by it. */
export interface OfflineConfiguration {
  agreements: Agreements
  /**
   * The channel over which a message came, by `from` (`partner` or `partner/channel`), else by whom the message names as its sender. Throws
   * HubError `nameUnknown` where that says nothing.
   */
  channelFor(question: ResolveQuestion, from: string | null): Channel
  /** The id of the partner of that key. Throws HubError `nameUnknown`. */
  partnerNamed(key: string): PartnerId
}

/** Reads configuration files without a database; secrets are not looked at. Throws a ConfigurationError. */
export async function offlineConfiguration(
  files: readonly ConfigurationFile[],
  parts: Pick<ConfigurationDeps, 'settingsSchemas' | 'mappings' | 'further'>,
): Promise<OfflineConfiguration> {
  const { documents, problems } = readDocuments(files, parts.further?.kinds)
  if (problems.length > 0) throw new ConfigurationError(problems)
  const further = await parts.further?.plan(documents.further, { whole: false })
  const planning = beginPlan({
    documents,
    current: nothing,
    credentials: [],
    secrets: [],
    sealer: noSealer,
    env: {},
    settingsSchemas: parts.settingsSchemas ?? {},
    mappings: further?.mappings ?? parts.mappings ?? null,
    whole: false,
    secretValues: 'none',
  })
  planning.problems.push(...(further?.problems ?? []))
  await planAll(planning)
  if (planning.problems.length > 0) throw new ConfigurationError(planning.problems)
  const rows = { ...planning.rows, version: 0n, identities: [...planning.identities.values()] }
  const snapshot = snapshotOf(rows, { simulation: true })
  const channels = planning.rows.channels
  return {
    agreements: {
      resolve: async (question) => route(snapshot, question),
      answerWay: async (profile) => snapshot.channelNamed(profile.partnerId, profile.terms.channel) ?? null,
      channel: async (id) => snapshot.channel(id) ?? null,
    },
    channelFor: (question, from) => channelFor({ snapshot, channels, question, from }),
    partnerNamed: (key) => {
      const found = planning.rows.partners.find((partner) => partner.key === key)
      const keys = planning.rows.partners.map((partner) => partner.key)
      if (found === undefined)
        throw new HubError('nameUnknown', `the files have no partner \`${key}\`${namesThere(key, keys)}`)
      return found.id
    },
  }
}

interface Asked {
  snapshot: Snapshot
  channels: readonly Channel[]
  question: ResolveQuestion
  from: string | null
}

/** Of the channels that may be meant the first on which the message finds its way, else the first that knows its sender. */
function channelFor({ snapshot, channels, question, from }: Asked): Channel {
  const nameOf = (channel: Channel) => `${snapshot.partner(channel.partnerId)?.key}/${channel.key}`
  const named = from === null ? channels : channels.filter((one) => `${nameOf(one)}/`.startsWith(`${from}/`))
  if (named.length === 0) {
    const keys = [...new Set(channels.flatMap((one) => [nameOf(one).split('/')[0]!, nameOf(one)]))]
    throw new HubError('nameUnknown', `the files have no channel \`${from}\`${namesThere(from ?? '', keys)}`)
  }
  const routes = named.map((channel) => ({ channel, found: route(snapshot, { ...question, channel }) }))
  const resolved = routes.find(({ found }) => found.kind === 'resolved')
  if (resolved !== undefined) return resolved.channel
  const known = routes.find(({ found }) => found.kind === 'unresolved' && found.code !== 'senderUnknown')
  if (known !== undefined && (from !== null || question.sender !== null)) return known.channel
  if (from !== null) return named[0]!
  const sender =
    question.sender === null
      ? 'the file names no sender'
      : `no partner of the files has the identity ${question.sender.scheme} ${question.sender.value}, which the file names as its sender`
  throw new HubError('nameUnknown', `${sender}; say whose it is by --from PARTNER or --from PARTNER/CHANNEL`)
}

const nothing: Configuration = {
  version: 0n,
  partners: [],
  identities: [],
  channels: [],
  channelIdentities: [],
  profiles: [],
  agreements: [],
}

/** Nothing is sealed or opened here. */
const noSealer: Sealer = {
  seal: noKeys,
  open: noKeys,
  sealChunks: noKeys,
  openChunks: noKeys,
}

function noKeys(): never {
  throw new Error('there are no keys where a configuration is only read')
}
