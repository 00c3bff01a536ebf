import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#hub/model/ids.ts'
import { buyerGln, sellerGln, startProcessing, type Processing } from '#tests/support/processing.ts'

let hub: Processing

beforeAll(async () => {
  hub = await startProcessing()
})
afterAll(() => hub.close())

test('of two senders whose interchanges bear the same reference, an answer is about the one that it names', async () => {
  const id = await hub.accept(`IC|${buyerGln}|${sellerGln}|M1|\nMSG|ORDERS|1|1|1\nEND|1\n`)
  await hub.process([id])
  const [sent] = await hub.rows(`select id, reference from interchange where direction = 'out'`)
  await hub.rows(
    `insert into interchange (id, partner_id, direction, sender, receiver, reference, state)
     select $1, partner_id, direction, '{"scheme": "gln", "value": "4000000000006"}', receiver, reference, state
     from interchange where id = $2`,
    [newId(), sent!['id']],
  )
  const answer = await hub.accept(
    `IC|${sellerGln}|${buyerGln}|S1|\nACK|${sent!['reference']}|rejected||${buyerGln}\nEND|1\n`,
    'seller',
  )
  await hub.process([answer])
  const answered = await hub.rows(`select about_id, state from acknowledgement where way = 'expected'`)
  expect(answered).toEqual([{ about_id: sent!['id'], state: 'rejected' }])
})
