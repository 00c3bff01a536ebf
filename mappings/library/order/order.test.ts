import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Format, FormatName, ReadMessage } from '#hub/model/format.ts'
import type { CanonicalDocument, MappedMessage } from '#hub/model/mapping.ts'
import { HubError } from '#hub/model/errors.ts'
import { checkCanonical, type Order } from '#hub/canonical/index.ts'
import { edifactFormat } from '#hub/formats/edifact/index.ts'
import { jsonFormat } from '#hub/formats/json/index.ts'
import { xmlFormat } from '#hub/formats/xml/index.ts'
import { libraryMappings } from '#mappings/engine/index.ts'

const ways = [
  { mapping: 'order/edifact-d96a', format: edifactFormat, file: 'order-345.edi' },
  { mapping: 'order/ubl-2.1', format: xmlFormat, file: 'order-345.xml' },
  { mapping: 'order/json', format: jsonFormat, file: 'order-345.json' },
] as const

function sample(file: string): Buffer {
  return readFileSync(new URL(`samples/${file}`, import.meta.url))
}

function read(format: Format, bytes: Buffer): ReadMessage {
  const reader = format.reader()
  const events = [...reader.push(bytes), ...reader.end()]
  const faults = events.flatMap((event) => {
    if (event.kind === 'fault') return event.findings
    if (event.kind === 'interchange') return event.interchange.findings
    return event.kind === 'message' ? event.message.findings : event.trailer.findings
  })
  const message = events.find((event) => event.kind === 'message')
  if (message === undefined || faults.length > 0) throw new Error(`not read: ${JSON.stringify(faults)}`)
  return message.message
}

function mapped(mapping: string, order: CanonicalDocument, settings = {}): MappedMessage {
  return libraryMappings.fromCanonical(mapping, order, { sender: null, receiver: null, settings })
}

function written(format: Format, message: MappedMessage, syntax = 'UNOC:3'): Buffer {
  return format.write({
    sender: { scheme: 'gln', value: '3020180000017' },
    receiver: { scheme: 'gln', value: '5412070000012' },
    reference: '118',
    env: 'live',
    at: new Date('2026-11-20T13:36:00Z'),
    messages: [{ ...message, reference: '1' }],
    terms: { syntax: format.name === 'edifact' ? syntax : 'UTF-8', lineEnds: 'lf' },
  })
}

const order = JSON.parse(sample('order-345.json').toString()) as Order

describe('order 345 of Maison Verdier to Brouwer & Zonen', () => {
  test.each(ways)('$file is read without a finding and gives the canonical order', (way) => {
    const message = read(way.format, sample(way.file))
    expect(way.format.check(message)).toEqual([])
    const { canonical, findings } = libraryMappings.toCanonical(way.mapping, message)
    expect(findings).toEqual([])
    expect(canonical).toEqual(order)
    expect(checkCanonical(canonical)).toEqual([])
    expect(message).toMatchObject({ number: '345', lines: 3 })
  })

  test.each(ways)(
    'is written by $mapping as it stands in samples/written, and read back the same',
    async (way) => {
      const message = mapped(way.mapping, order)
      expect(message.findings).toEqual([])
      const bytes = written(way.format, message)
      const text = bytes.toString(way.format.name === 'edifact' ? 'latin1' : 'utf8')
      await expect(text).toMatchFileSnapshot(`samples/written/${way.file}`)
      const again = read(way.format, bytes)
      expect(way.format.check(again)).toEqual([])
      expect(libraryMappings.toCanonical(way.mapping, again)).toEqual({ canonical: order, findings: [] })
    },
  )
})

/** An order with a value wherever the canonical form has a place. */
const full: Order = {
  ...order,
  accountingCost: 'K-7',
  validityPeriod: { startDate: '2026-11-20', endDate: '2026-12-31' },
  quotationDocumentReference: { id: 'Q-9', issueDate: '2026-10-01' },
  orderDocumentReference: { id: '344' },
  additionalDocumentReference: [
    { id: 'A-1', documentTypeCode: 'ACD' },
    { id: 'B', documentTypeCode: '916' },
  ],
  originatorCustomerParty: { party: { partyName: [{ name: 'Boutique Arles' }] } },
  accountingCustomerParty: {
    customerAssignedAccountId: 'V-1',
    party: {
      endpointId: { id: 'FR404833048', schemeId: '9957' },
      partyLegalEntity: [{ companyId: { id: '404833048' } }],
    },
  },
  delivery: [...order.delivery!, { latestDeliveryDate: '2026-12-24' }],
  allowanceCharge: [
    {
      chargeIndicator: true,
      allowanceChargeReasonCode: 'FC',
      allowanceChargeReason: 'Port payé',
      amount: { value: '35.00', currencyId: 'EUR' },
    },
  ],
  taxTotal: [
    {
      taxAmount: { value: '393.60', currencyId: 'EUR' },
      taxSubtotal: [
        {
          taxAmount: { value: '393.60', currencyId: 'EUR' },
          taxCategory: { id: 'S', percent: '21', taxScheme: { id: 'VAT' } },
        },
      ],
    },
  ],
  orderLine: order.orderLine.map((line, index) => ({
    documentReference: [{ id: `R-${index}`, documentTypeCode: 'PL' }],
    lineItem: {
      ...line.lineItem,
      id: `${index + 1}0`,
      allowanceCharge: [
        {
          chargeIndicator: false,
          multiplierFactorNumeric: '5',
          amount: { value: '2.50', currencyId: 'EUR' },
          baseAmount: { value: '50.00', currencyId: 'EUR' },
        },
      ],
      item: {
        ...line.lineItem.item,
        classifiedTaxCategory: [{ id: 'S', percent: '5.5', taxScheme: { id: 'VAT' } }],
        additionalItemProperty: [{ name: 'couleur', value: 'bleu' }],
      },
    },
  })),
  extensions: { 'maison-verdier:rayon': '12' },
}

describe('what a form cannot carry is told, value by value', () => {
  const leftOut = (mapping: string, document: Order) =>
    mapped(mapping, document).findings.map((one) => one.position.path)

  test('JSON carries all', () => {
    expect(leftOut('order/json', full)).toEqual([])
  })

  test('UBL 2.1 carries all but extensions', () => {
    expect(leftOut('order/ubl-2.1', full)).toEqual(['extensions.maison-verdier:rayon'])
  })

  test('ORDERS D.96A carries all but these', () => {
    expect(new Set(leftOut('order/edifact-d96a', full))).toEqual(
      new Set([
        'accountingCost',
        'validityPeriod.startDate',
        'validityPeriod.endDate',
        'additionalDocumentReference[1].documentTypeCode',
        'accountingCustomerParty.party.endpointId.id',
        'accountingCustomerParty.party.endpointId.schemeId',
        'delivery[1].latestDeliveryDate',
        'taxTotal[0].taxSubtotal[0].taxAmount.value',
        'taxTotal[0].taxSubtotal[0].taxAmount.currencyId',
        'taxTotal[0].taxSubtotal[0].taxCategory.id',
        'taxTotal[0].taxSubtotal[0].taxCategory.percent',
        'taxTotal[0].taxSubtotal[0].taxCategory.taxScheme.id',
        ...[0, 1, 2].flatMap((line) => [
          `orderLine[${line}].lineItem.item.additionalItemProperty[0].name`,
          `orderLine[${line}].lineItem.item.additionalItemProperty[0].value`,
        ]),
        'extensions.maison-verdier:rayon',
      ]),
    )
  })

  test.each(ways)('$mapping writes it by the rules of its format', (way) => {
    expect(way.format.check(read(way.format, written(way.format, mapped(way.mapping, full))))).toEqual([])
  })

  test('the note says the value and what it became', () => {
    const [note] = mapped('order/edifact-d96a', { ...order, note: ['Œufs frais — 3 €'] }).findings
    expect(note).toEqual({
      code: 'notCarried',
      severity: 'note',
      message: 'note[0] ("Œufs frais — 3 €") has no place in ORDERS D.96A; it became "OEufs frais - 3 EUR"',
      position: { path: 'note[0]' },
    })
  })

  test('under a charset that has the characters they stay', () => {
    const oeufs = { ...order, note: ['Œufs frais — 3 €'] }
    const message = mapped('order/edifact-d96a', oeufs, { charset: 'UNOW' })
    expect(message.findings).toEqual([])
    const again = read(edifactFormat, written(edifactFormat, message, 'UNOW:4'))
    expect(libraryMappings.toCanonical('order/edifact-d96a', again).canonical).toEqual(oeufs)
  })

  test('a segment or element that no rule takes is told where it stands', () => {
    const edi = sample('order-345.edi').toString('latin1').replace("TOD+3++DAP'", "TDT+20++30'\nTOD+3++DAP'")
    const fromEdifact = libraryMappings.toCanonical(
      'order/edifact-d96a',
      read(edifactFormat, Buffer.from(edi.replace('UNT+50', 'UNT+51'), 'latin1')),
    )
    expect(fromEdifact.findings).toMatchObject([
      {
        code: 'notCarried',
        message: 'the segment TDT+20++30 has no place in the canonical document',
        position: { segment: 22, tag: 'TDT' },
      },
    ])
    const xml = sample('order-345.xml')
      .toString()
      .replace('</b:UBLVersionID>', '</b:UBLVersionID><b:UUID>7</b:UUID>')
    const fromXml = libraryMappings.toCanonical('order/ubl-2.1', read(xmlFormat, Buffer.from(xml)))
    expect(fromXml.findings).toMatchObject([
      { code: 'notCarried', position: { path: '/Order/b:UUID', line: 7 } },
    ])
  })
})

describe('what would say something else is refused', () => {
  test.each([
    ['an order number of 36 characters', { ...order, id: 'x'.repeat(36) }],
    ['a quantity of 16 digits', withQuantity('1234567890123456')],
    ['a unit of four characters', withQuantity('1', 'ABCD')],
  ])('ORDERS D.96A has no place for %s', (_, document) => {
    expect(() => mapped('order/edifact-d96a', document)).toThrow(HubError)
  })

  test.each(['change', 'replace', 'cancel'] as const)('a UBL Order cannot be a %s', (change) => {
    expect(() => mapped('order/ubl-2.1', { ...order, function: change })).toThrow(HubError)
    expect(mapped('order/edifact-d96a', { ...order, function: change }).findings).toEqual([])
  })

  test.each([
    ["BGM+220+345+9'", "BGM+220+345+99'", 'a message function'],
    ["DTM+137:202611201435:203'", "DTM+137:20261332:102'", 'a date'],
    ["QTY+21:240:C62'", "QTY+21:2-40:C62'", 'a number'],
    ["CNT+2:3'", "CNT+2:4'", 'the number of lines, 3'],
    ["CNT+1:338.5'", "CNT+1:338'", 'the sum of the quantities is 338.5'],
  ])('%s as %s is a finding', (from, to, words) => {
    const message = read(
      edifactFormat,
      Buffer.from(sample('order-345.edi').toString('latin1').replace(from, to), 'latin1'),
    )
    const { findings } = libraryMappings.toCanonical('order/edifact-d96a', message)
    const [found] = findings
    expect(found).toMatchObject({
      code: 'valueNotMapped',
      severity: from.startsWith('CNT+1') ? 'warning' : 'error',
    })
    expect(found!.message).toContain(words)
  })

  function withQuantity(value: string, unitCode = 'C62'): Order {
    const [line] = order.orderLine
    return { ...order, orderLine: [{ lineItem: { ...line!.lineItem, quantity: { value, unitCode } } }] }
  }
})

test('mappings are found by name and types by what stands on the wire', () => {
  const types: [FormatName, string][] = [
    ['edifact', 'ORDERS'],
    ['xml', 'Order'],
    ['json', 'order'],
  ]
  for (const [format, wireType] of types) expect(libraryMappings.typeOf(format, wireType)).toBe('order')
  expect(libraryMappings.typeOf('json', 'constructor')).toBeNull()
  expect(libraryMappings.has('toString')).toBe(false)
  for (const way of ways) expect(libraryMappings.versionOf(way.mapping)).toBe('1')
  expect(() => mapped('order/none', order)).toThrow('there is no mapping "order/none"')
})
