import { appendFileSync } from 'node:fs'

/**
 * Points at which tests stop the hub on purpose. They are passed by every transaction (`begin`, `commit`, `committed`)
 * and every send and receive (`send`, `sent`, `answer`, `answered`), so that the list of points is made by the code
 * itself. Nothing happens unless the hub was started with `--faults`.
 */
type Action = 'kill' | 'throw' | 'hang'

interface Plan {
  point: string
  /** Acts when the point is passed for the n-th time, from 1. */
  nth: number
  action: Action
}

let plan: Plan | null = null
let record: string | null = null
let passed = 0

/**
 * Reads `CROSSDOCK_FAULT=point:n:action` (action `kill`, `throw` or `hang`) and `CROSSDOCK_FAULT_RECORD=file`, to which each passed
 * point is appended as a line. Called once, by `serve --faults`.
 */
export function enableFaults(env: NodeJS.ProcessEnv): void {
  record = env['CROSSDOCK_FAULT_RECORD'] ?? null
  const match = /^(.+):(\d+):(kill|throw|hang)$/.exec(env['CROSSDOCK_FAULT'] ?? '')
  plan = match ? { point: match[1]!, nth: Number(match[2]), action: match[3] as Action } : null
}

/** Passes a point. Without `enableFaults` it does nothing. */
export async function faultPoint(point: string): Promise<void> {
  if (record === null && plan === null) return
  if (record !== null) appendFileSync(record, `${point}\n`)
  if (plan === null || plan.point !== point) return
  passed += 1
  if (passed !== plan.nth) return
  if (plan.action === 'throw') throw new Error(`fault on purpose at ${point}`)
  if (plan.action === 'hang') await new Promise((resolve) => setTimeout(resolve, 30_000))
  if (plan.action === 'kill') process.kill(process.pid, 'SIGKILL')
}
