import { setImmediate as nextTurn } from 'node:timers/promises'
import { limits } from '#hub/base/limits.ts'

/**
 * For work of many small parts: call what this returns between two of them. When `processTurnMs` went by without a
 * pause, the event loop gets its turn, so that doors, heartbeats and other jobs are not kept waiting.
 */
export function takingTurns(): () => Promise<void> {
  let sinceMs = performance.now()
  return async () => {
    if (performance.now() - sinceMs < limits.processTurnMs) return
    await nextTurn()
    sinceMs = performance.now()
  }
}

/** Bytes in slices that take a reader no longer than a turn. */
export function* slicesOf(bytes: Buffer): Generator<Buffer, void> {
  for (let at = 0; at < bytes.length; at += limits.readSliceBytes)
    yield bytes.subarray(at, at + limits.readSliceBytes)
}
