import { expect, test } from 'vitest'
import { canonicalise } from './canonicalise.ts'
import type { CheckedMessage, Tools } from './stages.ts'

/** What a document that lacks its date, and whose currency is none, is told by a mapping with these places. */
async function messagesOf(placeOf: Tools['mappings']['placeOf']): Promise<string[]> {
  const party = { party: { partyName: [{ name: 'Somebody' }] } }
  const canonical = {
    type: 'order',
    version: '1',
    id: '345',
    function: 'original',
    documentCurrencyCode: 'euro',
    buyerCustomerParty: party,
    sellerSupplierParty: party,
    orderLine: [{ lineItem: { id: '1', quantity: { value: '1' }, item: { name: 'Pallet' } } }],
  }
  const tools = { mappings: { toCanonical: () => ({ canonical, findings: [] }), placeOf } }
  const resolution = { profile: { terms: { mapping: 'order/any' } } }
  const checked = { channel: { settings: {} }, message: {}, resolution, findings: [] }
  const outcome = await canonicalise.run(
    checked as unknown as CheckedMessage,
    tools as unknown as Pick<Tools, 'mappings'> as Tools,
  )
  return outcome.kind === 'reject' ? (outcome.findings ?? []).map(({ message }) => message) : []
}

test('what an order lacks is said in the words of its format, where there are any', async () => {
  const places: Record<string, { what: string; write: string }> = {
    issueDate: { what: "The order's date", write: 'DTM+137' },
    documentCurrencyCode: { what: "The order's currency", write: 'CUX+2' },
  }
  expect(await messagesOf((_mapping, path) => places[path] ?? null)).toEqual([
    "The order's date is missing: add DTM+137",
    "The order's currency (CUX+2) must be a currency such as EUR",
  ])
})

test('other formats are told the path', async () => {
  expect(await messagesOf(() => null)).toEqual([
    'issueDate is missing',
    'documentCurrencyCode: must be a currency such as EUR',
  ])
})
