import { z } from 'zod'
import { channelLimitsSchema } from '#hub/model/channel-limits.ts'
import { namedId, type ChannelId, type IdentityId, type PartnerId } from '#hub/model/ids.ts'
import { namesThere } from '#hub/base/nearest.ts'
import { absent, compare } from '../change.ts'
import { fieldsAt } from '../hints.ts'
import type { PartnerDocument, Placed } from '../files.ts'
import { identityName, type Planning, type WantedChannel } from '../planning.ts'
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
    if (planning.secretValues === 'none') continue
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
  for (const { key, env, kind, settings } of partner.channels) {
    const name = `${partner.key}/${key}`
    const id = planning.channels.get(name)?.id ?? namedId<ChannelId>('channel', partner.key, key)
    planning.channels.set(name, { id, partnerId, env, kind, settings })
  }
}

function planOne(planning: Planning, plan: ChannelPlan, before: ChannelRow | undefined): void {
  const { wanted, id, partnerId, name } = plan
  const { key, kind, env, peerDedupes } = wanted
  const speakers = speakersOf(planning, plan)
  const row = { id, partnerId, key, kind, env, peerDedupes, settings: wanted.settings }
  checkSettings(planning, plan)
  if (before !== undefined && before.env !== env)
    planning.problems.push(
      plan.document.problem(
        ['channels', plan.index, 'env'],
        `this channel is for ${before.env}, and stays so: what waits for it is of that environment; make another channel for ${env}`,
      ),
    )
  planning.rows.channels.push({ ...row, suspended: before?.suspended ?? false })
  planning.rows.channelIdentities.push(...speakers.map((identityId) => ({ channelId: id, identityId })))
  const standing = planning.current.channelIdentities
    .filter((speaker) => speaker.channelId === id)
    .map((speaker) => speaker.identityId)
  planning.changes.push(
    compare(
      {
        kind: 'channel',
        key: name,
        partnerId,
        env,
        origin: { document: plan.document, path: ['channels', plan.index] },
      },
      {
        before: before === undefined ? null : { ...factsOf(before), identities: namesOf(planning, standing) },
        after: { ...factsOf(row), identities: namesOf(planning, speakers) },
      },
      async (client) => {
        await writeChannel(client, row)
        await writeSpeakers(client, id, speakers)
      },
    ),
  )
}

function namesOf(planning: Planning, ids: readonly IdentityId[]): string[] {
  if (ids.length === 0) return []
  const names = new Map([...planning.identities].map(([name, row]) => [row.id, name]))
  return ids.map((id) => names.get(id) ?? id).toSorted()
}

function factsOf(row: Omit<ChannelRow, 'suspended'>): Record<string, unknown> {
  const { key, kind, env, peerDedupes, settings } = row
  return { key, kind, env, peerDedupes, settings }
}

/**
 * Checks the settings by the kind's schema, unknown names included. None at all is a channel on which things only come in. They are kept as
 * written: the transport fills in its defaults when it uses them.
 */
function checkSettings(planning: Planning, plan: ChannelPlan): void {
  const { wanted, document, index } = plan
  const at = ['channels', index, 'settings']
  const schema = planning.settingsSchemas[wanted.kind]
  if (schema === undefined && wanted.kind === 'test')
    planning.problems.push(
      document.problem(['channels', index, 'kind'], 'expected one of `https`, `sftp`, `mailbox`'),
    )
  const { limits, ...settings } = wanted.settings
  const issues = [
    ...issuesOf(channelLimitsSchema, limits).map((issue) => ({ ...issue, path: ['limits', ...issue.path] })),
    ...(schema === undefined || Object.keys(settings).length === 0 ? [] : issuesOf(schema, settings)),
  ]
  for (const issue of issues) {
    const path = [...at, ...issue.path]
    if (issue.code !== 'unrecognized_keys') planning.problems.push(document.problem(path, issue.message))
    else
      for (const key of issue.keys)
        planning.problems.push(
          document.problem(
            [...path, key],
            `unknown setting of a channel of kind ${wanted.kind}${namesThere(key, settingsAt(schema, issue.path))}`,
          ),
        )
  }
}

function settingsAt(schema: z.ZodType | undefined, path: readonly PropertyKey[]): string[] {
  if (path[0] === 'limits') return fieldsAt(channelLimitsSchema, path.slice(1))
  return [...(schema === undefined ? [] : fieldsAt(schema, path)), ...(path.length === 0 ? ['limits'] : [])]
}

function issuesOf(schema: z.ZodType, value: unknown): z.core.$ZodIssue[] {
  const strict = schema instanceof z.ZodObject ? schema.strict() : schema
  return strict.safeParse(value).error?.issues ?? []
}

/** Whether the hub can bring something over this channel: its settings are all that its kind needs. */
export function canDeliver(planning: Planning, channel: WantedChannel): boolean {
  const { limits: _, ...settings } = channel.settings
  return planning.settingsSchemas[channel.kind]?.safeParse(settings).success ?? true
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
        document.problem(
          ['channels', index, 'identities', at],
          `there is no identity \`${name}\`${namesThere(
            name,
            [...planning.identities.keys()].filter((one) => one.startsWith(`${partner}/`)),
          )}`,
        ),
      )
  }
  return [...found]
}
