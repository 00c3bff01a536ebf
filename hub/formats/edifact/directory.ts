import { existsSync, readFileSync } from 'node:fs'
import { compileStructure, type GroupNode } from './structure.ts'

/** One UN/EDIFACT directory: how messages are built, and what segments hold. Loaded from `directories/` when first asked for. */
export interface Directory {
  /** `D.96A`, or `service`. */
  readonly name: string
  /** How a message of this type is built; null if the directory has none. */
  structure(wireType: string): GroupNode | null
  /** What a segment holds; null if the directory does not know its tag. */
  segment(tag: string): SegmentSpec | null
}

export interface SegmentSpec {
  readonly tag: string
  readonly name: string
  /** By position: an element that may repeat below syntax 4 takes as many positions. */
  readonly elements: readonly ElementSpec[]
}

export interface ElementSpec {
  /** `3035` or `C082`. */
  readonly id: string
  readonly name: string
  readonly mandatory: boolean
  /** Occurrences, which the repetition separator divides. */
  readonly max: number
  /** Of a simple element or a component. */
  readonly format: ValueFormat | null
  /** Of a composite. */
  readonly components: readonly ElementSpec[] | null
}

/** `an..35`: kind of characters and bounds of length. */
export interface ValueFormat {
  readonly kind: 'a' | 'an' | 'n'
  readonly lengthMin: number
  readonly lengthMax: number
  readonly text: string
}

/**
 * The directory that a message of this type and version belongs to, or null if there is none here. CONTRL belongs to the
 * service directory whatever version it names.
 */
export function directoryOf(wireType: string, version: string): Directory | null {
  const directory = wireType === 'CONTRL' ? service() : load(version)
  return directory?.structure(wireType) ? directory : null
}

/** The form of the files: see `directories/NOTICE.md`. */
interface Table {
  directory: string
  messages: Readonly<Record<string, string>>
  segments: Readonly<Record<string, readonly [name: string, elements: string]>>
  composites: Readonly<Record<string, readonly [name: string, components: string]>>
  elements: Readonly<Record<string, readonly [name: string, format: string]>>
}

const loaded = new Map<string, Directory | null>()

function load(version: string): Directory | null {
  const name = /^D\.(\d\d[ABC])$/i.exec(version)?.[1]?.toLowerCase()
  return name === undefined ? null : read(`d${name}`)
}

function service(): Directory {
  const directory = read('service')
  if (!directory) throw new Error('directories/service.json is missing')
  return directory
}

function read(file: string): Directory | null {
  const found = loaded.get(file)
  if (found !== undefined) return found
  const url = new URL(`directories/${file}.json`, import.meta.url)
  const directory = existsSync(url)
    ? new TableDirectory(JSON.parse(readFileSync(url, 'utf8')) as Table)
    : null
  loaded.set(file, directory)
  return directory
}

class TableDirectory implements Directory {
  readonly name: string
  readonly #table: Table
  readonly #structures = new Map<string, GroupNode | null>()
  readonly #segments = new Map<string, SegmentSpec | null>()

  constructor(table: Table) {
    this.name = table.directory
    this.#table = table
  }

  structure(wireType: string): GroupNode | null {
    const found = this.#structures.get(wireType)
    if (found !== undefined) return found
    const notation = own(this.#table.messages, wireType)
    const structure = notation === null ? null : compileStructure(wireType, notation)
    this.#structures.set(wireType, structure)
    return structure
  }

  segment(tag: string): SegmentSpec | null {
    const found = this.#segments.get(tag)
    if (found !== undefined) return found
    const row = own(this.#table.segments, tag)
    const spec = row ? { tag, name: row[0], elements: this.#items(row[1]) } : this.#serviceSegment(tag)
    this.#segments.set(tag, spec)
    return spec
  }

  /** UNH, UNS and UNT stand in every message, but only in the service directory. */
  #serviceSegment(tag: string): SegmentSpec | null {
    return this.name === 'service' ? null : service().segment(tag)
  }

  #items(notation: string): ElementSpec[] {
    return notation
      .split(' ')
      .filter(Boolean)
      .map((item) => this.#item(item))
  }

  #item(notation: string): ElementSpec {
    const parts = /^(\w+)(!?)(?:\*(\d+))?$/.exec(notation)
    const [, id = '', mandatory = '', max = '1'] = parts ?? []
    const composite = own(this.#table.composites, id)
    const element = own(this.#table.elements, id)
    const name = composite?.[0] ?? element?.[0]
    if (name === undefined) throw new Error(`directory ${this.name}: ${notation} is not defined`)
    return {
      id,
      name,
      mandatory: mandatory === '!',
      max: Number(max),
      format: element ? formatOf(element[1]) : null,
      components: composite ? this.#items(composite[1]) : null,
    }
  }
}

function formatOf(text: string): ValueFormat | null {
  const parts = /^(an?|n)(\.\.)?(\d+)$/.exec(text)
  if (!parts) return null
  const lengthMax = Number(parts[3])
  return { kind: parts[1] as ValueFormat['kind'], lengthMin: parts[2] ? 1 : lengthMax, lengthMax, text }
}

/** Tags and types come from outside: a look-up that finds nothing inherited. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | null {
  return Object.hasOwn(record, key) ? (record[key] ?? null) : null
}
