import { expect, test } from 'vitest'
import { fileNameOf } from './inbound-name.ts'

const latin1 = (text: string) => Buffer.from(text).toString('latin1')

test.each([
  [undefined, null],
  ['attachment', null],
  ['attachment; filename=order.edi', 'order.edi'],
  ['attachment; filename="order 345.edi"', 'order 345.edi'],
  ['inline; FileName = "a\\"b.edi"', 'a"b.edi'],
  [`attachment; filename="${latin1('commande-été.xml')}"`, 'commande-été.xml'],
  ['attachment; filename="\xe9t\xe9.xml"', 'été.xml'],
  [`attachment; filename="x.xml"; filename*=UTF-8''%e2%82%ac%20rates.xml`, '€ rates.xml'],
  [`attachment; filename*=iso-8859-1'en'%A3%20rates.xml`, '£ rates.xml'],
  [`attachment; filename="good.xml"; filename*=UTF-8''%ff%fe`, 'good.xml'],
  ['attachment; filename="../../etc/passwd"', 'passwd'],
  ['attachment; filename="C:\\\\orders\\\\345.edi"', '345.edi'],
  ['attachment; filename=".."', null],
  ['attachment; filename=""', null],
  ['attachment; filename="a\tb.edi"', 'ab.edi'],
  [`attachment; filename*=UTF-8''a%00b%0d%0a%e2%80%aec.edi`, 'abc.edi'],
  ['attachment; filename="first.edi"; filename="second.edi"', 'first.edi'],
  [`attachment; filename="${'n'.repeat(300)}"`, 'n'.repeat(255)],
])('the name in %j is %j', (header, name) => {
  expect(fileNameOf(header)).toBe(name)
})

// read in steps that grow with the square of its length it would take minutes
test('a header made to be slow is read in one go', () => {
  for (const part of ['; a="', ';a=\\', '; filename*=', '"\\"\\', ';;;;   ', '; x=y'])
    expect(fileNameOf(part.repeat(40_000))).toSatisfy((name) => name === null || typeof name === 'string')
})
