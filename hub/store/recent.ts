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

/** Keeps so many bytes in all, the newest; large contents are never kept. */
export function keepRecent(mostBytes: number = limits.recentPayloadBytes): RecentPayloads {
  const kept = new Map<PayloadId, Buffer>()
  let keptBytes = 0
  const forget = (id: PayloadId): Buffer | null => {
    const bytes = kept.get(id)
    if (bytes === undefined) return null
    kept.delete(id)
    keptBytes -= bytes.length
    return bytes
  }
  return {
    keep: (id, bytes) => {
      if (bytes.length > mostBytes / 64) return
      forget(id)
      kept.set(id, bytes)
      keptBytes += bytes.length
      for (const oldest of kept.keys()) {
        if (keptBytes <= mostBytes) return
        forget(oldest)
      }
    },
    take: forget,
  }
}

/** Keeps nothing: for who reads what another process wrote. */
export const nothingRecent: RecentPayloads = { keep: () => {}, take: () => null }
