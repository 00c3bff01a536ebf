/**
 * The syntax tree of an EDIFACT message: what the reader makes, the writer takes and `parse --json` prints.
 * Plain data, so that it can be cloned, compared and stored.
 */
export interface EdifactMessage {
  /** From UNH (segment 1) to UNT when read; without UNH and UNT when made for writing, which adds them. */
  segments: EdifactSegment[]
  /** The decimal marks a number may have (`.`, `,` or both), after ISO 9735 and the UNA; both when absent. */
  decimalMarks?: string
  /** The syntax version of the interchange, 1 to 4, which says what service segments hold; 4 when absent. */
  syntaxVersion?: number
}

export interface EdifactSegment {
  tag: string
  /** Byte offset of the tag within the file; 0 in a tree made for writing. */
  offset: number
  /**
   * The data elements after the tag, each a list of its components; `elements[0][0]` is the first value. An empty
   * element is `['']`. Of a repeated element (syntax 4) this holds the first occurrence.
   */
  elements: string[][]
  /** Further occurrences of repeated elements, in their order; absent in nearly every segment. */
  repetitions?: Repetition[]
  /** Explicit nesting indication: components that stood in the tag (`LIN:1:2`, syntax 1 to 3); nearly always absent. */
  nesting?: string[]
}

export interface Repetition {
  /** Which element repeats, from 1. */
  element: number
  components: string[]
}

/** An element for `segment`: one value, a list of components, several occurrences, or nothing. */
export type ElementInput = string | readonly (string | null | undefined)[] | Repeated | null | undefined

/** Several occurrences of one element, made by `repeated`. */
export interface Repeated {
  occurrences: string[][]
}

/**
 * Makes a segment for writing: `segment('NAD', 'BY', ['5412345000013', '', '9'])`. Values are plain text; the writer
 * escapes them. Null and undefined stand for an empty element or component.
 */
export function segment(tag: string, ...inputs: ElementInput[]): EdifactSegment {
  const elements: string[][] = []
  const repetitions: Repetition[] = []
  for (const input of inputs) {
    const [first, ...further] = occurrencesOf(input)
    elements.push(first ?? [''])
    for (const components of further) repetitions.push({ element: elements.length, components })
  }
  return repetitions.length > 0 ? { tag, offset: 0, elements, repetitions } : { tag, offset: 0, elements }
}

/** Several occurrences of one element (syntax 4): `segment('XYZ', repeated('A', ['B', 'C']))`. */
export function repeated(...occurrences: (string | readonly string[])[]): Repeated {
  return { occurrences: occurrences.map((one) => (typeof one === 'string' ? [one] : [...one])) }
}

/**
 * The value of a component, counted as the standard counts: `valueOf(nad, 2, 3)` is the third component of the second
 * element after the tag. An empty string where there is none.
 */
export function valueOf(from: EdifactSegment | undefined, element: number, component = 1): string {
  return from?.elements[element - 1]?.[component - 1] ?? ''
}

function occurrencesOf(input: ElementInput): string[][] {
  if (input === null || input === undefined) return [['']]
  if (typeof input === 'string') return [[input]]
  if ('occurrences' in input) return input.occurrences
  return [input.length === 0 ? [''] : input.map((component) => component ?? '')]
}
