import type { Directory, ElementSpec } from './directory.ts'
import type { StructureNode } from './tables/structure.ts'

/** What a directory says of one of its parts. */
export type Explained =
  | { kind: 'message'; type: string; name: string; structure: ExplainedNode[] }
  | { kind: 'segment'; tag: string; name: string; elements: ExplainedElement[] }
  | { kind: 'composite'; id: string; name: string; components: ExplainedElement[] }
  | { kind: 'element'; id: string; name: string; format: string; codes: { value: string; name: string }[] }
  | { kind: 'code'; element: string; elementName: string; value: string; name: string }

/** A segment or a group in the structure of a message. */
export interface ExplainedNode {
  /** `NAD`, or `SG2`. */
  id: string
  /** Of a segment; of a group empty. */
  name: string
  mandatory: boolean
  max: number
  children?: ExplainedNode[]
}

/** An element or composite in a segment, or a component in a composite. */
export interface ExplainedElement {
  /** Counted from 1 as positions are. */
  position: number
  id: string
  name: string
  mandatory: boolean
  max: number
  /** Empty for a composite. */
  format: string
  /** Whether the directory lists its codes. */
  coded: boolean
  components?: ExplainedElement[]
}

/**
 * Explains a message type, a segment, a composite, an element, or with `value` one code of an element. Null if the directory
 * has none of that name.
 */
export function explainPart(directory: Directory, id: string, value?: string): Explained | null {
  const element = directory.element(id)
  if (value !== undefined) {
    const name = element?.codes?.get(value)
    return element && name !== undefined
      ? { kind: 'code', element: id, elementName: element.name, value, name }
      : null
  }
  if (element) {
    const codes = [...(element.codes ?? [])].map(([code, name]) => ({ value: code, name }))
    return { kind: 'element', id, name: element.name, format: element.format?.text ?? '', codes }
  }
  const composite = directory.composite(id)
  if (composite)
    return { kind: 'composite', id, name: composite.name, components: explained(composite.components) }
  const segment = directory.segment(id)
  if (segment) return { kind: 'segment', tag: id, name: segment.name, elements: explained(segment.elements) }
  const structure = directory.structure(id)
  if (!structure) return null
  const name = directory.messageName(id) ?? ''
  return {
    kind: 'message',
    type: id,
    name,
    structure: structure.children.map((node) => explainedNode(node, directory)),
  }
}

function explained(elements: readonly ElementSpec[]): ExplainedElement[] {
  return elements.map(({ id, name, mandatory, max, format, codes, components }, index) => {
    const one = {
      position: index + 1,
      id,
      name,
      mandatory,
      max,
      format: format?.text ?? '',
      coded: codes !== null,
    }
    return components === null ? one : { ...one, components: explained(components) }
  })
}

function explainedNode(node: StructureNode, directory: Directory): ExplainedNode {
  const { mandatory, max } = node
  if (node.kind === 'segment')
    return { id: node.tag, name: directory.segment(node.tag)?.name ?? '', mandatory, max }
  const children = node.children.map((child) => explainedNode(child, directory))
  return { id: node.name, name: '', mandatory, max, children }
}
