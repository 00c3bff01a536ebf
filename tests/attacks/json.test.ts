import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '#hub/base/limits.ts'
import { openArena, type Arena } from './arena.ts'
import { goodOrder, jsonHead, jsonLine } from './orders.ts'
import { expectNamedEnd, expectUnharmed } from './verdict.ts'

/* JSON against a running hub: what it makes of it is seen from outside. The readers' own tests go further into each. */

let arena: Arena
beforeAll(async () => {
  arena = await openArena()
})
afterAll(async () => {
  await expectUnharmed(arena)
  await arena.close()
})

async function expectRefused(code: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const { documents, findings } = await arena.attack(Buffer.from(file))
    expectNamedEnd(documents, findings, file.slice(0, 100))
    expect(documents, file.slice(0, 100)).toMatchObject([{ type: 'unread', processing: 'rejected', code }])
  }
  await arena.expectAlive()
}

/** An order with further text behind the bracket of its lines. */
function orderWith(number: string, more: string): string {
  return `${jsonHead(number)}"orderLine":[${jsonLine(1)}]${more}}`
}

test('J1 __proto__, constructor and prototype pollute nothing', async () => {
  const polluting = [
    '"__proto__":{"polluted":"yes"}',
    '"constructor":{"prototype":{"polluted":"yes"}}',
    '"prototype":{"polluted":"yes"}',
    '"toString":"polluted"',
    '"note":[{"__proto__":{"polluted":"yes"}}]',
    '"__defineGetter__":"polluted"',
  ]
  for (const [index, more] of polluting.entries()) {
    const { documents, findings } = await arena.attack(Buffer.from(orderWith(`J1-${index}`, `,${more}`)))
    expectNamedEnd(documents, findings, more)
  }
  const root = await arena.attack(Buffer.from('{"__proto__":{"type":"order","polluted":"yes"}}'))
  expectNamedEnd(root.documents, root.findings, 'a type that would be inherited')
  expect(root.documents).toMatchObject([{ processing: 'rejected' }])
  await arena.expectAlive()
  await arena.collected('supplier', '"GOOD-1"')
  expect((await arena.outbox('supplier')).join('')).not.toContain('polluted')
})

test('J2 depth has a limit: 64 levels are read, 65 and 200,000 are refused', async () => {
  const nested = (depth: number): string =>
    `{"type":"x","n":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
  const { documents } = await arena.attack(Buffer.from(nested(limits.jsonDepth)))
  expect(documents).toMatchObject([{ format: 'json', processing: 'rejected', code: 'CD-2006' }])
  await expectRefused('CD-3203', [nested(limits.jsonDepth + 1), nested(200_000), '{"a":'.repeat(200_000)])
  const array = await arena.attack(Buffer.from('['.repeat(200_000)))
  expect(array.documents).toMatchObject([{ type: 'unread', processing: 'rejected' }])
  expect(array.findings.map(({ code }) => code)).toContain('jsonTooLarge')
})

test('J3 numbers keep every digit on their way through, and their exponents have a limit', async () => {
  const exact = '12345678901234567890.123'
  const number = 'J3-exact'
  const asNumber = orderWith(number, '').replace('"value":"1"', `"value":${exact}`)
  const { documents } = await arena.attack(Buffer.from(asNumber))
  expect(documents).toMatchObject([{ processing: 'processed', code: null }])
  expect(await arena.collected('supplier', `"${number}"`)).toContain(exact)
  await expectRefused('CD-3204', [
    orderWith('J3-exponent', '').replace('"value":"1"', '"value":1e1000'),
    orderWith('J3-bomb', '').replace('"value":"1"', '"value":1e100000'),
    orderWith('J3-long', '').replace('"value":"1"', `"value":1${'0'.repeat(limits.jsonNumberCharacters)}`),
  ])
})

test('J4 equal members, NUL and half surrogates are refused, and poison no batch', async () => {
  const order = orderWith('J4', '')
  await expectRefused('CD-3202', [
    orderWith('J4', ',"id":"other"'),
    orderWith('J4', ',"\\u0069d":"escaped"'),
    order.replace('{"lineItem":', '{"lineItem":null,"lineItem":'),
  ])
  const poison = ['Pain\\u0000', 'Pain\\ud800', 'Pain\\udc00\\ud800'].map((text) =>
    order.replace('"Pain"', `"${text}"`),
  )
  await expectRefused('CD-3205', [...poison, orderWith('J4', ',"\\u0000":1')])
  // in one batch with good ones
  const together = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      arena.post(index % 3 === 0 ? Buffer.from(poison[index % 2]!) : goodOrder('json', `J4-good-${index}`)),
    ),
  )
  const outcomes = await Promise.all(together.map(({ exchange }) => arena.outcome(exchange!)))
  outcomes.forEach(({ documents }, index) =>
    expect(documents).toMatchObject([{ processing: index % 3 === 0 ? 'rejected' : 'processed' }]),
  )
})
