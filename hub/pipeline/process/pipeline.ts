import type { ProcessStep } from '#hub/model/states.ts'
import { canonicalise } from './canonicalise.ts'
import { check } from './check.ts'
import { judge } from './judge.ts'
import { map } from './map.ts'
import { resolve } from './resolve.ts'
import { split } from './split.ts'
import type { Step } from './stages.ts'
import { write } from './write.ts'

/**
 * The way of a document through the hub, between the yes to its sender and the first attempt to deliver it. Each step
 * takes what the one before it gives (stages.ts), so that a wrong order does not compile.
 *
 * `split … map` compute only, each document by itself (compute.ts). `write` runs inside the one transaction of
 * the batch (record.ts), because it needs control numbers; there the answer owed to the sender (answer.ts) is
 * composed and an answer received is matched (match.ts). Which files and documents are due is decided in batch.ts.
 */
export const pipeline = inOrder(split, resolve, check, canonicalise, judge, map, write)

/** A step with its types forgotten, for running the list. */
export type AnyStep = Step<never, unknown>

/** The steps that only compute, from the one named on, to the end or to the one named `last`; none where `from` is `write`. */
export function computingSteps(from: ProcessStep, last: ProcessStep = 'map'): readonly AnyStep[] {
  const place = (name: ProcessStep) => pipeline.findIndex((step) => step.name === name)
  return pipeline.slice(place(from), Math.min(place(last), place('map')) + 1) as readonly AnyStep[]
}

/** Seven steps, each output the next one's input. */
export function inOrder<A, B, C, D, E, F, G, H>(
  ...steps: [Step<A, B>, Step<B, C>, Step<C, D>, Step<D, E>, Step<E, F>, Step<F, G>, Step<G, H>]
) {
  return steps
}
