import type { KnownMappings } from '#hub/model/mapping.ts'
import type { LibraryMappings } from '#mappings/engine/index.ts'
import type { Sandbox } from '#mappings/sandbox/index.ts'
import { insertMapping, setMappingState, type MappingRow } from '#mappings/store/mapping.ts'
import { routeConditionProblems } from '#mappings/rules/route-condition.ts'
import { checkPrograms } from './compile.ts'
import type { MappingDocument, MappingFacts, MappingState } from './document.ts'
import { differing, sha256Of } from './facts.ts'
import { absent, type PlacedDocument, type PlannedDocument, type Problem } from './planned.ts'
import type { Shelf } from './shelf.ts'
import { failureOf, runTests } from './tests.ts'

export interface MappingPlanInput {
  written: readonly PlacedDocument[]
  /** Every version of the mappings that are written about and of those they extend. */
  standing: readonly MappingRow[]
  inUse: readonly MappingRow[]
  shelf(rows: readonly MappingRow[]): Shelf
  library: LibraryMappings
  sandbox: Sandbox
  /** Lists that other codes are written for: mappings that look up in them are tested again. */
  changedLists: ReadonlySet<string>
  whole: boolean
}

/**
 * Plans mappings: other facts make another version, which is compiled and, where it is to be used, tested; what fails is a
 * problem at its place. One that goes live retires the one before it; a draft or one in test leaves the live one as it is.
 */
export async function planMappings(input: MappingPlanInput): Promise<{
  changes: PlannedDocument[]
  problems: Problem[]
  shelf: Shelf
  mappings: KnownMappings
}> {
  const { library, inUse } = input
  const problems: Problem[] = []
  const planned: Planned[] = []
  for (const document of inOrderOfBases(input.written)) planOne(input, document, planned, problems)
  const rows = rowsAfter(input, planned)
  const shelf = input.shelf(rows)
  for (const one of planned)
    if (one.isNew || needsTests(input, one)) problems.push(...(await faultsOf(input, shelf, one)))
  for (const row of retested(input, planned)) problems.push(...(await faultsOfStanding(input, shelf, row)))
  const named = new Set(planned.map(({ row }) => row.key))
  const changes = planned.map(({ change }) => change)
  if (input.whole)
    for (const key of new Set(inUse.map((row) => row.key)))
      if (!named.has(key))
        changes.push(absent('mapping', key, inUse.findLast((row) => row.key === key)!.version))
  return { changes, problems, shelf, mappings: known(library, shelf) }
}

interface Planned {
  placed: PlacedDocument
  row: MappingRow
  change: PlannedDocument
  isNew: boolean
  /** Versions that end with it. */
  retired: MappingRow[]
}

function planOne(
  input: MappingPlanInput,
  placed: PlacedDocument,
  planned: Planned[],
  problems: Problem[],
): void {
  const { state, ...facts } = placed.value as MappingDocument
  const { key } = facts
  if (input.library.has(key)) {
    problems.push(placed.problem(['key'], `\`${key}\` is a mapping of the library; expected another name`))
    return
  }
  const versions = input.standing.filter((row) => row.key === key)
  const base = baseOf(input, planned, facts, versions)
  if (base === undefined) {
    const names = [...input.library.names(), ...new Set(input.inUse.map((row) => row.key))]
    problems.push(
      placed.problem(['extends'], `there is no mapping \`${facts.extends}\`; there are ${names.join(', ')}`),
    )
    return
  }
  const alike = input.written.filter(({ value }) => (value as MappingDocument).key === key)
  const taken = planned.filter(({ row }) => row.key === key).map(({ row }) => row.version)
  const beside = alike.length > 1
  planned.push(versionOf({ placed, facts, state, base, versions, beside, taken }))
}

interface Wanted {
  placed: PlacedDocument
  facts: MappingFacts
  state: MappingState
  base: MappingRow['base']
  versions: readonly MappingRow[]
  /** The documents hold several versions of it: none ends another, unless it stands where that one stood. */
  beside: boolean
  /** Versions that other documents of this plan have. */
  taken: readonly number[]
}

function versionOf({ placed, facts, state, base, versions, beside, taken }: Wanted): Planned {
  const { key } = facts
  const newest = versions.at(-1)
  const inUse = versions.filter((row) => row.state !== 'retired')
  const standing = inUse.findLast((row) => row.state === state)
  const compared = standing ?? newest
  const fields = compared === undefined ? Object.keys(facts) : differing(compared.facts, facts)
  const thing = {
    kind: 'mapping' as const,
    key,
    partnerId: null,
    sha256: sha256Of({ ...facts, state }),
    before: compared === undefined ? null : { ...compared.facts, state: compared.state },
    after: { ...facts, state },
    origin: { document: placed, path: [] },
  }
  const none = (row: MappingRow): Planned => ({
    placed,
    row,
    change: { ...thing, action: 'none', version: row.version, fields: [], write: null },
    isNew: false,
    retired: [],
  })
  if (state === 'retired' && newest !== undefined) {
    if (inUse.length === 0) return none(newest)
    const write = endAll(key, inUse)
    const change = { ...thing, action: 'retire' as const, version: newest.version, fields: ['state'], write }
    return { placed, row: { ...newest, state }, change, isNew: false, retired: inUse }
  }
  if (standing !== undefined && fields.length === 0) return none(standing)
  const retired = inUse.filter((row) => row.state === state || (state === 'live' && !beside))
  const promoted =
    newest !== undefined &&
    newest.state !== state &&
    (newest.state === 'retired' || !beside) &&
    differing(newest.facts, facts).length === 0
  if (promoted) {
    const others = retired.filter((row) => row !== newest)
    const change = {
      ...thing,
      action: 'change' as const,
      version: newest.version,
      fields: ['state'],
      write: async (client: Parameters<typeof setMappingState>[0]) => {
        await endAll(key, others)(client)
        await setMappingState(client, key, [newest.version], state)
      },
    }
    return { placed, row: { ...newest, state }, change, isNew: false, retired: others }
  }
  const row: MappingRow = {
    key,
    version: Math.max(0, newest?.version ?? 0, ...taken) + 1,
    state,
    facts,
    base,
  }
  const change = {
    ...thing,
    action: newest === undefined ? ('add' as const) : ('change' as const),
    version: row.version,
    fields,
    write: async (client: Parameters<typeof setMappingState>[0]) => {
      await endAll(key, retired)(client)
      await insertMapping(client, row)
    },
  }
  return { placed, row, change, isNew: true, retired }
}

function endAll(key: string, rows: readonly MappingRow[]): NonNullable<PlannedDocument['write']> {
  return (client) =>
    setMappingState(
      client,
      key,
      rows.map(({ version }) => version),
      'retired',
    )
}

/** The version that a new one extends: the newest in use, planned ones included. Undefined where there is none. */
function baseOf(
  { library, standing }: MappingPlanInput,
  planned: readonly Planned[],
  { extends: name }: MappingFacts,
  versions: readonly MappingRow[],
): MappingRow['base'] | undefined {
  if (name === undefined) return null
  if (library.has(name)) return { name, version: library.versionOf(name) }
  // one that goes on from the same base goes on from the same version of it
  const before = versions.at(-1)?.base
  if (before?.name === name) return before
  const rows = [
    ...standing.filter((row) => row.key === name && row.state !== 'retired'),
    ...planned.filter(({ row }) => row.key === name).map(({ row }) => row),
  ]
  const found = rows.findLast(({ state }) => state === 'live') ?? rows.at(-1)
  return found === undefined ? undefined : { name, version: String(found.version) }
}

/** Bases before those that extend them. */
function inOrderOfBases(written: readonly PlacedDocument[]): PlacedDocument[] {
  const left = new Set(written)
  const ordered: PlacedDocument[] = []
  while (left.size > 0) {
    const keys = new Set([...left].map(({ value }) => (value as MappingDocument).key))
    const ready = [...left].filter(({ value }) => !keys.has((value as MappingDocument).extends ?? ''))
    // a ring is found as bases that do not exist
    for (const one of ready.length === 0 ? [...left] : ready) {
      ordered.push(one)
      left.delete(one)
    }
  }
  return ordered
}

function rowsAfter({ standing, inUse }: MappingPlanInput, planned: readonly Planned[]): MappingRow[] {
  const rows = new Map<string, MappingRow>()
  for (const row of [...inUse, ...standing]) rows.set(`${row.key}@${row.version}`, row)
  for (const { retired } of planned)
    for (const row of retired) rows.set(`${row.key}@${row.version}`, { ...row, state: 'retired' })
  for (const { row } of planned) rows.set(`${row.key}@${row.version}`, row)
  return [...rows.values()].toSorted((one, other) => one.version - other.version)
}

function needsTests({ changedLists }: MappingPlanInput, { row, change }: Planned): boolean {
  return change.action !== 'none' || (row.facts.codeLists ?? []).some((key) => changedLists.has(key))
}

/** Mappings in use that no document is about, but whose code lists change. */
function retested({ inUse, changedLists }: MappingPlanInput, planned: readonly Planned[]): MappingRow[] {
  if (changedLists.size === 0) return []
  const named = new Set(planned.map(({ row }) => row.key))
  return inUse.filter(
    ({ key, state, facts }) =>
      state === 'live' && !named.has(key) && (facts.codeLists ?? []).some((list) => changedLists.has(list)),
  )
}

async function faultsOf(
  { sandbox }: MappingPlanInput,
  shelf: Shelf,
  { placed, row }: Planned,
): Promise<Problem[]> {
  if (row.state === 'retired') return []
  if (row.base !== null) {
    const direction = shelf.directionOf(row.base.name)
    if (direction !== null && direction !== row.facts.direction) {
      const message = `\`${row.base.name}\` is ${direction}, and this mapping ${row.facts.direction}`
      return [placed.problem(['extends'], message)]
    }
  }
  const { mapping, problems, programs } = shelf.compile(row.facts, row.base)
  const found = problems.length > 0 ? problems : await checkPrograms(sandbox, programs)
  if (found.length > 0 || mapping === null)
    return found.map(({ path, message }) => placed.problem(path, message))
  // drafts may fail their tests, and what is tested with partners or live may not
  if (row.state === 'draft') return []
  const results = await runTests(mapping, row.facts)
  return results.flatMap((result) =>
    result.failure === null ? [] : [placed.problem(['tests', result.index], failureOf(result))],
  )
}

async function faultsOfStanding(_input: MappingPlanInput, shelf: Shelf, row: MappingRow): Promise<Problem[]> {
  const { mapping } = shelf.compile(row.facts, row.base)
  if (mapping === null) return []
  const results = await runTests(mapping, row.facts)
  return results.flatMap((result) =>
    result.failure === null
      ? []
      : [{ file: `mapping ${row.key}`, line: null, column: null, field: '', message: failureOf(result) }],
  )
}

function known(library: LibraryMappings, shelf: Shelf): KnownMappings {
  return {
    conditionProblems: routeConditionProblems,
    has: (name) => shelf.has(name) && !name.includes('@'),
    names: () => [...library.names(), ...shelf.keys()],
    formatOf: (name) => shelf.formatOf(name),
    refusal: (name, { direction, env }) => {
      if (library.has(name)) return null
      const wanted = direction === 'sends' ? 'toCanonical' : 'fromCanonical'
      if (shelf.directionOf(name) !== wanted)
        return `the mapping \`${name}\` is ${shelf.directionOf(name)}; a profile that ${direction} takes one that is ${wanted}`
      if (shelf.rowFor(name, env) === null)
        return `no version of the mapping \`${name}\` is ${env === 'live' ? 'live' : 'live or in test'} yet`
      return null
    },
  }
}
