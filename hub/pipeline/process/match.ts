import { stableCode } from '#hub/model/codes/index.ts'
import type { NewEntry } from '#hub/model/entries.ts'
import type { SyntaxAcknowledgement } from '#hub/model/format.ts'
import type { AcknowledgementState } from '#hub/model/states.ts'
import type { Client } from '#hub/store/connect.ts'
import {
  findAnswered,
  recordAnswer,
  recordMessageAnswers,
  type AnsweredInterchange,
} from '#hub/store/process-match.ts'
import { findDocumentsOf, rollUpDocuments } from '#hub/store/settle-documents.ts'
import type { ComputedDocument, Verdict } from './computed.ts'

/** What a received answer came to: the verdict of its own document, and what the ledger says. */
export interface Matched {
  verdict: Extract<Verdict, { kind: 'rejected' | 'duplicate' }> | { kind: 'matched' }
  entries: NewEntry[]
}

/**
 * Matches a syntax acknowledgement to the interchange we sent, by partner, sender and reference. One that says *received* leaves
 * the clock running; the first final one stands, and another after it is noted as its duplicate.
 */
export async function matchAnswer(
  client: Client,
  document: ComputedDocument,
  answer: SyntaxAcknowledgement,
): Promise<Matched> {
  const partnerId = document.known.sender
  const found = await findAnswered(client, partnerId, {
    reference: answer.interchangeReference,
    sentBy: answer.sender?.value ?? null,
  })
  if (found === null)
    return { verdict: { kind: 'rejected', code: 'acknowledgementUnmatched', step: 'resolve' }, entries: [] }
  const state = stateOf(answer, found)
  const code = state === 'rejected' ? stableCode('rejectedByReceiver') : null
  const counts = await recordAnswer(client, {
    about: found.id,
    partnerId,
    state,
    evidence: document.transmissionId,
    code,
  })
  if (!counts) return { verdict: { kind: 'duplicate', of: found.id, step: 'resolve' }, entries: [] }
  const told =
    state === 'partial' && found.messages.length > 1 ? tellApart(answer, found) : new Map<string, Said>()
  if (told.size > 0) {
    const each = [...told].map(([reference, its]) => ({ reference, ...its }))
    await recordMessageAnswers(
      client,
      { about: found.id, partnerId, evidence: document.transmissionId },
      each,
    )
  }
  return {
    verdict: { kind: 'matched' },
    entries: await entriesOf(client, document, found, { state, code, each: told }),
  }
}

/** What the answer means for what we sent: where it rejects each message of it, all of it is rejected. */
function stateOf(answer: SyntaxAcknowledgement, { messages }: AnsweredInterchange): AcknowledgementState {
  if (answer.state === 'received') return 'waiting'
  if (answer.state !== 'partial') return answer.state
  const rejected = new Set(
    answer.messages.flatMap((each) => (each.state === 'rejected' ? [each.reference] : [])),
  )
  return messages.length > 0 && messages.every((reference) => rejected.has(reference))
    ? 'rejected'
    : 'partial'
}

interface Said {
  state: AcknowledgementState
  code: string | null
}

/** What a partial answer means for each message of a bundle, by reference: one that it does not name is accepted. */
function tellApart(answer: SyntaxAcknowledgement, { messages }: AnsweredInterchange): Map<string, Said> {
  const rejected = new Set(
    answer.messages.flatMap((each) => (each.state === 'rejected' ? [each.reference] : [])),
  )
  return new Map(
    messages.map((reference) => [
      reference,
      rejected.has(reference)
        ? { state: 'rejected', code: stableCode('rejectedByReceiver') }
        : { state: 'accepted', code: null },
    ]),
  )
}

async function entriesOf(
  client: Client,
  document: ComputedDocument,
  found: AnsweredInterchange,
  { state, code, each }: Said & { each: ReadonlyMap<string, Said> },
): Promise<NewEntry[]> {
  await rollUpDocuments(client, [found.id])
  const about = await findDocumentsOf(client, [found.id])
  const matched: NewEntry = {
    type: 'document.matched',
    body: { level: 'syntax', state, about: found.id },
    partnerId: document.known.sender,
    transmissionId: document.transmissionId,
    documentId: document.documentId,
    deliveryId: found.deliveryId,
    actor: 'hub',
  }
  const received = about.map(({ documentId, sender, messageReference }): NewEntry => ({
    type: 'acknowledgement.received',
    body: { level: 'syntax', ...(each.get(messageReference ?? '') ?? { state, code }) },
    partnerId: sender,
    documentId,
    actor: 'hub',
  }))
  return [matched, ...received]
}
