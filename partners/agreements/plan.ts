import { namedId, type AgreementId } from '#hub/model/ids.ts'
import type { AgreementTerms } from '#hub/model/agreement.ts'
import { absent } from '../change.ts'
import type { Placed } from '../files.ts'
import { profileName, type Planning, type WantedProfile } from '../planning.ts'
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
  const versions = planning.current.agreements.filter((row) => row.key === wanted.key)
  const terms = JSON.parse(JSON.stringify(wanted.terms)) as AgreementTerms
  const ends = {
    senderProfile: sender.id,
    receiverProfile: receiver?.id ?? null,
    senderPartner: sender.partnerId,
    receiverPartner: receiver?.partnerId ?? null,
  }
  const dates = { from: wanted.from ?? null, until: wanted.until ?? null }
  const planned = planVersion<AgreementRow>({
    thing: { kind: 'agreement', key: wanted.key, partnerId: sender.partnerId },
    versions,
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
  planning.joins.push({ ...ends, version: planned.version ?? 1 })
  planning.changes.push(planned)
}

/** Finds agreements that would bring one document to one receiver twice; asked once all are planned. */
export function checkJoins(planning: Planning): void {
  const planned = new Set(planning.documents.agreements.map(({ value }) => value.key))
  const taken = new Map<string, string>()
  for (const row of planning.current.agreements)
    if (row.state === 'live' && !planned.has(row.key)) {
      const { sender, receiver } = endNames(planning, row)
      taken.set(`${sender} > ${receiver}`, row.key)
    }
  for (const { value, problem } of planning.documents.agreements) {
    // dated successors under two keys take turns
    if (value.state !== 'live' || value.from !== undefined || value.until !== undefined) continue
    const { sender, receiver } = wantedNames(value)
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
  const planned = new Set(planning.documents.agreements.map(({ value }) => value.key))
  const standing = new Map(planning.current.agreements.map((row) => [row.key, row]))
  for (const [key, row] of standing)
    if (!planned.has(key) && row.state !== 'retired')
      planning.changes.push(absent({ kind: 'agreement', key, partnerId: row.senderPartner }))
}

function senderProfileOf(planning: Planning, document: Placed<AgreementDocument>): WantedProfile | undefined {
  return profileAt(planning, document, {
    field: 'sender',
    partner: document.value.sender.partner,
    name: wantedNames(document.value).sender,
  })
}

function receiverProfileOf(
  planning: Planning,
  document: Placed<AgreementDocument>,
): WantedProfile | undefined {
  const { receiver } = document.value
  if (receiver === 'any') return undefined
  return profileAt(planning, document, {
    field: 'receiver',
    partner: receiver.partner,
    name: wantedNames(document.value).receiver,
  })
}

function profileAt(
  planning: Planning,
  document: Placed<AgreementDocument>,
  asked: { field: string; partner: string; name: string },
): WantedProfile | undefined {
  const found = planning.profiles.get(asked.name)
  if (found !== undefined) return found
  const known = planning.partners.has(asked.partner)
  const path = known ? [asked.field] : [asked.field, 'partner']
  const message = known ? `there is no profile: ${asked.name}` : `there is no partner \`${asked.partner}\``
  planning.problems.push(document.problem(path, message))
  return undefined
}

function wantedNames(value: AgreementDocument): { sender: string; receiver: string } {
  const { partner, env, type, guide } = value.sender
  return {
    sender: profileName(partner, { direction: 'sends', env, type, guide }),
    receiver:
      value.receiver === 'any'
        ? 'any'
        : profileName(value.receiver.partner, {
            direction: 'receives',
            env,
            type,
            guide: value.receiver.guide,
          }),
  }
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
  const planned = planning.joins.filter(joined)
  return 1 + Math.max(0, ...[...standing, ...planned].map((row) => row.version))
}
