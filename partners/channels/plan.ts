import { namedId, type ChannelId, type IdentityId, type PartnerId } from '#hub/model/ids.ts'
import { absent, compare } from '../change.ts'
import type { PartnerDocument, Placed } from '../files.ts'
import { identityName, type Planning } from '../planning.ts'
import type { ChannelRow } from '../store/configuration.ts'
import { writeChannel, writeSpeakers } from '../store/write.ts'
import { planLogins } from './logins.ts'
import type { ChannelDocument } from './schema.ts'
import { planSecrets } from './secrets.ts'

/** One channel of one document, as its parts are planned. */
export interface ChannelPlan {
  document: Placed<PartnerDocument>
  index: number
  wanted: ChannelDocument
  /** `partner/channel`. */
  name: string
  id: ChannelId
  partnerId: PartnerId
}

/** Plans the channels of one partner with their log-ins and secrets. All identities are planned before. */
export async function planChannels(planning: Planning, document: Placed<PartnerDocument>): Promise<void> {
  const partner = document.value
  const partnerId = planning.partners.get(partner.key)!
  const standing = new Map(
    planning.current.channels
      .filter((row) => row.partnerId === partnerId)
      .map((row) => [`${partner.key}/${row.key}`, row]),
  )
  const named = new Set<string>()
  for (const [index, wanted] of partner.channels.entries()) {
    const name = `${partner.key}/${wanted.key}`
    if (named.has(name)) {
      planning.problems.push(
        document.problem(['channels', index, 'key'], 'another channel of this partner has this key'),
      )
      continue
    }
    named.add(name)
    const before = standing.get(name)
    const id = before?.id ?? namedId<ChannelId>('channel', partner.key, wanted.key)
    const plan = { document, index, wanted, name, id, partnerId }
    planOne(planning, plan, before)
    await planLogins(planning, plan)
    planSecrets(planning, plan)
  }
  for (const name of standing.keys())
    if (!named.has(name)) planning.changes.push(absent({ kind: 'channel', key: name, partnerId }))
}

/** Makes the channels known before anything that names them is planned. */
export function announceChannels(planning: Planning, document: Placed<PartnerDocument>): void {
  const partner = document.value
  const partnerId = planning.partners.get(partner.key)!
  for (const { key, env, kind } of partner.channels) {
    const name = `${partner.key}/${key}`
    const id = planning.channels.get(name)?.id ?? namedId<ChannelId>('channel', partner.key, key)
    planning.channels.set(name, { id, partnerId, env, kind })
  }
}

function planOne(planning: Planning, plan: ChannelPlan, before: ChannelRow | undefined): void {
  const { wanted, id, partnerId, name } = plan
  const { key, kind, env, peerDedupes } = wanted
  const speakers = speakersOf(planning, plan)
  const row = { id, partnerId, key, kind, env, peerDedupes, settings: settingsOf(planning, plan) }
  const wantedSpeakers = speakers.toSorted()
  const standing = planning.current.channelIdentities
    .filter((speaker) => speaker.channelId === id)
    .map((speaker) => speaker.identityId)
    .toSorted()
  planning.changes.push(
    compare(
      { kind: 'channel', key: name, partnerId },
      {
        before: before === undefined ? null : { ...factsOf(before), identities: standing },
        after: { ...factsOf(row), identities: wantedSpeakers },
      },
      async (client) => {
        await writeChannel(client, row)
        await writeSpeakers(client, id, speakers)
      },
    ),
  )
}

function factsOf(row: Omit<ChannelRow, 'suspended'>): Record<string, unknown> {
  const { key, kind, env, peerDedupes, settings } = row
  return { key, kind, env, peerDedupes, settings }
}

/** The settings as the kind's schema gives them back, so that its defaults stand in the row. */
function settingsOf(planning: Planning, plan: ChannelPlan): Record<string, unknown> {
  const { wanted, document, index } = plan
  const schema = planning.settingsSchemas[wanted.kind]
  if (schema === undefined) {
    if (wanted.kind === 'test')
      planning.problems.push(
        document.problem(['channels', index, 'kind'], 'expected one of `https`, `sftp`, `mailbox`'),
      )
    return wanted.settings
  }
  const result = schema.safeParse(wanted.settings)
  if (result.success) return JSON.parse(JSON.stringify(result.data)) as Record<string, unknown>
  for (const issue of result.error.issues) {
    const path = ['channels', index, 'settings', ...issue.path]
    const places = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path]
    const message =
      issue.code === 'unrecognized_keys'
        ? `unknown setting of a channel of kind ${wanted.kind}`
        : issue.message
    for (const place of places) planning.problems.push(document.problem(place, message))
  }
  return wanted.settings
}

/** The identities that may speak on it, in the channel's environment: the partner's own or, for an intermediary, others'. */
function speakersOf(planning: Planning, plan: ChannelPlan): IdentityId[] {
  const { wanted, document, index } = plan
  const found = new Set<IdentityId>()
  for (const [at, reference] of wanted.identities.entries()) {
    const { partner = document.value.key, ...identity } = reference
    const name = identityName(partner, { ...identity, env: wanted.env })
    const row = planning.identities.get(name)
    if (row !== undefined) found.add(row.id)
    else
      planning.problems.push(
        document.problem(['channels', index, 'identities', at], `there is no identity ${name}`),
      )
  }
  return [...found]
}
