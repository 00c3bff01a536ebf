import { expect, test } from 'vitest'
import { limits } from '#hub/base/limits.ts'
import { prepared } from './prepared.ts'

test('a text with parameters has a name of its own, and always the same', () => {
  const one = prepared('select $1::int', [1])
  expect(one).toEqual({
    name: expect.stringMatching(/^queue_[\w-]{16}$/),
    text: 'select $1::int',
    values: [1],
  })
  expect(prepared('select $1::int', [2]).name).toBe(one.name)
  expect(prepared('select $1::text', ['']).name).not.toBe(one.name)
})

test('a text without parameters may be several statements, and has no name', () => {
  expect(prepared('select 1; select 2', undefined)).toEqual({ text: 'select 1; select 2' })
  expect(prepared('select 1', [])).toEqual({ text: 'select 1' })
})

test('names end at the limit, and those given go on', () => {
  const first = prepared('select $1::date', ['2026-11-21'])
  const names = Array.from(
    { length: limits.queueStatements + 10 },
    (_, index) => prepared(`select $1, ${index}`, [0]).name,
  )
  expect(names.at(-1)).toBeUndefined()
  expect(prepared('select $1::date', ['2026-11-22']).name).toBe(first.name)
})
