import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import type { FormatEvent, ReadMessage, WritableInterchange } from '#hub/model/format.ts'
import type { Finding } from '#hub/model/findings.ts'
import { HubError } from '#hub/model/errors.ts'
import {
  attributeOf,
  childOf,
  elementsOf,
  textAt,
  textOf,
  xmlFormat,
  xmlText,
  type XmlElement,
} from './index.ts'

function read(
  input: string | Buffer,
  options: { chunkBytes?: number; charset?: string } = {},
): FormatEvent[] {
  const bytes = typeof input === 'string' ? Buffer.from(input) : input
  const { chunkBytes = bytes.length || 1, charset } = options
  const reader = xmlFormat.reader(charset === undefined ? {} : { charset })
  const events: FormatEvent[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes)
    events.push(...reader.push(bytes.subarray(at, at + chunkBytes)))
  return [...events, ...reader.end()]
}

function messageOf(input: string | Buffer): ReadMessage {
  const message = read(input).find((event) => event.kind === 'message')
  if (!message) throw new Error(`not read: ${JSON.stringify(read(input))}`)
  return message.message
}

function treeOf(input: string | Buffer): XmlElement {
  return messageOf(input).tree as XmlElement
}

function faultOf(input: string | Buffer): Finding | undefined {
  const [event] = read(input)
  return event?.kind === 'fault' ? event.findings[0] : undefined
}

function interchange(tree: XmlElement, terms = {}): WritableInterchange {
  const messages = [{ wireType: tree.name, version: '', reference: '', tree }]
  return { sender: null, receiver: null, reference: '', env: 'live', at: new Date(0), messages, terms }
}

const cbc = 'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
const cac = 'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'

function ubl(root: string, content: string): string {
  return `<${root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:${root}-2" ${cbc} ${cac}>${content}</${root}>`
}

function party(role: string, id: string, scheme = ''): string {
  const identification = `<cac:PartyIdentification><cbc:ID${scheme}>${id}</cbc:ID></cac:PartyIdentification>`
  return `<cac:${role}><cac:Party>${identification}</cac:Party></cac:${role}>`
}

const line =
  '<cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID><cbc:Quantity>2</cbc:Quantity><cac:Item/></cac:LineItem></cac:OrderLine>'
const order = ubl(
  'Order',
  `<cbc:CustomizationID>urn:x</cbc:CustomizationID><cbc:ID>345</cbc:ID><cbc:IssueDate>2026-11-20</cbc:IssueDate>` +
    party('BuyerCustomerParty', '0012345000010', ' schemeID="0088"') +
    party('SellerSupplierParty', '5412070000012') +
    line,
)

describe('a UBL document', () => {
  test('is an interchange with one message and what it is routed by', () => {
    const events = read(order)
    expect(events.map((event) => event.kind)).toEqual(['interchange', 'message', 'trailer'])
    expect(events[0]).toMatchObject({
      interchange: { syntax: '1.0', env: null, sender: { scheme: 'gln', value: '0012345000010' } },
    })
    expect(messageOf(order)).toMatchObject({
      wireType: 'Order',
      version: '2.1',
      guide: 'urn:x',
      number: '345',
      function: 'original',
      sender: { scheme: 'gln', value: '0012345000010' },
      receiver: { scheme: 'gln', value: '5412070000012' },
      lines: 1,
    })
    expect(events.at(-1)).toMatchObject({ trailer: { closed: true, messages: 1 } })
  })

  test('is the same in chunks of any size', () => {
    for (const chunkBytes of [1, 7, 1000]) expect(read(order, { chunkBytes })).toEqual(read(order))
  })

  test.each([
    ['OrderResponse', 'SellerSupplierParty', 'BuyerCustomerParty'],
    ['DespatchAdvice', 'DespatchSupplierParty', 'DeliveryCustomerParty'],
    ['Invoice', 'AccountingSupplierParty', 'AccountingCustomerParty'],
  ])('%s goes from its %s to its %s', (root, from, to) => {
    const message = messageOf(
      ubl(root, party(from, '123456789', ' schemeID="0060"') + party(to, 'FR1', ' schemeID="9957"')),
    )
    expect(message.sender).toEqual({ scheme: 'duns', value: '123456789' })
    expect(message.receiver).toEqual({ scheme: 'party:9957', value: 'FR1' })
  })

  test('says its function: a copy, a change, a cancellation', () => {
    expect(messageOf(ubl('Order', '<cbc:CopyIndicator>true</cbc:CopyIndicator>')).function).toBe('copy')
    expect(messageOf(ubl('OrderChange', '')).function).toBe('change')
    expect(messageOf(ubl('OrderCancellation', '')).function).toBe('cancel')
  })

  test('of an unknown kind is read all the same', () => {
    expect(messageOf('<Order><ID>1</ID></Order>')).toMatchObject({
      wireType: 'Order',
      version: '',
      number: null,
    })
    expect(messageOf('<constructor/>')).toMatchObject({ wireType: 'constructor', sender: null })
  })
})

describe('checking a UBL order', () => {
  const findingsOf = (text: string) =>
    xmlFormat.check(messageOf(text)).map((finding) => [finding.code, finding.position.path])

  test('a good one has no findings', () => {
    expect(xmlFormat.check(messageOf(order))).toEqual([])
  })

  test('what is missing, doubled, strange or out of place is named by path', () => {
    const text = order
      .replace(
        '<cbc:IssueDate>2026-11-20</cbc:IssueDate>',
        '<cbc:ID>346</cbc:ID><cbc:Colour>red</cbc:Colour>',
      )
      .replace('</Order>', '<cbc:Note>late</cbc:Note></Order>')
      .replace('<cac:Item/>', '')
    expect(findingsOf(text)).toEqual([
      ['xmlElementUnexpected', '/Order/cbc:Colour'],
      ['xmlElementMissing', '/Order/cac:OrderLine/cac:LineItem'],
      ['xmlElementUnexpected', '/Order/cbc:Note'],
      ['xmlElementRepeats', '/Order'],
      ['xmlElementMissing', '/Order'],
    ])
  })

  test.each([
    ['2026-11-20', '20.11.2026', '/Order/cbc:IssueDate'],
    ['>2<', '>two<', '/Order/cac:OrderLine/cac:LineItem/cbc:Quantity'],
    ['>345<', '> <', '/Order/cbc:ID'],
  ])('%s as %s is a wrong value', (from, to, path) => {
    expect(findingsOf(order.replace(from, to))).toEqual([['xmlValueWrong', path]])
  })
})

test('a fault is placed by line, column, byte and path', () => {
  expect(faultOf('<a>\n  <é>\n    <b>x</c>\n  </é>\n</a>')).toEqual({
    code: 'xmlNotWellFormed',
    severity: 'error',
    message: 'the element b of line 3 is not closed (line 3, column 13)',
    position: { line: 3, column: 13, offset: 23, path: '/a/é' },
  })
})

describe('values are exact', () => {
  test('X5 a GLN keeps its zeros, and nothing becomes a number', () => {
    for (const value of ['0012345678901', '1e5', '0x10', '+1', '1.50', 'true', ' x ', '١'])
      expect(textOf(treeOf(`<a>${value}</a>`))).toBe(value)
    expect(attributeOf(treeOf('<a b="007"/>'), 'b')).toBe('007')
  })

  test('text, CDATA and references are one string; white space between elements is none', () => {
    const tree = treeOf('<a>\n <b>1<![CDATA[<&]]>&amp;&#233;&#x1F600;</b>\r\n <c> </c></a>')
    expect(tree.content).toHaveLength(2)
    expect(textOf(childOf(tree, 'b'))).toBe('1<&&é😀')
    expect(textOf(childOf(tree, 'c'))).toBe(' ')
    expect(textAt(tree, 'c')).toBeUndefined()
  })

  test('mixed content keeps its order', () => {
    expect(treeOf('<a>x <b>y</b> z</a>').content).toMatchObject(['x ', { name: 'b' }, ' z'])
  })
})

describe('writing', () => {
  const name = fc.stringMatching(/^[A-Za-z_é][A-Za-z0-9_.é-]{0,8}$/)
  const text = fc
    .string({ unit: 'binary', minLength: 1 })
    // oxlint-disable-next-line no-control-regex -- what XML has no place for
    .filter((value) => !/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/.test(value))
  const place = fc.constantFrom(
    { prefix: '', namespace: '' },
    { prefix: '', namespace: 'urn:d' },
    { prefix: 'a', namespace: 'urn:a' },
    { prefix: 'a', namespace: 'urn:other' },
    { prefix: 'b', namespace: 'urn:a' },
  )
  const attribute = fc.record({ name, value: text }).map((one) => ({ ...one, prefix: '', namespace: '' }))
  const attributes = fc.uniqueArray(attribute, { selector: (one) => one.name, maxLength: 3 })
  const element = fc.letrec<{ element: XmlElement }>((tie) => ({
    element: fc
      .record({
        name: name.filter((one) => one !== 'xmlns'),
        place,
        attributes: attributes.map((list) => list.filter((one) => one.name !== 'xmlns')),
        content: fc.oneof(
          { depthSize: 'small' },
          fc.constant<(XmlElement | string)[]>([]),
          text.map((value): (XmlElement | string)[] => [value]),
          fc.array<XmlElement | string>(tie('element'), { minLength: 1, maxLength: 4 }),
        ),
      })
      .map(({ place: at, ...rest }) => ({ ...rest, ...at, line: 0, column: 0 })),
  })).element

  /** Without positions and declarations, which reading adds. */
  function bare(tree: XmlElement): XmlElement {
    return {
      ...tree,
      line: 0,
      column: 0,
      attributes: tree.attributes.filter((one) => one.prefix !== 'xmlns' && one.name !== 'xmlns'),
      content: tree.content.map((one) => (typeof one === 'string' ? one : bare(one))),
    }
  }

  test('what is written is read back equal, and no value makes an element', () => {
    fc.assert(
      fc.property(element, fc.boolean(), (tree, indent) => {
        expect(bare(treeOf(xmlFormat.write(interchange(tree, { indent }))))).toEqual(bare(tree))
      }),
    )
  })

  test('what was read is written and read again equal, declarations and all', () => {
    const text = `<a xmlns="urn:1" xmlns:p='urn:2' p:x="&lt;&#10;&quot;"><p:b xmlns:p="urn:3"/><c xmlns="">t</c>m<d p:e="1"/></a>`
    const tree = treeOf(text)
    const again = treeOf(xmlText(tree, false))
    const unplaced = (one: XmlElement): unknown => ({
      ...one,
      line: 0,
      column: 0,
      content: one.content.map((part) => (typeof part === 'string' ? part : unplaced(part))),
    })
    expect(unplaced(again)).toEqual(unplaced(tree))
  })

  test.each(['</b><c>', ']]>', '<!--', '&lt;', '&', '"\'', '<![CDATA[', '<?x?>', 'a\r\nb\tc', '{{x}}'])(
    'E10 the value %j stays a value',
    (value) => {
      const tree = treeOf(xmlText(elementsOf('urn:x', 'x')('a', value, { v: value }), true))
      expect([textOf(tree), attributeOf(tree, 'v'), tree.content.length]).toEqual([value, value, 1])
    },
  )

  test('prefixes are declared once, at the root', () => {
    const [a, b] = [elementsOf('urn:a', 'a'), elementsOf('urn:b', '')]
    expect(xmlText(b('r', [a('x', '1'), a('y', [a('z', '2')])]), false)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<r xmlns="urn:b" xmlns:a="urn:a"><a:x>1</a:x><a:y><a:z>2</a:z></a:y></r>\n',
    )
  })

  test.each([
    ['a control character', elementsOf('', '')('a', '\u0001')],
    ['half a surrogate pair', elementsOf('', '')('a', '\uD800')],
    ['a name that is none', elementsOf('', '')('a b', 'x')],
    ['an element in a name', elementsOf('', '')('a><b', 'x')],
    ['an attribute in a name', elementsOf('', '')('a', 'x', { 'b="1" c': '2' })],
    ['a prefix without a namespace', elementsOf('', 'p')('a', 'x')],
  ])('%s is not written', (_, tree) => {
    expect(() => xmlFormat.write(interchange(tree))).toThrow(HubError)
  })

  test('what is deeper than is read is not written', () => {
    const make = elementsOf('', '')
    const nested = (depth: number): XmlElement =>
      depth === 1 ? make('a', 'x') : make('a', [nested(depth - 1)])
    expect(treeOf(xmlFormat.write(interchange(nested(64)))).name).toBe('a')
    expect(() => xmlFormat.write(interchange(nested(65)))).toThrow('deeper than 64')
  })
})

test('the format is known by its first bytes', () => {
  for (const head of ['<a/>', '\uFEFF<?xml', ' \n<!-- x -->'])
    expect(xmlFormat.detect(Buffer.from(head))).toBe(true)
  expect(xmlFormat.detect(Buffer.from('<a/>', 'utf16le'))).toBe(true)
  for (const head of ['', 'x<a', "UNB+UNOA:1'", '{"a":"<b>"}', '< a'])
    expect(xmlFormat.detect(Buffer.from(head))).toBe(false)
})

test('random bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(9), (bytes, size) => {
      read(Buffer.from(bytes), { chunkBytes: size + 1 })
      read(Buffer.concat([Buffer.from('<?xml version="1.0"?><a b="'), bytes]), { chunkBytes: size + 1 })
    }),
  )
})
