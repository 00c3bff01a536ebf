import type { NewEntry } from '#hub/model/entries.ts'
import { stableCode } from '#hub/model/codes/index.ts'
import type { DeliverJob, JobQueue } from '#hub/model/queue.ts'
import type { Client } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import {
  expectTransport,
  recordBrought,
  rollUpDocuments,
  rollUpMoves,
  type OutgoingDocument,
} from '#hub/store/settle-documents.ts'
import { findHeads } from '#hub/store/order.ts'
import {
  holdDeliveries,
  settleTogether,
  type JudgedAttempt,
  type SettledDelivery,
  type Verdict,
} from '#hub/store/settle.ts'
import { interchangesOf } from './claim.ts'

/**
 * Records what attempts came to, in the caller's transaction. An attempt that is no longer its delivery's (a receipt was
 * first, or its lease ran out) does not move the delivery. Returns the attempts that came too late and yet hold the
 * proof that the peer has it: the caller settles those as it would settle a receipt.
 */
export async function settleAttempts(
  client: Client,
  queue: JobQueue,
  judged: readonly JudgedAttempt[],
): Promise<JudgedAttempt[]> {
  const { settled, changed } = await settleTogether(client, judged)
  const byId = new Map(settled.map((delivery) => [delivery.id, delivery]))
  const moves = judged.flatMap((attempt) => {
    const delivery = byId.get(attempt.deliveryId)
    return delivery === undefined ? [] : [{ attempt, delivery }]
  })
  await recordMoves(client, queue, moves)
  return judged.filter(
    ({ deliveryId, transmissionId, verdict }) =>
      !byId.has(deliveryId) && verdict.transmission === 'taken' && changed.has(transmissionId),
  )
}

export interface Move {
  attempt: Pick<JudgedAttempt, 'transmissionId' | 'verdict'>
  delivery: SettledDelivery
  /** By default the hub. */
  actor?: string
}

/** What follows from deliveries that were moved: holds, acknowledgements, roll-ups, entries, jobs. */
export async function recordMoves(client: Client, queue: JobQueue, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return
  const of = (state: Verdict['delivery']): Move[] => moves.filter(({ delivery }) => delivery.state === state)
  await holdDeliveries(
    client,
    of('held').map(({ delivery, attempt }) => ({
      deliveryId: delivery.id,
      partnerId: delivery.partnerId,
      code: attempt.verdict.code ?? 'attemptFailed',
    })),
  )
  const documents = await rollUpMoves(
    client,
    moves.map(({ delivery }) => delivery),
  )
  const proven = await recordAcknowledgements(client, of('delivered'), of('pending'))
  await rollUpDocuments(client, interchangesOf(proven))
  await appendEntries(client, [...moves.map(moved), ...told(documents, of('delivered'))])
  await queue.deliver(client, [...retries(of('waiting')), ...(await nextInOrder(client, of('delivered')))])
}

/** The jobs of the deliveries that were behind these in the order of their key. */
export async function nextInOrder(
  client: Client,
  done: readonly { delivery: SettledDelivery }[],
): Promise<DeliverJob[]> {
  return await findHeads(client, [...new Set(done.flatMap(({ delivery }) => delivery.orderKey ?? []))])
}

/** Returns the deliveries whose proof of transport was expected and has come. */
async function recordAcknowledgements(
  client: Client,
  delivered: readonly Move[],
  pending: readonly Move[],
): Promise<SettledDelivery[]> {
  const proven = new Set(
    await recordBrought(
      client,
      delivered.map(({ delivery, attempt }) => ({
        deliveryId: delivery.id,
        transmissionId: attempt.transmissionId,
      })),
    ),
  )
  await expectTransport(
    client,
    pending.flatMap(({ delivery }) =>
      delivery.dueAt === null ? [] : [{ deliveryId: delivery.id, dueAt: delivery.dueAt }],
    ),
  )
  return delivered.flatMap(({ delivery }) => (proven.has(delivery.id) ? [delivery] : []))
}

function retries(waiting: readonly Move[]): DeliverJob[] {
  return waiting.map(({ delivery }) => ({
    deliveryId: delivery.id,
    channelId: delivery.channelId,
    ...(delivery.nextAt === null ? {} : { startAfter: delivery.nextAt }),
  }))
}

/** For the sender: that and when it was delivered, without the receiver's channel. */
function told(documents: readonly OutgoingDocument[], delivered: readonly Move[]): NewEntry[] {
  const receivers = new Map(delivered.map(({ delivery }) => [delivery.interchangeId, delivery.partnerId]))
  return documents.flatMap(({ documentId, sender, interchangeId }) => {
    const receiver = receivers.get(interchangeId)
    if (receiver === undefined) return []
    return { type: 'document.delivered', body: { receiver }, partnerId: sender, documentId, actor: 'hub' }
  })
}

function moved({ attempt, delivery, actor }: Move): NewEntry {
  return {
    ...entryOf(delivery, attempt.verdict),
    partnerId: delivery.partnerId,
    transmissionId: attempt.transmissionId,
    deliveryId: delivery.id,
    actor: actor ?? 'hub',
  }
}

function entryOf(delivery: SettledDelivery, verdict: Verdict): NewEntryKind {
  const { attempt } = delivery
  const code = stableCode(verdict.code ?? 'attemptFailed')
  switch (verdict.delivery) {
    case 'delivered':
      return { type: 'delivery.delivered', body: { attempt, late: delivery.overdueAt !== null } }
    case 'pending':
      return { type: 'delivery.pending', body: { attempt, dueAt: iso(delivery.dueAt) } }
    case 'waiting':
      return { type: 'delivery.retrying', body: { attempt, code, nextAt: iso(delivery.nextAt) } }
    case 'refused':
      return { type: 'delivery.refused', body: { attempt, code } }
    case 'held':
      return { type: 'delivery.held', body: { attempt, code } }
  }
}

type NewEntryKind = NewEntry extends infer Entry
  ? Entry extends NewEntry
    ? Pick<Entry, 'type' | 'body'>
    : never
  : never

function iso(time: Date | null): string {
  return time?.toISOString() ?? ''
}
