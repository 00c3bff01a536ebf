import { namedId, type AgreementId } from '#hub/model/ids.ts'
import type { AgreementTerms } from '#hub/model/agreement.ts'
import type { FormatName } from '#hub/model/format.ts'
import { namesThere } from '#hub/base/nearest.ts'
import { absent } from '../change.ts'
import type { Placed } from '../files.ts'
import type { Planning, WantedProfile } from '../planning.ts'
import { lifeName, unnamed, type ProfileFacets } from '../profiles/name.ts'
import type { AgreementRow } from '../store/configuration.ts'
import { insertAgreement, setAgreementState } from '../store/write.ts'
import { planVersion } from '../versions.ts'
import type { AgreementDocument } from './schema.ts'

/** Plans one agreement: other partners, dates or terms make another version. */
export function planAgreement(planning: Planning, document: Placed<AgreementDocument>): void {
  const wanted = document.value
  const sender = senderProfileOf(planning, document)
  const receiver = wanted.receiver === 'any' ? null : receiverProfileOf(planning, document)
  if (sender === undefined || receiver === undefined) return
  checkCondition(planning, document)
  const versions = planning.current.agreements.filter((row) => row.key === wanted.key)
  const terms = JSON.parse(JSON.stringify(wanted.terms)) as AgreementTerms
  const ends = {
    senderProfile: sender.id,
    receiverProfile: receiver?.id ?? null,
    senderPartner: sender.partnerId,
    receiverPartner: receiver?.partnerId ?? null,
  }
  const dates = { from: wanted.from ?? null, until: wanted.until ?? null }
  const alike = planning.documents.agreements.filter(({ value }) => value.key === wanted.key)
  const planned = planVersion<AgreementRow>({
    thing: {
      kind: 'agreement',
      key: alike.length > 1 ? lifeName(wanted.key, wanted.state) : wanted.key,
      partnerId: sender.partnerId,
      env: sender.env,
      origin: { document, path: [] },
    },
    versions,
    beside: alike.length > 1,
    wanted: { state: wanted.state, facts: { ...endNames(planning, ends), ...dates, terms } },
    factsOf: (row) => ({ ...endNames(planning, row), from: row.from, until: row.until, terms: row.terms }),
    nextVersion: nextVersion(planning, { key: wanted.key, ...ends }),
    insert: (client, version) =>
      insertAgreement(client, {
        id: namedId<AgreementId>('agreement', wanted.key, String(version)),
        key: wanted.key,
        version,
        ...ends,
        state: wanted.state,
        ...dates,
        terms,
      }),
    setState: (client, rows, state) =>
      setAgreementState(
        client,
        rows.map((row) => row.id),
        state,
      ),
  })
  const version = planned.version ?? 1
  planning.joins.push({ key: wanted.key, ...ends, version, state: wanted.state })
  planning.rows.agreements.push({
    id: namedId<AgreementId>('agreement', wanted.key, String(version)),
    key: wanted.key,
    version,
    ...ends,
    state: wanted.state,
    ...dates,
    terms,
  })
  planning.changes.push(planned)
}

/** The condition's places are members of the canonical document; what is wrong is named at its place. */
function checkCondition(planning: Planning, { value, problem }: Placed<AgreementDocument>): void {
  const { sender, terms } = value
  if (terms.when === undefined || sender.type === 'opaque') return
  const found = planning.mappings?.conditionProblems?.(sender.type, terms.when) ?? []
  for (const { path, message } of found) planning.problems.push(problem(['terms', 'when', ...path], message))
}

/** Finds agreements that would bring one document to one receiver twice; asked once all are planned. */
export function checkJoins(planning: Planning): void {
  const planned = new Set(planning.documents.agreements.map(({ value }) => value.key))
  const taken = new Map<string, string>()
  for (const row of planning.current.agreements)
    if (row.state === 'live' && !planned.has(row.key) && row.terms.when === undefined) {
      const { sender, receiver } = endNames(planning, row)
      taken.set(`${sender} > ${receiver}`, row.key)
    }
  for (const { value, problem } of planning.documents.agreements) {
    // dated successors under two keys take turns, and conditions may exclude each other
    if (value.terms.when !== undefined) continue
    if (value.state !== 'live' || value.from !== undefined || value.until !== undefined) continue
    const join = planning.joins.find(({ key, state }) => key === value.key && state === value.state)
    if (join === undefined) continue
    const { sender, receiver } = endNames(planning, join)
    const other = taken.get(`${sender} > ${receiver}`)
    if (other === undefined) taken.set(`${sender} > ${receiver}`, value.key)
    else
      planning.problems.push(
        problem(
          ['key'],
          `the agreement \`${other}\` joins the same profiles, so that each document would go out twice`,
        ),
      )
  }
}

/** Agreements of the hub that no file has. */
export function absentAgreements(planning: Planning): void {
  const { agreements } = planning.documents
  const named = new Set(agreements.map(({ value }) => lifeName(value.key, value.state)))
  for (const [name, rows] of Map.groupBy(planning.current.agreements, (row) => row.key))
    for (const key of unnamed({ name, rows, named, whole: true }))
      planning.changes.push(absent({ kind: 'agreement', key, partnerId: rows.at(-1)!.senderPartner }))
}

function senderProfileOf(planning: Planning, document: Placed<AgreementDocument>): WantedProfile | undefined {
  return profileAt(planning, document, {
    field: 'sender',
    direction: 'sends',
    ...document.value.sender,
  })
}

function receiverProfileOf(
  planning: Planning,
  document: Placed<AgreementDocument>,
): WantedProfile | undefined {
  const { sender, receiver } = document.value
  if (receiver === 'any') return undefined
  const { env, type } = sender
  return profileAt(planning, document, { field: 'receiver', direction: 'receives', env, type, ...receiver })
}

interface AskedProfile extends Omit<ProfileFacets, 'format'> {
  field: 'sender' | 'receiver'
  partner: string
  format?: FormatName | undefined
}

/** The one profile that is meant; where there is none, or more than one, a problem that says what there is. */
function profileAt(
  planning: Planning,
  document: Placed<AgreementDocument>,
  asked: AskedProfile,
): WantedProfile | undefined {
  const { field, partner, format, guide, direction, env, type } = asked
  const problem = (path: string[], message: string): undefined => {
    planning.problems.push(document.problem([field, ...path], message))
  }
  const partnerId = planning.partners.get(partner)
  if (partnerId === undefined)
    return problem(
      ['partner'],
      `there is no partner \`${partner}\`${namesThere(partner, [...planning.partners.keys()])}`,
    )
  const alike = [...planning.profiles.values()].filter(
    (one) =>
      one.partnerId === partnerId && one.direction === direction && one.env === env && one.type === type,
  )
  const meant = alike.filter((one) => one.guide === guide && (format === undefined || one.format === format))
  const inUse = meant.filter((one) => one.state !== 'retired')
  const choice = inUse.length > 0 ? inUse : meant
  if (choice.length > 1)
    return problem(
      [],
      `\`${partner}\` ${direction} ${type} (${env}, guide ${guide}) in several formats: say \`format\` with one of ${formatsOf(choice)}`,
    )
  if (choice[0] !== undefined) return choice[0]
  const wanted = `${partner} ${direction} ${type}${format === undefined ? '' : ` as ${format}`} (${env}, guide ${guide})`
  const others = alike.map((one) => `${one.format} (guide ${one.guide})`).join(', ')
  return problem([], `there is no profile: ${wanted}${others === '' ? '' : `; there is ${others}`}`)
}

function formatsOf(profiles: readonly WantedProfile[]): string {
  return profiles
    .map((profile) => `\`${profile.format}\``)
    .toSorted()
    .join(', ')
}

type Ends = Pick<AgreementRow, 'senderProfile' | 'receiverProfile'>

/** The joined profiles without their versions: a profile's new version does not change its agreements. */
function endNames(planning: Planning, ends: Ends): { sender: string; receiver: string } {
  const names = planning.profileNames
  return {
    sender: names.get(ends.senderProfile) ?? '',
    receiver: ends.receiverProfile === null ? 'any' : (names.get(ends.receiverProfile) ?? ''),
  }
}

/** One more than every version of this key and of whatever joins the same two profile versions. */
function nextVersion(planning: Planning, wanted: Ends & { key: string }): number {
  const joined = (ends: Ends) =>
    ends.senderProfile === wanted.senderProfile && ends.receiverProfile === wanted.receiverProfile
  const standing = planning.current.agreements.filter((row) => row.key === wanted.key || joined(row))
  const planned = planning.joins.filter((join) => join.key === wanted.key || joined(join))
  return 1 + Math.max(0, ...[...standing, ...planned].map((row) => row.version))
}
