import type { Profile } from '#hub/model/agreement.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { Verdict } from './computed.ts'
import { findingOf } from './finding-of.ts'

/** The rule of a hold for documents for which there is no way yet. */
export const unroutableRule = 'unroutable'

/** What is missing when sender and profile are known: an agreement or the receiver's part of one, which may yet be made. */
const mendable: ReadonlySet<CodeName> = new Set<CodeName>([
  'receiverUnknown',
  'agreementMissing',
  'noConditionHolds',
])

/** Whether a document without a way waits for one: its sender's profile says so, and what is missing may be made. */
export function waitsForWay(code: CodeName, profile: Profile | null): boolean {
  return profile?.terms.unroutable === 'hold' && mendable.has(code)
}

/** What becomes of a document for which there is no way: it waits for one, or is rejected. */
export function unroutableVerdict(
  code: CodeName,
  profile: Profile | null,
): Extract<Verdict, { kind: 'held' | 'rejected' }> {
  return waitsForWay(code, profile)
    ? { kind: 'held', code, rule: unroutableRule, step: 'resolve' }
    : { kind: 'rejected', code, step: 'resolve' }
}

/** The finding of a document that is held: nothing its sender has to mend, so its answer says nothing of it. */
export function asNote({ answerCode: _answerCode, ...finding }: Finding): Finding {
  return { ...finding, severity: 'note' }
}

/** Content chose no agreement. What each asked for stands with the candidates: it is nothing for the sender's eyes. */
export function noConditionHolds({ kind }: Pick<Verdict, 'kind'>): Finding {
  const finding = findingOf('noConditionHolds', null)
  return kind === 'held' ? asNote(finding) : finding
}
