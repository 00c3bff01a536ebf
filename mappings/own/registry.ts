import type { Agreements, Profile, Resolution } from '#hub/model/agreement.ts'
import { pinnedMapping, type CanonicalType, type Mappings } from '#hub/model/mapping.ts'
import type { DocumentVersions } from '#hub/model/versions.ts'
import type { Store } from '#hub/store/connect.ts'
import { codeListsOf } from '#mappings/codes/document.ts'
import type { LibraryMappings } from '#mappings/engine/index.ts'
import type { Sandbox } from '#mappings/sandbox/index.ts'
import { newestCodeLists } from '#mappings/store/code-list.ts'
import { mappingsInUse, mappingVersion, type MappingRow } from '#mappings/store/mapping.ts'
import { configurationVersion } from '#mappings/store/version.ts'
import { Shelf } from './shelf.ts'

/** How long what stands is used before it is compared with the database again. */
const checkEveryMs = 1_000

export interface Registry {
  /** The library and one's own, as the pipeline asks for them. */
  mappings: Mappings
  /**
   * The same agreements; profiles that name a mapping of one's own name its version in use, so that a document is mapped by
   * the version that is noted with it, whatever is applied meanwhile.
   */
  pinned(agreements: Agreements): Agreements
  /** Makes versions that are no longer in use ready, such as `order/north-market@3`, for documents pinned to them. */
  prepare(names: readonly string[]): Promise<void>
}

/** The mappings of a running hub. What is applied counts within a second. */
export function createRegistry(parts: {
  store: Store
  library: LibraryMappings
  sandbox: Sandbox
}): Registry {
  const { store, library } = parts
  let shelf = new Shelf({ ...parts, lists: {}, listVersions: {}, rows: [] })
  let version: bigint | null = null
  let checkedAt = Number.NEGATIVE_INFINITY
  let renewing: Promise<void> | null = null
  /** Versions that are not in use, but that documents ask for. */
  const further = new Map<string, MappingRow>()

  const renew = async (): Promise<void> => {
    const startedAt = performance.now()
    const now = await configurationVersion(store.worker)
    if (now !== version) {
      const loaded = await loadShelf(parts, [...further.values()])
      loaded.takeOver(shelf)
      shelf = loaded
      version = now
    }
    checkedAt = startedAt
  }
  const renewed = (): Promise<void> => {
    renewing ??= renew().finally(() => {
      renewing = null
    })
    return renewing
  }
  const fresh = async (names: readonly string[]): Promise<void> => {
    if (performance.now() - checkedAt >= checkEveryMs) await renewed()
    if (names.every((name) => shelf.has(name))) return
    // it may have been applied a moment ago
    if (renewing !== null) await renewing
    await renewed()
  }

  const prepare: Registry['prepare'] = async (names) => {
    await fresh([])
    for (const name of names) {
      const [key = '', pinnedVersion] = name.split('@')
      if (pinnedVersion === undefined || shelf.has(name)) continue
      for (const row of await withBases(store, key, Number(pinnedVersion), library))
        further.set(`${row.key}@${row.version}`, row)
    }
    if (names.every((name) => shelf.has(name))) return
    const loaded = await loadShelf(parts, [...further.values()])
    loaded.takeOver(shelf)
    shelf = loaded
  }

  const mappings = mappingsOf(library, () => shelf)
  return {
    mappings,
    pinned: (agreements) => ({
      ...agreements,
      resolve: async (question) => {
        const resolution = await agreements.resolve(question)
        await fresh(namesIn(resolution))
        return pin(resolution, shelf)
      },
      resolvePinned: async (question, pins) => {
        const resolution = (await agreements.resolvePinned?.(question, pins)) ?? null
        if (resolution?.kind !== 'resolved') return resolution
        const asItWas = asPinned(resolution, pins)
        await prepare(namesIn(asItWas))
        return asItWas
      },
    }),
    prepare,
  }
}

/** The profiles with the versions of mappings that a document was judged with. */
function asPinned(
  resolution: Extract<Resolution, { kind: 'resolved' }>,
  { mapping, agreements = [] }: DocumentVersions,
): Extract<Resolution, { kind: 'resolved' }> {
  const withMapping = <P extends Profile>(profile: P, name: string | undefined, version = ''): P => {
    if (name === undefined || version === '') return profile
    return { ...profile, terms: { ...profile.terms, mapping: pinnedMapping(name, version) } }
  }
  return {
    ...resolution,
    profile: withMapping(resolution.profile, mapping?.name, mapping?.version),
    agreements: resolution.agreements.map((agreement) => {
      const pinned = agreements.find(({ key }) => key === agreement.key)
      const receiver = withMapping(agreement.receiver, pinned?.mapping, pinned?.mappingVersion)
      return { ...agreement, receiver }
    }),
  }
}

/** The library and what stands on a shelf, as the pipeline asks for them. */
export function mappingsOf(library: LibraryMappings, at: () => Shelf | null): Mappings {
  const own = (): Shelf => at() ?? emptyShelf(library)
  return {
    typeOf: (format, wireType, documentCode) =>
      library.typeOf(format, wireType, documentCode) ??
      (own().typeOf(format, wireType) as CanonicalType | null),
    has: (name) => own().has(name),
    names: () => [...library.names(), ...own().keys()],
    formatOf: (name) => own().formatOf(name),
    versionOf: (name) => own().versionOf(name),
    toCanonical: (name, message) => own().base(name).toCanonical(message),
    fromCanonical: (name, canonical, context) => own().base(name).fromCanonical(canonical, context),
    placeOf: (name, path) => own().base(name).placeOf(path),
    condition: library.condition,
  }
}

function emptyShelf(library: LibraryMappings): Shelf {
  const noSandbox = () => Promise.reject(new Error('there is nothing to run'))
  const sandbox = { check: noSandbox, render: noSandbox, evaluate: noSandbox, close: async () => {} }
  return new Shelf({ library, sandbox, lists: {}, listVersions: {}, rows: [] })
}

/** What stands: versions in use, what they extend, and what is asked for besides. */
export async function loadShelf(
  parts: { store: Store; library: LibraryMappings; sandbox: Sandbox },
  further: readonly MappingRow[] = [],
): Promise<Shelf> {
  const { store, library } = parts
  const rows = new Map<string, MappingRow>()
  const add = (row: MappingRow) => void rows.set(`${row.key}@${row.version}`, row)
  for (const row of [...further, ...(await mappingsInUse(store.worker))]) add(row)
  for (const row of Array.from(rows.values()))
    if (row.base !== null && !library.has(row.base.name) && !rows.has(`${row.base.name}@${row.base.version}`))
      for (const base of await withBases(store, row.base.name, Number(row.base.version), library)) add(base)
  const lists = await newestCodeLists(store.worker)
  return new Shelf({
    ...parts,
    rows: [...rows.values()].toSorted((one, other) => one.version - other.version),
    lists: codeListsOf(lists.map(({ document }) => document)),
    listVersions: Object.fromEntries(lists.map(({ key, version }) => [key, version])),
  })
}

/** A version with all that it extends. */
async function withBases(
  store: Store,
  key: string,
  version: number,
  library: Mappings,
): Promise<MappingRow[]> {
  const found: MappingRow[] = []
  let at: { name: string; version: string } | null = { name: key, version: String(version) }
  while (at !== null && !library.has(at.name) && found.length < 20) {
    const row: MappingRow | null = await mappingVersion(store.worker, at.name, Number(at.version))
    if (row === null) break
    found.push(row)
    at = row.base
  }
  return found
}

function namesIn(resolution: Resolution): string[] {
  const profiles = [
    resolution.profile,
    ...(resolution.kind === 'resolved' ? resolution.agreements.map(({ receiver }) => receiver) : []),
  ]
  return profiles.flatMap((profile) => profile?.terms.mapping || [])
}

function pin(resolution: Resolution, shelf: Shelf): Resolution {
  const profile = pinnedProfile(resolution.profile, shelf)
  if (resolution.kind === 'unresolved')
    return profile === resolution.profile ? resolution : { ...resolution, profile }
  const agreements = resolution.agreements.map((agreement) => {
    const receiver = pinnedProfile(agreement.receiver, shelf)
    return receiver === agreement.receiver ? agreement : { ...agreement, receiver }
  })
  return { ...resolution, profile: profile!, agreements }
}

function pinnedProfile<P extends Profile | null>(profile: P, shelf: Shelf): P {
  if (profile === null || profile.terms.mapping.includes('@') || !shelf.isOwn(profile.terms.mapping))
    return profile
  const row = shelf.rowFor(profile.terms.mapping, profile.env)
  if (row === null) return profile
  return { ...profile, terms: { ...profile.terms, mapping: pinnedMapping(row.key, String(row.version)) } }
}
