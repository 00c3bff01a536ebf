import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import {
  outputParts,
  type ExpressionInput,
  type Rendered,
  type SandboxFault,
  type SandboxProgram,
  type TemplateInput,
  type ThreadAnswer,
  type ThreadRequest,
} from './program.ts'
import type { ThreadLimits } from './thread.ts'

/**
 * Runs partners' templates and expressions: in a thread of its own, so that nothing else waits for them, and there in
 * QuickJS, from which nothing of the hub can be reached. Throws HubError `sandboxTime`, `sandboxMemory`, `sandboxOutput`,
 * `sandboxFailed` or `sandboxPaused`.
 */
export interface Sandbox {
  /** Whether it can run at all: throws HubError `sandboxFailed` with what is wrong. */
  check(program: SandboxProgram): Promise<void>
  /** Renders a template; values stand in `values`, and the text has marks in their places. */
  render(program: SandboxProgram, input: TemplateInput, lines: number): Promise<Rendered>
  /** Evaluates expressions; results in the order of the jobs, null for nothing. */
  evaluate(
    program: SandboxProgram,
    input: ExpressionInput,
    lines: number,
  ): Promise<(string | boolean | null)[]>
  close(): Promise<void>
}

/** The thread is started with the first use. */
export function createSandbox(): Sandbox {
  const sandbox = new ThreadedSandbox()
  const budget = (lines: number) => ({
    timeMs: Math.min(
      limits.sandboxTimeMs + Math.ceil((lines * limits.sandboxTimePerThousandLinesMs) / 1000),
      limits.sandboxTimeMostMs,
    ),
    outputBytes: limits.sandboxOutputCharacters,
  })
  return {
    check: async (program) => void (await sandbox.ask(program, null, budget(0))),
    render: async (program, input, lines) =>
      renderedIn(await sandbox.ask(program, JSON.stringify(input), budget(lines))),
    evaluate: async (program, input, lines) =>
      JSON.parse(await sandbox.ask(program, JSON.stringify(input), budget(lines))) as (
        string | boolean | null
      )[],
    close: () => sandbox.close(),
  }
}

function renderedIn(output: string): Rendered {
  const at = output.indexOf(outputParts)
  return { text: output.slice(0, at), values: JSON.parse(output.slice(at + 1)) as string[] }
}

interface Waiting {
  request: ThreadRequest
  program: SandboxProgram
  done(output: string): void
  failed(error: Error): void
}

interface Trouble {
  inARow: number
  pausedUntil: number
}

class ThreadedSandbox {
  #thread: Worker | null = null
  #waiting = new Map<number, Waiting>()
  #sent = new Set<string>()
  #troubles = new Map<string, Trouble>()
  #ids = new WeakMap<SandboxProgram, string>()
  #lastId = 0
  #watchdog: NodeJS.Timeout | null = null
  #ready = false
  #timesFile: string | null = null
  /** CPU time that the thread had used at its last answer. */
  #cpuMs = 0

  ask(program: SandboxProgram, input: string | null, budget: ThreadRequest['budget']): Promise<string> {
    const programId = this.#idOf(program)
    const trouble = this.#troubles.get(programId)
    if (trouble !== undefined && performance.now() < trouble.pausedUntil)
      return Promise.reject(
        new HubError(
          'sandboxPaused',
          `it passed its limits ${trouble.inARow} times in a row and is not run again for some seconds`,
        ),
      )
    return new Promise((done, failed) => {
      const id = ++this.#lastId
      const known = this.#sent.has(programId)
      this.#sent.add(programId)
      const request = { id, programId, program: known ? null : program, input, budget }
      this.#waiting.set(id, { request, program, done, failed })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#start().postMessage(request)
      if (this.#waiting.size === 1) this.#watch()
    })
  }

  async close(): Promise<void> {
    if (this.#watchdog !== null) clearTimeout(this.#watchdog)
    const thread = this.#thread
    this.#thread = null
    for (const { failed } of this.#waiting.values())
      failed(new HubError('sandboxFailed', 'the hub was stopped'))
    this.#waiting.clear()
    await thread?.terminate()
  }

  /** Programs are told apart by their content: equal ones share what is prepared. */
  #idOf(program: SandboxProgram): string {
    let id = this.#ids.get(program)
    if (id === undefined) {
      id = createHash('sha256').update(JSON.stringify(program)).digest('base64')
      this.#ids.set(program, id)
    }
    return id
  }

  #start(): Worker {
    if (this.#thread !== null) return this.#thread
    const workerData: ThreadLimits = {
      memoryBytes: limits.sandboxMemoryBytes,
      stackBytes: limits.sandboxStackBytes,
      contexts: limits.sandboxContexts,
      renders: limits.sandboxRenders,
      programs: limits.sandboxPrograms,
    }
    const thread = new Worker(new URL('./thread.ts', import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: 128 },
      // nothing of the environment is handed over, secrets least of all
      env: {},
      execArgv: [],
    })
    thread.unref()
    thread.on('message', (answer: ThreadAnswer) => this.#take(answer))
    thread.on('error', (error) => this.#lost(thread, 'sandboxFailed', error.message))
    thread.on('exit', () => this.#lost(thread, 'sandboxFailed', 'its thread ended'))
    this.#thread = thread
    return thread
  }

  #take(answer: ThreadAnswer): void {
    this.#cpuMs = answer.cpuMs
    if (answer.kind === 'ready') {
      this.#ready = true
      this.#timesFile = answer.timesFile
      return
    }
    const waiting = this.#waiting.get(answer.id)
    if (waiting === undefined) return
    if (answer.kind === 'missing') {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#thread?.postMessage({ ...waiting.request, program: waiting.program })
      return
    }
    this.#waiting.delete(answer.id)
    this.#watch()
    const { programId } = waiting.request
    if (answer.kind === 'done') {
      this.#troubles.delete(programId)
      waiting.done(answer.output)
      return
    }
    this.#note(programId, answer.fault)
    waiting.failed(new HubError(codeOf[answer.fault], answer.message))
  }

  /** One that passes its limits again and again is left alone for a while, so that others are not kept waiting by it. */
  #note(programId: string, fault: SandboxFault): void {
    if (fault === 'failed') return
    const inARow = (this.#troubles.get(programId)?.inARow ?? 0) + 1
    const paused = inARow >= limits.sandboxFaults
    const pausedUntil = paused ? performance.now() + limits.sandboxPauseMs : 0
    if (this.#troubles.size > limits.sandboxPrograms) this.#troubles.clear()
    this.#troubles.set(programId, { inARow, pausedUntil })
  }

  /**
   * Sees to it that the request in front is answered in time. QuickJS ends what passes its time by itself, but for a few of
   * its own functions, which nothing can interrupt: then the thread is ended. Its CPU time counts where it can be read, so
   * that a machine that has no time for it is not taken for a fault of the mapping.
   */
  #watch(): void {
    if (this.#watchdog !== null) clearTimeout(this.#watchdog)
    this.#watchdog = null
    const [first] = this.#waiting.values()
    const thread = this.#thread
    if (first === undefined || thread === null) return
    const { timeMs } = first.request.budget
    const sinceMs = performance.now()
    const look = (): void => {
      const spentMs = this.#spentMs()
      const waitedMs = performance.now() - sinceMs
      const isOver =
        spentMs === null
          ? waitedMs > timeMs + limits.sandboxGraceMs
          : spentMs > timeMs + limits.sandboxGraceMs / 2
      if (isOver || waitedMs > limits.sandboxSilenceMs) this.#lost(thread, 'sandboxTime', 'its time ran out')
      else this.#watchdog = setTimeout(look, 100).unref()
    }
    this.#watchdog = setTimeout(look, timeMs).unref()
  }

  /** CPU time of the thread since its last answer; null where that cannot be told. */
  #spentMs(): number | null {
    if (!this.#ready) return 0
    if (this.#timesFile === null) return null
    try {
      const stat = readFileSync(this.#timesFile, 'utf8')
      const [user = '0', system = '0'] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13)
      return (Number(user) + Number(system)) * 10 - this.#cpuMs
    } catch {
      return null
    }
  }

  /** The request in front fails; those behind it go to another thread. */
  #lost(thread: Worker, code: CodeName, message: string): void {
    if (this.#thread !== thread) return
    this.#thread = null
    this.#ready = false
    this.#timesFile = null
    this.#cpuMs = 0
    this.#sent.clear()
    thread.terminate().catch(() => {})
    const [first, ...others] = this.#waiting.values()
    this.#waiting.clear()
    if (first !== undefined) {
      this.#note(first.request.programId, 'time')
      first.failed(new HubError(code, message))
    }
    for (const other of others) {
      this.#waiting.set(other.request.id, other)
      this.#sent.add(other.request.programId)
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#start().postMessage({ ...other.request, program: other.program })
    }
    this.#watch()
  }
}

const codeOf = {
  time: 'sandboxTime',
  memory: 'sandboxMemory',
  output: 'sandboxOutput',
  failed: 'sandboxFailed',
} as const satisfies Record<SandboxFault, CodeName>
