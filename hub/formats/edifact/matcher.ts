import type { GroupNode, StructureNode } from './tables/structure.ts'

/** What the matcher tells while it goes through a message. Indexes are into the list of segments, from 0. */
export interface MatchSink {
  /** A group begins with the segment that is placed next. */
  open?(group: GroupNode): void
  /** The group opened last ends. */
  close?(): void
  place?(index: number): void
  /** The segment fits nowhere; it is passed over. */
  unplaced?(index: number): void
  /** A mandatory segment or group did not come. `after` is the last segment placed before the gap, -1 at the start. */
  missing?(node: StructureNode, gap: { after: number; noticedAt: number }): void
  /** The segment is one more than its position allows; it is placed nevertheless. */
  tooMany?(node: StructureNode, index: number): void
}

/**
 * Matches the tags of a message against its structure, from left to right and without ever going back: the cost of a
 * segment is bounded by the depth of the groups, not by their number or what came before.
 *
 * A segment goes to the nearest position that can still take it: first behind the present position in the innermost open
 * group, then in the one around it, and so on; within a group to the earliest. A group is entered by its trigger, and
 * left when a segment fits none of its positions. ISO 9735 forbids messages in which that would be ambiguous.
 */
export function matchStructure(root: GroupNode, tags: readonly { tag: string }[], sink: MatchSink): void {
  const match = new Match(root, sink)
  for (let index = 0; index < tags.length; index++) match.take(tags[index]!.tag, index)
  match.finish(tags.length)
}

/** An open group: the child where it stands, and how often that has come. */
interface Frame {
  group: GroupNode
  at: number
  count: number
}

class Match {
  readonly #sink: MatchSink
  /** Open groups up to `#depth`; those behind it were closed, and are used again. */
  readonly #frames: Frame[]
  #depth = 0
  #last = -1

  constructor(root: GroupNode, sink: MatchSink) {
    this.#sink = sink
    this.#frames = [{ group: root, at: -1, count: 0 }]
  }

  take(tag: string, index: number): void {
    if (!this.#placeWhereAllowed(tag, index) && !this.#placeBeyondLimit(tag, index)) {
      this.#sink.unplaced?.(index)
    }
  }

  finish(index: number): void {
    while (this.#depth >= 0) this.#leave(index)
  }

  #placeWhereAllowed(tag: string, index: number): boolean {
    for (let depth = this.#depth; depth >= 0; depth--) {
      const frame = this.#frames[depth]!
      const child = positionFor(frame, tag)
      if (child < 0) continue
      this.#leaveDownTo(depth, index)
      this.#moveTo(frame, child, index)
      return true
    }
    return false
  }

  /** A repetition too many still belongs where its fellows are. */
  #placeBeyondLimit(tag: string, index: number): boolean {
    for (let depth = this.#depth; depth >= 0; depth--) {
      const frame = this.#frames[depth]!
      const node = frame.group.children[frame.at]
      if (node?.tag !== tag || isTrigger(frame, node)) continue
      this.#leaveDownTo(depth, index)
      this.#sink.tooMany?.(node, index)
      this.#moveTo(frame, frame.at, index)
      return true
    }
    return false
  }

  #moveTo(frame: Frame, child: number, index: number): void {
    if (child === frame.at) {
      frame.count++
    } else {
      this.#reportMissing(frame, child, index)
      frame.at = child
      frame.count = 1
    }
    const node = frame.group.children[child]!
    if (node.kind === 'group') {
      this.#sink.open?.(node)
      this.#enter(node)
    }
    this.#sink.place?.(index)
    this.#last = index
  }

  #enter(group: GroupNode): void {
    const frame = this.#frames[++this.#depth]
    if (frame === undefined) {
      this.#frames.push({ group, at: 0, count: 1 })
    } else {
      frame.group = group
      frame.at = 0
      frame.count = 1
    }
  }

  #leaveDownTo(depth: number, index: number): void {
    while (this.#depth > depth) this.#leave(index)
  }

  #leave(index: number): void {
    const frame = this.#frames[this.#depth--]!
    this.#reportMissing(frame, frame.group.children.length, index)
    if (this.#depth >= 0) this.#sink.close?.()
  }

  /** What is mandatory between where the group stands and the child it goes to. */
  #reportMissing(frame: Frame, child: number, index: number): void {
    for (let between = frame.at + 1; between < child; between++) {
      const node = frame.group.children[between]!
      if (node.mandatory) this.#sink.missing?.(node, { after: this.#last, noticedAt: index })
    }
  }
}

/** The earliest position of the group that can take this tag, from where it stands; -1 if none can. */
function positionFor({ group, at, count }: Frame, tag: string): number {
  const { children } = group
  // most segments repeat the one before, or stand where it points
  const here = children[at]
  if (here !== undefined && here.tag === tag && count < here.max) return at
  const next = children[at + 1]
  if (next !== undefined && next.tag === tag) return at + 1
  const positions = group.positions.get(tag)
  if (positions === undefined) return -1
  for (let index = 0; index < positions.length; index++) if (positions[index]! > at) return positions[index]!
  return -1
}

/** The trigger of an open group comes once: another one is another group, and counts one level further out. */
function isTrigger(frame: Frame, node: StructureNode): boolean {
  return frame.at === 0 && node.kind === 'segment' && node.max === 1 && frame.group.name.startsWith('SG')
}
