import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId, type DeliveryId } from '#hub/model/ids.ts'
import type { AttemptOutcome } from '#hub/model/outcomes.ts'
import type { Deliver } from '#hub/pipeline/deliver/index.ts'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import {
  answerLost,
  createTestTransport,
  negativeReceipt,
  pendingFor,
  positiveReceipt,
  taken,
  unreachable,
  type TestTransport,
} from './test-transport.ts'
import { makeWorld, type Made, type World } from './world.ts'

let database: TestDatabase
let world: World
let transport: TestTransport
let deliver: Deliver

beforeAll(async () => {
  database = await testDatabase()
  world = await makeWorld(database)
  transport = createTestTransport()
  deliver = world.deliver(transport)
})
afterAll(async () => {
  await deliver.close()
  expect(await findBrokenFacts(database.store.worker, null)).toEqual([])
  await database.drop()
})

test('A14 processed, then failed: delivered stays and the contradiction is flagged', async () => {
  const made = await attempted(pendingFor(7_200_000), { expected: true })
  expect(await receipt(made, positiveReceipt)).toBe('settled')
  expect(await receipt(made, negativeReceipt)).toBe('contradicts')
  expect(await world.states(made)).toMatchObject({
    delivery: 'delivered',
    attempts: ['taken'],
    document: 'delivered',
    acknowledgement: 'accepted',
  })
  expect(await world.entries(made)).toContain('delivery.contradicted')
})

test('A14 failed, then processed with the same identity: delivered', async () => {
  const made = await attempted(pendingFor(7_200_000), { expected: true })
  expect(await receipt(made, negativeReceipt)).toBe('settled')
  expect(await receipt(made, negativeReceipt)).toBe('already')
  expect(await world.states(made)).toMatchObject({ delivery: 'refused', acknowledgement: 'rejected' })
  expect(await receipt(made, positiveReceipt)).toBe('settled')
  expect(await world.states(made)).toMatchObject({
    delivery: 'delivered',
    code: null,
    attempts: ['taken'],
    document: 'delivered',
    acknowledgement: 'accepted',
  })
})

test('a positive receipt before our settling is not undone by a settling that calls the end unknown', async () => {
  const made = await attempted(async (id) => {
    expect(await settle(id, positiveReceipt)).toBe('settled')
    return answerLost
  })
  expect(await world.states(made)).toMatchObject({ delivery: 'delivered', attempts: ['taken'], holds: 0 })
  const entries = await world.entries(made)
  expect(entries.filter((type) => type === 'delivery.delivered')).toHaveLength(1)
})

test('a positive receipt after a swallowed answer ends the hold', async () => {
  const made = await attempted(answerLost, { expected: true })
  expect(await world.states(made)).toMatchObject({ delivery: 'held', holds: 1 })
  expect(await receipt(made, positiveReceipt)).toBe('settled')
  expect(await world.states(made)).toMatchObject({ delivery: 'delivered', attempts: ['taken'], holds: 0 })
})

test('a negative receipt after a swallowed answer refuses what was held, and no attempt follows', async () => {
  const made = await attempted(answerLost, { expected: true })
  expect(await receipt(made, negativeReceipt)).toBe('settled')
  expect(await world.states(made)).toMatchObject({
    delivery: 'refused',
    attempts: ['not_taken'],
    holds: 0,
    acknowledgement: 'rejected',
  })
})

test('a positive receipt while the delivery waits for its next attempt makes that attempt needless', async () => {
  const made = await attempted(answerLost, { peerDedupes: true })
  expect(await receipt(made, positiveReceipt)).toBe('settled')
  expect(await world.states(made)).toMatchObject({ delivery: 'delivered', attempts: ['taken'] })
  const before = transport.seen.length
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  expect(transport.seen).toHaveLength(before)
})

test('a negative receipt closes only attempts that began before it came', async () => {
  const made = await attempted(answerLost, { peerDedupes: true })
  const evidenceId = await world.receipt()
  transport.behave(() => pendingFor(7_200_000))
  await world.due(made.deliveryId)
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  const settlement = { deliveryId: made.deliveryId, outcome: negativeReceipt, evidenceId }
  await deliver.settleByReceipt(settlement)
  expect((await world.states(made)).attempts).toEqual(['not_taken', 'pending'])
  expect(await world.states(made)).toMatchObject({ delivery: 'pending', document: 'pending' })
  expect(await receipt(made, positiveReceipt)).toBe('settled')
  expect(await world.states(made)).toMatchObject({ delivery: 'delivered', attempts: ['not_taken', 'taken'] })
})

test('a receipt for something that was never sent matches nothing', async () => {
  expect(await settle(newId<DeliveryId>(), positiveReceipt)).toBe('unmatched')
  const made = await world.delivery(await world.channel())
  expect(await receipt(made, positiveReceipt)).toBe('unmatched')
  expect(await world.states(made)).toMatchObject({ delivery: 'waiting', attempt: 0 })
})

test('receipts and settling at the same moment end in one state', async () => {
  const channel = await world.channel()
  const made = await Promise.all(
    Array.from({ length: 30 }, () => world.delivery(channel, { expected: true })),
  )
  const receipts: Promise<unknown>[] = []
  transport.behave((delivery) => {
    receipts.push(settle(delivery.id, positiveReceipt), settle(delivery.id, negativeReceipt))
    return taken
  })
  await deliver.deliver(made.map(({ deliveryId }) => deliveryId))
  await deliver.idle()
  await Promise.all(receipts)
  for (const one of made) {
    expect(await world.states(one)).toMatchObject({ delivery: 'delivered', attempts: ['taken'], holds: 0 })
  }
})

test('a receipt whose words PostgreSQL cannot keep still settles', async () => {
  const made = await attempted({ kind: 'pending', proof: { text: 'a\u0000b\ud800' }, dueAt: new Date() })
  expect(await receipt(made, { kind: 'taken', proof: { text: '\u0000' } })).toBe('settled')
  expect(await world.states(made)).toMatchObject({ delivery: 'delivered' })
})

test('an unreachable peer was not sent anything: a receipt that it failed changes nothing', async () => {
  const made = await attempted(unreachable)
  expect(await receipt(made, negativeReceipt)).toBe('already')
  expect(await world.states(made)).toMatchObject({ delivery: 'waiting', attempts: ['not_taken'] })
})

async function attempted(
  outcome: AttemptOutcome | ((id: DeliveryId) => Promise<AttemptOutcome>),
  options: { expected?: boolean; peerDedupes?: boolean } = {},
): Promise<Made> {
  const { peerDedupes = false, ...rest } = options
  const made = await world.delivery(await world.channel({ peerDedupes }), rest)
  transport.behave((delivery) => (typeof outcome === 'function' ? outcome(delivery.id) : outcome))
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
  return made
}

async function receipt(made: Made, outcome: AttemptOutcome) {
  return await settle(made.deliveryId, outcome)
}

async function settle(deliveryId: DeliveryId, outcome: AttemptOutcome) {
  return await deliver.settleByReceipt({ deliveryId, outcome, evidenceId: await world.receipt() })
}
