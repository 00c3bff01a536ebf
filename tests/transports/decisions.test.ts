import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, type DocumentId, type HoldId, type PersonId, type TransmissionId } from '#hub/model/ids.ts'
import type { DeliverJob, JobQueue } from '#hub/model/queue.ts'
import { decideDelivery, decideHold } from '#hub/pipeline/decide/index.ts'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { answerLost, createTestTransport, refused, taken } from './test-transport.ts'
import { makeWorld, type Made, type World } from './world.ts'

const anna = newId<PersonId>()
const ben = newId<PersonId>()
const deliverJobs: DeliverJob[] = []
const processJobs: TransmissionId[] = []
const queue: JobQueue = {
  process: async (_client, ids) => {
    processJobs.push(...ids)
  },
  processLarge: async () => {},
  deliver: async (_client, jobs) => {
    deliverJobs.push(...jobs)
  },
}
let database: TestDatabase
let world: World

beforeAll(async () => {
  database = await testDatabase()
  world = await makeWorld(database)
})
afterAll(async () => {
  await database.drop()
})

test('a held delivery is released by one of two people, and goes with the same identity', async () => {
  const { made, transport, deliver } = await attempted(answerLost)
  deliverJobs.length = 0
  const decide = (person: PersonId) =>
    decideDelivery(
      { store: database.store, queue },
      { deliveryId: made.deliveryId, decision: 'release', person, reason: 'It did not arrive.' },
    )
  const ends = await Promise.all([decide(anna), decide(ben)])
  expect(ends.toSorted()).toEqual(['decided', 'not_open'])
  expect(deliverJobs).toHaveLength(1)
  expect(await world.states(made)).toMatchObject({ delivery: 'waiting', document: 'waiting', holds: 0 })
  transport.behave(() => taken)
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(await world.states(made)).toMatchObject({ delivery: 'delivered', attempts: ['unknown', 'taken'] })
  expect(new Set(transport.seen.map(({ wireId }) => wireId)).size).toBe(1)
  const { rows } = await database.admin.query(
    `select actor from entry where delivery_id = $1 and type = 'delivery.released'`,
    [made.deliveryId],
  )
  expect(rows).toHaveLength(1)
  expect([`person:${anna}`, `person:${ben}`]).toContain(rows[0].actor)
  await deliver.close()
})

test('a refused delivery is stopped, and what was behind it in its order goes on', async () => {
  const { made, deliver, transport } = await attempted(refused, { order: { key: 'order 345', no: 1 } })
  const channelId = (
    await database.admin.query('select channel_id from delivery where id = $1', [made.deliveryId])
  ).rows[0].channel_id
  const next = await world.delivery(channelId, { order: { key: 'order 345', no: 2 } })
  transport.behave(() => taken)
  await deliver.deliver([next.deliveryId])
  await deliver.idle()
  expect(await world.states(next)).toMatchObject({ delivery: 'waiting', attempt: 0 })
  deliverJobs.length = 0
  const stop = {
    deliveryId: made.deliveryId,
    decision: 'stop',
    person: anna,
    reason: 'Sent by mail.',
  } as const
  expect(await decideDelivery({ store: database.store, queue }, stop)).toBe('decided')
  expect(await decideDelivery({ store: database.store, queue }, stop)).toBe('not_open')
  expect(deliverJobs).toEqual([{ deliveryId: next.deliveryId, channelId }])
  expect(await world.states(made)).toMatchObject({ delivery: 'stopped', document: 'stopped' })
  await deliver.deliver([next.deliveryId])
  await deliver.idle()
  expect(await world.states(next)).toMatchObject({ delivery: 'delivered' })
  await deliver.close()
})

test('a person who asked the partner confirms that it arrived, and that is the proof', async () => {
  const { made, deliver } = await attempted(answerLost)
  const confirm = {
    deliveryId: made.deliveryId,
    decision: 'confirm',
    person: anna,
    reason: 'Confirmed by telephone.',
  } as const
  expect(await decideDelivery({ store: database.store, queue }, confirm)).toBe('decided')
  expect(await world.states(made)).toMatchObject({ delivery: 'delivered', attempts: ['taken'], holds: 0 })
  const { rows } = await database.admin.query(
    `select t.evidence, h.decided_by from transmission t join hold h on h.delivery_id = t.delivery_id
     where t.delivery_id = $1`,
    [made.deliveryId],
  )
  expect(rows).toEqual([
    {
      evidence: { confirmedBy: `person:${anna}`, reason: 'Confirmed by telephone.' },
      decided_by: `person:${anna}`,
    },
  ])
  await deliver.close()
})

test('walk 3: two of three held documents are released and one is rejected, each once', async () => {
  const { transmissionId, documentIds } = await heldDocuments(3)
  const [first, second, third] = documentIds as [DocumentId, DocumentId, DocumentId]
  const deps = { store: database.store, queue, sealer: world.sealer }
  processJobs.length = 0
  const release = (person: PersonId) =>
    decideHold(deps, {
      documentIds: [first, second],
      decision: 'release',
      person,
      reason: 'Confirmed by phone.',
    })
  const ends = await Promise.all([release(anna), release(ben)])
  expect(ends.map((ids) => ids.length).toSorted((a, b) => a - b)).toEqual([0, 2])
  expect(processJobs).toEqual([transmissionId])
  expect(
    await decideHold(deps, { documentIds: [third], decision: 'reject', person: anna, reason: 'Wrong.' }),
  ).toEqual([third])
  const { rows } = await database.admin.query(
    `select processing, resume_at, code from document where id = any($1) order by position`,
    [documentIds],
  )
  expect(rows).toEqual([
    { processing: 'waiting', resume_at: 'map', code: null },
    { processing: 'waiting', resume_at: 'map', code: null },
    { processing: 'rejected', resume_at: null, code: 'CD-4002' },
  ])
  const broken = await findBrokenFacts(database.store.worker, null)
  expect(broken.filter(({ check }) => check === 'C5')).toEqual([])
})

async function attempted(
  outcome: Parameters<typeof createTestTransport>[0] | typeof refused,
  options: { order?: { key: string; no: number } } = {},
) {
  const transport = createTestTransport(typeof outcome === 'function' ? outcome : () => outcome ?? taken)
  const deliver = world.deliver(transport)
  const made: Made = await world.delivery(await world.channel(), options)
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  return { made, transport, deliver }
}

async function heldDocuments(count: number) {
  const transmissionId = await world.file()
  const documentIds = Array.from({ length: count }, () => newId<DocumentId>())
  await database.admin.query(
    `insert into document (id, transmission_id, position, sender, type, processing, resume_at, stopped_at, code)
     select id, $2, place, $3, 'order', 'held', 'map', 'judge', 'CD-4001'
     from unnest($1::uuid[]) with ordinality as v (id, place)`,
    [documentIds, transmissionId, world.sender],
  )
  const batch = newId<HoldId>()
  await database.admin.query(
    `insert into hold (id, partner_id, batch_id, document_id, rule, code)
     select v.id, $3, $4, v.document_id, 'quantityMax', 'CD-4001'
     from unnest($1::uuid[], $2::uuid[]) as v (id, document_id)`,
    [documentIds.map(() => newId()), documentIds, world.sender, batch],
  )
  return { transmissionId, documentIds }
}
