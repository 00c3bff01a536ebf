import { JsonNumber } from '#hub/formats/json/index.ts'
import type { RuleRun } from './run.ts'

/** A value on its way from source to target. Undefined is none. */
export type Value = string | boolean | undefined

/** A value as it is written; a JSON number where the rule asks for one. */
export type Written = string | boolean | JsonNumber

/** A value as text. */
export function textOfValue(value: Written): string {
  return value instanceof JsonNumber ? value.text : String(value)
}

/** Where a rule reads: the whole of what came in, or an item of a loop. Made by the source of a format. */
export type Scope = unknown

/** Reads values and lists of one form: a canonical document, an EDIFACT message, an XML or JSON document. */
export interface Source {
  /** Throws PlaceError for a place that is none. */
  value(place: string): (scope: Scope, run: RuleRun) => Value
  list(place: string): (scope: Scope, run: RuleRun) => readonly Scope[]
  /** Counts what stands at a place as read; where nothing is noted of that, there is no such function. */
  ignore?(place: string): (scope: Scope) => void
  /** The same source as the rules of a loop over this list see it, where places are checked against a model. */
  within?(place: string): Source
}

/** Where a rule writes. */
export interface Target {
  /** Sets a value, making what it stands in. `beside` says where something new goes, where order counts. */
  set(
    place: string,
    beside?: { after?: string; before?: string },
  ): (scope: Scope, value: Written, run: RuleRun) => void
  remove(place: string): (scope: Scope, run: RuleRun) => void
  /** The items of a list as they stand, for one loop. */
  list(place: string): (scope: Scope) => TargetList
  /** The same target as the rules of a loop into this list see it, where places are checked against a model. */
  within?(place: string): Target
}

export interface TargetList {
  readonly length: number
  /** The item of this number, from 0. With `make`, one that is not there is made behind the last. */
  at(index: number, make: boolean): Scope
}
