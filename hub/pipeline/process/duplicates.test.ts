import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { stableCode } from '#hub/model/codes/index.ts'
import { asId, type TransmissionId } from '#hub/model/ids.ts'
import { duplicateAnswers, duplicateDetectors, type DuplicateDetector } from '#hub/model/rails.ts'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { readPayload } from '#hub/store/payload.ts'
import { buyerGln, sellerGln, startProcessing, type Processing } from '#tests/support/processing.ts'

let hub: Processing

beforeAll(async () => {
  hub = await startProcessing()
})
afterAll(() => hub.close())
beforeEach(() => {
  hub.partners.terms = {}
  hub.partners.agreed = true
})

/** What one is known by again; everything else about the second file is another than in the first. */
interface Arrival {
  reference: string
  number: string
  messageId?: string
}

const repeatOf: Record<DuplicateDetector, (first: Required<Arrival>) => Arrival> = {
  messageId: (first) => first,
  reference: ({ reference, number }) => ({ reference, number }),
  payloadHash: ({ reference, number }) => ({ reference, number }),
  businessKey: ({ reference, number }) => ({ reference: `${reference}-2`, number }),
}

/** The detector alone decides: what else would know the repeat lets it pass. */
function only(by: DuplicateDetector, answer: (typeof duplicateAnswers)[number]) {
  return { reference: { answer: 'accept' as const }, [by]: { answer } }
}

const cases = duplicateDetectors.flatMap((by) => duplicateAnswers.map((answer) => ({ by, answer })))

test.each(cases)('16: a repeat by $by, where the agreement says $answer', async ({ by, answer }) => {
  hub.partners.terms = { duplicates: only(by, answer) }
  const name = `${by}-${answer}`
  // without a reference, as in XML and JSON, the bytes alone tell
  const reference = by === 'payloadHash' ? '' : name
  const first = { reference, number: name, messageId: name }
  const one = await arrive(first)
  await hub.process([one])
  const two = await arrive(repeatOf[by](first))
  await hub.process([two])
  await hub.process([two])

  expect(await documentOf(one)).toMatchObject({ processing: 'processed', code: null })
  const link = by === 'businessKey' ? (await documentOf(one))['id'] : one
  const repeated = await documentOf(two)
  const entry = await entryOf(two)
  expect(entry).toMatchObject({ repeat: { by, of: link } })
  const [given, again] = [await answerTo(one), await answerTo(two)]
  expect(given).toMatchObject({
    state: 'accepted',
    text: expect.stringContaining(`ACK|${reference}|accepted|y`),
  })

  switch (answer) {
    case 'accept':
      expect(repeated).toMatchObject({ processing: 'processed', code: null })
      expect(await deliveriesOf(two)).toBe(1)
      expect(again).toMatchObject({ state: 'accepted' })
      break
    case 'ignore':
      expect(repeated).toMatchObject({ processing: 'duplicate', code: null })
      expect(entry).toMatchObject({ of: link })
      expect(await deliveriesOf(two)).toBe(0)
      // the same bytes once more; an interchange of its own reference gets an answer of its own
      if (by === 'businessKey') expect(again).toMatchObject({ state: 'accepted', again: null })
      else expect(again).toMatchObject({ state: 'accepted', text: given!['text'], again: one })
      expect(again!['delivery']).not.toBe(given!['delivery'])
      expect(again!['wireId']).not.toBe(given!['wireId'])
      break
    case 'hold':
      expect(repeated).toMatchObject({ processing: 'held', code: stableCode('duplicateHeld') })
      expect(await holdOf(two)).toEqual({ rule: `duplicates.${by}`, of_id: link, agreement: 'toy-orders' })
      expect(await deliveriesOf(two)).toBe(0)
      expect(again).toMatchObject({ state: 'accepted' })
      break
    case 'reject':
      expect(repeated).toMatchObject({ processing: 'rejected', code: stableCode('duplicateRejected') })
      expect(await deliveriesOf(two)).toBe(0)
      expect(again).toMatchObject({ state: 'rejected', text: expect.stringContaining('|rejected|n') })
      break
  }
  expect(await findBrokenFacts(hub.database.store.worker, null)).toEqual([])
})

test('of two repeats in one batch the second is known, and gets the answer to the first', async () => {
  hub.partners.terms = { duplicates: only('payloadHash', 'ignore') }
  const ids = [
    await arrive({ reference: 'B1', number: 'B1' }),
    await arrive({ reference: 'B1', number: 'B1' }),
  ]
  await hub.process(ids)
  expect(await Promise.all(ids.map(async (id) => (await documentOf(id))['processing']))).toEqual([
    'processed',
    'duplicate',
  ])
  expect((await answerTo(ids[1]!))!['text']).toBe((await answerTo(ids[0]!))!['text'])
})

test('of twenty repeats that are processed at once one is delivered', async () => {
  hub.partners.terms = { duplicates: only('businessKey', 'ignore') }
  const ids: TransmissionId[] = []
  for (let at = 0; at < 20; at++) ids.push(await arrive({ reference: `C${at}`, number: 'C' }))
  await Promise.all(ids.map((id) => hub.process([id])))
  const documents = await Promise.all(ids.map(documentOf))
  expect(documents.filter(({ processing }) => processing === 'processed')).toHaveLength(1)
  expect(documents.filter(({ processing }) => processing === 'duplicate')).toHaveLength(19)
})

test('a first one that was rejected makes no repeat, also where a person rejected it', async () => {
  hub.partners.terms = { duplicates: only('businessKey', 'reject'), rails: { quantityMax: '10' } }
  const held = await arrive({ reference: 'D1', number: 'D', quantity: '11' })
  await hub.process([held])
  await hub.rows(
    `with h as (update hold set decision = 'rejected', decided_by = 'person:1', decided_at = now(), reason = 'no'
                where document_id = (select id from document where transmission_id = $1))
     update document set processing = 'rejected', resume_at = null, code = 'CD-4002' where transmission_id = $1`,
    [held],
  )
  const mended = await arrive({ reference: 'D2', number: 'D', quantity: '1' })
  await hub.process([mended])
  expect(await documentOf(mended)).toMatchObject({ processing: 'processed' })
  const third = await arrive({ reference: 'D3', number: 'D', quantity: '1' })
  await hub.process([third])
  expect(await documentOf(third)).toMatchObject({ processing: 'rejected' })
  expect(await entryOf(third)).toMatchObject({
    repeat: { by: 'businessKey', of: (await documentOf(mended))['id'] },
  })
})

test('a change, a replacement and a copy of an order are no repeats of it; a second change with the same content is', async () => {
  hub.partners.terms = { duplicates: only('businessKey', 'ignore') }
  const outcome = async (reference: string, quantity: string, does: string) => {
    const id = await arrive({ reference, number: 'F', quantity: `${quantity}/${does}` })
    await hub.process([id])
    return (await documentOf(id))['processing']
  }
  expect(await outcome('F1', '1', 'original')).toBe('processed')
  expect(await outcome('F2', '2', 'change')).toBe('processed')
  expect(await outcome('F3', '3', 'change')).toBe('processed')
  expect(await outcome('F4', '3', 'replace')).toBe('processed')
  expect(await outcome('F5', '1', 'copy')).toBe('processed')
  expect(await outcome('F6', '1', 'copy')).toBe('processed')
  expect(await outcome('F7', '3', 'change')).toBe('duplicate')
  expect(await outcome('F8', '9', 'original')).toBe('duplicate')
})

test('after its days a first one is forgotten', async () => {
  hub.partners.terms = { duplicates: { reference: { answer: 'hold', days: 7 } } }
  const first = await arrive({ reference: 'G', number: 'G' })
  await hub.process([first])
  await hub.rows(`update once set at = at - interval '8 days' where key = 'G'`)
  const later = await arrive({ reference: 'G', number: 'G' })
  await hub.process([later])
  const next = await arrive({ reference: 'G', number: 'G' })
  await hub.process([next])
  expect(await documentOf(later)).toMatchObject({ processing: 'processed' })
  expect(await documentOf(next)).toMatchObject({ processing: 'held' })
  expect(await holdOf(next)).toMatchObject({ of_id: later })
})

test('another content under a used message identity is never ignored, which would lose it', async () => {
  hub.partners.terms = { duplicates: only('messageId', 'ignore') }
  await hub.process([await arrive({ reference: 'H1', number: 'H1', messageId: 'H' })])
  const other = await arrive({ reference: 'H2', number: 'H2', messageId: 'H' })
  await hub.process([other])
  expect(await documentOf(other)).toMatchObject({
    processing: 'rejected',
    code: stableCode('messageIdReused'),
  })
  expect(await answerTo(other)).toMatchObject({ state: 'rejected' })
})

async function arrive({
  reference,
  number,
  messageId,
  quantity = '1',
}: Arrival & { quantity?: string }): Promise<TransmissionId> {
  const id = await hub.accept(
    `IC|${buyerGln}|${sellerGln}|${reference}|ack|test\nMSG|ORDERS|${number}|${quantity}|1\nEND|1\n`,
  )
  // as the HTTPS door leaves it
  if (messageId !== undefined)
    await hub.rows('update transmission set evidence = $2 where id = $1', [
      id,
      JSON.stringify({ headers: { 'idempotency-key': messageId } }),
    ])
  return id
}

async function documentOf(id: TransmissionId): Promise<Record<string, unknown>> {
  const [document] = await hub.rows('select * from document where transmission_id = $1', [id])
  return document!
}

/** The body of the entry that says what became of its document. */
async function entryOf(id: TransmissionId): Promise<Record<string, unknown>> {
  const [entry] = await hub.rows(
    `select body from entry where transmission_id = $1 and document_id is not null`,
    [id],
  )
  return JSON.parse(String(entry!['body'])) as Record<string, unknown>
}

async function holdOf(id: TransmissionId): Promise<unknown> {
  const [hold] = await hub.rows(
    `select rule, of_id, agreement from hold
     where document_id = (select id from document where transmission_id = $1) and decision is null`,
    [id],
  )
  return hold
}

async function deliveriesOf(id: TransmissionId): Promise<number> {
  const rows = await hub.rows(
    `select from delivery join output o using (interchange_id) join document d on d.id = o.document_id
     where d.transmission_id = $1`,
    [id],
  )
  return rows.length
}

/** The syntax acknowledgement that the sender of a file is given, with its bytes. */
async function answerTo(id: TransmissionId): Promise<Record<string, unknown> | undefined> {
  const [row] = await hub.rows(
    `select a.state, d.id as delivery, d.wire_id as "wireId", d.payload_id, e.body
     from interchange i join acknowledgement a on a.about_id = i.id join delivery d on d.id = a.delivery_id
     join entry e on e.delivery_id = d.id and e.type = 'acknowledgement.owed'
     where i.transmission_id = $1 and d.state = 'waiting'`,
    [id],
  )
  if (row === undefined) return undefined
  const { store } = hub.database
  const bytes = await readPayload(store.worker, hub.sealer, asId(String(row['payload_id'])))
  const { again = null } = JSON.parse(String(row['body'])) as { again?: string }
  return { ...row, text: bytes.toString(), again }
}
