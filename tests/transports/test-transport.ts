import { createHash } from 'node:crypto'
import type { AttemptOutcome } from '#hub/model/outcomes.ts'
import type { OutboundDelivery, Transport } from '#hub/model/transport.ts'

/** What the peer got: one line for each attempt that reached it. The truth outside the hub. */
export interface Seen {
  deliveryId: string
  channelKey: string
  wireId: string
  attempt: number
  transmissionId: string
  sha256: string
}

/** What the peer does with an attempt. */
export type Behaviour = (
  delivery: OutboundDelivery,
  signal: AbortSignal,
) => Promise<AttemptOutcome> | AttemptOutcome

export interface TestTransport extends Transport {
  readonly seen: Seen[]
  /** Behaves so from the next attempt on. */
  behave(behaviour: Behaviour): void
  /** Attempts under way now, and the most there ever were at once. */
  underWay(): { now: number; most: number }
}

/**
 * A transport of kind `test` that stands in for one whose proof comes by a receipt of its own (AS2): the test says
 * what its peer does with each attempt.
 */
export function createTestTransport(first: Behaviour = () => taken): TestTransport {
  const seen: Seen[] = []
  let behaviour = first
  let now = 0
  let most = 0
  return {
    kind: 'test',
    seen,
    behave: (next) => {
      behaviour = next
    },
    underWay: () => ({ now, most }),
    attempt: async (delivery, signal) => {
      now += 1
      most = Math.max(most, now)
      try {
        const bytes = await delivery.bytes()
        seen.push({
          deliveryId: delivery.id,
          channelKey: delivery.channel.key,
          wireId: delivery.wireId,
          attempt: delivery.attempt,
          transmissionId: delivery.transmissionId,
          sha256: createHash('sha256').update(bytes).digest('hex'),
        })
        return await behaviour(delivery, signal)
      } finally {
        now -= 1
      }
    },
  }
}

export const taken: AttemptOutcome = { kind: 'taken', proof: { status: 200 } }

/** The peer has it and will send its receipt by itself, within `ms` (may be past). */
export function pendingFor(ms: number): AttemptOutcome {
  return { kind: 'pending', proof: { status: 200 }, dueAt: new Date(Date.now() + ms) }
}

/** The connection ended before the answer. */
export const answerLost: AttemptOutcome = { kind: 'unknown', code: 'answerLost' }

export const unreachable: AttemptOutcome = { kind: 'not_taken', code: 'connectFailed', retry: 'later' }

export const refused: AttemptOutcome = {
  kind: 'not_taken',
  code: 'refusedByPeer',
  retry: 'never',
  proof: { status: 422 },
}

/** A negative receipt. */
export const negativeReceipt: AttemptOutcome = {
  kind: 'not_taken',
  code: 'receiptNegative',
  retry: 'never',
  proof: { disposition: 'automatic-action/MDN-sent-automatically; processed/error: decryption-failed' },
}

/** A positive receipt. */
export const positiveReceipt: AttemptOutcome = {
  kind: 'taken',
  proof: { disposition: 'automatic-action/MDN-sent-automatically; processed' },
}
