import type { z } from 'zod'
import type { KnownMappings } from '#hub/model/mapping.ts'
import type { PlannedChange } from './change.ts'
import type { Placed } from './files.ts'
import type { Problem } from './problems.ts'

/**
 * Documents of the configuration that others know: mappings and code lists. They are read, planned, applied and exported
 * together with partners and agreements, and are handed in, because they are not this room's.
 */
export interface FurtherConfiguration {
  /** The word at the top of a document, and what may stand below it. */
  kinds: readonly FurtherKind[]
  /** Plans all documents by kind; what will stand then answers to the names in profiles. */
  plan(documents: FurtherDocuments, options: { whole: boolean }): Promise<FurtherPlan>
  /** All versions of a mapping or code list, oldest first; none where there is none of that key. */
  history(kind: 'mapping' | 'codeList', key: string): Promise<FurtherVersion[]>
  /** The mappings in use that extend a mapping or look up in a code list, by key. */
  using(kind: 'mapping' | 'codeList', key: string): Promise<string[]>
  /** What stands, one document a thing, in the form that `apply` takes; `path` is where an export puts it. */
  exported(): Promise<{ path: string; contents: readonly Readonly<Record<string, unknown>>[] }[]>
}

export interface FurtherVersion {
  version: number
  state: 'draft' | 'test' | 'live' | 'retired'
  at: Date | null
  content: Readonly<Record<string, unknown>>
}

export interface FurtherKind {
  name: string
  schema: z.ZodType
}

export type FurtherDocuments = ReadonlyMap<string, readonly Placed<unknown>[]>

export interface FurtherPlan {
  changes: PlannedChange[]
  problems: Problem[]
  mappings: KnownMappings
}
