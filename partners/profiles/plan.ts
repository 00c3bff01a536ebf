import { namedId, type PartnerId } from '#hub/model/ids.ts'
import { namesThere } from '#hub/base/nearest.ts'
import type { ProfileTerms } from '#hub/model/agreement.ts'
import { absent } from '../change.ts'
import { canDeliver } from '../channels/plan.ts'
import type { PartnerDocument, Placed } from '../files.ts'
import { facetsOf, type Planning } from '../planning.ts'
import type { ProfileRow } from '../store/configuration.ts'
import { insertProfile, setProfileState } from '../store/write.ts'
import { planVersion } from '../versions.ts'
import { lifeName, profileName, unnamed } from './name.ts'
import type { ProfileDocument } from './schema.ts'

/** Plans the profiles of one partner: another term makes another version, and the one before it is retired. */
export function planProfiles(planning: Planning, document: Placed<PartnerDocument>): void {
  const partner = document.value
  const partnerId = planning.partners.get(partner.key)!
  const versions = Map.groupBy(
    planning.current.profiles.filter((row) => row.partnerId === partnerId),
    (row) => profileName(partner.key, facetsOf(row)),
  )
  const named = new Set<string>()
  for (const [index, wanted] of partner.profiles.entries()) {
    const name = profileName(partner.key, wanted)
    const problem = (field: string, message: string) =>
      planning.problems.push(document.problem(['profiles', index, field], message))
    if (named.has(lifeName(name, wanted.state)))
      problem('guide', 'another profile of this partner is for the same format; give it another guide')
    named.add(lifeName(name, wanted.state))
    checkReferences(planning, { partnerKey: partner.key, wanted, problem })
    planOne(planning, {
      name,
      document,
      index,
      partnerId,
      wanted,
      versions: versions.get(name) ?? [],
    })
  }
  for (const [name, rows] of versions)
    for (const key of unnamed({ name, rows, named, whole: planning.whole }))
      planning.changes.push(absent({ kind: 'profile', key, partnerId }))
}

interface OneProfile {
  name: string
  document: Placed<PartnerDocument>
  index: number
  partnerId: PartnerId
  wanted: ProfileDocument
  versions: ProfileRow[]
}

function planOne(planning: Planning, one: OneProfile): void {
  const { name, document, index, partnerId, wanted, versions } = one
  const partnerKey = document.value.key
  const { direction, env, type, format, guide, state } = wanted
  const idOf = (version: number) =>
    namedId<ProfileRow['id']>('profile', partnerKey, direction, env, type, format, String(version), guide)
  const alike = document.value.profiles.filter((other) => profileName(partnerKey, other) === name)
  const planned = planVersion({
    thing: {
      kind: 'profile',
      key: alike.length > 1 ? lifeName(name, wanted.state) : name,
      partnerId,
      env,
      origin: { document, path: ['profiles', index] },
    },
    versions,
    beside: alike.length > 1,
    nextVersion: 1 + Math.max(0, ...versions.map((row) => row.version), ...plannedVersions(planning, name)),
    wanted: { state, facts: termsOf(wanted) as unknown as Record<string, unknown> },
    factsOf: (row) => row.terms as unknown as Record<string, unknown>,
    insert: (client, version) => {
      const row = { id: idOf(version), partnerId, direction, env, type, guide, version, state }
      return insertProfile(client, { ...row, terms: termsOf(wanted) })
    },
    setState: (client, rows, to) =>
      setProfileState(
        client,
        rows.map((row) => row.id),
        to,
      ),
  })
  const version = planned.version ?? 1
  const id = versions.find((row) => row.version === version)?.id ?? idOf(version)
  // agreements join what is live; what is tried or a draft only where there is nothing else
  if (state === 'live' || planning.profiles.get(name)?.state !== 'live')
    planning.profiles.set(name, { direction, env, type, format, guide, id, partnerId, state })
  planning.profileNames.set(id, name)
  planning.rows.profiles.push({
    id,
    partnerId,
    direction,
    env,
    type,
    guide,
    version,
    state,
    terms: termsOf(wanted),
  })
  planning.changes.push(planned)
}

function plannedVersions(planning: Planning, name: string): number[] {
  return planning.rows.profiles
    .filter((row) => planning.profileNames.get(row.id) === name)
    .map((row) => row.version)
}

function checkReferences(
  planning: Planning,
  asked: {
    partnerKey: string
    wanted: ProfileDocument
    problem: (field: string, message: string) => void
  },
): void {
  const { wanted, problem } = asked
  const channel = planning.channels.get(
    wanted.channel.includes('/') ? wanted.channel : `${asked.partnerKey}/${wanted.channel}`,
  )
  if (channel === undefined)
    problem('channel', `there is no channel \`${wanted.channel}\`${channelsThere(planning, asked)}`)
  else if (channel.env !== wanted.env)
    problem(
      'channel',
      `the channel \`${wanted.channel}\` is for ${channel.env}, this profile for ${wanted.env}`,
    )
  else if (bringsThere(wanted) && !canDeliver(planning, channel))
    problem(
      'channel',
      `the channel \`${wanted.channel}\` has no settings to deliver by; nothing can be brought to the partner over it`,
    )
  if (planning.mappings === null || wanted.format === 'opaque') return
  if (!planning.mappings.has(wanted.mapping))
    problem(
      'mapping',
      `there is no mapping \`${wanted.mapping}\`${namesThere(wanted.mapping, planning.mappings.names())}`,
    )
  else if (planning.mappings.formatOf(wanted.mapping) !== wanted.format) {
    const format = planning.mappings.formatOf(wanted.mapping)
    problem(
      'mapping',
      `the mapping \`${wanted.mapping}\` is for ${format}, and the profile for ${wanted.format}`,
    )
  } else {
    const refusal = planning.mappings.refusal?.(wanted.mapping, wanted) ?? null
    if (refusal !== null) problem('mapping', refusal)
  }
}

/** The channels of the partner that is meant, as a profile names them. */
function channelsThere(planning: Planning, asked: { partnerKey: string; wanted: ProfileDocument }): string {
  const name = asked.wanted.channel
  const other = name.includes('/')
  const begin = other ? name.slice(0, name.indexOf('/') + 1) : `${asked.partnerKey}/`
  const names = [...planning.channels.keys()].filter((one) => one.startsWith(begin))
  return namesThere(name, other ? names : names.map((one) => one.slice(begin.length)))
}

/** Whether something goes to the partner under this profile: documents, or answers to what it sent. */
function bringsThere(wanted: ProfileDocument): boolean {
  if (wanted.direction === 'receives') return true
  if (wanted.acknowledgements?.business === 'refusals') return true
  const answers = wanted.acknowledgements?.syntax ?? 'as_requested'
  return wanted.format === 'edifact' && answers !== 'none'
}

function termsOf(wanted: ProfileDocument): ProfileTerms {
  const { direction: _d, env: _e, type: _t, guide: _g, state: _s, ...terms } = wanted
  return JSON.parse(JSON.stringify(terms)) as ProfileTerms
}
