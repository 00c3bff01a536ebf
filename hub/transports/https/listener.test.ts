import { expect, test } from 'vitest'
import { limits } from '#hub/base/limits.ts'
import { listen } from './listener.ts'

test('headers are taken up to their number and length, and refused beyond with the limit that says so', async () => {
  const listener = await listen((_request, response) => response.end('taken'), { host: '127.0.0.1', port: 0 })
  const ask = (headers: [string, string][]) => fetch(`http://127.0.0.1:${listener.port}/`, { headers })
  try {
    const own = await countOfOwnHeaders()
    const many = (count: number) =>
      Array.from({ length: count - own }, (_, index): [string, string] => [`x-${index}`, 'v'])
    expect(await (await ask(many(limits.httpHeaders))).text()).toBe('taken')
    const tooMany = await ask(many(limits.httpHeaders + 1))
    expect(tooMany.status).toBe(431)
    expect(await tooMany.json()).toMatchObject({
      code: 'CD-8008',
      detail: '101 headers; the limit httpHeaders is 100',
    })
    expect(await (await ask([['x-long', 'v'.repeat(limits.httpHeaderValueBytes)]])).text()).toBe('taken')
    const tooLong = await ask([['x-long', 'v'.repeat(limits.httpHeaderValueBytes + 1)]])
    expect(tooLong.status).toBe(431)
    expect(await tooLong.json()).toMatchObject({
      detail: 'x-long has 8193 bytes; the limit httpHeaderValueBytes is 8192',
    })
  } finally {
    await listener.close()
  }
})

/** How many headers this client sends by itself. */
async function countOfOwnHeaders(): Promise<number> {
  const answer = (count: number) => String(count / 2)
  const listener = await listen((request, response) => response.end(answer(request.rawHeaders.length)), {
    host: '127.0.0.1',
    port: 0,
  })
  const own = Number(await (await fetch(`http://127.0.0.1:${listener.port}/`)).text())
  await listener.close()
  return own
}
