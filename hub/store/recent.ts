import { limits } from '#hub/base/limits.ts'
import type { PayloadId } from '#hub/model/ids.ts'

/**
 * The plain bytes of small payloads that this process has committed a moment ago, for its own next step: what is sealed at
 * the door is processed at once, and what is written is sent at once. Nothing depends on it: the row is the truth, whoever
 * asks for what is not here reads the row, and each content is given out once.
 */
export interface RecentPayloads {
  /** Only after the commit that inserted exactly these bytes under this id. */
  keep(id: PayloadId, bytes: Buffer): void
  take(id: PayloadId): Buffer | null
}

/**
 * Keeps so many bytes in all; large contents are never kept. Where there is no room the newest is left to its row, for the
 * oldest is asked for next; what nobody has asked for in a while makes room.
 */
export function keepRecent(mostBytes: number = limits.recentPayloadBytes): RecentPayloads {
  const kept = new Map<PayloadId, { bytes: Buffer; untilMs: number }>()
  let keptBytes = 0
  const take = (id: PayloadId): Buffer | null => {
    const found = kept.get(id)
    if (found === undefined) return null
    kept.delete(id)
    keptBytes -= found.bytes.length
    return found.bytes
  }
  const makeRoom = (nowMs: number): void => {
    for (const [id, { untilMs }] of kept) {
      if (untilMs > nowMs) return
      take(id)
    }
  }
  return {
    keep: (id, bytes) => {
      const nowMs = performance.now()
      makeRoom(nowMs)
      if (bytes.length > mostBytes / 64 || keptBytes + bytes.length > mostBytes || kept.has(id)) return
      kept.set(id, { bytes, untilMs: nowMs + limits.recentPayloadSeconds * 1000 })
      keptBytes += bytes.length
    },
    take,
  }
}

/** Keeps nothing: for who reads what another process wrote. */
export const nothingRecent: RecentPayloads = { keep: () => {}, take: () => null }
