import type { Agreements } from '#hub/model/agreement.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Mappings } from '#hub/model/mapping.ts'
import type { Store } from '#hub/store/connect.ts'
import { libraryMappings } from '#mappings/engine/index.ts'
import { createSandbox, type Sandbox } from '#mappings/sandbox/index.ts'
import { mappingConfiguration } from './configuration.ts'
import { checkPrograms } from './own/compile.ts'
import { sha256Of } from './own/facts.ts'
import { lineageOf, type Lineage } from './own/lineage.ts'
import { createRegistry, loadShelf, mappingsOf, type Registry } from './own/registry.ts'
import type { Shelf } from './own/shelf.ts'
import { failureOf, runTests } from './own/tests.ts'
import { mappingsInUse, mappingVersions, type MappingRow } from './store/mapping.ts'
import { replaceVersion } from './store/rebase.ts'

export type { Lineage } from './own/lineage.ts'

interface Desk {
  store: Store
}

/** The mappings of a running hub, with their sandbox. */
export function openMappings(store: Store): {
  /** Agreements whose profiles name versions, and the mappings that know them. */
  pinned(agreements: Agreements): { agreements: Agreements; mappings: Mappings }
  prepare: Registry['prepare']
  close(): Promise<void>
} {
  const sandbox = createSandbox()
  const { mappings, pinned, prepare } = createRegistry({ store, library: libraryMappings, sandbox })
  return {
    pinned: (agreements) => ({ agreements: pinned(agreements), mappings }),
    prepare,
    close: () => sandbox.close(),
  }
}

/** Mappings and code lists for reading and applying configuration, with a sandbox that ends with the work. */
export async function withMappings<Result>(
  { store }: Desk,
  work: (further: ReturnType<typeof mappingConfiguration>) => Promise<Result>,
): Promise<Result> {
  return withSandbox((sandbox) => work(mappingConfiguration({ store, library: libraryMappings, sandbox })))
}

/** The same for configuration that stands in files alone, with the mappings as they are once it is planned. */
export async function withOfflineMappings<Result>(
  work: (further: ReturnType<typeof mappingConfiguration>, mappings: Mappings) => Promise<Result>,
): Promise<Result> {
  return withSandbox((sandbox) => {
    let shelf: Shelf | null = null
    const parts = {
      store: null,
      library: libraryMappings,
      sandbox,
      planned: (made: Shelf) => void (shelf = made),
    }
    const further = mappingConfiguration(parts)
    return work(
      further,
      mappingsOf(libraryMappings, () => shelf),
    )
  })
}

/** How the test cases of one version went. */
export interface TestedMapping {
  key: string
  version: number
  state: string
  tests: number
  /** What is wrong, a line a fault; empty where all is well. */
  faults: string[]
}

/** Runs the test cases of a mapping, in all versions that are in use or drafts; of all mappings where none is named. */
export async function testMappings({ store }: Desk, key: string | null): Promise<TestedMapping[]> {
  return withSandbox(async (sandbox) => {
    const shelf = await loadShelf({ store, library: libraryMappings, sandbox })
    const rows = (await mappingsInUse(store.worker)).filter((row) => key === null || row.key === key)
    if (key !== null && rows.length === 0) throw unknown(key)
    const tested: TestedMapping[] = []
    for (const row of rows) tested.push(await testOne(row, shelf, sandbox))
    return tested
  })
}

/** What a mapping goes on from, and what changed there since. Throws HubError `mappingMissing`. */
export async function lineageOfMapping({ store }: Desk, key: string): Promise<Lineage> {
  const row = await inUse(store, key)
  const versions = row.base === null ? [] : await mappingVersions(store.worker, [row.base.name])
  return lineageOf(row, libraryMappings, versions)
}

/**
 * Makes a version of a mapping that goes on from the newest version of its base, in the place of the one in use; refused
 * while one of its test cases fails with it.
 */
export async function rebaseMapping(
  { store }: Desk,
  key: string,
  { actor }: { actor: string },
): Promise<{ version: number; base: string } | null> {
  const row = await inUse(store, key)
  const lineage = await lineageOfMapping({ store }, key)
  const { base } = lineage
  if (base === null || base.newest === base.version) return null
  const newest = (await mappingVersions(store.worker, [key])).at(-1)!
  const now: MappingRow = {
    ...row,
    version: newest.version + 1,
    base: { name: base.name, version: base.newest },
  }
  return withSandbox(async (sandbox) => {
    const shelf = await loadShelf({ store, library: libraryMappings, sandbox }, [now])
    const { faults } = await testOne(now, shelf, sandbox)
    if (faults.length > 0) throw new HubError('configInvalid', faults.join('\n'))
    const sha256 = sha256Of({ ...now.facts, state: now.state })
    if (!(await replaceVersion(store, { was: row, now, actor, sha256 })))
      throw new HubError('configInvalid', 'the mapping was changed by others at this moment; try again')
    return { version: now.version, base: `${base.name} ${base.newest}` }
  })
}

async function testOne(row: MappingRow, shelf: Shelf, sandbox: Sandbox): Promise<TestedMapping> {
  const { key, version, state, facts, base } = row
  const { mapping, problems, programs } = shelf.compile(facts, base)
  const found = problems.length > 0 ? problems : await checkPrograms(sandbox, programs)
  const faults = found.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`)
  if (mapping !== null && faults.length === 0)
    for (const result of await runTests(mapping, facts))
      if (result.failure !== null) faults.push(failureOf(result))
  return { key, version, state, tests: facts.tests.length, faults }
}

async function inUse(store: Store, key: string): Promise<MappingRow> {
  const rows = (await mappingsInUse(store.worker)).filter((row) => row.key === key)
  const row = rows.findLast(({ state }) => state === 'live') ?? rows.at(-1)
  if (row === undefined) throw unknown(key)
  return row
}

function unknown(key: string): HubError {
  return new HubError('nameUnknown', `there is no mapping \`${key}\` of one's own`)
}

async function withSandbox<Result>(work: (sandbox: Sandbox) => Promise<Result>): Promise<Result> {
  const sandbox = createSandbox()
  try {
    return await work(sandbox)
  } finally {
    await sandbox.close()
  }
}
