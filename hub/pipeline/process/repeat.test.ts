import { afterAll, beforeAll, expect, test } from 'vitest'
import { buyerGln, sellerGln, startProcessing, type Processing } from '#tests/support/processing.ts'

let hub: Processing

beforeAll(async () => {
  hub = await startProcessing()
})
afterAll(() => hub.close())

test('a test interchange does not use up the reference of a live one', async () => {
  for (const env of ['test', 'live']) {
    const id = await hub.accept(`IC|${buyerGln}|${sellerGln}|D3||${env}\nMSG|ORDERS|3|1|1\nEND|1\n`)
    await hub.process([id])
    const documents = await hub.rows('select processing from document where transmission_id = $1', [id])
    expect(documents).toEqual([{ processing: 'processed' }])
  }
})
