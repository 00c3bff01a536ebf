import type { ReadMessage } from '#hub/model/format.ts'
import { directoryOf, type Directory, type ElementSpec } from './directory.ts'
import type { EdifactMessage, EdifactSegment } from './tree.ts'

/** A segment in words, in English as its directory has them. */
export interface DescribedSegment {
  /** `Name and address`; empty where the directory does not know the segment. */
  name: string
  /** What its first value means where that is a code of the directory: `Buyer` of `NAD+BY`; else empty. */
  meaning: string
  /** By element and component, both from 0: what stands there, and what its code means: `3035 Party qualifier: Buyer`. */
  values: readonly (readonly string[])[]
}

/** What is needed of a message to describe it. */
export type Describable = Pick<ReadMessage, 'wireType' | 'version' | 'agency' | 'tree'>

/**
 * Describes the segments of a message by its directory: names, and the meaning of codes. What the directory does not know is
 * empty; a message without a directory has nothing but its service segments described.
 */
export function describeSegments(message: Describable, most: number): DescribedSegment[] {
  const { segments, syntaxVersion } = message.tree as EdifactMessage
  const { wireType, version, agency = 'UN' } = message
  const isKnown = agency === 'UN' || wireType === 'CONTRL'
  const directory =
    (isKnown ? directoryOf(wireType, version, syntaxVersion) : null) ??
    directoryOf('CONTRL', '', syntaxVersion)
  return segments.slice(0, most).map((segment) => described(segment, directory))
}

function described(segment: EdifactSegment, directory: Directory | null): DescribedSegment {
  const spec = directory?.segment(segment.tag) ?? null
  if (spec === null) return { name: '', meaning: '', values: [] }
  const values = segment.elements.map((components, at) => {
    const element = spec.elements[at]
    return components.map((value, component) => titleOf(value, partOf(element, component)))
  })
  const first = partOf(spec.elements[0], 0)
  const meaning = first?.codes?.get(segment.elements[0]?.[0] ?? '') ?? ''
  return { name: spec.name, meaning, values }
}

function partOf(element: ElementSpec | undefined, component: number): ElementSpec | undefined {
  if (element?.components) return element.components[component]
  return component === 0 ? element : undefined
}

function titleOf(value: string, part: ElementSpec | undefined): string {
  if (part === undefined || value === '') return ''
  const meaning = part.codes?.get(value)
  return meaning === undefined ? `${part.id} ${part.name}` : `${part.id} ${part.name}: ${meaning}`
}
