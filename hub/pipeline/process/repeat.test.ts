import { afterAll, beforeAll, expect, test } from 'vitest'
import { stableCode } from '#hub/model/codes/index.ts'
import { limits } from '#hub/base/limits.ts'
import { buyerGln, sellerGln, startProcessing, type Processing } from '#tests/support/processing.ts'

let hub: Processing

beforeAll(async () => {
  hub = await startProcessing()
})
afterAll(() => hub.close())

test('a test interchange does not use up the reference of a live one', async () => {
  for (const env of ['test', 'live']) {
    const id = await hub.accept(`IC|${buyerGln}|${sellerGln}|D3||${env}\nMSG|ORDERS|3|1|1\nEND|1\n`)
    await hub.process([id])
    const documents = await hub.rows('select processing from document where transmission_id = $1', [id])
    expect(documents).toEqual([{ processing: 'processed' }])
  }
})

const reused = stableCode('interchangeReferenceReused')

test('another order under a used reference is refused to its sender, also within one file', async () => {
  const id = await hub.accept([order('VD931', 'D931'), order('VD931', 'D932')].join(''))
  await hub.process([id])
  expect(await outcomesOf(id)).toEqual([
    { number: 'D931', processing: 'processed', code: null },
    { number: 'D932', processing: 'rejected', code: reused },
  ])
  const interchanges = await hub.rows(
    'select state, code from interchange where transmission_id = $1 order by position',
    [id],
  )
  expect(interchanges).toMatchObject([{ state: 'accepted' }, { state: 'rejected', code: reused }])
})

test('the same interchange beside others in another file is a repeat', async () => {
  const first = await hub.accept([order('VE1', 'E1'), order('VE2', 'E2')].join(''))
  const again = await hub.accept([order('VE3', 'E3'), order('VE2', 'E2')].join(''))
  await hub.process([first])
  await hub.process([again])
  expect(await outcomesOf(again)).toEqual([
    { number: 'E2', processing: 'duplicate', code: null },
    { number: 'E3', processing: 'processed', code: null },
  ])
})

test('a repeat is known whether its file is read whole or as a stream', async () => {
  const small = await hub.accept(order('VF1', 'F1'))
  const line = `MSG|ORDERS|F2|1.${'0'.repeat(4_000)}|1\n`
  const count = Math.ceil(limits.splitWholeBytes / line.length)
  const large = `IC|${buyerGln}|${sellerGln}|VF2||test\n${line.repeat(count)}END|${count}\n`
  const mixed = await hub.accept([order('VF1', 'F1'), large, order('VF1', 'F3')].join(''))
  await hub.process([small])
  await hub.process([mixed])
  const told = await hub.rows(
    `select number, processing, code from document
     where transmission_id = $1 and number <> 'F2' order by number`,
    [mixed],
  )
  expect(told).toEqual([
    { number: 'F1', processing: 'duplicate', code: null },
    { number: 'F3', processing: 'rejected', code: reused },
  ])
})

function order(reference: string, number: string): string {
  return `IC|${buyerGln}|${sellerGln}|${reference}||test\nMSG|ORDERS|${number}|1|1\nEND|1\n`
}

function outcomesOf(id: string): Promise<Record<string, unknown>[]> {
  return hub.rows(
    'select number, processing, code from document where transmission_id = $1 order by number',
    [id],
  )
}
