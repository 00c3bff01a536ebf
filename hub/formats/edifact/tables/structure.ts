/** How a message is built, compiled from the notation of `../directories/NOTICE.md`. */
export type StructureNode = SegmentNode | GroupNode

export interface SegmentNode {
  readonly kind: 'segment'
  readonly tag: string
  readonly mandatory: boolean
  readonly max: number
}

export interface GroupNode {
  readonly kind: 'group'
  /** `SG25`, or the message type for the root. */
  readonly name: string
  /** The tag of its trigger, the first of its children. */
  readonly tag: string
  readonly mandatory: boolean
  readonly max: number
  readonly children: readonly StructureNode[]
  /** By tag: the indexes of the children that are such a segment, or a group opened by one; ascending. */
  readonly positions: ReadonlyMap<string, readonly number[]>
}

/**
 * Compiles `UNH! BGM! 25*200000(LIN! PIA*25) UNT!`. Throws Error if the notation is faulty: the tables are ours.
 */
export function compileStructure(wireType: string, notation: string): GroupNode {
  const tokens = notation.match(/[^\s()]+\(?|\)/g) ?? []
  let at = 0
  const children = (): StructureNode[] => {
    const list: StructureNode[] = []
    while (at < tokens.length && tokens[at] !== ')') list.push(node(tokens[at++]!))
    return list
  }
  const node = (token: string): StructureNode => {
    const parts = /^(\w+)(!?)(?:\*(\d+))?(\(?)$/.exec(token)
    if (!parts) throw new Error(`structure of ${wireType}: ${token} cannot be read`)
    const [, id = '', mandatory = '', max = '1', opens = ''] = parts
    const terms = { mandatory: mandatory === '!', max: Number(max) }
    if (opens === '') return { kind: 'segment', tag: id, ...terms }
    const inner = children()
    if (tokens[at++] !== ')') throw new Error(`structure of ${wireType}: group ${id} is not closed`)
    return group(`SG${id}`, inner, terms)
  }
  const root = children()
  if (at !== tokens.length) throw new Error(`structure of ${wireType}: a group is closed twice`)
  return group(wireType, root, { mandatory: true, max: 1 })
}

function group(
  name: string,
  children: readonly StructureNode[],
  terms: { mandatory: boolean; max: number },
): GroupNode {
  const first = children[0]
  if (!first) throw new Error(`structure: ${name} is empty`)
  const positions = new Map<string, number[]>()
  children.forEach((child, index) => {
    const indexes = positions.get(child.tag) ?? []
    indexes.push(index)
    positions.set(child.tag, indexes)
  })
  return { kind: 'group', name, tag: first.tag, ...terms, children, positions }
}
