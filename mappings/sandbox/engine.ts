import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core'
import variant from '@jitl/quickjs-wasmfile-release-sync'
import { faultOfTemplate } from './allow-list.ts'
import { sourceOfTemplate } from './generate.ts'
import type { SandboxBudget, SandboxFault, SandboxProgram } from './program.ts'
import { deterministic, expressionRunner, frozen, templateRunner } from './prelude.ts'

/** What a program came to: its output as JSON, or why there is none. */
export type Ran = { kind: 'done'; output: string } | { kind: 'fault'; fault: SandboxFault; message: string }

/** Memory and stack of one program, in bytes. */
export interface EngineLimits {
  memoryBytes: number
  stackBytes: number
}

/** A QuickJS with a memory of its own. What it says when it aborts is told as a fault, and not to the terminal. */
export async function loadQuickJs(): Promise<QuickJSWASMModule> {
  const quiet = { printErr: () => {}, print: () => {} }
  // the declaration of the variant is written for CommonJS
  return newQuickJSWASMModuleFromVariant(newVariant(variant as never, { emscriptenModule: quiet as never }))
}

/** How long a program may take to be prepared, before anything of a document is seen. */
const prepareMs = 1_000

/**
 * One program with a QuickJS of its own: nothing of the host can be reached from it, and what it may take of time,
 * memory and output is bounded. After a fault it must be disposed of.
 */
export class Engine {
  readonly #runtime: QuickJSRuntime
  readonly #context: QuickJSContext
  #run: QuickJSHandle | null = null
  #deadline = 0
  #interrupted = false
  renders = 0

  constructor(quickJs: QuickJSWASMModule, { memoryBytes, stackBytes }: EngineLimits) {
    this.#runtime = quickJs.newRuntime()
    this.#runtime.setMemoryLimit(memoryBytes)
    this.#runtime.setMaxStackSize(stackBytes)
    this.#runtime.setInterruptHandler(() => {
      if (this.#interrupted || cpuMs() < this.#deadline) return this.#interrupted
      this.#interrupted = true
      return true
    })
    this.#context = this.#runtime.newContext()
  }

  /** Compiles the program; null where it can run. */
  prepare(program: SandboxProgram): Ran | null {
    this.#begin(prepareMs)
    try {
      if (program.kind === 'template') this.#template(program)
      else this.#expressions(program)
      return null
    } catch (error) {
      return this.#fault(error)
    }
  }

  /** Runs it on one input. */
  run(input: string, { timeMs, outputBytes }: SandboxBudget): Ran {
    this.#begin(timeMs)
    this.renders++
    const vm = this.#context
    try {
      const given = vm.newString(input)
      const most = vm.newNumber(outputBytes)
      const result = vm.callFunction(this.#run!, vm.undefined, given, most)
      given.dispose()
      most.dispose()
      if (result.error) return this.#faultOf(result.error)
      const output = vm.getString(result.value)
      result.value.dispose()
      if (output === 'over') return over(outputBytes)
      // a text too long to be copied out comes as an empty one
      if (output === '') return { kind: 'fault', fault: 'output', message: 'its output cannot be taken out' }
      return { kind: 'done', output }
    } catch (error) {
      return this.#fault(error)
    }
  }

  /** Gives back what it holds. False where QuickJS could not, as after its stack ran out: then it is of no more use. */
  dispose(): boolean {
    try {
      this.#run?.dispose()
      this.#context.dispose()
      this.#runtime.dispose()
      return true
    } catch {
      return false
    }
  }

  #begin(timeMs: number): void {
    // of the thread's own time: other programs of the machine take none of it
    this.#deadline = cpuMs() + timeMs
    this.#interrupted = false
  }

  #template({ template, lists }: Extract<SandboxProgram, { kind: 'template' }>): void {
    const fault = faultOfTemplate(template)
    if (fault !== null) throw new Error(`line ${fault.line} of the template: ${fault.message}`)
    this.#evaluate(deterministic, 'prelude.js').dispose()
    this.#evaluate(templateRunner, 'prelude.js').dispose()
    const vm = this.#context
    const prepare = vm.getProp(vm.global, 'prepare')
    const render = this.#evaluate(sourceOfTemplate(template), 'template')
    const codes = vm.newString(JSON.stringify(lists))
    const run = vm.unwrapResult(vm.callFunction(prepare, vm.undefined, render, codes))
    for (const handle of [prepare, render, codes]) handle.dispose()
    this.#evaluate(frozen, 'prelude.js').dispose()
    this.#run = run
  }

  #expressions({ expressions }: Extract<SandboxProgram, { kind: 'expressions' }>): void {
    this.#evaluate(deterministic, 'prelude.js').dispose()
    this.#evaluate(expressionRunner, 'prelude.js').dispose()
    const vm = this.#context
    // each must parse by itself: one that closes a bracket it did not open would leave its function
    for (const [index, text] of expressions.entries())
      vm.unwrapResult(
        vm.evalCode(`(\n${text}\n)`, `expression ${index + 1}`, { compileOnly: true }),
      ).dispose()
    const functions = expressions
      .map((text) => `(value, document, item, index, settings) => { 'use strict'; return (\n${text}\n) }`)
      .join(',\n')
    const run = this.#evaluate(`runWith([\n${functions}\n])`, 'expressions')
    this.#evaluate(frozen, 'prelude.js').dispose()
    this.#run = run
  }

  #evaluate(text: string, name: string): QuickJSHandle {
    return this.#context.unwrapResult(this.#context.evalCode(text, name))
  }

  #faultOf(handle: QuickJSHandle): Ran {
    const said: unknown = this.#context.dump(handle)
    handle.dispose()
    return this.#fault(said)
  }

  #fault(error: unknown): Ran {
    const { name, message } = wordsOf(error)
    if (this.#interrupted) return { kind: 'fault', fault: 'time', message: 'its time ran out' }
    if (/out of memory/i.test(message) && name === 'InternalError')
      return { kind: 'fault', fault: 'memory', message: 'its memory ran out' }
    if (/stack overflow|Maximum call stack/i.test(message))
      return { kind: 'fault', fault: 'memory', message: 'its stack ran out' }
    return { kind: 'fault', fault: 'failed', message: `${name}: ${message}`.slice(0, 300) }
  }
}

/** CPU time of this thread so far, in ms. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function over(outputBytes: number): Ran {
  return { kind: 'fault', fault: 'output', message: `its output is larger than ${outputBytes} characters` }
}

/** QuickJS's own errors come as themselves or as the cause of what its library throws. */
function wordsOf(error: unknown): { name: string; message: string } {
  const { name, message, cause } = (error ?? {}) as { name?: unknown; message?: unknown; cause?: unknown }
  if (typeof cause === 'object' && cause !== null && 'message' in cause) return wordsOf(cause)
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : String(error),
  }
}
