/** Who has to act next. */
export type Turn = 'sender' | 'receiver' | 'hub' | 'nobody'

/** Whether trying the same again can help. */
export type RetryClass = 'retry' | 'never' | 'unknown'

export interface CodeText {
  /** What happened, one sentence. */
  what: string
  /** What to do about it, one or two sentences. */
  fix: string
}

/** One row of the registry. `code` is stable for ever; the row's key is its slug. */
export interface Code {
  code: `CD-${number}`
  retry: RetryClass
  turn: Turn
  /** HTTP status where the code is answered over HTTP. */
  http?: number
  /** UN/EDIFACT element 0085 where the code is answered in a CONTRL. */
  contrl?: string
  /** Disposition type and modifier where the code is answered in an MDN (RFC 4130 §7.5). */
  mdn?: string
  en: CodeText
  fr: CodeText
}

export type Codes = Readonly<Record<string, Code>>
