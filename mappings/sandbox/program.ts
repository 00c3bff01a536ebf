/**
 * What runs in the sandbox: a template for outgoing text, or the expressions of a mapping's rules. Plain data, so that it
 * can be sent to the thread.
 */
export type SandboxProgram =
  | { kind: 'template'; template: string; lists: SandboxLists }
  | { kind: 'expressions'; expressions: readonly string[] }

/** Codes by list: what a code becomes. Rows that hold only on some days have these days (ISO dates; `until` excluded). */
export type SandboxLists = Readonly<Record<string, Readonly<Record<string, readonly DatedCode[]>>>>

export interface DatedCode {
  to: string
  from?: string
  until?: string
}

/** What a template is rendered with. */
export interface TemplateInput {
  document: unknown
  /** What `@settings`, `@sender` and `@receiver` are. */
  data: Readonly<Record<string, unknown>>
  /** The day that decides between dated codes; null where the document names none. */
  day: string | null
}

/** One evaluation of one expression. */
export interface ExpressionJob {
  expression: number
  /** What the rule's source gave, or null. */
  value: unknown
  /** Where the loop's item stands in the document, by member names and indexes. */
  item: readonly (string | number)[]
  index: number | null
}

export interface ExpressionInput {
  document: unknown
  data: Readonly<Record<string, unknown>>
  jobs: readonly ExpressionJob[]
}

/** A rendered text in which each value stands as a mark: `values[n]` belongs to the mark of n. */
export interface Rendered {
  text: string
  values: readonly string[]
}

/**
 * The mark of the value with this number, and what stands between text and values in the output: control characters of the
 * upper half of Latin 1, which no template may hold, and which keep QuickJS from widening its strings.
 */
export const markOpen = '\u0080'
export const markClose = '\u0081'
export const outputParts = '\u0082'

export type SandboxFault = 'time' | 'memory' | 'output' | 'failed'

export interface SandboxBudget {
  timeMs: number
  outputBytes: number
}

export type ThreadRequest = {
  id: number
  programId: string
  /** Left out where the thread has it already. */
  program: SandboxProgram | null
  /** The input as JSON; null only prepares the program. */
  input: string | null
  budget: SandboxBudget
}

/** `cpuMs`: CPU time of the thread up to this answer. The first answer, with id 0, says that it is ready, and where its time can be read. */
export type ThreadAnswer = { id: number; cpuMs: number } & (
  | { kind: 'ready'; timesFile: string | null }
  | { kind: 'done'; output: string }
  | { kind: 'missing' }
  | { kind: 'fault'; fault: SandboxFault; message: string }
)
