import { directoryOf } from './directory.ts'
import { fitOf, nowhere } from './fit.ts'
import type { EdifactMessage, EdifactSegment } from './tree.ts'

/**
 * A message arranged by the segment groups of its directory: what mappings read.
 *
 *     const order = groupMessage(message, 'ORDERS', 'D.96A')
 *     valueOf(order.first('BGM'), 2)                       the order number
 *     order.first('DTM', '137')                            the DTM whose first value is 137
 *     order.group('SG2', 'BY')?.first('NAD')               the buyer: the group whose trigger has BY first
 *     for (const line of order.groups('SG25')) …           every LIN group; line.first('LIN'), line.groups('SG28')
 */
export interface GroupedMessage extends SegmentGroup {
  /** Whether a table of this type and version was found. Without one all segments stand in the root, ungrouped. */
  readonly known: boolean
  /** Segments that fit nowhere in the table (`check` reports them), in order. */
  readonly unplaced: readonly EdifactSegment[]
}

/** One occurrence of a segment group, or the whole message as the root. */
export interface SegmentGroup {
  /** `SG25`; the message type for the root. */
  readonly name: string
  /** The segments that stand directly in it, in order; the first of a group is its trigger. */
  readonly segments: readonly EdifactSegment[]
  /** The groups that stand directly in it, in order of their appearance, of whatever number. */
  readonly children: readonly SegmentGroup[]
  /** The first direct segment with this tag and, if given, this value in its first component. */
  first(tag: string, qualifier?: string): EdifactSegment | undefined
  /** All direct segments with this tag and, if given, this value in their first component. */
  all(tag: string, qualifier?: string): EdifactSegment[]
  /** The direct groups of this name (`SG2`), if given only those whose trigger has the qualifier first. */
  groups(name: string, qualifier?: string): SegmentGroup[]
  /** The first of `groups(name, qualifier)`. */
  group(name: string, qualifier?: string): SegmentGroup | undefined
}

/**
 * Arranges the segments of a message by the table of its type and version (`ORDERS`, `D.96A`). Never throws for content:
 * what is missing is absent, what fits nowhere is in `unplaced`. Linear in the number of segments.
 */
export function groupMessage(message: EdifactMessage, wireType: string, version: string): GroupedMessage {
  const structure = directoryOf(wireType, version)?.structure(wireType)
  const { segments } = message
  const root = new Group(wireType)
  const unplaced: EdifactSegment[] = []
  if (!structure) {
    for (const one of segments) root.segments.push(one)
    return Object.assign(root, { known: false, unplaced })
  }
  const open: Group[] = [root]
  const { closes, opens } = fitOf(structure, segments)
  let innermost = root
  for (let index = 0; index < segments.length; index++) {
    if (closes[index] === nowhere) {
      unplaced.push(segments[index]!)
      continue
    }
    if (closes[index]! > 0) {
      open.length -= closes[index]!
      innermost = open.at(-1)!
    }
    const node = opens[index]
    if (node) {
      const group = new Group(node.name)
      innermost.children.push(group)
      open.push(group)
      innermost = group
    }
    innermost.segments.push(segments[index]!)
  }
  return Object.assign(root, { known: true, unplaced })
}

class Group implements SegmentGroup {
  readonly name: string
  readonly segments: EdifactSegment[] = []
  readonly children: Group[] = []

  constructor(name: string) {
    this.name = name
  }

  first(tag: string, qualifier?: string): EdifactSegment | undefined {
    const { segments } = this
    for (let index = 0; index < segments.length; index++)
      if (matches(segments[index]!, tag, qualifier)) return segments[index]
    return undefined
  }

  all(tag: string, qualifier?: string): EdifactSegment[] {
    const found: EdifactSegment[] = []
    for (const one of this.segments) if (matches(one, tag, qualifier)) found.push(one)
    return found
  }

  groups(name: string, qualifier?: string): SegmentGroup[] {
    return this.children.filter((one) => one.name === name && triggeredBy(one, qualifier))
  }

  group(name: string, qualifier?: string): SegmentGroup | undefined {
    return this.children.find((one) => one.name === name && triggeredBy(one, qualifier))
  }
}

function matches(one: EdifactSegment, tag: string, qualifier: string | undefined): boolean {
  return one.tag === tag && (qualifier === undefined || one.elements[0]?.[0] === qualifier)
}

function triggeredBy(group: Group, qualifier: string | undefined): boolean {
  return qualifier === undefined || group.segments[0]?.elements[0]?.[0] === qualifier
}
