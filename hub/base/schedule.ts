/** Seconds between the attempts of one delivery: 5 s to 75 h in all (RELIABILITY §1), then it is held, never dropped. */
export const retryDelaysSeconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] as const

/** Seconds to wait after attempt number `attempt` (from 1) failed, or null when all were used. */
export function retryDelaySeconds(attempt: number): number | null {
  return retryDelaysSeconds[attempt - 1] ?? null
}
