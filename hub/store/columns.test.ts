import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#hub/model/ids.ts'
import { testDatabase, type TestDatabase } from '#tests/support/database.ts'
import { bytesColumn, idColumn, numberColumn, textColumn } from './columns.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(async () => {
  await database.drop()
})

const rows = [
  { id: newId(), text: 'plain', bytes: Buffer.from([0, 1, 255]), number: 1, flag: true },
  { id: null, text: null, bytes: null, number: null, flag: null },
  { id: newId(), text: `"{,}\\ é 漢 😀 'null'`, bytes: Buffer.alloc(0), number: -7, flag: false },
  { id: newId(), text: '', bytes: Buffer.alloc(100_000, 7), number: 2 ** 40, flag: true },
]

test('columns of any values arrive as they were', async () => {
  const { rows: read } = await database.store.worker.query({
    name: 'columns',
    text: `select * from unnest($1::uuid[], $2::text[], $3::bytea[], $4::float8[], $5::boolean[]) as c (id, text, bytes, number, flag)`,
    values: [
      idColumn(rows, ({ id }) => id),
      textColumn(rows, ({ text }) => text),
      bytesColumn(rows, ({ bytes }) => bytes),
      numberColumn(rows, ({ number }) => number),
      numberColumn(rows, ({ flag }) => flag),
    ],
  })
  expect(read).toEqual(rows)
})

test('a column of no rows is empty', async () => {
  const none: { text: string; bytes: Buffer; id: string }[] = []
  const { rows: read } = await database.store.worker.query(
    'select * from unnest($1::uuid[], $2::text[], $3::bytea[])',
    [
      idColumn(none, ({ id }) => id),
      textColumn(none, ({ text }) => text),
      bytesColumn(none, ({ bytes }) => bytes),
    ],
  )
  expect(read).toEqual([])
})
