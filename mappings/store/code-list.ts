import { namedId } from '#hub/model/ids.ts'
import type { Client, Queryable } from '#hub/store/connect.ts'
import type { CodeListDocument } from '#mappings/codes/document.ts'

/** One version of a code list. */
export interface CodeListRow {
  key: string
  version: number
  document: CodeListDocument
}

/** The newest version of every list. */
export async function newestCodeLists(db: Queryable): Promise<CodeListRow[]> {
  const { rows } = await db.query<{ key: string; version: number; document: string }>(
    `select distinct on (key) key, version, document from code_list order by key, version desc`,
  )
  return rows.map((row) => ({ ...row, document: JSON.parse(row.document) as CodeListDocument }))
}

/** Every version of one list, oldest first. */
export async function codeListVersions(db: Queryable, key: string): Promise<(CodeListRow & { at: Date })[]> {
  const { rows } = await db.query<{ key: string; version: number; document: string; at: Date }>(
    `select key, version, document, at from code_list where key = $1 order by version`,
    [key],
  )
  return rows.map((row) => ({ ...row, document: JSON.parse(row.document) as CodeListDocument }))
}

export async function insertCodeList(client: Client, { key, version, document }: CodeListRow): Promise<void> {
  await client.query(`insert into code_list (id, key, version, document) values ($1, $2, $3, $4)`, [
    namedId('code_list', key, String(version)),
    key,
    version,
    JSON.stringify(document),
  ])
}
