import { namedId, type PartnerId } from '#hub/model/ids.ts'
import type { ProfileTerms } from '#hub/model/agreement.ts'
import { absent } from '../change.ts'
import { canDeliver } from '../channels/plan.ts'
import type { PartnerDocument, Placed } from '../files.ts'
import { facetsOf, type Planning } from '../planning.ts'
import type { ProfileRow } from '../store/configuration.ts'
import { insertProfile, setProfileState } from '../store/write.ts'
import { planVersion } from '../versions.ts'
import { profileName } from './name.ts'
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
    if (named.has(name))
      problem('guide', 'another profile of this partner is for the same format; give it another guide')
    named.add(name)
    checkReferences(planning, { partnerKey: partner.key, wanted, problem })
    planOne(planning, {
      name,
      partnerKey: partner.key,
      partnerId,
      wanted,
      versions: versions.get(name) ?? [],
    })
  }
  for (const [name, rows] of versions)
    if (!named.has(name) && rows.at(-1)!.state !== 'retired')
      planning.changes.push(absent({ kind: 'profile', key: name, partnerId }))
}

interface OneProfile {
  name: string
  partnerKey: string
  partnerId: PartnerId
  wanted: ProfileDocument
  versions: ProfileRow[]
}

function planOne(planning: Planning, one: OneProfile): void {
  const { name, partnerKey, partnerId, wanted, versions } = one
  const { direction, env, type, format, guide, state } = wanted
  const idOf = (version: number) =>
    namedId<ProfileRow['id']>('profile', partnerKey, direction, env, type, format, String(version), guide)
  const planned = planVersion({
    thing: { kind: 'profile', key: name, partnerId },
    versions,
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
  const newest = versions.at(-1)
  const id = newest?.version === version ? newest.id : idOf(version)
  planning.profiles.set(name, { direction, env, type, format, guide, id, partnerId, state })
  planning.profileNames.set(id, name)
  planning.changes.push(planned)
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
  if (channel === undefined) problem('channel', `there is no channel \`${wanted.channel}\``)
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
  if (planning.mappings === null) return
  if (!planning.mappings.has(wanted.mapping)) problem('mapping', `there is no mapping \`${wanted.mapping}\``)
  else if (planning.mappings.formatOf(wanted.mapping) !== wanted.format) {
    const format = planning.mappings.formatOf(wanted.mapping)
    problem(
      'mapping',
      `the mapping \`${wanted.mapping}\` is for ${format}, and the profile for ${wanted.format}`,
    )
  }
}

/** Whether something goes to the partner under this profile: documents, or answers to what it sent. */
function bringsThere(wanted: ProfileDocument): boolean {
  if (wanted.direction === 'receives') return true
  const answers = wanted.acknowledgements?.syntax ?? 'as_requested'
  return wanted.format === 'edifact' && answers !== 'none'
}

function termsOf(wanted: ProfileDocument): ProfileTerms {
  const { direction: _d, env: _e, type: _t, guide: _g, state: _s, ...terms } = wanted
  return JSON.parse(JSON.stringify(terms)) as ProfileTerms
}
