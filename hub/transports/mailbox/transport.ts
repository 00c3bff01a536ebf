import { z } from 'zod'
import type { Clock } from '#hub/base/clock.ts'
import type { Transport } from '#hub/model/transport.ts'

/** Settings of a channel of kind `mailbox`: a box on this hub that the partner reaches by SFTP. */
export const mailboxSettings = z.object({
  /** Hours in which the partner collects what lies in the outbox; after that it is overdue, and stays where it is. */
  collectWithinHours: z
    .number()
    .positive()
    .max(24 * 366)
    .default(72),
})

/**
 * Places deliveries in the partner's outbox. Placing is not delivering: the proof is the collection, which settles it later.
 */
export function mailboxTransport(deps: { clock: Clock }): Transport {
  return {
    kind: 'mailbox',
    attemptsAtOnce: 64,
    attempt: (delivery) => {
      const { collectWithinHours } = mailboxSettings.parse(delivery.channel.settings)
      const dueAt = new Date(deps.clock.now().getTime() + collectWithinHours * 3_600_000)
      const proof = {
        placed: delivery.wireId,
        sizeBytes: delivery.sizeBytes,
        sha256: delivery.sha256.toString('hex'),
      }
      return Promise.resolve({ kind: 'pending', proof, dueAt })
    },
  }
}
