import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '#hub/base/limits.ts'
import { openArena, type Arena } from './arena.ts'
import { goodOrder, xmlHead } from './orders.ts'
import { expectNamedEnd, expectUnharmed } from './verdict.ts'

/* XML against a running hub: what it makes of it is seen from outside. The readers' own tests go further into each. */

let arena: Arena
beforeAll(async () => {
  arena = await openArena()
})
afterAll(async () => {
  await expectUnharmed(arena)
  await arena.close()
})

/** Posts files and expects each refused with this code, with a place. */
async function expectRefused(code: string, files: readonly (string | Buffer)[]): Promise<void> {
  for (const file of files) {
    const { documents, findings } = await arena.attack(Buffer.from(file as string))
    const what = file.toString('latin1').slice(0, 100)
    expectNamedEnd(documents, findings, what)
    expect(documents, what).toMatchObject([{ type: 'unread', processing: 'rejected', code }])
  }
  await arena.expectAlive()
}

const order = goodOrder('xml', 'X').toString()

test('X1 a document type declaration is refused, and nothing it names is fetched', async () => {
  let connections = 0
  const listener = createServer((socket) => {
    connections++
    socket.destroy()
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
  const withDoctype = (doctype: string): string =>
    order.replace('<Order ', `${doctype}<Order `).replace('>X<', '>&x;<')
  await expectRefused('CD-3102', [
    withDoctype('<!DOCTYPE Order [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    withDoctype(`<!DOCTYPE Order [<!ENTITY x SYSTEM "${url}/x">]>`),
    withDoctype(`<!DOCTYPE Order [<!ENTITY % p SYSTEM "${url}/p"> %p;]>`),
    withDoctype(`<!DOCTYPE Order PUBLIC "-//X//Y" "${url}/x.dtd">`),
    withDoctype('<!DOCTYPE Order>'),
  ])
  expect(connections).toBe(0)
  await new Promise((resolve) => listener.close(resolve))
})

test('X2 entities that grow are refused, and references have a limit', async () => {
  const laughs = Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join(
    '',
  )
  await expectRefused('CD-3102', [
    `<!DOCTYPE a [<!ENTITY l0 "ha">${laughs}]><a>&l10;</a>`,
    `<!DOCTYPE a [<!ENTITY x "${'x'.repeat(50_000)}">]><a>${'&x;'.repeat(50_000)}</a>`,
  ])
  await expectRefused('CD-3104', [`<a>${'&#65;'.repeat(5_000_000)}</a>`])
})

test('X3 depth, attributes and names: the limit is read, one more is refused', async () => {
  const nested = (depth: number): string => `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`
  const attributed = (count: number): string =>
    `<a ${Array.from({ length: count }, (_, n) => `a${n}=""`).join(' ')}/>`
  const named = (length: number): string => `<${'n'.repeat(length)}/>`
  const fitting = [nested(limits.xmlDepth), attributed(limits.xmlAttributes), named(limits.xmlNameBytes)]
  for (const file of fitting) {
    const { documents } = await arena.attack(Buffer.from(file))
    // it is read, and nobody agreed on such a document
    expect(documents).toMatchObject([{ format: 'xml', processing: 'rejected', code: 'CD-2006' }])
  }
  await expectRefused('CD-3104', [
    nested(limits.xmlDepth + 1),
    attributed(limits.xmlAttributes + 1),
    named(limits.xmlNameBytes + 1),
    nested(200_000),
    attributed(200_000),
  ])
})

test('X4 twenty files that are not well-formed are all refused', async () => {
  await expectRefused('CD-3101', [
    order.replace('</Order>', ''),
    `${order}${order.slice(order.indexOf('<Order '))}`,
    order.replace('</cac:OrderLine>', '</cac:Line>'),
    order.replace('</cac:LineItem></cac:OrderLine>', '</cac:OrderLine></cac:LineItem>'),
    `${order}text`,
    order.replace(' unitCode="C62"', ' unitCode=C62'),
    order.replace(' unitCode="C62"', ' unitCode'),
    order.replace(' unitCode="C62"', ' unitCode="C62" unitCode="C62"'),
    order.replace(' unitCode="C62"', ' unitCode="<"'),
    order.replace('>Pain<', '>Pain & eau<'),
    order.replace('>Pain<', '>&pain;<'),
    order.replace('>Pain<', '>]]><'),
    order.replace('>Pain<', '><!-- -- --><'),
    order.replace('>Pain<', '><![CDATA[Pain<'),
    order.replace('>Pain<', '>\u0001<'),
    order.replace('>Pain<', '>&#0;<'),
    order.replaceAll('cac:Item>', 'none:Item>'),
    order.replace('<Order ', '<?xml version="1.0"?><Order '),
    '<a><b>',
    '<a/><b/>',
  ])
})

test('X5 values come out as they went in: zeros in front, 1e5, 0x10, +1', async () => {
  const values = ['0012345678901', '1e5', '0x10', '+1', '007', '1.50']
  for (const value of values) {
    const number = `X5-${value}`
    const { documents } = await arena.attack(
      Buffer.from(goodOrder('xml', number).toString().replace('>Pain<', `>${value}<`)),
    )
    expect(documents).toMatchObject([{ processing: 'processed', code: null }])
    const output = await arena.collected('supplier', `>${number}<`)
    expect(output).toContain(`<cbc:Name>${value}</cbc:Name>`)
  }
})

test('X6 elements and attributes named __proto__ and constructor change nothing for the next document', async () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']
  for (const name of names) {
    const file = `${xmlHead('X6')}<${name} ${name}="yes" polluted="yes"><polluted>yes</polluted></${name}></Order>`
    const { documents, findings } = await arena.attack(Buffer.from(file))
    expectNamedEnd(documents, findings, name)
    const root = await arena.attack(Buffer.from(`<${name} polluted="yes"/>`))
    expectNamedEnd(root.documents, root.findings, name)
  }
  await arena.expectAlive()
  expect((await arena.outbox('supplier')).join('')).not.toContain('polluted')
})

test('X7 an encoding that is not read, or not the one announced, is refused', async () => {
  const declared = (encoding: string): string => order.replace('UTF-8', encoding)
  await expectRefused('CD-3103', [
    '<?xml version="1.0" encoding="UTF-7"?>+ADw-Order/+AD4-',
    declared('UTF-16'),
    declared('windows-1252'),
    Buffer.from(`\ufeff${declared('ISO-8859-1')}`),
    Buffer.from(`\ufeff${order}`, 'utf16le'),
    Buffer.from(order.replace('>Pain<', '>\xe9<'), 'latin1'),
    Buffer.from(order.replace('>Pain<', '>\xc0\xaf<'), 'latin1'),
  ])
  const version = await arena.attack(Buffer.from(order.replace('version="1.0"', 'version="1.1"')))
  expect(version.documents).toMatchObject([{ type: 'unread', processing: 'rejected' }])
})
