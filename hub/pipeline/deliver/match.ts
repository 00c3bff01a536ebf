import { stableCode } from '#hub/model/codes/index.ts'
import type { AcknowledgementState, TransmissionOutState } from '#hub/model/states.ts'
import type { AttemptOutcome, Proof } from '#hub/model/outcomes.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { SettleByReceipt, Settlement } from '#hub/model/transport.ts'
import type { Client, Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { answerTransport, rollUpDocuments } from '#hub/store/settle-documents.ts'
import {
  closeAttempts,
  closeHold,
  findAttempts,
  lockForReceipt,
  moveDelivery,
  type AttemptRow,
  type DeliveryForReceipt,
} from '#hub/store/settle-receipt.ts'
import type { Verdict } from '#hub/store/settle.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { interchangesOf } from './claim.ts'
import { storable } from './proof.ts'
import { recordMoves } from './settle.ts'
import { judgeOutcome } from './verdict.ts'

interface MatchDeps {
  store: Store
  queue: JobQueue
}

type Match = Awaited<ReturnType<SettleByReceipt>>
type NotTaken = Extract<AttemptOutcome, { kind: 'not_taken' }>

/**
 * Settles a delivery by a receipt, in the receipt's own request, also when it overtakes our own settling. A positive one
 * beats any negative, whichever came first; a negative closes only attempts that began before it came. One that contradicts what was
 * delivered is flagged and changes nothing else.
 */
export function createSettleByReceipt(deps: MatchDeps): SettleByReceipt {
  return (settlement) =>
    inTransaction(deps.store.worker, 'deliver.match', (client) => match(client, deps.queue, settlement))
}

/** The same within a transaction that the caller holds. */
export async function match(
  client: Client,
  queue: JobQueue,
  settlement: Settlement & { actor?: string },
): Promise<Match> {
  const delivery = await lockForReceipt(client, settlement.deliveryId, settlement.evidenceId)
  if (delivery === null) return 'unmatched'
  const attempts = await findAttempts(client, delivery.id)
  if (attempts.length === 0) return 'unmatched'
  const known = { client, queue, delivery, attempts, settlement, actor: settlement.actor ?? 'hub' }
  switch (settlement.outcome.kind) {
    case 'taken':
      return await matchPositive(known, settlement.outcome.proof)
    case 'not_taken':
      return await matchNegative(known, settlement.outcome)
    case 'pending':
    case 'unknown':
      // says nothing that the attempt itself did not say
      return 'already'
  }
}

interface Known {
  client: Client
  queue: JobQueue
  delivery: DeliveryForReceipt
  attempts: readonly AttemptRow[]
  settlement: Settlement
  /** Who says so: the hub, by a receipt, or a person. */
  actor: string
}

async function matchPositive(known: Known, proof: Proof): Promise<Match> {
  const { client, delivery, attempts } = known
  if (delivery.state === 'delivered') return 'already'
  const proven = attempts.find(({ state }) => state === 'taken')
  const attempt = proven ?? attempts.find(({ state }) => isOpen(state)) ?? attempts[0]!
  await closeAttempts(client, [attempt.transmissionId], {
    state: 'taken',
    code: null,
    proof: storable(proof),
  })
  // a person stopped it, and the peer has it all the same
  if (delivery.state === 'stopped') return await contradict(known)
  const verdict = judgeOutcome({ kind: 'taken', proof }, { attempt: attempt.attempt, peerDedupes: false })
  await answer(known, attempt, 'accepted', null)
  await settleMove(known, attempt, verdict)
  await closeHold(client, delivery.id, {
    decision: 'released',
    by: known.actor,
    reason: 'The partner confirmed that it has the document.',
  })
  return 'settled'
}

async function matchNegative(known: Known, outcome: NotTaken): Promise<Match> {
  const { client, delivery, settlement } = known
  if (delivery.state === 'delivered') return await contradict(known, outcome)
  if (delivery.state === 'stopped' || delivery.state === 'refused') return 'already'
  const closed = known.attempts.filter(
    ({ state, at }) => isOpen(state) && at.getTime() <= delivery.receivedAt.getTime(),
  )
  const newest = closed[0]
  if (newest === undefined) return 'already'
  await closeAttempts(
    client,
    closed.map(({ transmissionId }) => transmissionId),
    { state: 'not_taken', code: outcome.code, proof: storable(outcome.proof ?? {}) },
  )
  // an attempt that began after the receipt came is not what it speaks about
  const underWay = isUnderWay(delivery) && newest.attempt !== delivery.attempt
  if (underWay) return 'settled'
  const verdict = judgeOutcome(outcome, { attempt: delivery.attempt, peerDedupes: delivery.peerDedupes })
  if (verdict.delivery === delivery.state) return 'settled'
  if (verdict.delivery === 'refused') await answer(known, newest, 'rejected', stableCode(outcome.code))
  if (delivery.state === 'held') {
    await closeHold(client, settlement.deliveryId, {
      decision: verdict.delivery === 'refused' ? 'rejected' : 'released',
      by: 'hub',
      reason: 'The partner’s receipt says that the document was not taken.',
    })
  }
  await settleMove(known, newest, verdict)
  return 'settled'
}

async function settleMove(known: Known, attempt: AttemptRow, verdict: Verdict): Promise<void> {
  const moved = await moveDelivery(known.client, known.delivery.id, verdict)
  await recordMoves(known.client, known.queue, [
    { attempt: { transmissionId: attempt.transmissionId, verdict }, delivery: moved, actor: known.actor },
  ])
}

async function contradict(known: Known, outcome?: NotTaken): Promise<Match> {
  await appendEntries(known.client, [
    {
      type: 'delivery.contradicted',
      body: { code: stableCode(outcome?.code ?? 'receiptContradicts') },
      partnerId: known.delivery.partnerId,
      transmissionId: known.settlement.evidenceId,
      deliveryId: known.delivery.id,
      actor: known.actor,
    },
  ])
  return 'contradicts'
}

/** The acknowledgement of transport, where one is expected, answered by the receipt. */
async function answer(
  known: Known,
  attempt: AttemptRow,
  state: Extract<AcknowledgementState, 'accepted' | 'rejected'>,
  code: string | null,
): Promise<void> {
  const { client, delivery, settlement } = known
  const evidenceId = settlement.evidenceId ?? attempt.transmissionId
  if (!(await answerTransport(client, { deliveryId: delivery.id, state, code, evidenceId }))) return
  await rollUpDocuments(client, interchangesOf([delivery]))
  await appendEntries(client, [
    {
      type: 'acknowledgement.received',
      body: { level: 'transport', state, code },
      partnerId: delivery.partnerId,
      transmissionId: settlement.evidenceId,
      deliveryId: delivery.id,
      actor: known.actor,
    },
  ])
}

function isUnderWay({ state }: DeliveryForReceipt): boolean {
  return state === 'sending' || state === 'pending'
}

function isOpen(state: TransmissionOutState): boolean {
  return state === 'sending' || state === 'pending' || state === 'unknown'
}
