import type {
  CompositeSpec,
  Directory,
  ElementSpec,
  NamedElement,
  SegmentSpec,
  ValueFormat,
} from '../directory.ts'
import type { Pack } from './pack.ts'
import { compileStructure, type GroupNode } from './structure.ts'

/** The packs that hold a directory; each is read when first asked for. */
export interface DirectoryPacks {
  readonly messages: Pack
  readonly parts: Pack
  readonly codes: Pack
}

/**
 * A directory in packs. What is asked for is unfolded once and kept; of the code lists only those of segments that came.
 * Segments it does not know are looked for in `service`, which may be null.
 */
export class PackedDirectory implements Directory {
  readonly name: string
  readonly #packs: DirectoryPacks
  readonly #index: number
  readonly #service: Directory | null
  readonly #structures = new Map<string, GroupNode | null>()
  readonly #segments = new Map<string, SegmentSpec | null>()
  readonly #elements = new Map<string, NamedElement | null>()

  constructor(name: string, packs: DirectoryPacks, service: Directory | null) {
    this.name = name
    this.#packs = packs
    this.#index = packs.parts.indexOf(name)
    this.#service = service
  }

  get messageTypes(): readonly string[] {
    return this.#packs.messages.keys(this.#index)
  }

  get partIds(): readonly string[] {
    return this.#packs.parts.keys(this.#index)
  }

  messageName(wireType: string): string | null {
    return this.#packs.messages.rows(wireType, this.#index)[0]?.[0] ?? null
  }

  structure(wireType: string): GroupNode | null {
    const found = this.#structures.get(wireType)
    if (found !== undefined) return found
    const [row] = this.#packs.messages.rows(wireType, this.#index)
    const structure = row === undefined ? null : compileStructure(wireType, row[1] ?? '')
    // types come from outside: only those that exist are kept
    if (structure !== null) this.#structures.set(wireType, structure)
    return structure
  }

  segment(tag: string): SegmentSpec | null {
    const found = this.#segments.get(tag)
    if (found !== undefined) return found
    const row = isTag(tag) ? this.#part(tag) : null
    const elements = row === null ? [] : itemsOf(row[1], (id) => this.#item(id))
    const spec =
      row === null
        ? (this.#service?.segment(tag) ?? null)
        : { tag, name: row[0], elements, mandatoryEnd: mandatoryEnd(elements) }
    if (spec !== null) this.#segments.set(tag, spec)
    return spec
  }

  composite(id: string): CompositeSpec | null {
    if (!isComposite(id)) return null
    const row = this.#part(id)
    if (!row) return this.#service?.composite(id) ?? null
    return { id, name: row[0], components: itemsOf(row[1], (component) => this.#item(component)) }
  }

  element(id: string): NamedElement | null {
    const found = this.#elements.get(id)
    if (found !== undefined) return found
    const row = isElement(id) ? this.#part(id) : null
    if (!row) return this.#service?.element(id) ?? null
    const element = { id, name: row[0], format: formatOf(row[1]), codes: this.#codes(id) }
    this.#elements.set(id, element)
    return element
  }

  #codes(id: string): ReadonlyMap<string, string> | null {
    const rows = this.#packs.codes.rows(id, this.#index)
    return rows.length === 0 ? null : new Map(rows.map(([value = '', name = '']) => [value, name]))
  }

  #part(id: string): [name: string, notation: string] | null {
    const [row] = this.#packs.parts.rows(id, this.#index)
    return row === undefined ? null : [row[0] ?? '', row[1] ?? '']
  }

  #item(id: string): Omit<ElementSpec, 'mandatory' | 'max'> {
    const composite = this.composite(id)
    if (composite !== null) {
      const { components, name } = composite
      return { id, name, format: null, codes: null, values: null, ...composed(components) }
    }
    const element = this.element(id)
    if (element === null) throw new Error(`directory ${this.name}: ${id} is not defined`)
    const values = isAgreed(id) ? null : element.codes
    return { ...element, values, components: null, mandatoryEnd: 0, listAt: -1, agencyAt: -1 }
  }
}

/** Items by their notation: `3035! C082 C212*5`, and `C212(7140 7143)` where a segment has other components than its directory. */
function itemsOf(
  notation: string,
  item: (id: string) => Omit<ElementSpec, 'mandatory' | 'max'>,
): ElementSpec[] {
  const tokens = notation.match(/[^\s()]+(?:\([^)]*\))?/g) ?? []
  return tokens.map((token) => {
    const [, id = '', mandatory = '', max = '1', printed] =
      /^(\w+)(!?)(?:\*(\d+))?(?:\(([^)]*)\))?$/.exec(token) ?? []
    const terms = { mandatory: mandatory === '!', max: Number(max) }
    if (printed === undefined) return { ...item(id), ...terms }
    const components = itemsOf(printed, item)
    return { ...item(id), ...composed(components), ...terms }
  })
}

function composed(
  components: readonly ElementSpec[],
): Pick<ElementSpec, 'components' | 'mandatoryEnd' | 'listAt' | 'agencyAt'> {
  const at = (id: string) => components.findIndex((component) => component.id === id)
  return { components, mandatoryEnd: mandatoryEnd(components), listAt: at('1131'), agencyAt: at('3055') }
}

function mandatoryEnd(elements: readonly ElementSpec[]): number {
  return elements.findLastIndex((element) => element.mandatory) + 1
}

/** Elements whose codes partners agree on: the names of code lists, and those of service segments but 0083 and 0085. */
function isAgreed(id: string): boolean {
  return id === '1131' || (id < '1000' && id !== '0083' && id !== '0085')
}

function formatOf(text: string): ValueFormat | null {
  const parts = /^(an?|n)(\.\.)?(\d+)$/.exec(text)
  if (!parts) return null
  const lengthMax = Number(parts[3])
  return { kind: parts[1] as ValueFormat['kind'], lengthMin: parts[2] ? 1 : lengthMax, lengthMax, text }
}

function isTag(id: string): boolean {
  return /^[A-Z][A-Z0-9]{2}$/.test(id)
}

function isComposite(id: string): boolean {
  return /^[CES]\d{3}$/.test(id)
}

function isElement(id: string): boolean {
  return /^\d{4}$/.test(id)
}
