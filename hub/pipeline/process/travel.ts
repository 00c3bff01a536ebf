import { HubError, messageOf } from '#hub/model/errors.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import type { ProcessStep } from '#hub/model/states.ts'
import type { ComputedDocument, Traveller, Verdict } from './computed.ts'
import type { AnyStep } from './pipeline.ts'
import { travelRoutes } from './fan-out.ts'
import { hasRoutes } from './routes.ts'
import type { MappedDocument, Outcome, RoutedDocument, Tools } from './stages.ts'

/**
 * Takes one document through the steps, in order, until it is mapped or one of them decides otherwise. Times go into
 * `stepsMs`. Throws only what is an outage: whatever a part that reads partners' content throws is the document's own.
 */
export async function travel(
  traveller: Traveller,
  steps: readonly AnyStep[],
  first: unknown,
  tools: Tools,
): Promise<ComputedDocument> {
  return walk(traveller, steps, first, { tools, chosen: false })
}

async function walk(
  traveller: Traveller,
  steps: readonly AnyStep[],
  first: unknown,
  { tools, chosen }: { tools: Tools; chosen: boolean },
): Promise<ComputedDocument> {
  let value = first
  for (const [index, step] of steps.entries()) {
    const routed = chosen ? null : routedValue(step, value)
    if (routed !== null && hasRoutes(routed, traveller.known.versions)) {
      const rest = steps.slice(index)
      const goOn = (one: Traveller, of: RoutedDocument) => walk(one, rest, of, { tools, chosen: true })
      return travelRoutes(traveller, routed, goOn, tools)
    }
    const startedMs = performance.now()
    const tried = attempt(step, value, traveller, tools)
    // most steps answer at once: waiting for each of them costs more than some of them do
    const outcome = tried instanceof Promise ? await tried : tried
    traveller.stepsMs[step.name] = roundedMs(performance.now() - startedMs)
    learn(traveller, outcome)
    if (outcome.kind === 'next') value = outcome.value
    else return { ...traveller, verdict: verdictOf(outcome, step.name) }
  }
  return { ...traveller, verdict: { kind: 'mapped', mapped: value as MappedDocument } }
}

/** What `judge` and `map` are given; null at any other step. */
function routedValue(step: AnyStep, value: unknown): RoutedDocument | null {
  return step.name === 'judge' || step.name === 'map' ? (value as RoutedDocument) : null
}

/** Runs one step; an exception becomes that document's rejection where the step says so. Logged here, once. */
export function attempt<Out>(
  step: { name: ProcessStep; faultCode: CodeName | null; run: (value: never, tools: Tools) => unknown },
  value: unknown,
  { documentId, transmissionId }: Pick<Traveller, 'documentId' | 'transmissionId'>,
  tools: Tools,
): Outcome<Out> | Promise<Outcome<Out>> {
  const faulty = (error: unknown): Outcome<Out> => {
    if (step.faultCode === null) throw error
    const code = error instanceof HubError ? error.code : step.faultCode
    tools.log.error({ err: error, transmissionId, documentId, step: step.name, code }, 'step failed')
    return {
      kind: 'reject',
      code,
      findings: [{ code, severity: 'error', message: messageOf(error).slice(0, 500), position: {} }],
    }
  }
  try {
    const outcome = step.run(value as never, tools) as Outcome<Out> | Promise<Outcome<Out>>
    return outcome instanceof Promise ? outcome.catch(faulty) : outcome
  } catch (error) {
    return faulty(error)
  }
}

/** The verdict of a step that did not say `next`. */
export function verdictOf(outcome: Exclude<Outcome<unknown>, { kind: 'next' }>, step: ProcessStep): Verdict {
  switch (outcome.kind) {
    case 'reject':
      return { kind: 'rejected', code: outcome.code, step }
    case 'hold':
      return { kind: 'held', code: outcome.code, rule: outcome.rule, step }
    case 'duplicate':
      return { kind: 'duplicate', of: outcome.of, step }
    case 'many':
      throw new Error(`step ${step} gave many where one was asked`)
  }
}

/** Adds what an outcome told: facts replace, notes and the findings of a rejection come on top of those known. */
export function learn({ known }: Traveller, outcome: Outcome<unknown>): void {
  Object.assign(known, outcome.known)
  const further = [...(outcome.notes ?? []), ...((outcome.kind === 'reject' && outcome.findings) || [])]
  if (further.length === 0) return
  // a document that goes on later brings its findings from the database: equal ones are the same
  const texts = new Set(known.findings.map((finding) => JSON.stringify(finding)))
  known.findings = [...known.findings, ...further.filter((finding) => !texts.has(JSON.stringify(finding)))]
}

/** Milliseconds to the microsecond. */
export function roundedMs(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
