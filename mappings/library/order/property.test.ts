import { expect, test } from 'vitest'
import fc from 'fast-check'
import type { Format, ReadMessage } from '#hub/model/format.ts'
import type { MappedMessage } from '#hub/model/mapping.ts'
import { HubError } from '#hub/model/errors.ts'
import { checkCanonical, orderFunctions, type Order } from '#hub/canonical/index.ts'
import { edifactFormat, type EdifactMessage } from '#hub/formats/edifact/index.ts'
import { jsonFormat } from '#hub/formats/json/index.ts'
import { xmlFormat } from '#hub/formats/xml/index.ts'
import { libraryMappings } from '#mappings/engine/index.ts'
import { notCarried } from '#mappings/engine/carried.ts'

/** Texts with what separates segments, elements and members, and letters of several alphabets. */
const text = fc
  .array(fc.constantFrom(...'abcXYZ019 +:\'?*.,;&<>"\\{}[]/-é œ€ß漢😀\u00A0'.split(/(?:)/u)), {
    minLength: 1,
    maxLength: 40,
  })
  .map((characters) => characters.join('').trim())
  .filter((joined) => joined !== '')
const code = fc.stringMatching(/^[A-Z0-9]{1,3}$/)
const decimal = fc
  .tuple(fc.nat(9_999_999), fc.constantFrom('', '.5', '.25', '.100'))
  .map(([whole, fraction]) => `${whole}${fraction}`)
const date = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2035-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10))
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const amount = fc.record({ value: decimal, currencyId: fc.constant('EUR') })
const identifier = fc.oneof(
  fc.record({ id: code, schemeId: fc.constantFrom('0088', '0060', '92', '9957') }),
  fc.record({ id: code }),
)

/** Without the members that are undefined: JSON's way of being absent. */
function absentLeftOut<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return arbitrary.map((value) => JSON.parse(JSON.stringify(value)) as T)
}

const party = fc.record({
  partyIdentification: fc.array(identifier, { minLength: 1, maxLength: 2 }),
  partyName: maybe(fc.tuple(fc.record({ name: text }))),
  postalAddress: maybe(
    fc.record({ streetName: text, cityName: text, country: fc.record({ identificationCode: code }) }),
  ),
  contact: maybe(fc.record({ name: text, telephone: text })),
})
const line = fc.record({
  quantity: fc.record({ value: decimal, unitCode: code }),
  note: maybe(fc.array(text, { minLength: 1, maxLength: 2 })),
  price: maybe(fc.record({ priceAmount: amount })),
  item: fc.record({ name: text, sellersItemIdentification: maybe(fc.record({ id: code })) }),
})
const orders: fc.Arbitrary<Order> = absentLeftOut(
  fc
    .record({
      id: code,
      issueDate: date,
      issueTime: maybe(fc.constantFrom('00:00:00', '23:59:00', '12:30:15', '08:00:00Z')),
      function: fc.constantFrom(...orderFunctions),
      note: maybe(fc.array(text, { minLength: 1, maxLength: 3 })),
      documentCurrencyCode: fc.constant('EUR'),
      buyerCustomerParty: fc.record({ party }),
      sellerSupplierParty: fc.record({ party }),
      anticipatedMonetaryTotal: maybe(fc.record({ payableAmount: amount })),
      lines: fc.array(line, { minLength: 1, maxLength: 4 }),
    })
    .map(({ lines, ...rest }) => ({
      type: 'order' as const,
      version: '1' as const,
      ...rest,
      orderLine: lines.map((lineItem, index) => ({ lineItem: { id: String(index + 1), ...lineItem } })),
    })),
) as fc.Arbitrary<Order>

function overTheWire(format: Format, message: MappedMessage, syntax: string): ReadMessage {
  const bytes = format.write({
    sender: { scheme: 'gln', value: '3020180000017' },
    receiver: { scheme: 'gln', value: '5412070000012' },
    reference: '1',
    env: 'live',
    at: new Date(0),
    messages: [{ ...message, reference: '1' }],
    terms: { syntax },
  })
  const reader = format.reader()
  const messages = [...reader.push(bytes), ...reader.end()].flatMap((event) =>
    event.kind === 'message' ? [event.message] : [],
  )
  expect(messages).toHaveLength(1)
  return messages[0]!
}

function mapped(mapping: string, order: Order, settings = {}): MappedMessage {
  return libraryMappings.fromCanonical(mapping, order, { sender: null, receiver: null, settings })
}

test('any order goes through JSON and comes back equal', () => {
  fc.assert(
    fc.property(orders, (order) => {
      expect(checkCanonical(order)).toEqual([])
      const message = overTheWire(jsonFormat, mapped('order/json', order), 'UTF-8')
      expect(libraryMappings.toCanonical('order/json', message).canonical).toEqual(order)
    }),
  )
})

test('any order that a UBL Order can be goes through it and comes back equal', () => {
  fc.assert(
    fc.property(orders, (order) => {
      if (!['original', 'copy'].includes(order.function)) return
      const message = overTheWire(xmlFormat, mapped('order/ubl-2.1', order), 'UTF-8')
      expect(libraryMappings.toCanonical('order/ubl-2.1', message)).toEqual({
        canonical: order,
        findings: [],
      })
    }),
  )
})

test.each([
  ['UNOA', 'UNOA:3'],
  ['UNOB', 'UNOB:3'],
  ['UNOC', 'UNOC:3'],
  ['UNOW', 'UNOW:4'],
])(
  'any order goes through ORDERS under %s with every difference told, and no value makes a segment',
  (charset, syntax) => {
    fc.assert(
      fc.property(orders, (order) => {
        let message: MappedMessage
        try {
          message = mapped('order/edifact-d96a', order, { charset })
        } catch (error) {
          expect(error).toBeInstanceOf(HubError)
          return
        }
        const made = (message.tree as EdifactMessage).segments.length
        const again = overTheWire(edifactFormat, message, syntax)
        expect((again.tree as EdifactMessage).segments).toHaveLength(made + 2)
        const { canonical, findings } = libraryMappings.toCanonical('order/edifact-d96a', again)
        expect(findings.filter((finding) => finding.severity === 'error')).toEqual([])
        expect(notCarried(order, canonical, 'ORDERS D.96A')).toEqual(message.findings)
      }),
      { numRuns: 40 },
    )
  },
)
