import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createLog } from '#hub/base/log.ts'
import { acknowledgeFile } from '#hub/tools.ts'

const log = createLog('silent')

function sample(name: string): Promise<Buffer> {
  return readFile(new URL(`../../formats/edifact/samples/${name}`, import.meta.url))
}

async function answersTo(bytes: Buffer, version: string | null = null) {
  const { answers } = await acknowledgeFile(bytes, { version }, log)
  return answers.map(({ state, bytes: answer }) => ({
    state,
    segments: answer
      ?.toString('latin1')
      .split("'")
      .filter((segment) => /^(UCI|UCM|UCS|UCD|UNH)/.test(segment)),
  }))
}

test('an interchange that is right is acknowledged with its reference and parties as they stood', async () => {
  expect(await answersTo(await sample('orders-d96a.edi'))).toEqual([
    {
      state: 'accepted',
      segments: ['UNH+1+CONTRL:2:2:UN', 'UCI+R000345+5412345000013:14+5412345000020:14+7'],
    },
  ])
})

test('of three messages the one with faults is refused, with segment and element', async () => {
  const [answer] = await answersTo(await sample('orders-one-bad.edi'), '4:1')
  expect(answer?.state).toBe('partial')
  expect(answer?.segments).toEqual([
    'UNH+1+CONTRL:4:1:UN',
    'UCI+R000346+5412345000013:14+5412345000020:14+7',
    'UCM+2+ORDERS:D:96A:UN:EAN008+4',
    'UCS+2+13',
    'UCS+14',
    'UCD+37+2:2',
  ])
})

test('each interchange of a file gets an answer of its own, and an answer gets none', async () => {
  const two = await answersTo(await sample('orders-two-interchanges.edi'))
  expect(two.map(({ segments }) => segments?.[1])).toEqual([
    expect.stringContaining('UCI+R000345'),
    expect.stringContaining('UCI+R000348'),
  ])
  expect(await answersTo(await sample('contrl-partial.edi'))).toEqual([
    { state: 'accepted', segments: undefined },
  ])
})

test('a type for which the library has no mapping is judged by its syntax and directory alone', async () => {
  const text = (await sample('orders-d96a.edi')).toString('latin1')
  const other = Buffer.from(text.replaceAll('ORDERS', 'QUOTES'), 'latin1')
  const [answer] = await answersTo(other)
  expect(answer?.segments?.[1]).toContain('UCI+R000345')
})

test('an envelope that is cut off is refused as a whole, and what is no interchange has no answer', async () => {
  const [answer] = await answersTo(await sample('orders-header-cut.edi'))
  expect(answer).toMatchObject({ state: 'rejected' })
  expect(answer?.segments?.[1]).toMatch(/\+4\+13\+UNB/)
  const { answers, strays } = await acknowledgeFile(Buffer.from('no EDIFACT'), { version: null }, log)
  expect([answers.length, strays.length]).toEqual([0, 1])
})
