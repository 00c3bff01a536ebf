import { z } from 'zod'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { acceptsOf } from './accepts.ts'
import { orderSchema } from './order.ts'

const accepts = acceptsOf(orderSchema)

/** An order with each kind of member: lists, texts, dates, decimals, closed sets, flags, extensions. */
const full = () => ({
  type: 'order',
  version: '1',
  id: '345',
  issueDate: '2026-11-20',
  issueTime: '14:30:00Z',
  function: 'original',
  note: ['as agreed'],
  documentCurrencyCode: 'EUR',
  validityPeriod: { startDate: '2026-02-28', endTime: '23:59:59.5+02:00' },
  buyerCustomerParty: { party: { partyIdentification: [{ id: '3012345000017', schemeId: '0088' }] } },
  sellerSupplierParty: { party: { postalAddress: { addressLine: [{ line: 'Havenlaan 86' }] } } },
  allowanceCharge: [{ chargeIndicator: false, amount: { value: '-12.50', currencyId: 'EUR' } }],
  orderLine: [
    { lineItem: { id: '1', quantity: { value: '3', unitCode: 'PCE' }, item: { name: 'Speculoos' } } },
    { lineItem: { id: '2', quantity: { value: '0.5' }, item: {} } },
  ],
  extensions: { channel: 'shop' },
})

/** The paths of all members and items of a value. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([name, member]) => pathsOf(member, [...path, name]))]
}

/** The order with another value at a path, or without what stands there. */
function changed(path: string[], value: unknown): unknown {
  const order = full()
  const last = path.at(-1)
  if (last === undefined) return value
  let at = order as Record<string, unknown>
  for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>
  if (value === gone) delete at[last]
  else at[last] = value
  return order
}
const gone = Symbol('gone')

test('a good order is accepted', () => {
  expect(orderSchema.safeParse(full()).success).toBe(true)
  expect(accepts(full())).toBe(true)
})

test('what is accepted is just what the schema takes, whatever is changed in an order', () => {
  const value = fc.oneof(
    fc.constantFrom<unknown>(gone, undefined, null, '', '1', '01', '1.', '-0', 1, true, {}, [], [{}], ['x']),
    fc.constantFrom<unknown>(
      '2026-02-29',
      '2024-02-29',
      '24:00:00',
      'eur',
      { id: '1' },
      { value: '1' },
      { x: '1' },
    ),
    fc.constantFrom<unknown>('x'.repeat(100_001), { name: 'a', value: 'b', other: 'c' }, Object.create(null)),
    fc.anything(),
  )
  fc.assert(
    fc.property(fc.constantFrom(...pathsOf(full())), value, (path, put) => {
      const order = changed(path, put)
      expect(accepts(order)).toBe(orderSchema.safeParse(order).success)
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ['an object that passes over members', z.object({ a: z.string() })],
  ['a rule of its own', z.strictObject({ a: z.string().refine((text) => text !== 'x') })],
  ['another type', z.strictObject({ a: z.number() })],
  ['two patterns', z.string().regex(/a/).regex(/b/)],
])('a schema with %s is not compiled', (_what, schema) => {
  expect(() => acceptsOf(schema)).toThrow('compiled')
})
