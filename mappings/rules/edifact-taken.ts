import type { EdifactSegment } from '#hub/formats/edifact/index.ts'

/** What rules have read of a message: segments, and where it is asked for their values one by one. */
export class Taken {
  readonly segments = new Set<EdifactSegment>()
  readonly #values: Map<EdifactSegment, Set<number>> | null

  constructor({ values = false }: { values?: boolean } = {}) {
    this.#values = values ? new Map() : null
  }

  /** Whether values are asked for one by one. */
  get exact(): boolean {
    return this.#values !== null
  }

  add(segment: EdifactSegment, element = 0, component = 0): void {
    this.segments.add(segment)
    if (this.#values === null || element === 0) return
    const known = this.#values.get(segment)
    if (known === undefined) this.#values.set(segment, new Set([keyOf(element, component)]))
    else known.add(keyOf(element, component))
  }

  /** What was read turns out to say something that is not known. */
  giveBack(segment: EdifactSegment, element: number, component: number): void {
    this.#values?.get(segment)?.delete(keyOf(element, component))
  }

  has(segment: EdifactSegment, element: number, component: number): boolean {
    return this.#values?.get(segment)?.has(keyOf(element, component)) === true
  }
}

function keyOf(element: number, component: number): number {
  return element * 1_000 + component
}
