import type { Client } from '#hub/store/connect.ts'

/** A document, and what says where in its file something stands. */
export interface PlacedDocument {
  value: unknown
  file: string
  problem(path: readonly PropertyKey[], message: string): Problem
}

export interface Problem {
  file: string
  line: number | null
  column: number | null
  field: string
  message: string
}

/** What applying does to one mapping or list. */
export interface PlannedDocument {
  kind: 'mapping' | 'codeList'
  key: string
  action: 'add' | 'change' | 'retire' | 'absent' | 'none'
  version: number | null
  fields: string[]
  partnerId: null
  sha256: string
  write: ((client: Client) => Promise<void>) | null
  before?: Readonly<Record<string, unknown>> | null
  after?: Readonly<Record<string, unknown>>
  origin?: { document: PlacedDocument; path: readonly PropertyKey[] }
}

/** What stands in the hub and in no file. */
export function absent(kind: PlannedDocument['kind'], key: string, version: number): PlannedDocument {
  return { kind, key, action: 'absent', version, fields: [], partnerId: null, sha256: '', write: null }
}
