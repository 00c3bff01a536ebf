import { expect, test } from 'vitest'
import { newId, type PayloadId } from '#hub/model/ids.ts'
import { keepRecent } from './recent.ts'

test('what was kept is given out once', () => {
  const recent = keepRecent(64_000)
  const id = newId<PayloadId>()
  recent.keep(id, Buffer.from('one'))
  expect(recent.take(id)).toEqual(Buffer.from('one'))
  expect(recent.take(id)).toBeNull()
})

test('beyond its bytes what is new is left to its row, and what is large is never kept', () => {
  const recent = keepRecent(64_000)
  const ids = Array.from({ length: 65 }, () => newId<PayloadId>())
  for (const id of ids) recent.keep(id, Buffer.alloc(1000, 1))
  expect(recent.take(ids[64]!)).toBeNull()
  expect(recent.take(ids[0]!)).toHaveLength(1000)
  recent.keep(ids[64]!, Buffer.alloc(1000, 1))
  expect(recent.take(ids[64]!)).toHaveLength(1000)
  const large = newId<PayloadId>()
  recent.keep(large, Buffer.alloc(1001))
  expect(recent.take(large)).toBeNull()
})
