/**
 * What partners or a community agreed on beyond the directory (EANCOM and the like): a message type of a directory, and what
 * it restricts in it. Data: nothing of it is code.
 */
export interface Guide {
  key: string
  /** `D.96A`. */
  directory: string
  /** `ORDERS`. */
  message: string
  /** The association code (UNH S009 0057) of messages that it is for; without one it is for all of the type. */
  association?: string
  rules: readonly GuideRule[]
}

export interface GuideRule {
  /**
   * What it is about, from the outside in: groups, a segment with, if wanted, its first value, then the positions of an element
   * and a component: `BGM`, `SG2/NAD+BY`, `SG2/NAD+BY/2/1`.
   */
  at: string
  use?: 'mandatory' | 'forbidden'
  /** How often a segment or group may come. */
  max?: number
  /** The values that an element or component may have. */
  values?: readonly string[]
  /** Characters that a value has to have at least and may have at most. */
  lengthMin?: number
  lengthMax?: number
}
