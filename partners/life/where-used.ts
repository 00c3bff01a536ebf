import { HubError } from '#hub/model/errors.ts'
import { namesThere } from '#hub/base/nearest.ts'
import type { FurtherConfiguration } from '../further.ts'
import { readConfiguration, type Configuration, type ProfileRow } from '../store/configuration.ts'
import { documentsBy, type UsedBy } from '../store/history.ts'
import { versionOf } from './compare.ts'
import { profileKey, thingNamed, type LifeDeps } from './things.ts'

export const usedKinds = ['partner', 'channel', 'profile', 'agreement', 'mapping', 'codeList'] as const
export type UsedKind = (typeof usedKinds)[number]

export interface WhereUsed {
  /** What names it and takes part, by kind: keys as `thingNamed` takes them. */
  channels: string[]
  profiles: string[]
  agreements: string[]
  mappings: string[]
  /** Documents that its version decided on, where one was asked for. */
  documents: UsedBy | null
}

/**
 * What uses a thing: the profiles that name a channel or mapping, the agreements that join a profile, the mappings that look up in a code
 * list, and the documents that a version decided on. Versions that are retired use nothing. Throws HubError `nameUnknown`.
 */
export async function whereUsed(
  deps: LifeDeps & { further?: Pick<FurtherConfiguration, 'history' | 'using'> },
  asked: { kind: UsedKind; key: string; version: number | null },
): Promise<WhereUsed> {
  const { kind, key, version } = asked
  const configuration = await readConfiguration(deps.store)
  const named = new Names(configuration)
  const none = { channels: [], profiles: [], agreements: [], mappings: [], documents: null }
  switch (kind) {
    case 'partner': {
      const partner = configuration.partners.find((row) => row.key === key)
      if (partner === undefined)
        throw unknown(
          kind,
          key,
          configuration.partners.map((row) => row.key),
        )
      return {
        ...none,
        channels: named.channelsSpeaking(partner.id),
        profiles: named.profilesWhere(
          (row) => row.partnerId !== partner.id && row.terms.channel.startsWith(`${key}/`),
        ),
        agreements: named.agreementsOf(partner.id),
      }
    }
    case 'channel': {
      const channels = named.channels()
      if (!channels.includes(key)) throw unknown(kind, key, channels)
      return { ...none, profiles: named.profilesWhere((row) => named.channelOf(row) === key) }
    }
    case 'profile': {
      const thing = await thingNamed(deps, 'profile', key)
      const ids = new Set(thing.versions.map(({ id }) => id))
      const one = version === null ? null : versionOf(thing, version)
      const sender = one?.sender ?? null
      const documents =
        sender === null ? null : await documentsBy(deps.store.worker, sender, { profile: { id: one!.id } })
      return { ...none, agreements: named.agreementsJoining(ids), documents }
    }
    case 'agreement': {
      const thing = await thingNamed(deps, 'agreement', key)
      if (version === null) return none
      const { sender } = versionOf(thing, version)
      return {
        ...none,
        documents: await documentsBy(deps.store.worker, sender!, { agreements: [{ key, version }] }),
      }
    }
    case 'mapping':
    case 'codeList': {
      const mappings = (await deps.further?.using(kind, key)) ?? []
      const profiles = kind === 'codeList' ? [] : named.profilesWhere((row) => row.terms.mapping === key)
      // the library's mappings have no versions here
      if (mappings.length === 0 && profiles.length === 0) await thingNamed(deps, kind, key)
      return { ...none, profiles, mappings }
    }
  }
}

/** Looks things up by what they name; what is retired is left out. */
class Names {
  readonly #configuration: Configuration
  readonly #keys: ReadonlyMap<string, string>

  constructor(configuration: Configuration) {
    this.#configuration = configuration
    this.#keys = new Map(configuration.partners.map((row) => [row.id, row.key]))
  }

  channels(): string[] {
    return this.#configuration.channels.map((row) => `${this.#keys.get(row.partnerId)}/${row.key}`)
  }

  channelOf(row: ProfileRow): string {
    return row.terms.channel.includes('/')
      ? row.terms.channel
      : `${this.#keys.get(row.partnerId)}/${row.terms.channel}`
  }

  profilesWhere(uses: (row: ProfileRow) => boolean): string[] {
    const rows = this.#configuration.profiles.filter((row) => row.state !== 'retired' && uses(row))
    return sorted(rows.map((row) => profileKey(this.#keys.get(row.partnerId)!, row)))
  }

  agreementsJoining(profiles: ReadonlySet<string | null>): string[] {
    const rows = this.#configuration.agreements.filter(
      (row) =>
        row.state !== 'retired' && (profiles.has(row.senderProfile) || profiles.has(row.receiverProfile)),
    )
    return sorted(rows.map((row) => row.key))
  }

  agreementsOf(partner: string): string[] {
    const rows = this.#configuration.agreements.filter(
      (row) => row.state !== 'retired' && (row.senderPartner === partner || row.receiverPartner === partner),
    )
    return sorted(rows.map((row) => row.key))
  }

  /** Channels of others on which an identity of the partner may speak. */
  channelsSpeaking(partner: string): string[] {
    const own = new Set(
      this.#configuration.identities
        .filter((row) => row.partnerId === partner)
        .map((row) => row.id as string),
    )
    const speaking = new Set(
      this.#configuration.channelIdentities
        .filter((row) => own.has(row.identityId))
        .map((row) => row.channelId),
    )
    const rows = this.#configuration.channels.filter(
      (row) => row.partnerId !== partner && speaking.has(row.id),
    )
    return sorted(rows.map((row) => `${this.#keys.get(row.partnerId)}/${row.key}`))
  }
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted()
}

function unknown(kind: string, key: string, known: readonly string[]): HubError {
  return new HubError('nameUnknown', `there is no ${kind} \`${key}\`${namesThere(key, [...known])}`)
}
