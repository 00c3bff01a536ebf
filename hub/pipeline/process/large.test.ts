import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '#hub/base/limits.ts'
import { stableCode } from '#hub/model/codes/index.ts'
import type { TransmissionId } from '#hub/model/ids.ts'
import { buyerGln, sellerGln, startProcessing, type Processing } from '#tests/support/processing.ts'

let hub: Processing

beforeAll(async () => {
  hub = await startProcessing()
})
afterAll(async () => {
  await hub.close()
})

const messages = 1_200
/** A quantity of so many digits that the file is a large one. */
const quantity = `1.${'0'.repeat(1_000)}`

function largeFile(reference: string, number = (index: number) => `L${index}`): string[] {
  const lines = Array.from(
    { length: messages },
    (_, index) => `MSG|ORDERS|${number(index)}|${quantity}|${index + 1}`,
  )
  return [`IC|${buyerGln}|${sellerGln}|${reference}|ack`, ...lines, `END|${messages}`, '']
}

const outcomesOf = (id: TransmissionId) =>
  hub.rows(
    `select processing, code, count(*)::int n from document where transmission_id = $1 group by 1, 2 order by 3 desc`,
    [id],
  )
const interchangesOf = (id: TransmissionId) =>
  hub.rows('select state, documents, code from interchange where transmission_id = $1', [id])
const answersTo = (id: TransmissionId) =>
  hub.rows(
    `select state from acknowledgement where way = 'owed'
     and about_id in (select id from interchange where transmission_id = $1)`,
    [id],
  )
const outputsOf = (id: TransmissionId) =>
  hub.rows(
    `select count(*)::int n, count(distinct d.wire_id)::int identities from output o
     join delivery d using (interchange_id) join document x on x.id = o.document_id where x.transmission_id = $1`,
    [id],
  )

test('a large file is committed in portions, and one document that cannot be recorded ends by itself', async () => {
  const text = largeFile('LARGE', (index) => (index === 700 ? 'L<NUL>' : `L${index}`)).join('\n')
  expect(text.length).toBeGreaterThan(limits.splitWholeBytes)
  const id = await hub.accept(text)
  await hub.process([id])
  expect(await outcomesOf(id)).toEqual([
    { processing: 'processed', code: null, n: messages - 1 },
    { processing: 'rejected', code: stableCode('notRecorded'), n: 1 },
  ])
  expect(await interchangesOf(id)).toEqual([{ state: 'accepted', documents: messages, code: null }])
  expect(await answersTo(id)).toEqual([{ state: 'accepted' }])
  await hub.process([id])
  expect(await outputsOf(id)).toEqual([{ n: messages - 1, identities: messages - 1 }])
})

/** A small file of which one message, with this number, cannot be recorded; the next has the same number. */
const faultyFile = (reference: string) =>
  largeFile(reference, (index) => (index === 101 ? 'L100' : `L${index}`))
    .map((line) =>
      line.startsWith('MSG|ORDERS|L100|') && line.endsWith('|101') ? line.replace(/101$/, '<NUL>') : line,
    )
    .join('\n')
    .replaceAll(quantity, '1')

test('a document is no repeat of one that could not be recorded', async () => {
  hub.partners.terms = { duplicates: { businessKey: { answer: 'ignore' } } }
  const id = await hub.accept(faultyFile('FIRST'))
  await hub.process([id])
  hub.partners.terms = {}
  expect(await outcomesOf(id)).toEqual([
    { processing: 'processed', code: null, n: messages - 1 },
    { processing: 'rejected', code: stableCode('notRecorded'), n: 1 },
  ])
})

test('outputs that cannot be written go apart once, beside a document that cannot be recorded', async () => {
  hub.partners.copied = true
  const id = await hub.accept(faultyFile('APART'))
  await hub.process([id])
  hub.partners.copied = false
  expect(await outcomesOf(id)).toEqual(
    expect.arrayContaining([
      { processing: 'processed', code: null, n: messages - 1 },
      { processing: 'rejected', code: stableCode('notWritable'), n: messages - 1 },
      { processing: 'rejected', code: stableCode('notRecorded'), n: 1 },
    ]),
  )
  expect(await outputsOf(id)).toEqual([{ n: messages - 1, identities: messages - 1 }])
})

test('a large file whose processing ended in between goes on where it was', async () => {
  const id = await hub.accept(largeFile('BROKEN').join('\n'))
  hub.failAt(2)
  await expect(hub.process([id])).rejects.toThrow('tried again')
  const [portion] = await hub.rows('select split_to from transmission where id = $1', [id])
  expect(Number(portion!['split_to'])).toBeGreaterThan(0)
  expect(await interchangesOf(id)).toEqual([{ state: 'open', documents: messages, code: null }])
  expect(await answersTo(id)).toEqual([])
  await hub.process([id])
  expect(await outputsOf(id)).toEqual([{ n: messages, identities: messages }])
  expect(await interchangesOf(id)).toMatchObject([{ state: 'accepted' }])
  expect(await answersTo(id)).toEqual([{ state: 'accepted' }])
})

test('a small file of many documents is committed in portions, and goes on where it was', async () => {
  const text = largeFile('MANY').join('\n').replaceAll(quantity, '1')
  expect(text.length).toBeLessThan(limits.splitWholeBytes)
  const id = await hub.accept(text)
  hub.failAt(2)
  await expect(hub.process([id])).rejects.toThrow('tried again')
  expect(await outcomesOf(id)).toMatchObject([{ n: limits.splitCommitDocuments }])
  await hub.process([id])
  expect(await outputsOf(id)).toEqual([{ n: messages, identities: messages }])
  expect(await interchangesOf(id)).toMatchObject([{ state: 'accepted', documents: messages }])
  expect(await answersTo(id)).toEqual([{ state: 'accepted' }])
})

test('a small file of many empty interchanges is taken in portions, and its neighbours go on', async () => {
  const empty = (index: number) => `IC|${buyerGln}|${sellerGln}|E${index}|\nEND|0\n`
  const many = Array.from({ length: messages }, (_, index) => empty(index)).join('')
  const id = await hub.accept(many)
  const neighbour = await hub.accept(
    [`IC|${buyerGln}|${sellerGln}|BESIDE|`, 'MSG|ORDERS|one|1|1', 'END|1', ''].join('\n'),
  )
  await hub.process([id, neighbour])
  expect(await outcomesOf(neighbour)).toEqual([{ processing: 'processed', code: null, n: 1 }])
  expect(await outcomesOf(id)).toEqual([
    { processing: 'rejected', code: stableCode('noDocument'), n: messages },
  ])
})

test('nothing leaves a large file that ends before its trailer', async () => {
  const id = await hub.accept(largeFile('CUT').slice(0, -2).join('\n'))
  await hub.process([id])
  expect(await outcomesOf(id)).toEqual([
    { processing: 'rejected', code: stableCode('interchangeOpen'), n: messages },
  ])
  expect(await outputsOf(id)).toEqual([{ n: 0, identities: 0 }])
  expect(await answersTo(id)).toEqual([{ state: 'rejected' }])
})

test('the repeat of a large interchange is a duplicate in every portion', async () => {
  const [first, again] = [
    await hub.accept(largeFile('TWICE').join('\n')),
    await hub.accept(largeFile('TWICE').join('\n')),
  ]
  await hub.process([first])
  await hub.process([again])
  expect(await outcomesOf(again)).toEqual([{ processing: 'duplicate', code: null, n: messages }])
  expect(await interchangesOf(again)).toMatchObject([
    { state: 'rejected', code: stableCode('interchangeDuplicate') },
  ])
})

test('a document of a large file that waits is found in it again', async () => {
  const id = await hub.accept(largeFile('AGAIN', (index) => (index === 900 ? 'one' : `L${index}`)).join('\n'))
  hub.partners.agreed = false
  await hub.process([id])
  hub.partners.agreed = true
  await hub.rows(
    `update document set processing = 'waiting', resume_at = 'resolve', code = null
     where transmission_id = $1 and number = 'one'`,
    [id],
  )
  await hub.process([id])
  expect(
    await hub.rows('select number, processing from document where transmission_id = $1 and delivery <> $2', [
      id,
      'none',
    ]),
  ).toEqual([{ number: 'one', processing: 'processed' }])
})

test('a large file whose envelope cannot be recorded is rejected as a whole', async () => {
  const id = await hub.accept(largeFile('BAD<NUL>').join('\n'))
  await hub.process([id])
  expect(await outcomesOf(id)).toEqual([{ processing: 'rejected', code: stableCode('notRecorded'), n: 1 }])
  await hub.process([id])
  expect(await outcomesOf(id)).toHaveLength(1)
})
