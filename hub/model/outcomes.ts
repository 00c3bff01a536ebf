import type { CodeName } from './codes/index.ts'
import type { DocumentId, TransmissionId } from './ids.ts'
import type { Finding } from './findings.ts'

/**
 * What a computing step says of the one value it was given. A partner's mistake is an outcome, never an exception.
 */
export type StepOutcome<Value> =
  | { kind: 'next'; value: Value }
  | { kind: 'many'; values: Value[] }
  | { kind: 'hold'; rule: string; code: CodeName; detail?: Detail }
  | { kind: 'reject'; code: CodeName; findings?: Finding[]; detail?: Detail }
  | { kind: 'duplicate'; of: DocumentId | TransmissionId }

/** Facts that a code's text names, e.g. `{ segment: 'BGM', expected: 'UNT' }`. Never a secret, never a payload. */
export type Detail = Readonly<Record<string, string | number | boolean | null>>

/**
 * What one delivery attempt came to.
 * - `taken`: the peer has it, and `proof` says how we know.
 * - `pending`: the peer has it, but owes the proof the channel asks for, until `dueAt`.
 * - `not_taken`: the peer provably has nothing of it. `retry: 'later'` is tried again by the schedule, `'never'` is
 *   refused until a person acts, `'hold'` is held.
 * - `unknown`: it may have been taken.
 */
export type AttemptOutcome =
  | { kind: 'taken'; proof: Proof }
  | { kind: 'pending'; proof: Proof; dueAt: Date }
  | {
      kind: 'not_taken'
      code: CodeName
      retry: 'later' | 'never' | 'hold'
      retryAfterMs?: number
      proof?: Proof
    }
  | { kind: 'unknown'; code: CodeName; proof?: Proof }

/** What the peer said, as it said it: status, headers, sizes, hashes. Kept as `transmission.evidence`. */
export type Proof = Readonly<Record<string, unknown>>
