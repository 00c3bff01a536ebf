import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import { messageOf } from '#hub/model/errors.ts'
import type { TransmissionId } from '#hub/model/ids.ts'
import type { Store } from '#hub/store/connect.ts'
import { renewLeases, type ClaimedAttempt } from '#hub/store/deliver.ts'

export interface Leases {
  begin(attempt: ClaimedAttempt): void
  end(attempt: ClaimedAttempt): void
  /** Whether the attempt is still this process's: a process that stood still asks the database before it opens a socket. */
  stillOurs(attempt: ClaimedAttempt): Promise<boolean>
  close(): void
}

/**
 * Keeps the leases of attempts under way alive. They are short, so that what a crashed process left is taken up again within a
 * minute, and renewed for as long as the attempt lasts.
 */
export function keepLeases(store: Store, log: Log): Leases {
  const underWay = new Map<TransmissionId, { attempt: ClaimedAttempt; renewedAt: number }>()

  const renew = async (attempts: readonly ClaimedAttempt[]): Promise<boolean> => {
    const held = new Set(await renewLeases(store.worker, attempts, limits.deliveryLeaseSeconds))
    for (const { id, transmissionId } of attempts) {
      const lease = underWay.get(transmissionId)
      if (lease !== undefined && held.has(id)) lease.renewedAt = performance.now()
    }
    return held.size === attempts.length
  }
  const renewAll = async (): Promise<void> => {
    if (underWay.size === 0) return
    try {
      await renew([...underWay.values()].map(({ attempt }) => attempt))
    } catch (error) {
      log.warn({ reason: messageOf(error), step: 'deliver' }, 'leases could not be renewed')
    }
  }
  const timer = setInterval(() => void renewAll(), limits.deliveryLeaseRenewSeconds * 1000)
  timer.unref()

  return {
    begin: (attempt) => underWay.set(attempt.transmissionId, { attempt, renewedAt: performance.now() }),
    end: (attempt) => underWay.delete(attempt.transmissionId),
    stillOurs: async (attempt) => {
      const renewedAt = underWay.get(attempt.transmissionId)?.renewedAt ?? 0
      if (performance.now() - renewedAt < limits.deliveryLeaseRenewSeconds * 1000) return true
      return await renew([attempt])
    },
    close: () => clearInterval(timer),
  }
}
