import type { Resolution, ResolvedAgreement, ResolveQuestion } from '#hub/model/agreement.ts'
import type { DocumentVersions } from '#hub/model/versions.ts'
import { senderOf } from './parties.ts'
import { joinedBy, receiverParty } from './route.ts'
import type { Snapshot } from './snapshot.ts'
import type { ProfileRow } from './store/configuration.ts'

/**
 * The way of a document by the versions it was judged with: agreement, profiles and their terms as they were then, though
 * others may be live now. Channels and identities are today's: they say where a partner is reached. Null where a version,
 * a channel or its sender is not there any more.
 */
export function pinnedRoute(
  snapshot: Snapshot,
  question: ResolveQuestion,
  pins: DocumentVersions,
): Resolution | null {
  const sender = senderOf(snapshot, question)
  if (sender.kind !== 'found') return null
  const profile = profileOf(snapshot, pins.profile?.id)
  if (profile === undefined || pins.agreements === undefined) return null
  const party = question.receiver === null ? null : receiverParty(snapshot, question)
  const receiver = party?.kind === 'found' ? party : null
  const agreements: ResolvedAgreement[] = []
  for (const pin of pins.agreements) {
    const row = snapshot
      .agreementsFrom(sender.partnerId)
      .find(({ key, version }) => key === pin.key && version === pin.version)
    const wanted = profileOf(snapshot, pin.receiver)
    if (row === undefined || wanted === undefined) return null
    const asked = { row, profile, receiverId: wanted.partnerId, receiver: receiver?.partnerId ?? null }
    const agreement = joinedBy(snapshot, { ...asked, wanted, question })
    if ('reason' in agreement) return null
    agreements.push(agreement)
  }
  const [first] = agreements
  if (first === undefined) return null
  return {
    kind: 'resolved',
    senderPartnerId: sender.partnerId,
    senderIdentityId: sender.identity?.id ?? null,
    receiverPartnerId: receiver?.partnerId ?? first.receiver.partnerId,
    receiverIdentityId: receiver?.identity?.id ?? null,
    env: question.channel.env,
    profile,
    agreements,
    candidates: [],
  }
}

function profileOf(snapshot: Snapshot, id: string | undefined): ProfileRow | undefined {
  return id === undefined ? undefined : snapshot.profile(id as ProfileRow['id'])
}
