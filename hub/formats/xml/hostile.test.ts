import { describe, expect, test } from 'vitest'
import type { FormatEvent } from '#hub/model/format.ts'
import type { Finding } from '#hub/model/findings.ts'
import { limits } from '#hub/base/limits.ts'
import { textOf, xmlFormat, type XmlElement } from './index.ts'

function read(input: string | Buffer, charset?: string): FormatEvent[] {
  const reader = xmlFormat.reader(charset === undefined ? {} : { charset })
  return [...reader.push(Buffer.from(input as string)), ...reader.end()]
}

function faultOf(input: string | Buffer, charset?: string): Finding | undefined {
  const [event] = read(input, charset)
  return event?.kind === 'fault' ? event.findings[0] : undefined
}

function textIn(input: string | Buffer, charset?: string): string {
  const event = read(input, charset)[1]
  if (event?.kind !== 'message') throw new Error(`not read: ${JSON.stringify(read(input, charset))}`)
  return textOf(event.message.tree as XmlElement)
}

describe('SECURITY 1.4', () => {
  test.each([
    '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:1/x">]><a>&x;</a>',
    '<!DOCTYPE a PUBLIC "-//X//Y" "http://127.0.0.1:1/x.dtd"><a/>',
    '<!DOCTYPE a><a/>',
    '<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE a [<!ENTITY % p "x"> %p;]><a/>',
  ])('X1 %s is refused for its document type declaration', (text) => {
    expect(faultOf(text)).toMatchObject({ code: 'xmlDoctype', severity: 'error' })
  })

  test('X2 a billion laughs and a quadratic blow-up are refused at once, for the same reason', () => {
    const laughs = Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join(
      '',
    )
    expect(faultOf(`<!DOCTYPE a [<!ENTITY l0 "ha">${laughs}]><a>&l10;</a>`)).toMatchObject({
      code: 'xmlDoctype',
    })
    const quadratic = `<!DOCTYPE a [<!ENTITY x "${'x'.repeat(50_000)}">]><a>${'&x;'.repeat(50_000)}</a>`
    expect(faultOf(quadratic)).toMatchObject({ code: 'xmlDoctype' })
  })

  test('X2 five million character references are refused at the limit of references', () => {
    expect(faultOf(`<a>${'&#65;'.repeat(5_000_000)}</a>`)).toMatchObject({
      code: 'xmlTooLarge',
      message: expect.stringContaining(`more than ${limits.xmlReferences} references`) as string,
    })
  })

  test.each([
    '&nbsp;',
    '&x;',
    '&constructor;',
    '&toString;',
    '&__proto__;',
    '&#0;',
    '&#x1F;',
    '&#xD800;',
    '&#x110000;',
    '&;',
    '&',
  ])('X2 %s is no reference that XML has', (reference) => {
    expect(faultOf(`<a>${reference}</a>`)).toMatchObject({ code: 'xmlNotWellFormed' })
  })

  test('X3 depth, attributes, names and elements: the limit is read, one more is refused by name', () => {
    const nested = (depth: number) => `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`
    const attributed = (count: number) =>
      `<a ${Array.from({ length: count }, (_, n) => `a${n}="1"`).join(' ')}/>`
    const named = (length: number) => `<${'n'.repeat(length)}/>`
    const attributeNamed = (length: number) => `<a ${'n'.repeat(length)}="1"/>`
    for (const [make, limit] of [
      [nested, limits.xmlDepth],
      [attributed, limits.xmlAttributes],
      [named, limits.xmlNameBytes],
      [attributeNamed, limits.xmlNameBytes],
    ] as const) {
      expect(faultOf(make(limit))).toBeUndefined()
      expect(faultOf(make(limit + 1))).toMatchObject({ code: 'xmlTooLarge' })
    }
    expect(faultOf(nested(200_000))).toMatchObject({ code: 'xmlTooLarge' })
  })

  test('X3 attributes of all elements together have a limit', () => {
    const names = Array.from({ length: 250 }, (_, n) => `a${n}=""`).join(' ')
    const fault = faultOf(`<r>${`<a ${names}/>`.repeat(limits.xmlFileAttributes / 250 + 1)}</r>`)
    expect(fault).toMatchObject({ code: 'xmlTooLarge' })
    expect(fault?.message).toContain('xmlFileAttributes')
  })

  test('X3 200,000 attributes are refused after the first few', () => {
    const text = Buffer.from(`<a ${Array.from({ length: 200_000 }, (_, n) => `a${n}="1"`).join(' ')}/>`)
    expect(faultOf(text)).toMatchObject({ code: 'xmlTooLarge', position: { line: 1 } })
  })

  test.each([
    '<a><b>',
    '<a/><b/>',
    '<a></b>',
    '<a><b></a></b>',
    'text<a/>',
    '<a/>text',
    '<a b=c/>',
    '<a b/>',
    '<a b="1" b="2"/>',
    '<a b="<"/>',
    '<a b="1"c="2"/>',
    '<1a/>',
    '<a:b/>',
    '<a xmlns:b=""/>',
    '<a xmlns:x="u" xmlns:y="u" x:b="1" y:b="2"/>',
    '<a>]]></a>',
    '<a><!-- -- --></a>',
    '<a><![CDATA[x</a>',
    '<a>\u0001</a>',
    '<a>\uFFFE</a>',
    '<a',
    '<a>',
    '</a>',
    '',
    ' ',
    ' <?xml version="1.0"?><a/>',
    '<?xml encoding="UTF-8"?><a/>',
    '<?xml version="1.0"?><?xml version="1.0"?><a/>',
    '<a><?xml version="1.0"?></a>',
    '<a>< b/></a>',
  ])('X4 %j is not well-formed', (text) => {
    expect(faultOf(text)).toMatchObject({
      code: 'xmlNotWellFormed',
      position: { line: expect.any(Number) as number },
    })
  })

  test('X6 elements and attributes named __proto__ and constructor are names and nothing else', () => {
    const text =
      '<__proto__ polluted="yes" __proto__="x" constructor="y"><constructor><prototype polluted="yes"/></constructor></__proto__>'
    const event = read(text)[1]
    expect(event).toMatchObject({ message: { wireType: '__proto__' } })
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
    const tree = (event as { message: { tree: XmlElement } }).message.tree
    expect(tree.attributes.map((attribute) => attribute.name)).toEqual([
      'polluted',
      '__proto__',
      'constructor',
    ])
    const messages = [{ wireType: '', version: '', reference: '', tree }]
    const written = xmlFormat.write({
      sender: null,
      receiver: null,
      reference: '',
      env: 'live',
      at: new Date(0),
      messages,
      terms: { indent: false },
    })
    expect(written.toString()).toContain(text)
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
  })

  test.each(['__proto__', 'constructor', 'toString'])(
    'X6 an element %s in an order is one too many',
    (name) => {
      const events = read(
        `<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"><${name}/></Order>`,
      )
      const message = events.flatMap((event) => (event.kind === 'message' ? [event.message] : []))[0]!
      expect(xmlFormat.check(message)[0]).toMatchObject({ code: 'xmlElementUnexpected' })
    },
  )
})

describe('X7 encodings', () => {
  const utf16 = (text: string, order: 'le' | 'be') => {
    const bytes = Buffer.from(text, 'utf16le')
    return order === 'le' ? bytes : bytes.swap16()
  }

  test('UTF-8, UTF-16 both ways, ISO-8859-1 and ISO-8859-15 are read', () => {
    expect(textIn('<a>é€</a>')).toBe('é€')
    expect(textIn('\uFEFF<?xml version="1.0" encoding="utf-8"?><a>é€</a>')).toBe('é€')
    for (const order of ['le', 'be'] as const) {
      expect(textIn(utf16('\uFEFF<?xml version="1.0" encoding="UTF-16"?><a>é€😀</a>', order))).toBe('é€😀')
      expect(textIn(utf16('\uFEFF<a>é</a>', order))).toBe('é')
    }
    expect(textIn(Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\xE9\xA4</a>', 'latin1'))).toBe(
      'é¤',
    )
    expect(
      textIn(Buffer.from('<?xml version="1.0" encoding="iso-8859-15"?><a>\xE9\xA4\xBD</a>', 'latin1')),
    ).toBe('é€œ')
  })

  test('ISO-8859-1 is not windows-1252', () => {
    expect(textIn(Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\x80</a>', 'latin1'))).toBe(
      '\u0080',
    )
  })

  test.each([
    [
      'a UTF-8 mark and another declaration',
      Buffer.from('\uFEFF<?xml version="1.0" encoding="ISO-8859-1"?><a/>'),
    ],
    ['UTF-16 declared as UTF-8', utf16('\uFEFF<?xml version="1.0" encoding="UTF-8"?><a/>', 'le')],
    ['UTF-16 of the other order', utf16('\uFEFF<?xml version="1.0" encoding="UTF-16BE"?><a/>', 'le')],
    ['plain bytes declared as UTF-16', Buffer.from('<?xml version="1.0" encoding="UTF-16"?><a/>')],
    ['UTF-7', Buffer.from('<?xml version="1.0" encoding="UTF-7"?>+ADw-a/+AD4-')],
    ['windows-1252', Buffer.from('<?xml version="1.0" encoding="windows-1252"?><a/>')],
    ['an encoding called constructor', Buffer.from('<?xml version="1.0" encoding="constructor"?><a/>')],
    ['UTF-32', Buffer.from('0000003c00000061', 'hex')],
    ['EBCDIC', Buffer.from('4c6fa79493', 'hex')],
    ['ISO-8859-1 bytes without a declaration', Buffer.from('<a>\xE9</a>', 'latin1')],
    ['an overlong form', Buffer.from('<a>\xC0\xAF</a>', 'latin1')],
    ['half a character at the end', Buffer.from('<a>x</a>\xC3', 'latin1')],
    [
      'half a surrogate pair',
      Buffer.concat([Buffer.from('fffe', 'hex'), Buffer.from('<a>\uD800</a>', 'utf16le')]),
    ],
  ])('%s is refused', (_, bytes) => {
    expect(faultOf(bytes)).toMatchObject({ code: 'xmlEncoding' })
  })

  test('XML 1.1 is refused', () => {
    expect(faultOf('<?xml version="1.1"?><a/>')).toMatchObject({ code: 'xmlVersionUnsupported' })
  })

  test('what the partner agreed on wins over the declaration, but not over a mark', () => {
    const bytes = Buffer.from('<?xml version="1.0" encoding="UTF-8"?><a>\xE9</a>', 'latin1')
    expect(textIn(bytes, 'iso-8859-1')).toBe('é')
    expect(faultOf('\uFEFF<a/>', 'iso-8859-1')).toMatchObject({ code: 'xmlEncoding' })
  })
})
