import { HubError } from '#hub/model/errors.ts'
import { mappingName, type Mappings } from '#hub/model/mapping.ts'
import type { CodeLists } from '#mappings/codes/lookup.ts'
import type { LibraryMappings } from '#mappings/engine/index.ts'
import type { Sandbox } from '#mappings/sandbox/index.ts'
import type { MappingRow } from '#mappings/store/mapping.ts'
import { compileMapping, type Base, type CompileProblem, type OwnMapping } from './compile.ts'
import type { MappingDirection, MappingFacts } from './document.ts'

export interface ShelfParts {
  library: LibraryMappings
  sandbox: Sandbox
  lists: CodeLists
  /** Version of each list, for `document.versions`. */
  listVersions: Readonly<Record<string, number>>
  rows: readonly MappingRow[]
}

/**
 * The mappings of the library and of one's own as they stand at one moment. Each version is compiled when it is first
 * used, and then kept.
 */
export class Shelf {
  readonly #parts: ShelfParts
  readonly #rows = new Map<string, MappingRow>()
  readonly #versions = new Map<string, MappingRow[]>()
  readonly #compiled = new Map<MappingRow, OwnMapping>()

  constructor(parts: ShelfParts) {
    this.#parts = parts
    for (const row of parts.rows) {
      this.#rows.set(`${row.key}@${row.version}`, row)
      const versions = this.#versions.get(row.key)
      if (versions === undefined) this.#versions.set(row.key, [row])
      else versions.push(row)
    }
  }

  keys(): string[] {
    return [...this.#versions.keys()]
  }

  isOwn(name: string): boolean {
    return this.#versions.has(mappingName(name))
  }

  has(name: string): boolean {
    return this.#isLibrary(name) || this.row(name) !== null
  }

  /** The version of this name: the pinned one, else the live one, else the newest that is in use. */
  row(name: string): MappingRow | null {
    if (name.includes('@')) return this.#rows.get(name) ?? null
    const versions = this.#versions.get(name) ?? []
    return (
      versions.findLast(({ state }) => state === 'live') ??
      versions.findLast(({ state }) => state === 'test') ??
      versions.findLast(({ state }) => state === 'draft') ??
      null
    )
  }

  /** The version that documents of an environment are mapped with: test goes before live for test, drafts are for nobody. */
  rowFor(name: string, env: 'test' | 'live'): MappingRow | null {
    const versions = this.#versions.get(name) ?? []
    const test = env === 'test' ? versions.findLast(({ state }) => state === 'test') : undefined
    return test ?? versions.findLast(({ state }) => state === 'live') ?? null
  }

  #isLibrary(name: string): boolean {
    return this.#parts.library.has(mappingName(name))
  }

  /** A base as a mapping extends it. Throws HubError `mappingMissing`. */
  base(name: string): Base {
    if (!this.#isLibrary(name)) return this.own(name)
    const { library } = this.#parts
    const bare = mappingName(name)
    return {
      format: library.formatOf(bare),
      toCanonical: (message) => library.toCanonical(bare, message),
      fromCanonical: (canonical, context) => library.fromCanonical(bare, canonical, context),
      placeOf: (path) => library.placeOf(bare, path),
    }
  }

  /** A mapping of one's own, compiled. Throws HubError `mappingMissing`, or `mappingFailed` where it does not compile. */
  own(name: string): OwnMapping {
    const row = this.row(name)
    if (row === null) throw new HubError('mappingMissing', `there is no mapping "${name}"`)
    const kept = this.#compiled.get(row)
    if (kept !== undefined) return kept
    const { mapping, problems } = this.compile(row.facts, row.base)
    if (mapping === null)
      throw new HubError('mappingFailed', `${row.key} version ${row.version}: ${problems[0]!.message}`)
    this.#compiled.set(row, mapping)
    return mapping
  }

  /** Takes over what another shelf has compiled of the same versions, where their code lists are the same. */
  takeOver(before: Shelf): void {
    for (const [row, mapping] of before.#compiled) {
      const same = this.#rows.get(`${row.key}@${row.version}`)
      const lists = row.facts.codeLists ?? []
      const unchanged = lists.every(
        (key) => this.#parts.listVersions[key] === before.#parts.listVersions[key],
      )
      if (same !== undefined && unchanged && row.base === null) this.#compiled.set(same, mapping)
    }
  }

  compile(facts: MappingFacts, base: MappingRow['base']): ReturnType<typeof compileMapping> {
    const { sandbox, lists } = this.#parts
    const problems: CompileProblem[] = []
    for (const [index, key] of (facts.codeLists ?? []).entries())
      if (!Object.hasOwn(lists, key))
        problems.push({ path: ['codeLists', index], message: `there is no code list \`${key}\`` })
    const made = compileMapping(facts, {
      sandbox,
      base: base === null ? null : this.base(nameOf(base, this.#parts.library)),
      lists: Object.fromEntries(
        (facts.codeLists ?? []).flatMap((key) => (Object.hasOwn(lists, key) ? [[key, lists[key]!]] : [])),
      ),
    })
    return problems.length === 0
      ? made
      : { ...made, mapping: null, problems: [...problems, ...made.problems] }
  }

  formatOf(name: string): ReturnType<Mappings['formatOf']> {
    const { library } = this.#parts
    if (this.#isLibrary(name)) return library.formatOf(mappingName(name))
    const row = this.row(name)
    if (row === null) throw new HubError('mappingMissing', `there is no mapping "${name}"`)
    return row.facts.format ?? this.formatOf(nameOf(row.base!, library))
  }

  /** `3`, and with code lists `3; units 2`: all that decided what became of a document. */
  versionOf(name: string): string {
    const { library, listVersions } = this.#parts
    if (this.#isLibrary(name)) return library.versionOf(mappingName(name))
    const row = this.row(name)
    if (row === null) return ''
    const lists = (row.facts.codeLists ?? []).map((key) => `${key} ${listVersions[key] ?? '?'}`)
    return [String(row.version), ...lists].join('; ')
  }

  directionOf(name: string): MappingDirection | null {
    return this.row(name)?.facts.direction ?? null
  }

  /** The type that mappings of one's own read from messages of this wire type. */
  typeOf(format: string, wireType: string): string | null {
    for (const [key, versions] of this.#versions) {
      const reads = versions.some(
        ({ facts }) =>
          facts.direction === 'toCanonical' && facts.message?.type === wireType && facts.format === format,
      )
      if (reads) return key.split('/')[0]!
    }
    return null
  }
}

/** One's own bases are taken in the version they had; those of the library as they are. */
function nameOf({ name, version }: NonNullable<MappingRow['base']>, library: Mappings): string {
  return library.has(name) ? name : `${name}@${version}`
}
