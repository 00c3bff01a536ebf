import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'

/** The same value with the members of each object in the order of their names. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]))
}

/** Names like 1 come first in every object of JavaScript, whatever the order of code units says. */
const name = fc.string({ maxLength: 6 }).filter((one) => !/^\d+$/.test(one) && one !== '__proto__')
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(name, tie('any'), { maxKeys: 5 }),
  ),
})).any

test('is JSON with its members sorted, whatever their order was', () => {
  fc.assert(fc.property(value, (one) => canonicalJson(one) === JSON.stringify(sorted(one))))
  expect(canonicalJson({ b: 1, a: 2 })).toBe(canonicalJson({ a: 2, b: 1 }))
  expect(canonicalJson({ '10': 1, '9': 2, a: undefined })).toBe('{"10":1,"9":2}')
})

test('is the same when more kinds of objects came by than are kept', () => {
  for (let index = 0; index < 10_100; index++)
    expect(canonicalJson({ b: 1, [`a${index}`]: 2 })).toBe(`{"a${index}":2,"b":1}`)
})

test('holds nothing that JSON does not', () => {
  for (const wrong of [undefined, Number.NaN, Number.POSITIVE_INFINITY, () => 1, 1n])
    expect(() => canonicalJson(wrong)).toThrow(TypeError)
})
