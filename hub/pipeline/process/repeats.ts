import { createHash } from 'node:crypto'
import type { CodeName } from '#hub/model/codes/index.ts'
import type { InterchangeId } from '#hub/model/ids.ts'
import {
  duplicateAnswers,
  duplicateDays,
  duplicateDetectors,
  type DuplicateAnswer,
  type DuplicateDetector,
} from '#hub/model/rails.ts'
import type { Client } from '#hub/store/connect.ts'
import { claimFirsts, findMessageIds, type FirstClaim } from '#hub/store/process-first.ts'
import type { RepeatCode } from './answer.ts'
import type { ComputedDocument, ComputedEnvelope, ComputedWork } from './computed.ts'
import { findingOf } from './finding-of.ts'
import { dayBatchOf } from './hold-row.ts'

/** An interchange that came before. */
export interface Repeat {
  by: Exclude<DuplicateDetector, 'businessKey'>
  /** The exchange in which the first one came. */
  of: string
  /** Of the first one: its own id where the detector knows it, else its place. */
  first: { interchangeId: string } | { transmissionId: string; position: number }
  /** Whether its content is the same. */
  same: boolean
}

/**
 * Finds what came before and gives each of its documents the verdict that its agreement has for it. Every detector claims
 * what it goes by, so that of two repeats at once the second is known. What is rejected claims nothing, so that its
 * sender may mend it and send it again; nor does one whose sender is not proved, so that nobody uses up another's. Only
 * what is split off now is looked at: what a person or a repair lets go on is no repeat. Returns the interchanges that
 * came before, each by the first detector that does something about it.
 */
export async function markRepeats(
  client: Client,
  due: readonly ComputedWork[],
): Promise<Map<InterchangeId, Repeat>> {
  const repeats = await findRepeats(client, due)
  const marked = new Map<InterchangeId, Repeat>()
  for (const { documents } of due)
    for (const document of documents) {
      const found = document.interchangeId === null ? undefined : repeats.get(document.interchangeId)
      const repeat = found?.find((each) => markRepeat(document, each)) ?? found?.[0]
      if (repeat !== undefined) marked.set(document.interchangeId!, repeat)
    }
  await markBusinessRepeats(client, due)
  return marked
}

/** Why nothing of an interchange was taken, where that is because it came before; null where something was. */
export function repeatCodeOf({ documents }: ComputedEnvelope): RepeatCode | null {
  const verdicts = documents.map(({ verdict }) => verdict)
  if (verdicts.every((each) => each.kind === 'duplicate' && each.step === 'split'))
    return 'interchangeDuplicate'
  const codes = verdicts.map((each) => (each.kind === 'rejected' && each.step === 'split' ? each.code : null))
  const [code] = codes
  if (codes.some((each) => each !== code)) return null
  if (code === 'duplicateRejected') return 'interchangeDuplicate'
  return code === 'interchangeReferenceReused' || code === 'messageIdReused' ? code : null
}

/** Whether the sender of an interchange that came before gets the answer to the first one again. */
export function isAnsweredAgain({ documents }: ComputedEnvelope, { by }: Repeat): boolean {
  return documents.some((document) => answerOf(document, by) === 'ignore')
}

/** What the agreements of a document say to a detector: of several the strictest; null where none says anything. */
function answerOf({ known }: ComputedDocument, by: DuplicateDetector): DuplicateAnswer | null {
  const said = (known.agreements ?? []).flatMap(({ terms }) => terms.duplicates?.[by]?.answer ?? [])
  return said.toSorted((a, b) => duplicateAnswers.indexOf(b) - duplicateAnswers.indexOf(a))[0] ?? null
}

/** For how many days each detector remembers what it is asked about; one that no agreement names is not among them. */
type Asked = Partial<Record<DuplicateDetector, number>>

/** What the agreements of these documents ask for, by interchange; of several the longest time. */
function askedOf(documents: readonly ComputedDocument[]): Map<InterchangeId | null, Asked> {
  const asked = new Map<InterchangeId | null, Asked>()
  for (const { interchangeId, known } of documents)
    for (const { terms } of known.agreements ?? []) {
      if (terms.duplicates === undefined) continue
      const days = asked.get(interchangeId) ?? {}
      for (const by of duplicateDetectors) {
        const term = terms.duplicates[by]
        if (term !== undefined) days[by] = Math.max(days[by] ?? 0, term.days ?? duplicateDays[by])
      }
      asked.set(interchangeId, days)
    }
  return asked
}

interface Claimed {
  by: Repeat['by']
  computed: ComputedEnvelope
  claim: FirstClaim
}

async function findRepeats(
  client: Client,
  due: readonly ComputedWork[],
): Promise<Map<InterchangeId, Repeat[]>> {
  const envelopes = due.flatMap((work) => work.envelopes).filter(({ claims }) => claims)
  const claimed = await claimsOf(client, envelopes, askedOf(due.flatMap(({ documents }) => documents)))
  const owners = await claimFirsts(
    client,
    claimed.map(({ claim }) => claim),
  )
  const files = new Map<string, string>(
    due.flatMap((work) => work.envelopes.map((each) => [each.envelope.id, work.transmissionId])),
  )
  const repeats = new Map<InterchangeId, Repeat[]>()
  for (const [at, { by, claim, computed }] of claimed.entries()) {
    const { owner, transmissionId, sha256 } = owners[at]!
    if (owner === claim.owner) continue
    const { id, position } = computed.envelope
    const repeat: Repeat = {
      by,
      of: transmissionId ?? files.get(owner) ?? owner,
      first: by === 'messageId' ? { transmissionId: owner, position } : { interchangeId: owner },
      same: sha256 !== null && claim.sha256 !== null && sha256.equals(claim.sha256),
    }
    repeats.set(id, [...(repeats.get(id) ?? []), repeat])
  }
  return repeats
}

/** What each interchange claims, in the order in which the detectors speak. References are claimed always. */
async function claimsOf(
  client: Client,
  envelopes: readonly ComputedEnvelope[],
  asked: ReadonlyMap<InterchangeId | null, Asked>,
): Promise<Claimed[]> {
  const identified = envelopes.filter(({ envelope }) => asked.get(envelope.id)?.messageId !== undefined)
  const messageIds = await findMessageIds(
    client,
    identified.map(({ envelope }) => envelope.file.transmissionId),
  )
  return envelopes.flatMap((computed) => {
    const { envelope, sender } = computed
    const days = asked.get(envelope.id)
    const claimed: Claimed[] = []
    const claim = (by: Repeat['by'], of: Omit<FirstClaim, 'days'>) =>
      claimed.push({ by, computed, claim: { ...of, days: days?.[by] ?? duplicateDays[by] } })
    const env = envOf(envelope)
    const content = contentOf(envelope)
    const messageId = messageIds.get(envelope.file.transmissionId)
    if (days?.messageId !== undefined && messageId !== undefined)
      claim('messageId', {
        scope: `message:${env}:${sender}`,
        key: sha256Of(messageId),
        owner: envelope.file.transmissionId,
        sha256: envelope.file.sha256,
      })
    if (envelope.format.name === 'edifact' && envelope.read.reference !== '')
      claim('reference', {
        scope: `edifact:${env}:${nameOf(envelope.read.sender)}>${nameOf(envelope.read.receiver)}`,
        key: Buffer.from(envelope.read.reference),
        owner: envelope.id,
        sha256: content,
      })
    if (days?.payloadHash !== undefined)
      claim('payloadHash', {
        scope: `payload:${env}:${sender}`,
        key: content,
        owner: envelope.id,
        sha256: content,
      })
    return claimed
  })
}

/** What tells a repeat from another interchange under a used reference: its own bytes, whatever stands beside it. */
function contentOf({ sha256, file }: ComputedEnvelope['envelope']): Buffer {
  return sha256 ?? file.sha256
}

/** Test and live count apart: a test interchange must not use up the reference of a live one. */
function envOf({ read, file }: ComputedEnvelope['envelope']): string {
  return read.env ?? file.channel.env
}

function nameOf(identity: ComputedEnvelope['envelope']['read']['sender']): string {
  return identity === null ? '' : `${identity.scheme}:${identity.value}`
}

/** Gives a document of a repeated interchange its verdict; returns whether anything is done about the repeat. */
function markRepeat(document: ComputedDocument, { by, of, same }: Repeat): boolean {
  const answer = answerOf(document, by) ?? (by === 'reference' ? 'ignore' : null)
  if (answer === null) return false
  if (answer === 'accept') {
    document.repeat ??= { by, of }
    return false
  }
  document.repeat = { by, of }
  if (answer === 'hold') return hold(document, by, of)
  // to ignore another content would lose it: nobody else has it, so its sender is told to send it anew
  if (!same) return refuse(document, by === 'messageId' ? 'messageIdReused' : 'interchangeReferenceReused')
  if (answer === 'reject') return refuse(document, 'duplicateRejected')
  document.verdict = { kind: 'duplicate', of, step: 'split' }
  return true
}

function hold(document: ComputedDocument, by: DuplicateDetector, of: string): boolean {
  // what is rejected anyhow stays so, and an answer received twice is noted as such when it is matched
  if (document.verdict.kind !== 'mapped' && document.verdict.kind !== 'held') return true
  const rule = `duplicates.${by}`
  const agreement = document.known.agreements?.[0]?.key ?? ''
  const batchId = dayBatchOf(agreement, rule, document.transmissionId)
  document.verdict = { kind: 'held', code: 'duplicateHeld', rule, step: 'judge', of, batchId }
  return true
}

function refuse(
  document: ComputedDocument,
  code: Extract<CodeName, 'interchangeReferenceReused' | 'messageIdReused' | 'duplicateRejected'>,
): boolean {
  const { offset, findings } = document.known
  const place = offset === null ? null : { position: document.position, offset }
  document.known.findings = [...findings, findingOf(code, place)]
  document.verdict = { kind: 'rejected', code, step: 'split' }
  return true
}

/** Documents of which one with the same business key came before; looked for once it is known what else came before. */
async function markBusinessRepeats(client: Client, due: readonly ComputedWork[]): Promise<void> {
  const claimed = due.flatMap(({ task, documents }) =>
    task.kind === 'split' ? documents.flatMap(businessClaimOf) : [],
  )
  const owners = await claimFirsts(
    client,
    claimed.map(({ claim }) => claim),
  )
  for (const [at, { document, claim }] of claimed.entries()) {
    const { owner: of } = owners[at]!
    if (of === claim.owner) continue
    const by = 'businessKey'
    const answer = answerOf(document, by)
    if (answer === 'accept') document.repeat ??= { by, of }
    else document.repeat = { by, of }
    if (answer === 'ignore') document.verdict = { kind: 'duplicate', of, step: 'judge' }
    if (answer === 'hold') hold(document, by, of)
    if (answer === 'reject') {
      refuse(document, 'duplicateRejected')
      document.verdict = { kind: 'rejected', code: 'duplicateRejected', step: 'judge' }
    }
  }
}

/** Sender, receiver and type, and what marks.ts makes of number, message function and date. */
function businessClaimOf(document: ComputedDocument): { document: ComputedDocument; claim: FirstClaim }[] {
  const { known, verdict, documentId, marks } = document
  if (marks?.businessKey === undefined) return []
  if (verdict.kind !== 'mapped' && verdict.kind !== 'held') return []
  return [
    {
      document,
      claim: {
        scope: `business:${known.env}:${known.sender}>${known.receiver}:${known.type}`,
        key: marks.businessKey,
        owner: documentId,
        sha256: null,
        days: askedOf([document]).get(document.interchangeId)?.businessKey ?? duplicateDays.businessKey,
      },
    },
  ]
}

function sha256Of(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
