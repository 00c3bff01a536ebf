import { limits } from '#hub/base/limits.ts'
import { matchStructure } from './matcher.ts'
import type { GroupNode, StructureNode } from './tables/structure.ts'
import type { EdifactSegment } from './tree.ts'

/** How the segments of a message fit their structure: what one run of the matcher found. */
export interface Fit {
  /** For each segment, how many groups end before it; `nowhere` if it has no place. */
  readonly closes: Uint8Array
  /** For each segment, the group that it opens, if it does. */
  readonly opens: readonly (GroupNode | null)[]
  /** In the order in which they were noticed, at most one more than `limits.findingsKept`. */
  readonly faults: readonly FitFault[]
}

export type FitFault =
  | { kind: 'missing'; node: StructureNode; after: number; noticedAt: number }
  | { kind: 'tooMany'; node: StructureNode; index: number }
  | { kind: 'unplaced'; index: number }

/** In `Fit.closes`: the segment has no place. Groups are nested less deeply than that. */
export const nowhere = 255

const fits = new WeakMap<readonly EdifactSegment[], { structure: GroupNode; fit: Fit }>()

/**
 * Fits segments to a structure. Checking and mapping ask the same of the same message, so the last answer is remembered
 * as long as the list of its segments lives; the list is not changed after it was asked about.
 */
export function fitOf(structure: GroupNode, segments: readonly EdifactSegment[]): Fit {
  const known = fits.get(segments)
  if (known?.structure === structure) return known.fit
  const fit = match(structure, segments)
  fits.set(segments, { structure, fit })
  return fit
}

function match(structure: GroupNode, segments: readonly EdifactSegment[]): Fit {
  const closes = new Uint8Array(segments.length)
  const opens: (GroupNode | null)[] = []
  const faults: FitFault[] = []
  const add = (fault: FitFault) => void (faults.length <= limits.findingsKept && faults.push(fault))
  let closed = 0
  let opened: GroupNode | null = null
  matchStructure(structure, segments, {
    open: (node) => void (opened = node),
    close: () => void closed++,
    place: (index) => {
      closes[index] = closed
      opens.push(opened)
      closed = 0
      opened = null
    },
    unplaced: (index) => {
      closes[index] = nowhere
      opens.push(null)
      add({ kind: 'unplaced', index })
    },
    missing: (node, { after, noticedAt }) => add({ kind: 'missing', node, after, noticedAt }),
    tooMany: (node, index) => add({ kind: 'tooMany', node, index }),
  })
  return { closes, opens, faults }
}
