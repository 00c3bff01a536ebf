import type { CodeName } from '#hub/model/codes/index.ts'
import type { Detail } from '#hub/model/outcomes.ts'

/**
 * What stops the opening of an envelope: a partner's mistake, with its code. It is thrown inside of hub/envelopes alone,
 * where layers lie in each other as streams; what is public answers with it as an outcome.
 */
export class Refusal extends Error {
  readonly code: CodeName
  readonly detail: Detail
  constructor(code: CodeName, detail: Detail = {}) {
    super(code)
    this.name = 'Refusal'
    this.code = code
    this.detail = detail
  }
}
