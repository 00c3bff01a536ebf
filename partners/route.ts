import type {
  Candidate,
  Profile,
  Resolution,
  ResolvedAgreement,
  ResolveQuestion,
} from '#hub/model/agreement.ts'
import type { PartnerId } from '#hub/model/ids.ts'
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
  if (receiver?.kind === 'found') known.receiverPartnerId = receiver.partnerId
  if (question.env !== null && question.env !== channel.env) return unresolved('environmentMismatch')
  if (profile === null) return unresolved('profileMissing')
  if (receiver?.kind === 'elsewhere') return unresolved('environmentMismatch')
  if (receiver?.kind === 'unknown') return unresolved('receiverUnknown')

  const asked = { profile, receiver: receiver?.partnerId ?? null, question }
  const agreements = agreementsFor(snapshot, asked, candidates)
  const first = agreements[0]
  if (first === undefined) return unresolved('agreementMissing')
  // without a receiver in the file, the agreement says who it is: but only if there is no choice
  if (receiver === null && agreements.length > 1) return unresolved('receiverUnknown')
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

function receiverParty(snapshot: Snapshot, question: ResolveQuestion): Party {
  return receiverOf(snapshot, { receiver: question.receiver!, env: question.channel.env, at: question.at })
}

/** The sender's profile for the message's format: for exactly this guide, else for any. */
function senderProfile(
  snapshot: Snapshot,
  asked: { partnerId: PartnerId; question: ResolveQuestion },
  candidates: Candidate[],
): Profile | null {
  const { question } = asked
  const wanted = [...(question.guide === '' ? [] : [question.guide]), '*']
  const fits: ProfileRow[] = []
  for (const row of current(snapshot.profiles(asked.partnerId, 'sends', question.type))) {
    const refused = profileRefused(row, question.channel.env, () => {
      if (row.terms.format !== question.format) return `it is for ${row.terms.format}, not ${question.format}`
      if (!wanted.includes(row.guide)) return `it is for guide ${row.guide}, not ${question.guide || 'none'}`
      return null
    })
    if (refused === null) fits.push(row)
    else candidates.push({ kind: 'profile', key: nameOfProfile(snapshot, row), refused })
  }
  fits.sort((a, b) => wanted.indexOf(a.guide) - wanted.indexOf(b.guide))
  for (const [index, row] of fits.entries()) {
    const refused = index === 0 ? null : `the one for guide ${fits[0]!.guide} fits better`
    candidates.push({ kind: 'profile', key: nameOfProfile(snapshot, row), refused })
  }
  return fits[0] ?? null
}

function profileRefused(row: ProfileRow, env: Environment, more: () => string | null): string | null {
  if (row.env !== env) return `it is for ${row.env}, the channel is ${env}`
  if (row.state !== 'live') return `it is ${row.state}`
  return more()
}

/** What takes part of each profile's versions: the live one or, where there is none, the newest. */
function current(rows: readonly ProfileRow[]): ProfileRow[] {
  const chosen = new Map<string, ProfileRow>()
  for (const row of rows) {
    const key = `${row.env} ${row.terms.format} ${row.guide}`
    const before = chosen.get(key)
    if (before === undefined || row.state === 'live' || before.state !== 'live') chosen.set(key, row)
  }
  return [...chosen.values()]
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
    if (typeof tried === 'string') candidates.push({ kind: 'agreement', key: named(row), refused: tried })
    else fits.push({ row, resolved: tried })
  }
  const particular = fits.some((fit) => fit.row.receiverPartner !== null)
  const taken: ResolvedAgreement[] = []
  for (const { row, resolved } of fits) {
    const passedOver = particular && row.receiverPartner === null
    const refused = passedOver ? 'an agreement with this very receiver goes before it' : null
    candidates.push({ kind: 'agreement', key: named(row), refused })
    if (!passedOver) taken.push(resolved)
  }
  return taken
}

/** The agreement with all that goes with it, or why it does not apply. */
function tryAgreement(
  snapshot: Snapshot,
  asked: AgreementQuestion & { row: AgreementRow; joined: ProfileRow },
): ResolvedAgreement | string {
  const { row, joined, profile, receiver, question } = asked
  // an agreement names a profile, whatever its version: a new version of the profile takes the place of the old one
  if (joined.env !== profile.env) return `it is for ${joined.env}, the channel is ${profile.env}`
  if (joined.terms.format !== profile.terms.format) return `it is for the sender's ${joined.terms.format}`
  if (joined.guide !== profile.guide) return `it is for the sender's guide ${joined.guide}`
  if (row.state !== 'live') return `it is ${row.state}`
  if (!holdsAt(row, question.at)) return 'its dates do not include this day'
  if (row.receiverPartner !== null && receiver !== null && row.receiverPartner !== receiver)
    return 'it is with another receiver'
  const receiverId = row.receiverPartner ?? receiver
  if (receiverId === null) return 'it is for any receiver, and the document names none'
  const wanted = receiverProfile(snapshot, { row, receiverId, question })
  if (typeof wanted === 'string') return wanted
  const channel = snapshot.channelNamed(receiverId, wanted.terms.channel)
  if (channel === undefined) return `the receiver's channel ${wanted.terms.channel} does not exist`
  if (channel.env !== profile.env) return `the receiver's channel ${channel.key} is for ${channel.env}`
  const wire = { format: wanted.terms.format, env: profile.env, at: question.at }
  return {
    id: row.id,
    key: row.key,
    version: row.version,
    sender: profile,
    receiver: wanted,
    terms: row.terms,
    wireSender: wireName(snapshot, { ...wire, partnerId: profile.partnerId, named: question.sender }),
    wireReceiver: wireName(snapshot, { ...wire, partnerId: receiverId, named: question.receiver }),
    channel,
  }
}

/** How the receiver wants it: as the agreement names or, for any receiver, its only profile by this guide, else by any guide. */
function receiverProfile(
  snapshot: Snapshot,
  asked: { row: AgreementRow; receiverId: PartnerId; question: ResolveQuestion },
): Profile | string {
  const { row, receiverId, question } = asked
  const live = snapshot
    .profiles(receiverId, 'receives', question.type)
    .filter((profile) => profile.state === 'live' && profile.env === question.channel.env)
  if (row.receiverProfile !== null) {
    const meant = snapshot.profile(row.receiverProfile)
    const found = live.find(
      ({ guide, terms }) => guide === meant?.guide && terms.format === meant.terms.format,
    )
    return found ?? "the receiver's profile is not live"
  }
  // the most exact guide that there is decides; between several formats of it only an agreement can
  const exact = live.filter((profile) => profile.guide === question.guide)
  const general = live.filter((profile) => profile.guide === '*')
  const choice = [exact, general, live].find((profiles) => profiles.length > 0) ?? []
  if (choice.length === 1) return choice[0]!
  return choice.length === 0
    ? 'the receiver has no live profile for this type'
    : 'the receiver has several profiles for this type, and only an agreement with this very receiver can say which'
}

function named(row: AgreementRow): string {
  return `${row.key} version ${row.version}`
}
