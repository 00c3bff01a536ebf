import { limits } from '#hub/base/limits.ts'
import type { ResolvedAgreement } from '#hub/model/agreement.ts'
import { derivedId, type DocumentId } from '#hub/model/ids.ts'
import { keptReason } from '#hub/model/reasons.ts'
import type { ComputedDocument, PartedDocument, Traveller } from './computed.ts'
import { chooseRoutes, type Routes } from './routes.ts'
import type { Known, MappedOutput, Resolved, RoutedDocument, Tools } from './stages.ts'
import { noConditionHolds, unroutableVerdict } from './unroutable.ts'

/** Takes a document on from `judge` or `map`, as if its agreements were all there are. */
type GoOn = (traveller: Traveller, routed: RoutedDocument) => Promise<ComputedDocument>

/**
 * Takes a document on for each agreement that its content chooses, each by itself: what holds or fails one output stops
 * no other. Outputs that are held or fail go apart, as documents of their own that come from this one; where none goes
 * out, the document itself is held or rejected.
 */
export async function travelRoutes(
  traveller: Traveller,
  routed: RoutedDocument,
  goOn: GoOn,
  tools: Tools,
): Promise<ComputedDocument> {
  const { resolution, canonical } = routed
  const routes = chooseRoutes(resolution, canonical, traveller.known.versions, tools)
  learnRoutes(traveller.known, resolution, routes)
  if (routes.taken.length === 0) return nowhere(traveller, resolution)
  const [first, ...others] = routes.taken
  if (others.length === 0) return goOn(traveller, narrowed(routed, first!))
  const parts: Part[] = []
  for (const agreement of routes.taken) {
    const own = { ...traveller, known: { ...traveller.known, agreements: [agreement] }, stepsMs: {} }
    parts.push({ agreement, done: await goOn(own, narrowed(routed, agreement)) })
  }
  for (const { done } of parts)
    for (const [step, ms] of Object.entries(done.stepsMs))
      traveller.stepsMs[step] = Math.round(((traveller.stepsMs[step] ?? 0) + ms) * 1000) / 1000
  return joined(traveller, parts)
}

/** A document of its own for outputs that do not go with the others, linked to the one they come from. */
export function parted(
  from: Traveller,
  { known, verdict }: Pick<ComputedDocument, 'known' | 'verdict'>,
  agreements: readonly ResolvedAgreement[],
): PartedDocument {
  const keys = agreements.map(({ key }) => key)
  return {
    ...from,
    documentId: derivedId<DocumentId>(from.documentId, 'apart', ...keys),
    originId: from.documentId,
    // the interchange counts its messages, and this is none of them
    interchangeId: null,
    known: {
      ...known,
      agreements,
      receiver: agreements[0]!.receiver.partnerId,
      versions: versionsFor(known, keys),
    },
    stepsMs: {},
    verdict,
  }
}

interface Part {
  agreement: ResolvedAgreement
  done: ComputedDocument
}

function joined(traveller: Traveller, parts: Part[]): ComputedDocument {
  const { known } = traveller
  const mapped: Part[] = []
  const outputs: MappedOutput[] = []
  const failed = new Map<string, Part[]>()
  for (const part of parts) {
    const { verdict } = part.done
    if (verdict.kind === 'mapped') {
      mapped.push(part)
      outputs.push(...verdict.mapped.outputs)
    } else {
      const alike = JSON.stringify(verdict)
      failed.set(alike, [...(failed.get(alike) ?? []), part])
    }
  }
  // where nothing goes out the document itself bears what happened to the first
  const [own, ...others] = mapped.length > 0 ? [mapped, ...failed.values()] : [...failed.values()]
  for (const { done } of own!) addFindings(known, done.known)
  const agreements = own!.map(({ agreement }) => agreement)
  known.agreements = agreements
  const { verdict } = own![0]!.done
  const done: ComputedDocument = {
    ...traveller,
    verdict: verdict.kind === 'mapped' ? { kind: 'mapped', mapped: { ...verdict.mapped, outputs } } : verdict,
  }
  if (others.length === 0) return done
  // should it be held after all, it does not go on for those that went apart
  known.versions = versionsFor(
    known,
    agreements.map(({ key }) => key),
  )
  const apart = others.map((group) =>
    parted(
      traveller,
      group[0]!.done,
      group.map(({ agreement }) => agreement),
    ),
  )
  return { ...done, apart }
}

function versionsFor({ versions }: Known, keys: string[]): Known['versions'] {
  const agreements = (versions.agreements ?? []).filter(({ key }) => keys.includes(key))
  return { ...versions, agreements, only: keys }
}

function addFindings(known: Known, { findings }: Known): void {
  const before = new Set(known.findings.map((finding) => JSON.stringify(finding)))
  known.findings = [...known.findings, ...findings.filter((one) => !before.has(JSON.stringify(one)))]
}

function narrowed(routed: RoutedDocument, agreement: ResolvedAgreement): RoutedDocument {
  return { ...routed, resolution: { ...routed.resolution, agreements: [agreement] } }
}

/** The document's row names who gets it, and its page the agreements that were not taken, with the reason. */
function learnRoutes(known: Known, resolution: Resolved, { taken, refused }: Routes): void {
  const keys = new Set(taken.map(({ key }) => key))
  const { versions } = known
  known.agreements = taken
  known.versions = {
    ...versions,
    agreements: (versions.agreements ?? []).filter(({ key }) => keys.has(key)),
    candidates: [
      // the resolver said of them that they fit
      ...(versions.candidates ?? []).filter(({ key }) => !refused.some((one) => one.key === key)),
      ...refused.map((one) => ({ ...one, refused: keptReason(one.refused!) })),
    ].slice(-limits.candidatesKept),
  }
  const receivers = taken.map(({ receiver }) => receiver.partnerId)
  if (receivers.length > 0 && !receivers.includes(resolution.receiverPartnerId))
    known.receiver = receivers[0]!
}

function nowhere(traveller: Traveller, { profile }: Resolved): ComputedDocument {
  const verdict = unroutableVerdict('noConditionHolds', profile)
  const finding = noConditionHolds(verdict)
  return {
    ...traveller,
    known: { ...traveller.known, findings: [...traveller.known.findings, finding] },
    verdict,
  }
}
