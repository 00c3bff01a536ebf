import { afterAll, beforeAll, expect, test } from 'vitest'
import fc from 'fast-check'
import { newId, type PersonId } from '#hub/model/ids.ts'
import type { AttemptOutcome } from '#hub/model/outcomes.ts'
import { deliveryMoves, mayMove, transmissionOutMoves } from '#hub/model/states.ts'
import { decideDelivery } from '#hub/pipeline/decide/index.ts'
import type { Deliver } from '#hub/pipeline/deliver/index.ts'
import { watchDeadlines } from '#hub/pipeline/watch/deadlines.ts'
import { reconcileLeases } from '#hub/pipeline/watch/reconcile.ts'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import {
  answerLost,
  createTestTransport,
  negativeReceipt,
  pendingFor,
  positiveReceipt,
  refused,
  taken,
  unreachable,
  type TestTransport,
} from './test-transport.ts'
import { makeWorld, noQueue, type Made, type World } from './world.ts'

let database: TestDatabase
let world: World
let transport: TestTransport
let deliver: Deliver

beforeAll(async () => {
  database = await testDatabase()
  world = await makeWorld(database)
  transport = createTestTransport()
  deliver = world.deliver(transport)
  await recordMovesOfRows()
})
afterAll(async () => {
  await deliver.close()
  await database.drop()
})

const outcomes = {
  taken,
  pending: pendingFor(7_200_000),
  pendingPast: pendingFor(-1_000),
  later: unreachable,
  never: refused,
  hold: { kind: 'not_taken', code: 'peerNotAuthenticated', retry: 'hold' },
  unknown: answerLost,
} as const satisfies Record<string, AttemptOutcome>
const receipts = {
  positive: positiveReceipt,
  negative: negativeReceipt,
  negativeLater: { kind: 'not_taken', code: 'peerBusy', retry: 'later' },
  negativeHold: { kind: 'not_taken', code: 'receiptNegative', retry: 'hold' },
} as const satisfies Record<string, AttemptOutcome>

const anOutcome = fc.constantFrom(...keysOf(outcomes))
const aReceipt = fc.constantFrom(...keysOf(receipts))
const anEvent = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('attempt' as const), outcome: anOutcome }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('receipt' as const), receipt: aReceipt }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('overtaken' as const),
      outcome: anOutcome,
      receipts: fc.array(aReceipt, { minLength: 1, maxLength: 2 }),
      leaseRunsOut: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deadlines' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('decide' as const),
      decision: fc.constantFrom('release' as const, 'stop' as const, 'confirm' as const),
    }),
  },
)

test('whatever happens in whatever order, every move is a legal one and the nine checks stay empty', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(anEvent, { minLength: 1, maxLength: 12 }),
      async (dedupes, events) => {
        const made = await world.delivery(await world.channel({ peerDedupes: dedupes }), { expected: true })
        for (const event of events) await happen(made, event)
        expect(illegal(await movesOf('delivery', made))).toEqual([])
        expect(illegal(await movesOf('transmission', made))).toEqual([])
        expect(await findBrokenFacts(database.store.worker, null)).toEqual([])
        const states = await world.states(made)
        expect(states.document).toBe(states.delivery)
        expect(states.holds).toBe(states.delivery === 'held' ? 1 : 0)
        const identities = transport.seen.filter(({ deliveryId }) => deliveryId === made.deliveryId)
        expect(new Set(identities.map(({ wireId, sha256 }) => `${wireId} ${sha256}`)).size).toBeLessThan(2)
      },
    ),
    { numRuns: 40, ...(process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }) },
  )
}, 120_000)

type Event = typeof anEvent extends fc.Arbitrary<infer Kind> ? Kind : never

async function happen(made: Made, event: Event): Promise<void> {
  switch (event.kind) {
    case 'attempt':
      transport.behave(() => outcomes[event.outcome])
      return await attempt(made)
    case 'overtaken':
      transport.behave(async () => {
        if (event.leaseRunsOut) await leaseRunsOut(made)
        for (const receipt of event.receipts) await settle(made, receipts[receipt])
        return outcomes[event.outcome]
      })
      return await attempt(made)
    case 'receipt':
      return await settle(made, receipts[event.receipt])
    case 'deadlines':
      await watchDeadlines(database.store)
      return
    case 'decide':
      await decideDelivery(
        { store: database.store, queue: noQueue },
        {
          deliveryId: made.deliveryId,
          decision: event.decision,
          person: newId<PersonId>(),
          reason: 'Because.',
        },
      )
  }
}

async function attempt(made: Made): Promise<void> {
  await world.due(made.deliveryId)
  await deliver.deliver([made.deliveryId])
  await deliver.idle()
}

async function settle(made: Made, outcome: AttemptOutcome): Promise<void> {
  const evidenceId = await world.receipt()
  await deliver.settleByReceipt({ deliveryId: made.deliveryId, outcome, evidenceId })
}

async function leaseRunsOut({ deliveryId }: Made): Promise<void> {
  await database.admin.query(
    `update delivery set lease_until = now() - interval '1 second' where id = $1 and state = 'sending'`,
    [deliveryId],
  )
  await reconcileLeases(database.store, noQueue)
}

/** The test's own witness: every change of state as it happens in the tables. */
async function recordMovesOfRows(): Promise<void> {
  await database.admin.query(`
    create table moved (no bigserial, about text, delivery_id uuid, was text, became text);
    create function note_move() returns trigger language plpgsql security definer as $$
    begin
      insert into moved (about, delivery_id, was, became)
      values (tg_argv[0], case tg_argv[0] when 'delivery' then new.id else (to_jsonb(new)->>'delivery_id')::uuid end,
              old.state, new.state);
      return null;
    end $$;
    create trigger note_move after update of state on delivery
      for each row execute function note_move('delivery');
    create trigger note_move after update of state on transmission
      for each row when (new.direction = 'out') execute function note_move('transmission')`)
}

async function movesOf(about: 'delivery' | 'transmission', { deliveryId }: Made) {
  const { rows } = await database.admin.query<{ was: string; became: string }>(
    `select was, became from moved where about = $1 and delivery_id = $2 and was <> became order by no`,
    [about, deliveryId],
  )
  const moves = about === 'delivery' ? deliveryMoves : transmissionOutMoves
  return rows.map(({ was, became }) => ({ was, became, legal: mayMove(moves, was, became) }))
}

function illegal(moves: readonly { was: string; became: string; legal: boolean }[]): string[] {
  return moves.filter(({ legal }) => !legal).map(({ was, became }) => `${was} > ${became}`)
}

function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(table) as Key[]
}
