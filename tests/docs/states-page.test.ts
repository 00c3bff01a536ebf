import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  acknowledgementStates,
  deliveryMoves,
  documentMoves,
  interchangeMoves,
  transmissionInMoves,
  transmissionOutMoves,
} from '#hub/model/states.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { statesPage } from './states-page.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(async () => {
  await database.drop()
})

test('docs/states.md shows the states and moves as the code has them', async () => {
  await expect(statesPage()).toMatchFileSnapshot('../../docs/states.md')
})

test('the tables allow exactly the states that the code knows', async () => {
  const known: Record<string, string[]> = {
    document: statesOf(documentMoves),
    delivery: statesOf(deliveryMoves),
    interchange: statesOf(interchangeMoves),
    transmission: [...statesOf(transmissionInMoves), ...statesOf(transmissionOutMoves)],
    acknowledgement: [...acknowledgementStates],
  }
  const columns = { document: 'processing' } as Record<string, string>
  for (const [table, states] of Object.entries(known)) {
    expect(await allowed(table, columns[table] ?? 'state'), table).toEqual(states.toSorted())
  }
})

test('every state that a move leads to is itself in its table', () => {
  for (const moves of [
    documentMoves,
    deliveryMoves,
    interchangeMoves,
    transmissionInMoves,
    transmissionOutMoves,
  ]) {
    const reached = new Set<string>(Object.values(moves).flat())
    expect([...reached].toSorted()).toEqual(statesOf(moves).toSorted())
  }
})

/** The values that a table's CHECK lists for a column, whatever else it compares. */
async function allowed(table: string, column: string): Promise<string[]> {
  const { rows } = await database.admin.query<{ text: string }>(
    `select pg_get_constraintdef(oid) as text from pg_constraint where conrelid = $1::regclass and contype = 'c'`,
    [table],
  )
  const lists = rows.flatMap(({ text }) => [
    ...text.matchAll(new RegExp(`\\(${column} = ANY \\(ARRAY\\[([^\\]]+)\\]`, 'g')),
  ])
  const values = lists.flatMap(([, list]) => [...list!.matchAll(/'(\w+)'/g)].map(([, value]) => value!))
  return [...new Set(values)].toSorted()
}

function statesOf(moves: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(moves).filter((state) => state !== 'new')
}
