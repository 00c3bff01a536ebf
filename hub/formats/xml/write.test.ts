import { XMLBuilder } from 'fast-xml-parser'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { elementsOf, xmlText, type XmlElement } from './index.ts'

const options = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '@_',
  suppressBooleanAttributes: false,
  suppressEmptyNode: true,
  processEntities: true,
}
const plain = new XMLBuilder({ ...options, format: false })
const formatting = new XMLBuilder({ ...options, format: true, indentBy: '  ' })

type Node = Record<string, unknown>

/** A tree as the builder takes it. The root declares the one prefix. */
function nodeOf({ name, prefix, attributes, content }: XmlElement, declarations: Node = {}): Node {
  const nodes = content.map((one) => (typeof one === 'string' ? { '#text': one } : nodeOf(one)))
  const written = attributes.map((one) => [`@_${one.name}`, one.value] as const)
  return {
    [prefix === '' ? name : `${prefix}:${name}`]: nodes,
    ':@': { ...declarations, ...Object.fromEntries(written) },
  }
}

/** The same document by the builder of fast-xml-parser. */
function byBuilder(root: XmlElement, indent: boolean): string {
  const document = [
    { '?xml': [{ '#text': '' }], ':@': { '@_version': '1.0', '@_encoding': 'UTF-8' } },
    ...(indent ? [] : [{ '#text': '\n' }]),
    nodeOf(root, { '@_xmlns:a': 'urn:a' }),
    { '#text': indent ? '' : '\n' },
  ]
  return (indent ? formatting : plain).build(document)
}

const name = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,8}$/)
  .filter((one) => !/^(xml|__proto__)/i.test(one))
// what only one of the two escapes: quotes in text, white space and apostrophes in attributes
const text = fc.stringMatching(/^[^"'\p{C}\p{Z}]{1,12}$/u)
const bare = elementsOf('', '')
const prefixed = elementsOf('urn:a', 'a')

const tree = fc.letrec<{ element: XmlElement }>((tie) => ({
  element: fc
    .record({
      make: fc.constantFrom(bare, prefixed),
      name,
      attributes: fc.dictionary(name, text, { maxKeys: 3, noNullPrototype: true }),
      content: fc.oneof({ depthSize: 'small' }, text, fc.array<XmlElement>(tie('element'), { maxLength: 4 })),
    })
    .map(({ make, name: called, attributes, content }) => make(called, content, attributes)),
})).element

test('what is written is, byte by byte, what the builder of fast-xml-parser makes of the same tree', () => {
  const root = fc
    .array(tree, { minLength: 1, maxLength: 4 })
    .map((below) => bare('r', [prefixed('a', 'x'), ...below]))
  fc.assert(
    fc.property(root, fc.boolean(), (document, indent) => {
      expect(xmlText(document, indent)).toBe(byBuilder(document, indent))
    }),
    { numRuns: 500 },
  )
})

test('names that were kept are checked in each place where they stand', () => {
  const element = elementsOf('', '')
  expect(xmlText(element('good', 'x', { good: '1' }), false)).toContain('<good good="1">x</good>')
  expect(() => xmlText(element('not good', 'x'), false)).toThrow('cannot be the name')
  expect(() => xmlText(element('not good', 'x'), false)).toThrow('cannot be the name')
  expect(() => xmlText(element('a', 'x', { 'xmlns:b': 'c' }), false)).toThrow('cannot be the name')
})
