import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { EdifactSegment } from '#hub/formats/edifact/index.ts'
import type { ExpressionJob } from '#mappings/sandbox/program.ts'
import type { CodeLists } from '#mappings/codes/lookup.ts'
import type { Taken } from './edifact-taken.ts'
import type { Scope } from './ports.ts'

/** What rules share while they are applied to one document. */
export class RuleRun {
  readonly findings: Finding[] = []
  readonly lists: CodeLists
  /** Decides between dated codes; null where the document names no day. */
  readonly day: string | null
  /** What `@settings`, `@sender` and `@receiver` are. */
  readonly data: Readonly<Record<string, unknown>>
  /** The nearest that the receiver's charset has. */
  readonly fit: (text: string) => string
  /** Where the loops stand, outermost first. */
  readonly indexes: number[] = []
  /** Where the item of the innermost loop stands in the canonical document; empty outside, or in a message. */
  readonly items: (string | number)[][] = []
  /** While expressions are gathered: what is to be evaluated. Then nothing is written. */
  jobs: Map<string, ExpressionJob> | null = null
  results: ReadonlyMap<string, string | boolean | null> = new Map()
  /** The value that was read last, where it is noted which were. */
  lastRead: { taken: Taken; segment: EdifactSegment; element: number; component: number } | null = null
  /** The whole of what is read and written, for places that begin with a slash; and the items of the loops around. */
  readonly around: Scope[] = []
  whole: { source: Scope; target: Scope } = { source: undefined, target: undefined }
  /** The canonical document that `canonical:` reads. */
  canonical: unknown = undefined
  #steps = 0
  #characters = 0

  constructor(given: {
    lists: CodeLists
    day: string | null
    data: Readonly<Record<string, unknown>>
    fit?: (text: string) => string
  }) {
    this.fit = given.fit ?? ((text) => text)
    this.lists = given.lists
    this.day = given.day
    this.data = given.data
  }

  /** What was read last says something that is not known: it counts as not read. */
  giveBack(): void {
    const { lastRead } = this
    if (lastRead !== null) lastRead.taken.giveBack(lastRead.segment, lastRead.element, lastRead.component)
  }

  /** Counts one thing done. Throws HubError `mappingLimit` past the limit. */
  step(): void {
    if (++this.#steps > limits.mappingSteps)
      throw new HubError('mappingLimit', `more than ${limits.mappingSteps} steps (mappingSteps)`)
  }

  /** Counts what is written. */
  write(value: string | boolean): void {
    this.#characters += typeof value === 'string' ? value.length + 1 : 5
    if (this.#characters > limits.mappingOutputCharacters)
      throw new HubError(
        'mappingLimit',
        `more than ${limits.mappingOutputCharacters} characters (mappingOutputCharacters)`,
      )
  }

  find(
    code: 'codeNotListed' | 'valueNotMapped',
    place: string,
    message: string,
    severity: Finding['severity'] = 'error',
  ): void {
    if (this.findings.length >= limits.findingsKept) return
    const path =
      this.indexes.length === 0 ? place : `${place} (item ${this.indexes.map((at) => at + 1).join('.')})`
    this.findings.push({ code, severity, message: `${path}: ${message}`, position: { path: place } })
  }
}
