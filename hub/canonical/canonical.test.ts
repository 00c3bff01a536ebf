import { z } from 'zod'
import { canonicalTypes } from '#hub/model/mapping.ts'
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { isGln, wireIdentityOf } from '#hub/model/identity.ts'
import {
  canonicalSchemaOf,
  checkCanonical,
  compareDecimals,
  decimalFrom,
  measure,
  multiplyDecimals,
  partiesOf,
  serialiseCanonical,
  sumDecimals,
  type Order,
} from './index.ts'

const order: Order = {
  type: 'order',
  version: '1',
  id: '345',
  issueDate: '2026-11-20',
  function: 'original',
  documentCurrencyCode: 'EUR',
  buyerCustomerParty: { party: { partyIdentification: [{ id: '0012345000010', schemeId: '0088' }] } },
  sellerSupplierParty: { party: { endpointId: { id: '5412345000013', schemeId: '0088' } } },
  orderLine: [
    {
      lineItem: {
        id: '1',
        quantity: { value: '3' },
        price: { priceAmount: { value: '0.10' } },
        item: { name: 'A' },
      },
    },
    {
      lineItem: {
        id: '2',
        quantity: { value: '0.5' },
        lineExtensionAmount: { value: '1.205' },
        item: { name: 'B' },
      },
    },
  ],
}

describe('checking a canonical order', () => {
  test('a good one has no findings', () => {
    expect(checkCanonical(order)).toEqual([])
  })

  test('every finding names its member by path', () => {
    const line = { lineItem: { id: '1', quantity: { value: 3 }, item: {} } }
    const { issueDate: _, ...undated } = order
    const findings = checkCanonical({ ...undated, currency: 'EUR', orderLine: [line] })
    expect(findings.map((finding) => [finding.code, finding.position.path])).toEqual([
      ['canonicalMissing', 'issueDate'],
      ['canonicalWrong', 'orderLine[0].lineItem.quantity.value'],
      ['canonicalUnknown', 'currency'],
    ])
    expect(findings[0]!.message).toBe('issueDate is missing')
    expect(findings[1]!.message).toBe('orderLine[0].lineItem.quantity.value: must be a text')
  })

  test('an extension called __proto__ is refused', () => {
    const extended = { ...order, extensions: JSON.parse('{"__proto__":"x"}') as object }
    expect(checkCanonical(extended)).toMatchObject([{ code: 'canonicalUnknown' }])
  })

  test('a line number that stands twice is found', () => {
    const twice = { ...order, orderLine: [order.orderLine[0]!, order.orderLine[0]!] }
    expect(checkCanonical(twice)).toMatchObject([
      { code: 'canonicalWrong', position: { path: 'orderLine[1].lineItem.id' } },
    ])
  })

  test.each([[null], [[]], ['order'], [{}], [{ type: 'orders' }], [{ type: 'constructor' }]])(
    'what is no order, %j, is one finding about its type',
    (document) => {
      expect(checkCanonical(document)).toMatchObject([{ position: { path: 'type' } }])
    },
  )

  test.each(['2026-02-30', '20261120', '2026-11-20Z', ''])('%j is no date', (issueDate) => {
    expect(checkCanonical({ ...order, issueDate })).toMatchObject([{ position: { path: 'issueDate' } }])
  })

  test.each(['1e3', '1,5', '+1', '01', '.5', '1.', ' 1', 'NaN', ''])('%j is no decimal', (value) => {
    const line = { lineItem: { ...order.orderLine[0]!.lineItem, quantity: { value } } }
    expect(checkCanonical({ ...order, orderLine: [line] })).toHaveLength(1)
  })
})

describe('exact decimals', () => {
  test('ten dimes are a dollar, and no digit is lost', () => {
    expect(sumDecimals(Array(10).fill('0.10'))).toBe('1.00')
    expect(sumDecimals(['12345678901234567890.123', '-0.0001'])).toBe('12345678901234567890.1229')
    expect(sumDecimals([])).toBe('0')
    expect(sumDecimals(['0.5', '-0.75'])).toBe('-0.25')
    expect(multiplyDecimals('2.5', '-0.40')).toBe('-1.000')
    expect(compareDecimals('1.0', '1')).toBe(0)
    expect(compareDecimals('9', '10')).toBe(-1)
  })

  test('a sum does not depend on the order of its summands', () => {
    const decimals = fc.array(
      fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(9)).map(([units, scale]) => {
        const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
        const body = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
        return units < 0n ? `-${body}` : body
      }),
    )
    fc.assert(fc.property(decimals, (values) => sumDecimals(values) === sumDecimals(values.toReversed())))
  })

  test.each([
    ['+1.50', '1.50'],
    ['.5', '0.5'],
    ['007', '7'],
    ['12,5', '12.5'],
    ['1e3', '1000'],
    ['1.25E1', '12.5'],
    ['125e-2', '1.25'],
    ['5e-3', '0.005'],
    ['-0', '0'],
    ['-0.00', '0.00'],
    ['5.', '5'],
  ])('%s is %s', (written, canonical) => {
    expect(decimalFrom(written)).toBe(canonical)
  })

  test.each(['', '.', '-', '1e1000', '0x10', '1 000', '1.2.3', 'Infinity', '١'])(
    '%j is no number',
    (written) => {
      expect(decimalFrom(written)).toBeNull()
    },
  )
})

describe('measuring', () => {
  test('lines, quantity and amount are exact, from the lines where no total is stated', () => {
    expect(measure(order)).toEqual({ lines: 2, quantity: '3.5', amount: '1.505', currency: 'EUR' })
  })

  test('a stated total is taken as it is', () => {
    const stated = { ...order, anticipatedMonetaryTotal: { payableAmount: { value: '99.90' } } }
    expect(measure(stated).amount).toBe('99.90')
  })

  test('a line without amount or price leaves the amount unknown', () => {
    const { price: _, ...unpriced } = order.orderLine[0]!.lineItem
    expect(measure({ ...order, orderLine: [{ lineItem: unpriced }] }).amount).toBeNull()
  })
})

describe('parties', () => {
  test('a GLN keeps its zeros and is found wherever it stands', () => {
    expect(partiesOf(order)).toEqual({
      sender: { scheme: 'gln', value: '0012345000010' },
      receiver: { scheme: 'gln', value: '5412345000013' },
    })
  })

  test('schemes become names on the wire', () => {
    expect(wireIdentityOf({ id: '123456789', schemeId: '0060' })).toEqual({
      scheme: 'duns',
      value: '123456789',
    })
    expect(wireIdentityOf({ id: 'FR123', schemeId: '9957' })).toEqual({
      scheme: 'party:9957',
      value: 'FR123',
    })
    expect(wireIdentityOf({ id: 'ACME' })).toEqual({ scheme: 'party', value: 'ACME' })
    expect(wireIdentityOf({ id: '5412345000013' })).toEqual({ scheme: 'gln', value: '5412345000013' })
    expect(isGln('5412345000014')).toBe(false)
  })
})

test('equal orders have equal bytes whatever the order of their members', () => {
  const turned = Object.fromEntries(Object.entries(order).toReversed()) as unknown as Order
  expect(serialiseCanonical(turned)).toEqual(serialiseCanonical(order))
})

test.each(canonicalTypes)(
  'the JSON Schema of %s refuses members that it does not name and asks for those it needs',
  (type) => {
    const schema = z.toJSONSchema(canonicalSchemaOf(type)) as Record<string, unknown>
    expect(schema.additionalProperties).toBe(false)
    expect(schema.required).toContain('version')
    expect(schema.properties).toMatchObject({ type: { const: type } })
  },
)
