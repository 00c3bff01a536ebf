import type { Position } from '#hub/model/findings.ts'

/**
 * One shape for every answer, whatever its format: CONTRL, 997, APERAK, an order response's verdict, an MDN. A syntax
 * acknowledgement is matched from `SyntaxAcknowledgement` of the format that read it; this is what business answers
 * are mapped to.
 * @public
 */
export type Acknowledgement = {
  type: 'acknowledgement'
  version: '1'
  level: 'transport' | 'syntax' | 'business' | 'host'
  scope: 'interchange' | 'group' | 'message' | 'document'
  status: 'received' | 'accepted' | 'withErrors' | 'partial' | 'rejected'
  errors: AcknowledgedError[]
  references: AcknowledgedReferences
}

export type AcknowledgedError = {
  /** As the answer gives it, e.g. `39` of UN/EDIFACT element 0085. */
  code: string
  position: Position
  text?: string
}

/** What is answered: control references, and the business document itself. */
export type AcknowledgedReferences = {
  interchange?: string
  group?: string
  message?: string
  document?: { type: string; id: string }
}
