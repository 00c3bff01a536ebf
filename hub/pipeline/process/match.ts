import { stableCode } from '#hub/model/codes/index.ts'
import type { NewEntry } from '#hub/model/entries.ts'
import type { SyntaxAcknowledgement } from '#hub/model/format.ts'
import type { AcknowledgementState } from '#hub/model/states.ts'
import type { Client } from '#hub/store/connect.ts'
import { findAnswered, recordAnswer, type AnsweredInterchange } from '#hub/store/process-match.ts'
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
  return { verdict: { kind: 'matched' }, entries: await entriesOf(client, document, found, { state, code }) }
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

async function entriesOf(
  client: Client,
  document: ComputedDocument,
  found: AnsweredInterchange,
  { state, code }: { state: AcknowledgementState; code: string | null },
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
  const received = about.map(({ documentId, sender }): NewEntry => ({
    type: 'acknowledgement.received',
    body: { level: 'syntax', state, code },
    partnerId: sender,
    documentId,
    actor: 'hub',
  }))
  return [matched, ...received]
}
