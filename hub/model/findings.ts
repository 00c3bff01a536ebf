import type { CodeName } from './codes/index.ts'

/** Where a finding is. Everything counts from 1 (UNH is segment 1); `offset` is in bytes from 0 within the file. */
export interface Position {
  interchange?: number
  message?: number
  segment?: number
  /** The tag of that segment, or the path of the XML element or JSON member. */
  tag?: string
  element?: number
  component?: number
  repetition?: number
  offset?: number
  line?: number
  column?: number
  path?: string
}

export type Severity = 'error' | 'warning' | 'note'

/** One fault or remark about what came in: a code of the registry, where, and in words. */
export interface Finding {
  code: CodeName
  severity: Severity
  /** In English, with the values that matter, e.g. "UNT says 12 segments, 11 were found". */
  message: string
  position: Position
  /** The code for UCI, UCM, UCS or UCD (UN/EDIFACT element 0085) where the format has such answers. */
  answerCode?: string
}
