import { limits } from '#hub/base/limits.ts'
import { retryDelaySeconds } from '#hub/base/schedule.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import type { AttemptOutcome, Proof } from '#hub/model/outcomes.ts'
import type { Verdict } from '#hub/store/settle.ts'

export interface AttemptFacts {
  /** Counts from 1. */
  attempt: number
  /** Whether the peer drops a repeat that bears the same wire identity. */
  peerDedupes: boolean
}

/**
 * What an attempt's outcome makes of its delivery. An end that is unknown is tried again by itself only where the peer drops
 * repeats; otherwise a person decides. When the schedule is used up the delivery is held, never dropped.
 */
export function judgeOutcome(outcome: AttemptOutcome, facts: AttemptFacts): Verdict {
  switch (outcome.kind) {
    case 'taken':
      return { ...nothingWrong, delivery: 'delivered', transmission: 'taken' }
    case 'pending':
      return { ...nothingWrong, delivery: 'pending', transmission: 'pending', dueAt: outcome.dueAt }
    case 'not_taken':
      return judgeNotTaken(outcome, facts)
    case 'unknown':
      return facts.peerDedupes
        ? again('unknown', outcome.code, facts.attempt, 0)
        : stopped('held', 'unknown', outcome.code)
  }
}

/** What the peer said, as it is kept with the attempt. */
export function proofOf(outcome: AttemptOutcome): Proof {
  return outcome.proof ?? {}
}

const nothingWrong = { code: null, attemptCode: null, retryInMs: null, dueAt: null } as const

function judgeNotTaken(
  outcome: Extract<AttemptOutcome, { kind: 'not_taken' }>,
  { attempt }: AttemptFacts,
): Verdict {
  switch (outcome.retry) {
    case 'later':
      return again('not_taken', outcome.code, attempt, outcome.retryAfterMs ?? 0)
    case 'never':
      return stopped('refused', 'not_taken', outcome.code)
    case 'hold':
      return stopped('held', 'not_taken', outcome.code)
  }
}

// never earlier than the peer asked for, and never earlier than the schedule, which spreads the attempts over days
function again(
  transmission: 'not_taken' | 'unknown',
  code: CodeName,
  attempt: number,
  retryAfterMs: number,
): Verdict {
  const delaySeconds = retryDelaySeconds(attempt)
  if (delaySeconds === null) {
    return { ...stopped('held', transmission, code), code: 'attemptsExhausted' }
  }
  const asked = Math.min(Math.max(retryAfterMs, 0), limits.retryAfterSeconds * 1000)
  return {
    delivery: 'waiting',
    transmission,
    code,
    attemptCode: code,
    retryInMs: Math.max(delaySeconds * 1000, asked),
    dueAt: null,
  }
}

function stopped(
  delivery: 'held' | 'refused',
  transmission: 'not_taken' | 'unknown',
  code: CodeName,
): Verdict {
  return { delivery, transmission, code, attemptCode: code, retryInMs: null, dueAt: null }
}
