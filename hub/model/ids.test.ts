import { expect, test } from 'vitest'
import { derivedId, isId, newId, timeOf, type DocumentId } from './ids.ts'

test('a fresh id bears its time, sorts by it and comes once', () => {
  const ids = Array.from({ length: 1000 }, (_, index) => newId<DocumentId>(1_700_000_000_000 + index))
  for (const [index, id] of ids.entries()) {
    expect(isId(id)).toBe(true)
    expect(id[14]).toBe('7')
    expect(timeOf(id)).toBe(1_700_000_000_000 + index)
  }
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids.map((id) => id.slice(14))).size).toBe(1000)
})

test.each([
  [['document', 1, 1], '0198f3a2-1111-7b9d-8d67-b6ca19a968de'],
  [['interchange', 2], '0198f3a2-1111-7714-ac8c-b1addce02f50'],
  [['x'], '0198f3a2-1111-7c1f-bb7c-fca81d77ea6c'],
  [['delivery', 'é'], '0198f3a2-1111-7027-991d-b7f2dc5f9852'],
] as const)('%j of a parent has the same id as ever', (parts, id) => {
  const parent = '0198f3a2-1111-7222-8333-444455556666' as DocumentId
  expect(derivedId<DocumentId>(parent, ...parts)).toBe(id)
  expect(timeOf(derivedId<DocumentId>(parent, ...parts))).toBe(timeOf(parent))
})
