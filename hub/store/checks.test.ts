import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { createTestTransport } from '#tests/transports/test-transport.ts'
import { makeWorld, type Made, type World } from '#tests/transports/world.ts'
import { checkTexts, findBrokenFacts, type CheckName } from './checks.ts'

let database: TestDatabase
let world: World
let made: Made

beforeAll(async () => {
  database = await testDatabase()
  world = await makeWorld(database)
  const deliver = world.deliver(createTestTransport())
  made = await world.delivery(await world.channel(), { expected: true })
  await deliver.deliver([made.deliveryId])
  await deliver.close()
})
afterAll(async () => {
  await database.drop()
})

test('a hub that keeps its promise has nothing for the nine checks to find', async () => {
  expect(await findBrokenFacts(database.store.worker, null)).toEqual([])
  expect(await findBrokenFacts(database.store.worker, { sinceMinutes: 60, untilMinutes: -1 })).toEqual([])
})

// each statement is given a delivered document and a file that nobody has processed
const both = `with given as (select $1::uuid as document_id, $2::uuid as file_id)`
const file = `(select transmission_id from document where id = (select document_id from given))`
const document = `(select document_id from given)`
const outputs = `(select interchange_id from output where document_id = ${document})`

test.each<[CheckName, string]>([
  ['C1', `delete from entry where transmission_id = ${file}`],
  ['C2', `update transmission set at = now() - interval '1 hour' where id = (select file_id from given)`],
  [
    'C3',
    `insert into interchange (id, direction, transmission_id, documents, state)
     select file_id, 'in', ${file}, 2, 'partial' from given`,
  ],
  ['C4', `delete from output where document_id = ${document}`],
  ['C5', `update document set processing = 'held', resume_at = 'map' where id = ${document}`],
  [
    'C6',
    `update delivery set state = 'sending', lease_until = now() - interval '1 hour' where interchange_id = ${outputs}`,
  ],
  [
    'C7',
    `update transmission set state = 'unknown'
     where delivery_id = (select id from delivery where interchange_id = ${outputs})`,
  ],
  ['C8', `update output set copy = 1 where document_id = ${document}`],
  [
    'C9',
    `insert into ledger_place (first_idx, ids, pseqs, least_id, greatest_id)
     select 0, array[min(id::text)::uuid], array[2], min(id::text)::uuid, min(id::text)::uuid
     from entry where document_id = ${document} and partner_id is not null`,
  ],
])('%s finds the fact that it guards broken', async (check, breakIt) => {
  const client = await database.admin.connect()
  try {
    const unread = await world.file()
    await client.query('begin')
    await client.query(`${both} ${breakIt}`, [made.documentIds[0], unread])
    const broken = await findBrokenFacts(client, null)
    expect(broken.map((fact) => fact.check)).toContain(check)
    expect(broken.find((fact) => fact.check === check)?.text).toBe(checkTexts[check].en)
  } finally {
    await client.query('rollback')
    client.release()
  }
})
