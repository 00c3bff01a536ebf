import { openDirectory, serviceDirectory } from './tables/shelf.ts'
import type { GroupNode } from './tables/structure.ts'

/** One UN/EDIFACT directory: how messages are built, what segments hold, and which codes there are. Read when first asked for. */
export interface Directory {
  /** `D.96A`; `S.3` for the service segments of syntax version 3. */
  readonly name: string
  /** How a message of this type is built; null if the directory has none. */
  structure(wireType: string): GroupNode | null
  /** What a segment holds; null if the directory does not know its tag. Service segments are of the syntax version asked for. */
  segment(tag: string): SegmentSpec | null
  composite(id: string): CompositeSpec | null
  element(id: string): NamedElement | null
  /** The name of a message type, e.g. `Purchase order message`; null if the directory has none. */
  messageName(wireType: string): string | null
  /** All it has, in order of their ids. */
  readonly messageTypes: readonly string[]
  readonly partIds: readonly string[]
}

export interface SegmentSpec {
  readonly tag: string
  readonly name: string
  /** By position: an element that may repeat below syntax 4 takes as many positions. */
  readonly elements: readonly ElementSpec[]
  /** Behind the last element that is mandatory; 0 where none is. */
  readonly mandatoryEnd: number
}

export interface CompositeSpec {
  readonly id: string
  readonly name: string
  readonly components: readonly ElementSpec[]
}

export interface NamedElement {
  readonly id: string
  readonly name: string
  readonly format: ValueFormat | null
  /** The names of its codes by their values; null where there is no list. */
  readonly codes: ReadonlyMap<string, string> | null
}

export interface ElementSpec extends NamedElement {
  readonly mandatory: boolean
  /** Occurrences, which the repetition separator divides. */
  readonly max: number
  /** Of a composite, and behind which of them none is mandatory any more. */
  readonly components: readonly ElementSpec[] | null
  readonly mandatoryEnd: number
  /** The codes that a value has to be one of; null where any will do: without a list, or where partners have their own. */
  readonly values: ReadonlyMap<string, string> | null
  /** Of a composite: where it says whose code list was used (1131) and who keeps it (3055), from 0; -1 where it does not. */
  readonly listAt: number
  readonly agencyAt: number
}

/** `an..35`: kind of characters and bounds of length. */
export interface ValueFormat {
  readonly kind: 'a' | 'an' | 'n'
  readonly lengthMin: number
  readonly lengthMax: number
  readonly text: string
}

/** The syntax version that is assumed where none is known: its service segments hold what those of the others do. */
const newestSyntax = 4

/**
 * The directory that a message of this type and version belongs to, or null if there is none here. CONTRL belongs to the
 * service directory of the syntax version whatever version it names.
 */
export function directoryOf(
  wireType: string,
  version: string,
  syntaxVersion = newestSyntax,
): Directory | null {
  const directory =
    wireType === 'CONTRL' ? serviceDirectory(syntaxVersion) : openDirectory(version, syntaxVersion)
  return directory?.structure(wireType) ? directory : null
}
