import type {
  Candidate,
  Profile,
  Resolution,
  ResolvedAgreement,
  ResolveQuestion,
} from '#hub/model/agreement.ts'
import type { WireIdentity } from '#hub/model/format.ts'
import type { PartnerId } from '#hub/model/ids.ts'
import type { Reason } from '#hub/model/reasons.ts'
import type { Environment } from '#hub/model/states.ts'
import { receiverOf, senderOf, wireName, type Party } from './parties.ts'
import { holdsAt, nameOfProfile, type Snapshot } from './snapshot.ts'
import type { AgreementRow, ProfileRow } from './store/configuration.ts'

type Unresolved = Extract<Resolution, { kind: 'unresolved' }>

/**
 * Finds, for one message, who sent it, under which profile, to whom and by which agreements; or the code that says what
 * is missing. Either way `candidates` tells what was looked at and why each was not taken. Pure: the same snapshot and
 * question give the same answer.
 */
export function route(snapshot: Snapshot, question: ResolveQuestion): Resolution {
  const { channel } = question
  const candidates: Candidate[] = []
  const known: Omit<Unresolved, 'kind' | 'code'> = {
    senderPartnerId: channel.partnerId,
    receiverPartnerId: null,
    profile: null,
    candidates,
  }
  const unresolved = (code: Unresolved['code']): Unresolved => ({ kind: 'unresolved', code, ...known })

  const sender = senderOf(snapshot, question)
  noteParty(candidates, sender, question.sender)
  if (sender.kind === 'elsewhere') return unresolved('environmentMismatch')
  if (sender.kind === 'unknown') {
    // whoever sent it over its own channel is told so, as its profile wants to be told
    known.profile = senderProfile(snapshot, { partnerId: channel.partnerId, question }, candidates)
    return unresolved('senderUnknown')
  }
  known.senderPartnerId = sender.partnerId
  const profile = senderProfile(snapshot, { partnerId: sender.partnerId, question }, candidates)
  known.profile = profile
  const receiver = question.receiver === null ? null : receiverParty(snapshot, question)
  if (receiver !== null) noteParty(candidates, receiver, question.receiver)
  if (receiver?.kind === 'found') known.receiverPartnerId = receiver.partnerId
  if (question.env !== null && question.env !== channel.env) return unresolved('environmentMismatch')
  if (profile === null)
    return unresolved(isElsewhere(candidates, 'profile') ? 'environmentMismatch' : 'profileMissing')
  if (receiver?.kind === 'elsewhere') return unresolved('environmentMismatch')
  if (receiver?.kind === 'unknown') return unresolved('receiverUnknown')

  const asked = { profile, receiver: receiver?.partnerId ?? null, question }
  const agreements = agreementsFor(snapshot, asked, candidates)
  const first = agreements[0]
  if (first === undefined)
    return unresolved(isElsewhere(candidates, 'agreement') ? 'environmentMismatch' : 'agreementMissing')
  // without a receiver in the file, the agreement says who it is: but only if there is no choice, or content chooses
  const certain = agreements.filter(({ terms }) => terms.when === undefined && terms.takes !== 'copy')
  if (receiver === null && certain.length > 1) return unresolved('receiverUnknown')
  return {
    kind: 'resolved',
    senderPartnerId: sender.partnerId,
    senderIdentityId: sender.identity?.id ?? null,
    receiverPartnerId: receiver?.partnerId ?? first.receiver.partnerId,
    receiverIdentityId: receiver?.identity?.id ?? null,
    env: channel.env,
    profile,
    agreements,
    candidates,
  }
}

export function receiverParty(snapshot: Snapshot, question: ResolveQuestion): Party {
  return receiverOf(snapshot, { receiver: question.receiver!, env: question.channel.env, at: question.at })
}

/** Whether something would have fitted, were it not for the other environment. */
function isElsewhere(candidates: readonly Candidate[], kind: Candidate['kind']): boolean {
  return candidates.some((one) => one.kind === kind && one.refused?.reason === 'environmentOther')
}

/** An identity that was found and not taken is a candidate as well. */
function noteParty(candidates: Candidate[], party: Party, named: WireIdentity | null): void {
  if (party.kind === 'found' || party.reason === null || named === null) return
  const { scheme, value, internal, internalSub } = named
  const address = [internal, internalSub].filter((part) => part !== undefined)
  candidates.push({
    kind: 'identity',
    key: [`${scheme}:${value}`, ...address].join('+'),
    refused: party.reason,
  })
}

/** The sender's profile for the message's format: for exactly this guide, else for any. */
function senderProfile(
  snapshot: Snapshot,
  asked: { partnerId: PartnerId; question: ResolveQuestion },
  candidates: Candidate[],
): Profile | null {
  const { question } = asked
  const { env } = question.channel
  const wanted = [...(question.guide === '' ? [] : [question.guide]), '*']
  const fits: ProfileRow[] = []
  for (const row of snapshot.profiles(asked.partnerId, 'sends', question.type)) {
    const refused = profileRefused(snapshot, { row, env, question, wanted })
    if (refused === null) fits.push(row)
    else candidates.push({ kind: 'profile', key: nameOfProfile(snapshot, row), refused })
  }
  fits.sort((a, b) => wanted.indexOf(a.guide) - wanted.indexOf(b.guide))
  for (const [index, row] of fits.entries()) {
    const refused: Reason | null = index === 0 ? null : { reason: 'guideBetter', guide: fits[0]!.guide }
    candidates.push({ kind: 'profile', key: nameOfProfile(snapshot, row), refused })
  }
  return fits[0] ?? null
}

function profileRefused(
  snapshot: Snapshot,
  asked: { row: ProfileRow; env: Environment; question: ResolveQuestion; wanted: readonly string[] },
): Reason | null {
  const { row, env, question, wanted } = asked
  if (row.terms.format !== question.format)
    return { reason: 'formatOther', is: row.terms.format, asked: question.format }
  if (!wanted.includes(row.guide)) return { reason: 'guideOther', is: row.guide, asked: question.guide }
  if (!snapshot.takesPart(row.state, row.env)) return { reason: 'stateOther', state: row.state }
  // last, so that it tells of what would have fitted but for the environment
  return row.env === env ? null : { reason: 'environmentOther', is: row.env, asked: env }
}

interface AgreementQuestion {
  profile: Profile
  receiver: PartnerId | null
  question: ResolveQuestion
}

function agreementsFor(
  snapshot: Snapshot,
  asked: AgreementQuestion,
  candidates: Candidate[],
): ResolvedAgreement[] {
  const fits: { row: AgreementRow; resolved: ResolvedAgreement }[] = []
  for (const row of snapshot.agreementsFrom(asked.profile.partnerId)) {
    const joined = snapshot.profile(row.senderProfile)
    if (joined === undefined || joined.type !== asked.profile.type) continue
    const tried = tryAgreement(snapshot, { row, joined, ...asked })
    if ('reason' in tried) candidates.push({ kind: 'agreement', key: named(row), refused: tried })
    else fits.push({ row, resolved: tried })
  }
  const routes = fits.filter(({ row }) => row.terms.takes !== 'copy')
  const particular = routes.filter((fit) => fit.row.receiverPartner !== null)
  const certain = particular.some(({ row }) => row.terms.when === undefined)
  const taken: ResolvedAgreement[] = []
  for (const { row, resolved } of [...routes, ...fits.filter((fit) => !routes.includes(fit))]) {
    const refused = passedOver(row, { certain, alone: routes.length === 0 })
    candidates.push({ kind: 'agreement', key: named(row), refused })
    const fallback = row.receiverPartner === null && particular.length > 0
    if (refused === null) taken.push(fallback ? { ...resolved, fallback } : resolved)
  }
  return taken
}

/** Why an agreement that fits is not taken after all, beside the others that do. */
function passedOver(
  { terms, receiverPartner }: AgreementRow,
  { certain, alone }: { certain: boolean; alone: boolean },
): Reason | null {
  if (terms.takes === 'copy') return alone ? { reason: 'copyAlone' } : null
  return certain && receiverPartner === null ? { reason: 'particularFirst' } : null
}

/** Whether an agreement is for documents that name this receiver. */
function isFor(
  snapshot: Snapshot,
  { receiverPartner, terms }: AgreementRow,
  receiver: PartnerId | null,
): boolean {
  if (receiverPartner === null || receiver === null || receiverPartner === receiver) return true
  if (terms.takes === 'ours') return snapshot.partner(receiver)?.ours === true
  return terms.takes === 'copy'
}

/** The agreement with all that goes with it, or why it does not apply. */
function tryAgreement(
  snapshot: Snapshot,
  asked: AgreementQuestion & { row: AgreementRow; joined: ProfileRow },
): ResolvedAgreement | Reason {
  const { row, joined, profile, receiver, question } = asked
  // an agreement names a profile, whatever its version: a new version of the profile takes the place of the old one
  if (!isFor(snapshot, row, receiver)) return { reason: 'receiverOther' }
  if (joined.terms.format !== profile.terms.format)
    return { reason: 'senderFormatOther', is: joined.terms.format }
  if (joined.guide !== profile.guide) return { reason: 'senderGuideOther', is: joined.guide }
  if (!snapshot.takesPart(row.state, joined.env)) return { reason: 'stateOther', state: row.state }
  if (!holdsAt(row, question.at)) return { reason: 'datesOutside' }
  if (joined.env !== profile.env) return { reason: 'environmentOther', is: joined.env, asked: profile.env }
  const receiverId = row.receiverPartner ?? receiver
  if (receiverId === null) return { reason: 'receiverNotNamed' }
  const wanted = receiverProfile(snapshot, { row, receiverId, question })
  if ('reason' in wanted) return wanted
  return joinedBy(snapshot, { row, profile, receiverId, receiver, wanted, question })
}

/** The agreement with all that goes with it, once it is known which profiles it joins; or why it cannot be used. */
export function joinedBy(
  snapshot: Snapshot,
  asked: AgreementQuestion & { row: AgreementRow; receiverId: PartnerId; wanted: Profile },
): ResolvedAgreement | Reason {
  const { row, profile, receiver, receiverId, wanted, question } = asked
  const channel = snapshot.channelNamed(receiverId, wanted.terms.channel)
  if (channel === undefined) return { reason: 'channelMissing', channel: wanted.terms.channel }
  if (channel.env !== profile.env) return { reason: 'channelOther', channel: channel.key, is: channel.env }
  const wire = { format: wanted.terms.format, env: profile.env, at: question.at }
  return {
    id: row.id,
    key: row.key,
    version: row.version,
    sender: profile,
    receiver: wanted,
    terms: row.terms,
    wireSender: wireName(snapshot, { ...wire, partnerId: profile.partnerId, named: question.sender }),
    wireReceiver: wireName(snapshot, {
      ...wire,
      partnerId: receiverId,
      named: receiverId === (receiver ?? receiverId) ? question.receiver : null,
    }),
    channel,
  }
}

/** How the receiver wants it: as the agreement names or, for any receiver, its only profile by this guide, else by any guide. */
function receiverProfile(
  snapshot: Snapshot,
  asked: { row: AgreementRow; receiverId: PartnerId; question: ResolveQuestion },
): Profile | Reason {
  const { row, receiverId, question } = asked
  const { env } = question.channel
  const live = snapshot
    .profiles(receiverId, 'receives', question.type)
    .filter((profile) => profile.env === env && snapshot.takesPart(profile.state, env))
  if (row.receiverProfile !== null) {
    const meant = snapshot.profile(row.receiverProfile)
    const found = live.find(
      ({ guide, terms }) => guide === meant?.guide && terms.format === meant.terms.format,
    )
    return found ?? { reason: 'receiverProfileNotLive' }
  }
  // the most exact guide that there is decides; between several formats of it only an agreement can
  const exact = live.filter((profile) => profile.guide === question.guide)
  const general = live.filter((profile) => profile.guide === '*')
  const choice = [exact, general, live].find((profiles) => profiles.length > 0) ?? []
  if (choice.length === 1) return choice[0]!
  return { reason: choice.length === 0 ? 'receiverProfileMissing' : 'receiverProfilesSeveral' }
}

function named(row: AgreementRow): string {
  return `${row.key} version ${row.version}`
}
