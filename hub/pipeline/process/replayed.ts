import type { Resolution, ResolvedAgreement } from '#hub/model/agreement.ts'
import type { DocumentVersions } from '#hub/model/versions.ts'

/** What is asked about a document that came of another one at a person's word; of others nothing but the question itself. */
export function replayAsked(replayed: DocumentVersions | undefined) {
  if (replayed?.replay === undefined) return {}
  const pins =
    replayed.replay.mapping === 'pinned' && (replayed.agreements ?? []).length > 0 ? replayed : null
  return { pins, replayed }
}

/**
 * What was found for such a document: only the agreements that are meant, each as the message that the receiver's profile wants
 * then. `versions` are those of the other one, with what was asked.
 */
export function asReplayed(resolution: Resolution, versions: DocumentVersions | undefined): Resolution {
  const replay = versions?.replay
  if (replay === undefined || resolution.kind === 'unresolved') return resolution
  const keys = replay.agreement === undefined ? versions?.only : [replay.agreement]
  const meant = resolution.agreements.filter(({ key }) => keys?.includes(key) ?? true)
  if (meant.length > 0)
    return {
      ...resolution,
      agreements: meant.map((agreement) => ({ ...agreement, ...functionOf(agreement, replay.repeats) })),
    }
  const { senderPartnerId, receiverPartnerId, profile, candidates } = resolution
  return {
    kind: 'unresolved',
    code: 'agreementMissing',
    senderPartnerId,
    receiverPartnerId,
    profile,
    candidates,
  }
}

/** Only who has something of it already is told what this one is to it. */
function functionOf(
  { receiver }: ResolvedAgreement,
  repeats: boolean,
): Pick<ResolvedAgreement, 'messageFunction'> {
  const { replay } = receiver.terms
  return repeats && replay !== undefined ? { messageFunction: replay.function } : {}
}
