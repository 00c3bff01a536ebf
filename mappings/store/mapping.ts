import { namedId } from '#hub/model/ids.ts'
import type { Client, Queryable } from '#hub/store/connect.ts'
import type { MappingFacts, MappingState } from '#mappings/own/document.ts'

/** One version of a mapping. */
export interface MappingRow {
  key: string
  version: number
  state: MappingState
  facts: MappingFacts
  /** What it extends, and the version of that when this version was made. */
  base: { name: string; version: string } | null
}

interface Row {
  key: string
  version: number
  state: MappingState
  document: string
  base: string | null
  baseVersion: string | null
}

const columns = `key, version, state, document, base, base_version as "baseVersion"`

/** Every version that is in use or a draft, by key. */
export async function mappingsInUse(db: Queryable): Promise<MappingRow[]> {
  const { rows } = await db.query<Row>(
    `select ${columns} from mapping where state <> 'retired' order by key, version`,
  )
  return rows.map(rowOf)
}

/** Every version of these keys, oldest first. */
export async function mappingVersions(db: Queryable, keys: readonly string[]): Promise<MappingRow[]> {
  const { rows } = await db.query<Row>({
    name: 'mapping_versions',
    text: `select ${columns} from mapping where key = any($1) order by key, version`,
    values: [keys],
  })
  return rows.map(rowOf)
}

/** One version, in use or not, or null. */
export async function mappingVersion(
  db: Queryable,
  key: string,
  version: number,
): Promise<MappingRow | null> {
  const { rows } = await db.query<Row>({
    name: 'mapping_version',
    text: `select ${columns} from mapping where key = $1 and version = $2`,
    values: [key, version],
  })
  return rows[0] === undefined ? null : rowOf(rows[0])
}

export async function insertMapping(client: Client, row: MappingRow): Promise<void> {
  const { key, version, state, facts, base } = row
  await client.query(
    `insert into mapping (id, key, version, state, document, base, base_version) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      namedId('mapping', key, String(version)),
      key,
      version,
      state,
      JSON.stringify(facts),
      base?.name ?? null,
      base?.version ?? null,
    ],
  )
}

/** Puts versions of a mapping where they stand in their life. */
export async function setMappingState(
  client: Client,
  key: string,
  versions: readonly number[],
  state: MappingState,
): Promise<void> {
  await client.query(`update mapping set state = $3 where key = $1 and version = any($2)`, [
    key,
    versions,
    state,
  ])
}

function rowOf({ key, version, state, document, base, baseVersion }: Row): MappingRow {
  return {
    key,
    version,
    state,
    facts: JSON.parse(document) as MappingFacts,
    base: base === null ? null : { name: base, version: baseVersion! },
  }
}
