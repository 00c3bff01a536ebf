import { HubError } from '#hub/model/errors.ts'
import type { ReplaySelection } from '#hub/pipeline/replay/index.ts'
import { filterNames, listQuery, listRequest } from '../pages/documents/list-model.ts'

/**
 * A search of the list of documents, by the names that its address has (`q`, `delivery`, `env`, `since` …), as a set to replay. Throws
 * HubError `requestInvalid` for a name or a value that the list would leave out: what is meant must not grow by a slip.
 */
export function replaySearch(
  given: Readonly<Record<string, unknown>>,
): Extract<ReplaySelection, { by: 'search' }>['query'] {
  const asked = listRequest(given)
  const known: Readonly<Record<string, unknown>> = { q: asked.q, ...asked.filters, ...asked.only }
  for (const [name, value] of Object.entries(given))
    if (value === '' || known[name] !== value)
      throw new HubError('requestInvalid', `the search cannot hold \`${name}\` with this value`)
  if (Object.keys(given).length === 0)
    throw new HubError('requestInvalid', 'a search names what it looks for')
  if ([...filterNames, 'q'].every((name) => name === 'env' || given[name] === undefined) && !isBounded(given))
    throw new HubError('requestInvalid', 'a search names more than the environment')
  const { viewer: _viewer, before: _before, ...query } = listQuery(asked, '*')
  return query
}

function isBounded(given: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(given).some((name) => name !== 'env')
}
