import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isIntactXml } from './intact.ts'
import { elementsOf, xmlFormat, xmlText } from './index.ts'

const sample = readFileSync(
  new URL('../../../mappings/library/order/samples/written/order-345.xml', import.meta.url),
)
const head = '<?xml version="1.0" encoding="UTF-8"?>\n'

function isRead(bytes: Buffer): boolean {
  const reader = xmlFormat.reader()
  return [...reader.push(bytes), ...reader.end()].every((event) => event.kind !== 'fault')
}

describe('written bytes that are held to be intact', () => {
  test('are what the writer writes', () => {
    expect(isIntactXml(sample)).toBe(true)
    const element = elementsOf('urn:a', 'a')
    const tree = element('x', [element('y', 'é & < > " \r 😀', { z: ' a\n"\'&' }), element('w', '')])
    for (const indent of [true, false]) expect(isIntactXml(Buffer.from(xmlText(tree, indent)))).toBe(true)
  })

  test('are not cut anywhere', () => {
    const text = sample.toString().trimEnd()
    for (let length = 0; length < text.length; length += 7)
      expect(isIntactXml(Buffer.from(text.slice(0, length)))).toBe(false)
  })

  test.each([
    ['an end tag of another element', '<a><b></a></b>'],
    ['an element that is not closed', '<a><b></a>'],
    ['two roots', '<a/><a/>'],
    ['text behind the root', '<a/>x'],
    ['a prefix that nobody declares', '<p:a/>'],
    ['a prefix of an attribute that nobody declares', '<a p:b="c"/>'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['an attribute twice by two prefixes', '<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>'],
    ['a prefix without a namespace', '<a xmlns:p=""/>'],
    ['the prefix xml for another namespace', '<a xmlns:xml="u"/>'],
    ['a reference to nothing', '<a>&b;</a>'],
    ['a bare ampersand', '<a b="c & d"/>'],
    ['a bare end of CDATA', '<a>]]></a>'],
    ['a control character', '<a>\u0001</a>'],
    ['a declaration of a document type', '<!DOCTYPE a><a/>'],
  ])('have not %s', (_what, text) => {
    expect(isIntactXml(Buffer.from(head + text))).toBe(false)
    expect(isRead(Buffer.from(head + text))).toBe(false)
  })

  test('have no byte that is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from(`${head}<a>`), Buffer.of(0xe9), Buffer.from('</a>')])
    expect(isIntactXml(bytes)).toBe(false)
  })

  test('are always taken by the reader, whatever was changed in them', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      '&',
      '"',
      '=',
      ' ',
      ':',
      'x',
      '\n',
      'xmlns',
      ']]>',
      '<b>',
      '</b>',
      '',
    )
    const change = fc.record({ at: fc.nat(sample.length), drop: fc.nat(6), put: piece })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let text = sample.toString()
        for (const { at, drop, put } of changes) text = text.slice(0, at) + put + text.slice(at + drop)
        const bytes = Buffer.from(text)
        return !isIntactXml(bytes) || isRead(bytes)
      }),
      { numRuns: 1_000 },
    )
  })
})
