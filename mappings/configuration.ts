import type { z } from 'zod'
import type { Store } from '#hub/store/connect.ts'
import type { KnownMappings } from '#hub/model/mapping.ts'
import { codeListSchema, codeListsOf, type CodeListDocument } from '#mappings/codes/document.ts'
import type { LibraryMappings } from '#mappings/engine/index.ts'
import type { Sandbox } from '#mappings/sandbox/index.ts'
import {
  codeListVersions,
  insertCodeList,
  newestCodeLists,
  type CodeListRow,
} from '#mappings/store/code-list.ts'
import { mappingVersions, mappingsInUse, type MappingRow } from '#mappings/store/mapping.ts'
import { mappingSchema, type MappingDocument } from './own/document.ts'
import { differing, sha256Of } from './own/facts.ts'
import { exportedCodeList, exportedMapping } from './own/exported.ts'
import { absent, type PlacedDocument, type PlannedDocument, type Problem } from './own/planned.ts'
import { planMappings } from './own/plan.ts'
import { Shelf } from './own/shelf.ts'

/*
 * Mappings and code lists as documents of the configuration: read, planned, applied and exported with partners and
 * agreements.
 */

export interface ConfigurationParts {
  /** Null where there is no database: then nothing stands. */
  store: Store | null
  library: LibraryMappings
  sandbox: Sandbox
  /** Is told how things stand once a plan is carried out. */
  planned?(shelf: Shelf): void
}

export interface MappingPlan {
  changes: PlannedDocument[]
  problems: Problem[]
  mappings: KnownMappings
}

/** What the configuration is told about mappings and code lists. */
export function mappingConfiguration(parts: ConfigurationParts) {
  const kinds: readonly { name: string; schema: z.ZodType }[] = [
    { name: 'codeList', schema: codeListSchema },
    { name: 'mapping', schema: mappingSchema },
  ]
  return {
    kinds,
    plan: (documents: ReadonlyMap<string, readonly PlacedDocument[]>, options: { whole: boolean }) =>
      plan(parts, documents, options),
    history: async (kind: 'mapping' | 'codeList', key: string) =>
      parts.store === null ? [] : history(parts.store, kind, key),
    using: async (kind: 'mapping' | 'codeList', key: string) =>
      parts.store === null ? [] : using(parts.store, kind, key),
    exported: async () => (parts.store === null ? [] : exported(parts.store)),
  }
}

async function plan(
  parts: ConfigurationParts,
  documents: ReadonlyMap<string, readonly PlacedDocument[]>,
  { whole }: { whole: boolean },
): Promise<MappingPlan> {
  const db = parts.store?.worker
  const lists = db === undefined ? [] : await newestCodeLists(db)
  const changes = planCodeLists(lists, documents.get('codeList') ?? [], whole)
  const wantedLists = new Map(lists.map((row) => [row.key, row]))
  for (const { value } of documents.get('codeList') ?? []) {
    const document = value as CodeListDocument
    const version = changes.find(({ key }) => key === document.key)?.version ?? 1
    wantedLists.set(document.key, { key: document.key, version, document })
  }
  const written = documents.get('mapping') ?? []
  const keys = written.flatMap(({ value }) => {
    const { key, extends: base } = value as MappingDocument
    return base === undefined ? [key] : [key, base]
  })
  const planned = await planMappings({
    written,
    standing: db === undefined ? [] : await mappingVersions(db, keys),
    inUse: db === undefined ? [] : await mappingsInUse(db),
    shelf: (rows) => shelfOf(parts, rows, [...wantedLists.values()]),
    library: parts.library,
    sandbox: parts.sandbox,
    changedLists: new Set(changes.filter(({ action }) => action === 'change').map(({ key }) => key)),
    whole,
  })
  parts.planned?.(planned.shelf)
  return { ...planned, changes: [...changes, ...planned.changes] }
}

/** What stands, in the form that is applied. */
async function exported(store: Store) {
  const lists = (await newestCodeLists(store.worker)).map(({ key, document }) => ({
    path: `code-lists/${key}.yaml`,
    contents: [{ codeList: exportedCodeList(document) }],
  }))
  const mappings = Map.groupBy(await mappingsInUse(store.worker), ({ key }) => key)
  const files = [...mappings].map(([key, versions]) => ({
    path: `mappings/${key.replace('/', '-')}.yaml`,
    // the one in use first, those that are to come behind it
    contents: versions.toSorted(byLife).map((row) => ({ mapping: exportedMapping(row) })),
  }))
  return [...lists, ...files]
}

/** All versions of one key, oldest first. Of a code list the newest is the one in use. */
async function history({ worker }: Store, kind: 'mapping' | 'codeList', key: string) {
  if (kind === 'codeList') {
    const lists = await codeListVersions(worker, key)
    const newest = lists.at(-1)?.version
    return lists.map(({ version, at, document }) => ({
      version,
      state: version === newest ? ('live' as const) : ('retired' as const),
      at,
      content: exportedCodeList(document),
    }))
  }
  const rows = await mappingVersions(worker, [key])
  return rows.map((row) => ({
    version: row.version,
    state: row.state,
    at: null,
    content: exportedMapping(row),
  }))
}

/** Mappings in use that name a base or a code list. */
async function using({ worker }: Store, kind: 'mapping' | 'codeList', key: string): Promise<string[]> {
  const rows = (await mappingsInUse(worker)).filter(({ base, facts }) =>
    kind === 'mapping' ? base?.name === key : (facts.codeLists ?? []).includes(key),
  )
  return [...new Set(rows.map((row) => row.key))].toSorted()
}

function byLife(one: MappingRow, other: MappingRow): number {
  const rank = ({ state }: MappingRow) => ['live', 'test', 'draft', 'retired'].indexOf(state)
  return rank(one) - rank(other)
}

function shelfOf(
  parts: ConfigurationParts,
  rows: readonly MappingRow[],
  lists: readonly CodeListRow[],
): Shelf {
  return new Shelf({
    ...parts,
    rows,
    lists: codeListsOf(lists.map(({ document }) => document)),
    listVersions: Object.fromEntries(lists.map(({ key, version }) => [key, version])),
  })
}

function planCodeLists(
  standing: readonly CodeListRow[],
  written: readonly PlacedDocument[],
  whole: boolean,
): PlannedDocument[] {
  const changes = written.map((placed): PlannedDocument => {
    const document = placed.value as CodeListDocument
    const before = standing.find(({ key }) => key === document.key)
    const thing = {
      kind: 'codeList' as const,
      key: document.key,
      partnerId: null,
      sha256: sha256Of(document),
      before: before === undefined ? null : { ...before.document },
      after: { ...document },
      origin: { document: placed, path: [] },
    }
    const fields = before === undefined ? Object.keys(document) : differing(before.document, document)
    if (before !== undefined && fields.length === 0)
      return { ...thing, action: 'none', version: before.version, fields, write: null }
    const version = (before?.version ?? 0) + 1
    return {
      ...thing,
      action: before === undefined ? 'add' : 'change',
      version,
      fields,
      write: (client) => insertCodeList(client, { key: document.key, version, document }),
    }
  })
  const named = new Set(changes.map(({ key }) => key))
  if (whole)
    for (const { key, version } of standing)
      if (!named.has(key)) changes.push(absent('codeList', key, version))
  return changes
}
