import { asId, isId, type DocumentId } from '#hub/model/ids.ts'
import type { DocumentPage, DocumentQuery, DocumentRow, Search } from '#hub/store/find.ts'
import type { DocumentTimeline } from '#hub/store/find-timeline.ts'
import {
  acknowledgementStatuses,
  deliveryStatuses,
  processingStatuses,
  type StatusWords,
} from '../../statuses.ts'
import { sentenceOf } from '../../timeline/sentence.ts'
import { sideOf, turnOf } from '../../turn.ts'
import type { MessageKey, Words } from '../../words.ts'
import { onlyChips, onlyQuery, onlyRequest, without, type OnlyRequest } from './list-only.ts'
import { rowModel, turnModel, type RowContext } from './row-model.ts'
import { parseSearch } from './search.ts'

/** The values that a filter may have; anything else in the URL is ignored. */
const filterValues = {
  direction: ['in', 'out'],
  processing: ['waiting', 'processed', 'held', 'rejected', 'duplicate'],
  delivery: ['none', 'waiting', 'sending', 'pending', 'delivered', 'refused', 'held', 'stopped'],
  acknowledgement: ['none', 'waiting', 'overdue', 'accepted', 'with_errors', 'partial', 'rejected', 'waived'],
  env: ['live', 'test'],
} as const

type FilterName = keyof typeof filterValues
export const filterNames = Object.keys(filterValues) as FilterName[]

/** What the URL asks for. */
export interface ListRequest {
  q: string
  search: Search | null
  filters: Partial<Record<FilterName, string>>
  /** What the overview's figures ask for; for people of the hub alone. */
  only: OnlyRequest
  before: DocumentId | null
}

/** Reads the URL's parameters; unknown ones and wrong values are left out. */
export function listRequest(query: Readonly<Record<string, unknown>>): ListRequest {
  const one = (name: string) => {
    const value = query[name]
    return typeof value === 'string' ? value : ''
  }
  const q = one('q')
  const filters: ListRequest['filters'] = {}
  for (const name of filterNames) {
    const value = one(name)
    if ((filterValues[name] as readonly string[]).includes(value)) filters[name] = value
  }
  const before = one('before')
  const only = onlyRequest(one)
  return { q, search: parseSearch(q), filters, only, before: isId(before) ? asId<DocumentId>(before) : null }
}

/** The same as a question to the store. */
export function listQuery(request: ListRequest, viewer: DocumentQuery['viewer']): DocumentQuery {
  const { search, before, filters, only } = request
  return { viewer, search, before, ...filters, ...(viewer === '*' && onlyQuery(only)) } as DocumentQuery
}

export interface ListFound {
  page: DocumentPage
  /** The one document that fits best, with its timeline, and how many more bear the number. */
  best: { timeline: DocumentTimeline; others: number } | null
}

/** The page of the list as its view shows it. */
export function listModel(request: ListRequest, found: ListFound, context: RowContext) {
  const { words, now } = context
  const { rows, next } = found.page
  const own = context.viewer === '*' ? request.only : {}
  const filtered = request.search !== null || Object.keys({ ...request.filters, ...own }).length > 0
  return {
    q: request.q,
    hidden: Object.entries({ ...request.filters, ...own }).map(([name, value]) => ({ name, value })),
    chip: request.search === null ? null : chipOf(request, request.search, words),
    onlyChips: onlyChips(own, found.page.rows, words).map(({ names, ...chip }) => ({
      ...chip,
      remove: href({ ...request, only: without(own, names), before: null }),
      removeLabel: words.t('search.remove', { what: `${chip.kind} = ${chip.value}` }),
    })),
    filtersTitle:
      Object.keys(request.filters).length === 0
        ? words.t('filters.title')
        : words.t('filters.count', { n: Object.keys(request.filters).length }),
    facets: filterNames.map((name) => facet(name, request, words)),
    answer: found.best === null ? null : answerOf(found.best, context),
    rows: rows.map((row, index) => rowModel(row, rows[index - 1], context)),
    zone: words.zoneName(now),
    shown: shownText(request, found.page, words),
    filtered: filtered || request.before !== null,
    pages: next !== null || request.before !== null,
    newest: request.before === null ? null : href({ ...request, before: null }),
    older: next === null ? null : href({ ...request, before: next }),
  }
}

/**
 * The best of the documents whose number is exactly the one searched for: the newest that is no duplicate. Without an exact one,
 * the only one that was found at all.
 */
export function bestOf(exact: readonly DocumentRow[], page: DocumentPage): DocumentRow | null {
  const best = exact.find((row) => row.processing !== 'duplicate') ?? exact[0]
  if (best !== undefined) return best
  return page.rows.length === 1 && page.next === null ? page.rows[0]! : null
}

function answerOf(best: NonNullable<ListFound['best']>, context: RowContext) {
  const { words, now, viewer } = context
  const { document } = best.timeline
  const side = sideOf(document, viewer)
  const key = best.others === 1 ? 'answer.others.one' : 'answer.others.many'
  return {
    sentence: sentenceOf(document, { words, now, side }, best.timeline),
    others: best.others === 0 ? null : words.t(key, { n: best.others }),
    turn: turnModel(turnOf(document), side, words) ?? {
      icon: 'check',
      word: words.t('turn.done'),
      you: false,
    },
    href: `/p/documents/${document.id}`,
  }
}

function chipOf(request: ListRequest, search: Search, words: Words) {
  const key: MessageKey = search.type === 'order' ? 'search.number.order' : `search.${search.kind}`
  const kind = words.t(key)
  return {
    kind,
    value: search.value,
    remove: href({ ...request, q: '', before: null }),
    removeLabel: words.t('search.remove', { what: `${kind} = ${search.value}` }),
  }
}

interface Choice {
  label: string
  icon: string | null
  href: string
  current: boolean
}

function facet(name: FilterName, request: ListRequest, words: Words) {
  const set = request.filters[name] ?? null
  const without = { ...request.filters }
  delete without[name]
  const any: Choice = {
    label: words.t('filters.any'),
    icon: null,
    href: href({ ...request, filters: without, before: null }),
    current: set === null,
  }
  const choices = filterValues[name].map((value): Choice => {
    const shown = choiceWords(name, value, words)
    const filters = { ...request.filters, [name]: value }
    return { ...shown, href: href({ ...request, filters, before: null }), current: set === value }
  })
  return {
    label: words.t(`filter.${name}`),
    set: set === null ? null : choiceWords(name, set, words).label,
    choices: [any, ...choices],
  }
}

function choiceWords(name: FilterName, value: string, words: Words): { label: string; icon: string | null } {
  const status = (table: Readonly<Record<string, StatusWords>>) => {
    const row = table[value]!
    return { label: row[words.language], icon: row.icon }
  }
  switch (name) {
    case 'processing':
      return status(processingStatuses)
    case 'delivery':
      return status(deliveryStatuses)
    case 'acknowledgement':
      return status(acknowledgementStatuses)
    case 'direction':
      return {
        label: words.t(value === 'in' ? 'direction.in' : 'direction.out'),
        icon: value === 'in' ? 'arrow-down-left' : 'arrow-up-right',
      }
    case 'env':
      return { label: words.t(value === 'test' ? 'env.test' : 'env.live'), icon: null }
  }
}

function shownText(request: ListRequest, page: DocumentPage, words: Words): string {
  const n = page.rows.length
  if (request.before !== null) return words.t('documents.shown.page', { n })
  if (page.next !== null) return words.t('documents.shown.more', { n })
  const singular = words.language === 'fr' ? n < 2 : n === 1
  return words.t(singular ? 'documents.shown.one' : 'documents.shown.many', { n })
}

/** The URL is the state. */
function href(request: Pick<ListRequest, 'q' | 'filters' | 'only' | 'before'>): string {
  const params = new URLSearchParams()
  if (request.q !== '') params.set('q', request.q)
  for (const [name, value] of Object.entries({ ...request.filters, ...request.only })) params.set(name, value)
  if (request.before !== null) params.set('before', request.before)
  const text = params.toString()
  return text === '' ? '/p/documents' : `/p/documents?${text}`
}
