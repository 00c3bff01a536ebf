import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { formats } from '#hub/formats/index.ts'
import type { FormatName, ReadMessage } from '#hub/model/format.ts'
import type { CanonicalDocument, WriteContext } from '#hub/model/mapping.ts'
import { libraryMappings } from '#mappings/engine/index.ts'
import { createSandbox } from '#mappings/sandbox/index.ts'
import { compileMapping, type Base } from './compile.ts'
import { mappingSchema } from './document.ts'

/*
 * Mappings as they are written, on the order of the library's samples.
 */

const sandbox = createSandbox()
afterAll(() => sandbox.close())

const samples = new URL('../library/order/samples/', import.meta.url)
const edifact = message('edifact', readFileSync(new URL('order-345.edi', samples)))
const order = libraryMappings.toCanonical('order/edifact-d96a', edifact).canonical
const context: WriteContext = {
  sender: { scheme: 'gln', value: '3012345000017' },
  receiver: { scheme: 'gln', value: '5412345000013' },
  settings: { branch: 'Lyon' },
}
const lists = { units: { PCE: [{ to: 'C62' }], KGM: [{ to: 'KG' }] } }

function message(format: FormatName, bytes: Buffer): ReadMessage {
  const reader = formats[format].reader()
  const events = [...reader.push(bytes), ...reader.end()]
  return events.flatMap((event) => (event.kind === 'message' ? [event.message] : []))[0]!
}

function base(name: string): Base {
  return {
    format: libraryMappings.formatOf(name),
    toCanonical: (read) => libraryMappings.toCanonical(name, read),
    fromCanonical: (canonical, write) => libraryMappings.fromCanonical(name, canonical, write),
    placeOf: (path) => libraryMappings.placeOf(name, path),
  }
}

function own(yaml: string) {
  const facts = mappingSchema.parse(parse(yaml))
  const made = compileMapping(facts, {
    sandbox,
    base: facts.extends === undefined ? null : base(facts.extends),
    lists,
  })
  expect(made.problems).toEqual([])
  return made.mapping!
}

async function written(yaml: string, canonical: CanonicalDocument = order): Promise<string> {
  const mapped = await own(yaml).fromCanonical(canonical, context)
  expect(mapped.findings.filter(({ severity }) => severity === 'error')).toEqual([])
  const { wireType, version, guide, tree, format } = mapped
  const bytes = formats[format].write({
    sender: context.sender,
    receiver: context.receiver,
    reference: '1',
    env: 'test',
    at: new Date('2026-11-22T10:00:00Z'),
    messages: [{ wireType, version, guide, reference: '1', tree }],
    terms: { lineEnds: 'lf' },
  })
  return bytes.toString(mapped.format === 'edifact' ? 'latin1' : 'utf8')
}

describe('a mapping that extends one of the library', () => {
  test('reads what its base leaves behind, and changes what it finds', async () => {
    const { canonical, findings } = await own(`
key: order/verdier
direction: toCanonical
extends: order/edifact-d96a
codeLists: [units]
canonical:
  - { set: "orderLine[].lineItem.quantity.unitCode", from: "LIN[]/QTY+21/1.3", lookup: units, unlisted: keep }
  - { set: extensions.first, from: "BGM/1" }
  - { set: customerReference, value: "fixed" }
  - { remove: "orderLine[].lineItem.price" }
`).toCanonical(edifact)
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(canonical).toMatchObject({ customerReference: 'fixed', extensions: { first: '220' } })
    const lines = canonical.orderLine as { lineItem: { quantity: { unitCode: string }; price?: unknown } }[]
    expect(lines.length).toBe((order.orderLine as unknown[]).length)
    expect(lines.every(({ lineItem }) => lineItem.price === undefined)).toBe(true)
    expect(lines[0]!.lineItem.quantity.unitCode).toBe('C62')
    expect((order.orderLine as { lineItem: { price?: unknown } }[])[0]!.lineItem.price).toBeDefined()
  })

  test('changes the document before it is written, and the output after', async () => {
    const text = await written(`
key: order/brouwer
direction: fromCanonical
extends: order/edifact-d96a
canonical:
  - { remove: note }
  - { set: "note[0]", value: "changed" }
output:
  - { set: "BGM/1", value: "105" }
  - { set: "RFF+ZZ/1.2", from: "@settings.branch", after: "FTX+AAI" }
  - { remove: "CUX+2" }
  - each: orderLine
    into: LIN
    rules:
      - { set: "FTX+ZZZ/4.1", from: lineItem.id, text: { before: "line " }, after: "QTY+21" }
      - { remove: "PRI+AAA/1.2" }
`)
    expect(text).toContain('BGM+105+')
    expect(text).toContain("FTX+AAI+++changed'\nRFF+ZZ:Lyon'")
    expect(text).not.toContain('CUX')
    expect(text).toMatch(/QTY\+21:[^']*'\nFTX\+ZZZ\+\+\+line 1'/)
  })

  test('says where members come from', () => {
    const mapping = own(`
key: order/verdier
direction: toCanonical
extends: order/edifact-d96a
canonical:
  - { set: customerReference, from: "RFF+CR/1.2" }
`)
    expect(mapping.placeOf('customerReference')).toMatchObject({ write: 'RFF+CR/1.2' })
    expect(mapping.placeOf('issueDate')).toMatchObject({ write: 'DTM+137' })
  })
})

describe('a mapping from rules alone', () => {
  test('writes EDIFACT segments in the order of its rules', async () => {
    const text = await written(
      `
key: order/plain
direction: fromCanonical
format: edifact
output:
  - { set: "BGM/1", value: "220" }
  - { set: "BGM/2", from: id }
  - { set: "BGM/3", value: "9" }
  - { set: "DTM+137/1.2", from: issueDate, date: { write: YYYYMMDD } }
  - { set: "DTM+137/1.3", value: "102" }
  - each: orderLine
    into: LIN
    when: { from: lineItem.id, isNot: "2" }
    rules:
      - { set: "1", from: lineItem.id }
      - { set: "QTY+21/1.2", from: lineItem.quantity.value, number: { decimals: 1 } }
      - each: lineItem.note
        into: FTX+AAI
        rules: [{ set: "4.1", from: "." }]
  - { set: "UNS/1", value: "S" }
  - { set: "CNT+2/1.2", from: orderLine.length }
`,
      {
        ...order,
        orderLine: (order.orderLine as { lineItem: object }[])
          .slice(0, 3)
          .map(({ lineItem }, index) => ({ lineItem: { ...lineItem, note: [`it's + ${index}`, 'b'] } })),
      },
    )
    const body = text
      .split('\n')
      .slice(2, -3)
      .map((line) => line.replace(/'$/, ''))
    expect(body).toEqual([
      'BGM+220+345+9',
      expect.stringMatching(/^DTM\+137:\d{8}:102$/),
      'LIN+1',
      expect.stringMatching(/^QTY\+21:\d+\.\d$/),
      "FTX+AAI+++it?'s ?+ 0",
      'FTX+AAI+++b',
      'LIN+3',
      expect.stringMatching(/^QTY\+21:\d+\.\d$/),
      "FTX+AAI+++it?'s ?+ 2",
      'FTX+AAI+++b',
      'UNS+S',
      'CNT+2:3',
    ])
  })

  test('writes JSON and XML of its own', async () => {
    const json = JSON.parse(
      await written(`
key: order/flat
direction: fromCanonical
format: json
output:
  - { set: order.no, from: id }
  - { set: order.day, from: issueDate, date: { write: DD.MM.YYYY } }
  - each: orderLine
    into: order.lines
    rules:
      - { set: sku, from: lineItem.item.standardItemIdentification.id }
      - { set: qty, from: lineItem.quantity.value, number: { plain: true } }
`),
    ) as { order: { no: string; lines: { qty: number }[] } }
    expect(json.order.no).toBe('345')
    expect(json.order.lines).toHaveLength((order.orderLine as unknown[]).length)
    expect(typeof json.order.lines[0]!.qty).toBe('number')
    const xml = await written(`
key: order/flat-xml
direction: fromCanonical
format: xml
xml: { root: "o:Order", namespaces: { o: "urn:example:order" } }
output:
  - { set: "@no", from: id }
  - { set: "o:Lines/@count", from: orderLine.length }
  - { each: orderLine, into: "o:Lines/o:Line", rules: [{ set: "o:Item", from: lineItem.item.name }] }
`)
    expect(xml).toContain('<o:Order xmlns:o="urn:example:order" no="345">')
    expect(xml.match(/<o:Line>/g)).toHaveLength((order.orderLine as unknown[]).length)
  })

  test('reads JSON and XML of a partner', async () => {
    const read = await own(`
key: order/flat-in
direction: toCanonical
format: json
codeLists: [units]
canonical:
  - { set: id, from: order.no }
  - { set: issueDate, from: order.day, date: { read: DD.MM.YYYY } }
  - { set: "buyerCustomerParty.party.partyIdentification[0].id", from: order.buyer }
  - each: order.lines
    into: orderLine
    rules:
      - { set: lineItem.id, from: no }
      - { set: lineItem.quantity.value, from: qty, number: { read: "," } }
      - { set: lineItem.quantity.unitCode, from: unit, lookup: units }
      - { set: lineItem.item.name, join: [brand, name] }
`).toCanonical(
      message(
        'json',
        Buffer.from(
          '{"order":{"no":"7","day":"02.01.2026","buyer":"B","lines":[{"no":1,"qty":"1.234,5","unit":"PCE","brand":"A","name":"x"},{"no":2,"qty":"3","unit":"XXX","name":"y"}]}}',
        ),
      ),
    )
    expect(read.canonical).toMatchObject({
      id: '7',
      issueDate: '2026-01-02',
      orderLine: [
        { lineItem: { id: '1', quantity: { value: '1234.5', unitCode: 'C62' }, item: { name: 'A x' } } },
        { lineItem: { id: '2', quantity: { value: '3' }, item: { name: 'y' } } },
      ],
    })
    expect(read.findings).toMatchObject([{ code: 'codeNotListed', severity: 'error' }])
    expect(read.findings[0]!.message).toContain('"XXX" is not in the code list `units`')
  })

  test('uses expressions where rules do not reach', async () => {
    const text = await written(`
key: order/flat
direction: fromCanonical
format: json
output:
  - { set: id, from: id, expression: "value.padStart(6, '0')" }
  - { set: lines, expression: "document.orderLine.length * 10", number: { plain: true } }
  - each: orderLine
    into: lines2
    when: { expression: "index < 2" }
    rules:
      - { set: name, expression: "(item.lineItem.item.name ?? '').toUpperCase() + index" }
`)
    const lines = order.orderLine as { lineItem: { item: { name?: string } } }[]
    expect(JSON.parse(text)).toEqual({
      id: '000345',
      lines: lines.length * 10,
      lines2: lines
        .slice(0, 2)
        .map(({ lineItem }, index) => ({ name: `${(lineItem.item.name ?? '').toUpperCase()}${index}` })),
    })
  })
})

describe('a template', () => {
  test('writes EDIFACT, XML and JSON', async () => {
    const text = await written(`
key: order/tpl
direction: fromCanonical
format: edifact
template: |
  BGM+220+{{id}}+9'
  {{#each orderLine}}
  LIN+{{lineItem.id}}++{{lineItem.item.standardItemIdentification.id}}:EN'
  QTY+21:{{decimal lineItem.quantity.value 2}}'
  {{/each}}
  UNS+S'
`)
    expect(text).toMatch(/BGM\+220\+345\+9'\nLIN\+1\+\+\d+:EN'\nQTY\+21:\d+\.\d\d'\n/)
    const json = JSON.parse(
      await written(`
key: order/tpl-json
direction: fromCanonical
format: json
template: |
  { "id": "{{id}}", "lines": [{{#each orderLine}}{"qty": {{lineItem.quantity.value}}, "n": "{{lineItem.item.name}}"}{{#unless @last}},{{/unless}}{{/each}}] }
`),
    ) as { lines: unknown[] }
    expect(json.lines).toHaveLength((order.orderLine as unknown[]).length)
    const xml = await written(`
key: order/tpl-xml
direction: fromCanonical
format: xml
template: |
  <o:Order xmlns:o="urn:x" no="{{id}}">{{#each orderLine}}<o:Line>{{lineItem.item.name}}</o:Line>{{/each}}</o:Order>
`)
    expect(xml.match(/<o:Line>/g)).toHaveLength((order.orderLine as unknown[]).length)
  })
})

test('what is wrong with a mapping is told with its place', () => {
  const facts = mappingSchema.parse(
    parse(`
key: order/wrong
direction: toCanonical
extends: order/edifact-d96a
canonical:
  - { set: "orderLine[].lineItem.quantty", value: "1" }
  - { set: id, from: "BGM" }
  - { set: id, from: "BGM/2", lookup: nowhere }
  - { set: issueDate, from: "DTM+137/1.2", date: { read: "yyyy" } }
  - { set: orderLine, value: "x" }
`),
  )
  const { problems } = compileMapping(facts, { sandbox, base: base('order/edifact-d96a'), lists: {} })
  expect(problems.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([
    expect.stringMatching(
      /^canonical\.0\.set: `lineItem` has no member `quantty`; expected one of id, note, lineStatusCode, quantity/,
    ),
    expect.stringMatching(/^canonical\.1\.from: expected an element behind the segment/),
    expect.stringMatching(/^canonical\.2\.lookup: expected one of the lists under `codeLists`/),
    expect.stringMatching(/^canonical\.3\.date: expected a date pattern/),
    expect.stringMatching(/^canonical\.4\.set: `orderLine` is a list/),
  ])
})
