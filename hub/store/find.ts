import { isId, type DocumentId, type PartnerId } from '#hub/model/ids.ts'
import type {
  AcknowledgementStatus,
  DeliveryStatus,
  Environment,
  ProcessingState,
} from '#hub/model/states.ts'
import { limits } from '#hub/base/limits.ts'
import type { Queryable } from './connect.ts'
import { rowColumns, rowJoins, toRow, type DocumentRow, type RawRow } from './find-row.ts'

export type { DocumentRow } from './find-row.ts'

/** Who looks: a partner, or the hub's own people. */
export type Viewer = PartnerId | '*'

/** What a search looks for; an id of a document or exchange is taken as one. `any`: a business number, control reference or file name that begins with the value. */
export interface Search {
  kind: 'any' | 'number' | 'reference' | 'file'
  /** A canonical type (`order`), or null for every type. */
  type: string | null
  value: string
}

export interface DocumentQuery {
  /** The same as `asPartner` was given: row-level security decides what is seen, this decides how it is looked for. */
  viewer: Viewer
  search?: Search | null
  /** As the viewer sees it: `in` came to them, `out` went from them; for the hub `out` comes from a partner that is ours. */
  direction?: 'in' | 'out' | null
  processing?: ProcessingState | null
  delivery?: DeliveryStatus | null
  acknowledgement?: AcknowledgementStatus | null
  env?: Environment | null
  type?: string | null
  /** Only documents older than this one: the key of the page before. */
  before?: DocumentId | null
  /** At most this many; `limits.pageRows` by default. */
  limit?: number
}

export interface DocumentPage {
  rows: DocumentRow[]
  /** Give this as `before` to get the next page; null at the end. */
  next: DocumentId | null
}

/** Documents, newest first, by a keyset on the id: stable while new ones arrive. */
export async function findDocuments(client: Queryable, query: DocumentQuery): Promise<DocumentPage> {
  const limit = query.limit ?? limits.pageRows
  const { text, values } = documentsStatement({ ...query, limit: limit + 1 })
  const { rows } = await client.query<RawRow>(text, values)
  const more = rows.length > limit
  const page = rows.slice(0, limit).map(toRow)
  return { rows: page, next: more ? page.at(-1)!.id : null }
}

/** Documents whose number is exactly the one searched for, newest first: at most five. */
export async function findExact(client: Queryable, query: DocumentQuery): Promise<DocumentRow[]> {
  const { search } = query
  if (!search || search.kind === 'reference' || search.kind === 'file') return []
  const { text, values } = documentsStatement({ ...query, limit: 5 }, 'exact')
  const { rows } = await client.query<RawRow>(text, values)
  return rows.map(toRow)
}

/** The statement of a page; public so that its plan can be tested. */
export function documentsStatement(
  query: DocumentQuery,
  match: 'prefix' | 'exact' = 'prefix',
): { text: string; values: unknown[] } {
  const values: unknown[] = []
  const bind = (value: unknown): string => `$${values.push(value)}`
  const ids = candidates(query, match, bind)
  const text = `with page as (${ids})
    select ${rowColumns} from page join document d on d.id = page.id ${rowJoins} order by d.id desc`
  return { text, values }
}

type Bind = (value: unknown) => string

/** One ordered, limited select for each index that may serve, merged: so each is a walk along its index. */
function candidates(query: DocumentQuery, match: 'prefix' | 'exact', bind: Bind): string {
  const filters = [...commonFilters(query, bind)]
  const limit = bind(query.limit ?? limits.pageRows)
  const sides = partnerSides(query, bind)
  const matches = query.search ? searchMatches(query.search, match, bind) : ['true']
  const selects = sides.flatMap((side) =>
    matches.map(
      (found) =>
        `(select d.id from document d where ${[side, found, ...filters].join(' and ')} order by d.id desc limit ${limit})`,
    ),
  )
  if (selects.length === 1) return selects[0]!
  return `select id from (${selects.join(' union ')}) merged order by id desc limit ${limit}`
}

function partnerSides(query: DocumentQuery, bind: Bind): string[] {
  const { viewer, direction } = query
  if (viewer === '*') {
    if (!direction) return ['true']
    const ours = `d.sender in (select id from partner where ours)`
    return [direction === 'out' ? ours : `not (${ours})`]
  }
  const me = bind(viewer)
  const sent = `d.sender = ${me}::uuid`
  const got = `d.receiver = ${me}::uuid and d.delivery <> 'none'`
  if (direction === 'out') return [sent]
  if (direction === 'in') return [got]
  return [sent, got]
}

function* commonFilters(query: DocumentQuery, bind: Bind): Generator<string> {
  if (query.before) yield `d.id < ${bind(query.before)}::uuid`
  if (query.processing) yield `d.processing = ${bind(query.processing)}`
  if (query.delivery) yield `d.delivery = ${bind(query.delivery)}`
  if (query.acknowledgement) yield `d.acknowledgement = ${bind(query.acknowledgement)}`
  if (query.env) yield `d.env = ${bind(query.env)}`
  const type = query.type ?? query.search?.type
  if (type) yield `d.type = ${bind(type)}`
}

function searchMatches(search: Search, match: 'prefix' | 'exact', bind: Bind): string[] {
  const folded = search.value.toLowerCase()
  if (isId(folded)) return [`d.id = ${bind(folded)}::uuid`, `d.transmission_id = ${bind(folded)}::uuid`]
  const number = `${match === 'exact' ? `d.number_key = ${bind(folded)}` : prefixRange('d.number_key', folded, bind)}`
  if (match === 'exact' || search.kind === 'number') return [number]
  const reference = `d.interchange_id in (select i.id from interchange i
    where i.reference <> '' and ${prefixRange('i.reference', search.value, bind)})`
  const file = `d.transmission_id in (select t.id from transmission t where ${prefixRange('t.name_key', folded, bind)})`
  if (search.kind === 'reference') return [reference]
  if (search.kind === 'file') return [file]
  return [number, reference, file]
}

/** A prefix as a range of bytes: unlike LIKE it is known not to leak, so the index serves under row-level security. */
function prefixRange(column: string, prefix: string, bind: Bind): string {
  return `${column} ~>=~ ${bind(prefix)} and ${column} ~<=~ ${bind(`${prefix}\u{10FFFF}`)}`
}
