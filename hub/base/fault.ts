import { appendFileSync, readFileSync } from 'node:fs'

/**
 * Points at which tests stop the hub on purpose. They are passed by every transaction (`begin`, `commit`, `committed`)
 * and every send and receive (`send`, `sent`, `answer`, `answered`), so that the list of points is made by the code
 * itself. Nothing happens unless the hub was started with `--faults`.
 */
type Action = 'kill' | 'throw' | 'hang'

interface Plan {
  point: string
  /** Only where what is at work begins with these hexadecimal digits; empty for whatever it is. */
  subject: string
  /** Acts when the point is passed for the n-th time, from 1. */
  nth: number
  action: Action
  passed: number
}

interface Faults {
  /** By the text they were given as. */
  plans: Map<string, Plan>
  planFile: string | null
  record: string | null
  hangMs: number
}

let faults: Faults | null = null
const hangDefaultMs = 30_000

/**
 * Reads `CROSSDOCK_FAULT=point:n:action`, several with a comma between (action `kill`, `throw` or `hang`; a point may end in
 * `@` and the first digits of the SHA-256 of the file it is about); `CROSSDOCK_FAULT_FILE=file`, whose lines are more of
 * them and may change while the hub runs; `CROSSDOCK_FAULT_HANG_MS`; and `CROSSDOCK_FAULT_RECORD=file`, to which each
 * passed point is appended as a line, and as `! point:n:action` each one that acts. Called once, by `serve --faults`.
 */
export function enableFaults(env: NodeJS.ProcessEnv): void {
  const planFile = env['CROSSDOCK_FAULT_FILE'] ?? null
  const record = env['CROSSDOCK_FAULT_RECORD'] ?? null
  const hangMs = Number(env['CROSSDOCK_FAULT_HANG_MS'] ?? hangDefaultMs)
  const plans = new Map<string, Plan>()
  addPlans(plans, (env['CROSSDOCK_FAULT'] ?? '').split(','))
  faults =
    record === null && planFile === null && plans.size === 0 ? null : { plans, planFile, record, hangMs }
}

/** Passes a point; `subject` is the SHA-256 of what is at work. Without `enableFaults` it does nothing. */
export async function faultPoint(point: string, subject?: Buffer): Promise<void> {
  if (faults === null) return
  const { plans, planFile, record, hangMs } = faults
  if (record !== null) appendFileSync(record, `${point}\n`)
  if (planFile !== null) addPlans(plans, readFileSync(planFile, 'utf8').split('\n'))
  const about = subject?.toString('hex') ?? ''
  for (const [text, plan] of plans) {
    if (plan.point !== point || !about.startsWith(plan.subject)) continue
    plan.passed += 1
    if (plan.passed !== plan.nth) continue
    if (record !== null) appendFileSync(record, `! ${text}\n`)
    if (plan.action === 'throw') throw new Error(`fault on purpose at ${point}`)
    if (plan.action === 'hang') await new Promise((resolve) => setTimeout(resolve, hangMs))
    if (plan.action === 'kill') process.kill(process.pid, 'SIGKILL')
  }
}

function addPlans(plans: Map<string, Plan>, texts: string[]): void {
  for (const text of texts) {
    const match = /^([^@]+?)(?:@([0-9a-f]+))?:(\d+):(kill|throw|hang)$/.exec(text)
    if (match === null || plans.has(text)) continue
    const [, point = '', subject = '', nth, action] = match
    plans.set(text, { point, subject, nth: Number(nth), action: action as Action, passed: 0 })
  }
}
