import { isId, type ChannelId, type DocumentId, type PartnerId } from '#hub/model/ids.ts'
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
  /** `overdue`: awaited, and past its time. */
  acknowledgement?: AcknowledgementStatus | 'overdue' | null
  env?: Environment | null
  type?: string | null
  only?: HubFilter
  /** Only documents older than this one: the key of the page before. */
  before?: DocumentId | null
  /** At most this many; `limits.pageRows` by default. */
  limit?: number
}

/** What the hub's own people may ask for besides: the overview's figures open lists of these. */
export interface HubFilter {
  /** Accepted from then, and before `until`. With `failedOn`: the attempts made then. */
  since?: Date
  until?: Date
  /** The sender. */
  partner?: PartnerId
  /** The step it stopped at. */
  step?: string
  /** A stable code, e.g. `CD-3001`. */
  code?: string
  /** An attempt to deliver it on this channel failed between `since` and `until`. */
  failedOn?: ChannelId
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

/**
 * How many documents such a list holds in all, for the hub's own people. The caller sees to it that the question is bounded: by a window of time,
 * or by a state that only open work has.
 */
export async function countDocuments(
  client: Queryable,
  query: Omit<DocumentQuery, 'viewer'>,
): Promise<number> {
  const values: unknown[] = []
  const bind = (value: unknown): string => `$${values.push(value)}`
  const filters = [...commonFilters({ ...query, viewer: '*' }, bind)].join(' and ') || 'true'
  const { rows } = await client.query<{ n: number }>(
    `select count(*)::int as n from document d where ${filters}`,
    values,
  )
  return rows[0]!.n
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
  const all = query.viewer === '*'
  if (query.before) yield `d.id < ${bind(query.before)}::uuid`
  if (query.processing) yield `d.processing = ${bind(query.processing)}`
  if (all && query.processing === 'held') yield openHold
  if (query.delivery) yield `d.delivery = ${bind(query.delivery)}`
  if (all && query.delivery && openStates.includes(query.delivery)) yield hasDelivery(query.delivery, bind)
  if (query.acknowledgement === 'overdue') yield overdueAnswer
  else if (query.acknowledgement) yield `d.acknowledgement = ${bind(query.acknowledgement)}`
  if (query.env) yield `d.env = ${bind(query.env)}`
  const type = query.type ?? query.search?.type
  if (type) yield `d.type = ${bind(type)}`
  if (all && query.only) yield* hubFilters(query.only, bind)
}

/** Time is in the ids: a window is a range of the primary key. */
function* hubFilters(only: HubFilter, bind: Bind): Generator<string> {
  const { since, until, partner, step, code, failedOn } = only
  const within = (id: string) =>
    [
      ...(since ? [`${id} >= id_floor(${bind(since)}::timestamptz)`] : []),
      ...(until ? [`${id} < id_floor(${bind(until)}::timestamptz)`] : []),
    ].join(' and ') || 'true'
  if (partner) yield `d.sender = ${bind(partner)}::uuid`
  if (step) yield `d.stopped_at = ${bind(step)}`
  if (code) yield `d.code = ${bind(code)}`
  if (failedOn)
    yield `d.id in (select o.document_id from transmission t
      join delivery w on w.id = t.delivery_id join output o on o.interchange_id = w.interchange_id
      where t.direction = 'out' and t.state in ('not_taken', 'unknown') and t.channel_id = ${bind(failedOn)}::uuid
        and ${within('t.id')})`
  else yield within('d.id')
}

// Few documents of all are open: these conditions say nothing new, but lead over the partial indexes on open rows. Not
// for partners, who do not see each other's deliveries.
const openHold = `d.id in (select h.document_id from hold h where h.decision is null)`
const openStates: readonly string[] = ['waiting', 'sending', 'pending', 'held', 'refused']

function hasDelivery(state: DeliveryStatus, bind: Bind): string {
  return `d.id in (select o.document_id from delivery w join output o on o.interchange_id = w.interchange_id
    where w.state = ${bind(state)} and w.state not in ('delivered', 'stopped'))`
}

/** Awaited about the document itself, about the interchange it goes out in, or about that one's delivery. */
const awaited = `a.way = 'expected' and a.state = 'waiting' and a.due_at < now()`
const overdueAnswer = `d.acknowledgement = 'waiting' and d.id in (
    select a.about_id from acknowledgement a where ${awaited}
    union select o.document_id from acknowledgement a join output o on o.interchange_id = a.about_id where ${awaited}
    union select o.document_id from acknowledgement a join delivery w on w.id = a.about_id
      join output o on o.interchange_id = w.interchange_id where ${awaited})`

function searchMatches(search: Search, match: 'prefix' | 'exact', bind: Bind): string[] {
  const folded = search.value.toLowerCase()
  if (isId(folded)) return [`d.id = ${bind(folded)}::uuid`, `d.transmission_id = ${bind(folded)}::uuid`]
  // each binds its values only where it is asked for: PostgreSQL refuses a parameter that stands nowhere
  const byNumber = () =>
    match === 'exact' ? `d.number_key = ${bind(folded)}` : prefixRange('d.number_key', folded, bind)
  const byReference = () => `d.interchange_id in (select i.id from interchange i
    where i.reference <> '' and ${prefixRange('i.reference', search.value, bind)})`
  const byFile = () =>
    `d.transmission_id in (select t.id from transmission t where ${prefixRange('t.name_key', folded, bind)})`
  if (match === 'exact' || search.kind === 'number') return [byNumber()]
  if (search.kind === 'reference') return [byReference()]
  if (search.kind === 'file') return [byFile()]
  return [byNumber(), byReference(), byFile()]
}

/** A prefix as a range of bytes: unlike LIKE it is known not to leak, so the index serves under row-level security. */
function prefixRange(column: string, prefix: string, bind: Bind): string {
  return `${column} ~>=~ ${bind(prefix)} and ${column} ~<=~ ${bind(`${prefix}\u{10FFFF}`)}`
}
