import { readlinkSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { Engine, loadQuickJs, type EngineLimits, type Ran } from './engine.ts'
import type { SandboxProgram, ThreadAnswer, ThreadRequest } from './program.ts'

/*
 * The thread in which partners' templates and expressions run, one request after the other.
 */

export interface ThreadLimits extends EngineLimits {
  /** Programs kept ready. */
  contexts: number
  /** A program is made anew after so many runs. */
  renders: number
  /** Programs whose text is remembered. */
  programs: number
}

const limits = workerData as ThreadLimits
let quickJs = await loadQuickJs()
let before: Promise<void> = Promise.resolve()
const programs = new Map<string, SandboxProgram>()
const engines = new Map<string, Engine>()

parentPort!.on('message', (request: ThreadRequest) => {
  before = before.then(async () => {
    tell({ id: request.id, cpuMs: 0, ...(await answerTo(request)) })
  })
})
tell({ id: 0, cpuMs: 0, kind: 'ready', timesFile: timesFile() })

function tell(answer: ThreadAnswer): void {
  const { user, system } = process.threadCpuUsage()
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort!.postMessage({ ...answer, cpuMs: (user + system) / 1000 })
}

/** Where Linux tells the CPU time of this thread, also while it computes; null elsewhere. */
function timesFile(): string | null {
  try {
    return `/proc/${readlinkSync('/proc/thread-self')}/stat`
  } catch {
    return null
  }
}

type Answer = Ran | { kind: 'missing' }

async function answerTo({ programId, program, input, budget }: ThreadRequest): Promise<Answer> {
  if (program !== null) remember(programId, program)
  const known = programs.get(programId)
  if (known === undefined) return { kind: 'missing' }
  const ready = await engineFor(programId, known)
  if (!(ready instanceof Engine)) return ready
  if (input === null) return { kind: 'done', output: '' }
  const ran = ready.run(input, budget)
  if (ran.kind === 'fault' || ready.renders >= limits.renders) await drop(programId)
  return ran
}

async function engineFor(programId: string, program: SandboxProgram): Promise<Engine | Ran> {
  const kept = engines.get(programId)
  if (kept !== undefined) {
    // the one used longest ago stands first
    engines.delete(programId)
    engines.set(programId, kept)
    return kept
  }
  const [oldest] = engines.keys()
  if (engines.size >= limits.contexts && oldest !== undefined) await drop(oldest)
  const made = new Engine(quickJs, limits)
  engines.set(programId, made)
  const fault = made.prepare(program)
  if (fault === null) return made
  await drop(programId)
  return fault
}

/** One that cannot give back what it holds takes its QuickJS with it, and all that run in it. */
async function drop(programId: string): Promise<void> {
  const whole = engines.get(programId)?.dispose() ?? true
  engines.delete(programId)
  if (whole) return
  engines.clear()
  quickJs = await loadQuickJs()
}

function remember(programId: string, program: SandboxProgram): void {
  const [oldest] = programs.keys()
  if (programs.size >= limits.programs && oldest !== undefined) programs.delete(oldest)
  programs.set(programId, program)
}
