import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { stableCode } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { PayloadId, TransmissionId } from '#hub/model/ids.ts'
import { readPayload } from '#hub/store/payload.ts'
import { buyerGln, sellerGln, startProcessing, type Processing } from '#tests/support/processing.ts'

let hub: Processing

beforeAll(async () => {
  hub = await startProcessing()
})
afterAll(async () => {
  await hub.close()
})
beforeEach(() => {
  hub.partners.agreed = true
  hub.partners.terms = {}
  hub.partners.senderTerms = { format: 'edifact', mapping: 'toy', channel: 'buyer-box' }
  hub.partners.receiverTerms = { format: 'edifact', mapping: 'toy', channel: 'seller-box' }
})

let reference = 1000

/** An interchange of the toy format with one message a line of `messages`, such as `ORDERS|345|2`. */
function file(messages: string[], { ack = '', ref = `R${reference++}`, end = messages.length } = {}): string {
  const lines = messages.map((message, index) => `MSG|${message}|${index + 1}`)
  return [`IC|${buyerGln}|${sellerGln}|${ref}|${ack}`, ...lines, `END|${end}`, ''].join('\n')
}

const documentsOf = (id: TransmissionId) =>
  hub.rows('select * from document where transmission_id = $1 order by interchange_id, position', [id])
const interchangesOf = (id: TransmissionId) =>
  hub.rows('select * from interchange where transmission_id = $1 order by position', [id])
const deliveriesOf = (id: TransmissionId) =>
  hub.rows(
    `select d.*, o.document_id, o.message_ref from delivery d
     join output o using (interchange_id) join document x on x.id = o.document_id
     where x.transmission_id = $1 order by o.document_id`,
    [id],
  )
const entriesOf = async (id: TransmissionId) =>
  (
    await hub.rows(
      `select type from entry where transmission_id = $1 or document_id in
       (select id from document where transmission_id = $1) order by id`,
      [id],
    )
  ).map((row) => row['type'])
const counts = async () =>
  (
    await hub.rows(
      `select (select count(*) from document)::int documents, (select count(*) from delivery)::int deliveries,
              (select count(*) from output)::int outputs, (select count(*) from entry)::int entries,
              (select count(*) from interchange)::int interchanges, (select count(*) from payload)::int payloads`,
    )
  )[0]

/** As the portal does when a person releases what is held. */
const release = async (documentId: unknown): Promise<void> => {
  await hub.rows(
    `update hold set decision = 'released', decided_by = 'person:1', decided_at = now(), reason = 'ok'
     where document_id = $1`,
    [documentId],
  )
  await hub.rows(`update document set processing = 'waiting' where id = $1`, [documentId])
}
const findingsOf = async (id: TransmissionId): Promise<string[]> => {
  const [document] = await documentsOf(id)
  const bytes = await readPayload(
    hub.database.store.worker,
    hub.sealer,
    document!['findings_id'] as PayloadId,
  )
  return (JSON.parse(bytes.toString()) as Finding[]).map(({ message }) => message)
}

test('an order becomes an output with numbers and an identity, and a delivery that waits', async () => {
  const id = await hub.accept(file(['ORDERS|345|2']))
  await hub.process([id])
  expect(await documentsOf(id)).toMatchObject([
    {
      type: 'order',
      wire_type: 'ORDERS',
      number: '345',
      lines: 1,
      processing: 'processed',
      resume_at: null,
      sender: hub.partners.buyer.partnerId,
      receiver: hub.partners.seller.partnerId,
      delivery: 'waiting',
      acknowledgement: 'none',
    },
  ])
  const [delivery] = await deliveriesOf(id)
  expect(delivery).toMatchObject({ state: 'waiting', attempt: 0, partner_id: hub.partners.seller.partnerId })
  expect(delivery!['wire_id']).toMatch(/^ORDERS-345-\d{6}\.edi$/)
  const bytes = await readPayload(hub.database.store.worker, hub.sealer, delivery!['payload_id'] as never)
  expect(bytes.toString()).toMatch(
    new RegExp(`^IC\\|${buyerGln}\\|${sellerGln}\\|\\d+\\|\nMSG\\|ORDERS\\|345\\|2\\|\\d+\nEND\\|1$`),
  )
  expect(await interchangesOf(id)).toMatchObject([{ state: 'accepted', documents: 1, code: null }])
  expect(new Set(await entriesOf(id))).toEqual(
    new Set(['transmission.accepted', 'interchange.judged', 'document.processed', 'output.queued']),
  )
  const jobs = await hub.rows(`select from pgboss.job where name = 'deliver' and data->'deliveryIds' ? $1`, [
    delivery!['id'],
  ])
  expect(jobs).toHaveLength(1)
})

test('processing the same transmission again changes nothing', async () => {
  const id = await hub.accept(file(['ORDERS|1|2', 'FAULTY|2|2'], { ack: 'ack' }))
  await hub.process([id])
  const before = await counts()
  await hub.process([id, id])
  expect(await counts()).toEqual(before)
})

test('ten workers at once on one transmission make one output', async () => {
  const id = await hub.accept(file(['ORDERS|1|2', 'ORDERS|2|2'], { ack: 'ack' }))
  await Promise.all(Array.from({ length: 10 }, () => hub.process([id])))
  expect(await deliveriesOf(id)).toHaveLength(2)
  expect((await entriesOf(id)).filter((type) => type === 'acknowledgement.owed')).toHaveLength(1)
})

test('of a hundred files, one that crashes the reader and one that cannot be recorded end by themselves', async () => {
  const ids: TransmissionId[] = []
  for (let index = 0; index < 100; index++) {
    if (index === 40) ids.push(await hub.accept(`IC|${buyerGln}|${sellerGln}|X|\nCRASH\nEND|0\n`))
    else if (index === 60) ids.push(await hub.accept(file(['ORDERS|12<NUL>3|1'])))
    else ids.push(await hub.accept(file([`ORDERS|B${index}|1`])))
  }
  await hub.process(ids)
  const codes = await hub.rows(
    `select processing, code, count(*)::int n from document where transmission_id = any($1) group by 1, 2 order by 2`,
    [ids],
  )
  expect(codes).toEqual([
    { processing: 'rejected', code: stableCode('readerFailed'), n: 1 },
    { processing: 'rejected', code: stableCode('notRecorded'), n: 1 },
    { processing: 'processed', code: null, n: 98 },
  ])
})

test('every reason to reject stands with its code and the step that gave it', async () => {
  hub.partners.terms = {}
  const id = await hub.accept(
    file(['FAULTY|1|1', 'INVOIC|2|1', 'ORDERS|3|boom', 'ORDERS|4|x', 'ORDERS|5|666']),
  )
  await hub.process([id])
  expect(await documentsOf(id)).toMatchObject([
    { processing: 'rejected', code: stableCode('messageFaulty'), stopped_at: 'check' },
    { processing: 'rejected', code: stableCode('profileMissing'), stopped_at: 'resolve' },
    { processing: 'rejected', code: stableCode('mappingFailed'), stopped_at: 'canonicalise' },
    { processing: 'rejected', code: stableCode('canonicalIncomplete'), stopped_at: 'canonicalise' },
    { processing: 'rejected', code: stableCode('notWritable'), stopped_at: 'write' },
  ])
  const [faulty] = await documentsOf(id)
  const findings = await readPayload(hub.database.store.worker, hub.sealer, faulty!['findings_id'] as never)
  expect(JSON.parse(findings.toString())).toMatchObject([{ code: 'messageFaulty', severity: 'error' }])
})

test('what cannot be read still makes a document that says why', async () => {
  const garbage = await hub.accept('this is no format at all')
  const cut = await hub.accept(`IC|${buyerGln}|${sellerGln}|CUT|\nMSG|ORDERS|1|1|1\n`)
  const empty = await hub.accept(`IC|${buyerGln}|${sellerGln}|EMPTY|\nEND|0\n`)
  await hub.process([garbage, cut, empty])
  expect(await documentsOf(garbage)).toMatchObject([
    { type: 'unread', processing: 'rejected', code: stableCode('formatUnknown'), interchange_id: null },
  ])
  expect(await documentsOf(cut)).toMatchObject([
    { type: 'order', processing: 'rejected', code: stableCode('interchangeOpen'), stopped_at: 'split' },
  ])
  expect(await interchangesOf(cut)).toMatchObject([
    { state: 'rejected', code: stableCode('interchangeOpen') },
  ])
  expect(await documentsOf(empty)).toMatchObject([{ type: 'unread', code: stableCode('noDocument') }])
  expect(await entriesOf(garbage)).toEqual(['transmission.accepted', 'document.rejected'])
})

test('nothing leaves an interchange whose trailer does not match it', async () => {
  const id = await hub.accept(file(['ORDERS|1|1', 'ORDERS|2|1'], { end: 3 }))
  await hub.process([id])
  expect(await interchangesOf(id)).toMatchObject([
    { state: 'rejected', code: stableCode('interchangeRejected') },
  ])
  expect(await deliveriesOf(id)).toEqual([])
})

test('the same interchange in another file is a duplicate, and a rejected one may come again', async () => {
  const [first, again, faulty, mended] = [
    await hub.accept(file(['ORDERS|1|1'], { ref: 'D1' })),
    await hub.accept(file(['ORDERS|1|1'], { ref: 'D1' })),
    await hub.accept(file(['FAULTY|2|1'], { ref: 'D2' })),
    await hub.accept(file(['ORDERS|2|1'], { ref: 'D2' })),
  ]
  await hub.process([first, again])
  await hub.process([faulty])
  await hub.process([mended])
  expect(await documentsOf(first)).toMatchObject([{ processing: 'processed' }])
  expect(await documentsOf(again)).toMatchObject([{ processing: 'duplicate' }])
  expect(await interchangesOf(again)).toMatchObject([
    { state: 'rejected', code: stableCode('interchangeDuplicate') },
  ])
  expect(await documentsOf(mended)).toMatchObject([{ processing: 'processed' }])
})

test('a guard rail holds a document, and its release goes on to a delivery', async () => {
  hub.partners.terms = { rails: { quantityMax: '10' } }
  const id = await hub.accept(file(['ORDERS|1|11', 'ORDERS|2|10']))
  await hub.process([id])
  const [held, passed] = await documentsOf(id)
  expect(held).toMatchObject({ processing: 'held', resume_at: 'map', code: stableCode('guardRail') })
  expect(passed).toMatchObject({ processing: 'processed' })
  expect(await hub.rows('select rule, decision from hold where document_id = $1', [held!['id']])).toEqual([
    { rule: 'quantityMax', decision: null },
  ])
  await release(held!['id'])
  await hub.process([id])
  expect(await documentsOf(id)).toMatchObject([
    { processing: 'processed', resume_at: null },
    { processing: 'processed' },
  ])
  expect(await deliveriesOf(id)).toHaveLength(2)
})

test('what the receiver’s form has no place for is noted, with its write terms minded, also after a release', async () => {
  hub.partners.receiverTerms = { ...hub.partners.receiverTerms, write: { syntax: 'UNOA:1' } }
  const direct = await hub.accept(file(['ORDERS|remarkable|2']))
  await hub.process([direct])
  expect(await findingsOf(direct)).toEqual(['read', 'written'])

  hub.partners.terms = { rails: { quantityMax: '10' } }
  const later = await hub.accept(file(['ORDERS|remarkable|11']))
  await hub.process([later])
  expect(await findingsOf(later)).toEqual(['read'])
  const [held] = await documentsOf(later)
  await release(held!['id'])
  await hub.process([later])
  expect(await findingsOf(later)).toEqual(['read', 'written'])
})

test('a document that waits at an earlier step is read from its file again', async () => {
  hub.partners.agreed = false
  const id = await hub.accept(file(['ORDERS|1|1', 'ORDERS|2|1']))
  await hub.process([id])
  expect(await documentsOf(id)).toMatchObject([
    { code: stableCode('agreementMissing') },
    { code: stableCode('agreementMissing') },
  ])
  hub.partners.agreed = true
  await hub.rows(
    `update document set processing = 'waiting', resume_at = 'resolve', code = null
     where transmission_id = $1 and position = 2`,
    [id],
  )
  await hub.process([id])
  expect(await documentsOf(id)).toMatchObject([
    { processing: 'rejected' },
    { processing: 'processed', code: null },
  ])
})

test('the answer owed goes back as its profile says, once, also for what was rejected', async () => {
  const answersTo = async (id: TransmissionId) =>
    hub.rows(
      `select a.state, d.wire_id, d.payload_id, d.channel_id, i.reference from acknowledgement a
       join delivery d on d.id = a.delivery_id join interchange i on i.id = d.interchange_id
       where a.way = 'owed' and a.about_id in (select id from interchange where transmission_id = $1)`,
      [id],
    )
  const unasked = await hub.accept(file(['ORDERS|1|1']))
  const partial = await hub.accept(file(['ORDERS|1|1', 'FAULTY|2|1'], { ack: 'ack', ref: 'A1' }))
  const cut = await hub.accept(`IC|${buyerGln}|${sellerGln}|A2|ack\nMSG|ORDERS|1|1|1\n`)
  await hub.process([unasked, partial, cut])
  expect(await answersTo(unasked)).toEqual([])
  const [answer] = await answersTo(partial)
  expect(answer).toMatchObject({ state: 'partial', channel_id: hub.partners.buyer.id })
  const bytes = await readPayload(hub.database.store.worker, hub.sealer, answer!['payload_id'] as never)
  expect(bytes.toString()).toMatch(
    new RegExp(`^IC\\|${sellerGln}\\|${buyerGln}\\|A\\d{6}\\|\nACK\\|A1\\|partial\\|yn\nEND\\|1$`),
  )
  expect(await answersTo(cut)).toMatchObject([{ state: 'rejected' }])
  hub.partners.senderTerms = { ...hub.partners.senderTerms, acknowledgements: { syntax: 'none' } }
  const never = await hub.accept(file(['ORDERS|1|1'], { ack: 'ack' }))
  await hub.process([never])
  expect(await answersTo(never)).toEqual([])
})

test('an interchange whose answer cannot be written is recorded all the same, and keeps no other from it', async () => {
  const silent = await hub.accept(file(['ORDERS|1|1'], { ack: 'ack', ref: 'unwritable' }))
  const other = await hub.accept(file(['ORDERS|2|1'], { ack: 'ack' }))
  await hub.process([silent, other])
  expect(await documentsOf(silent)).toMatchObject([{ processing: 'processed' }])
  expect(await documentsOf(other)).toMatchObject([{ processing: 'processed' }])
})

test('an answer received is matched to what was sent; the first final one stands', async () => {
  hub.partners.receiverTerms = {
    ...hub.partners.receiverTerms,
    acknowledgements: { expectSyntaxWithinMinutes: 60 },
  }
  const id = await hub.accept(file(['ORDERS|1|1']))
  await hub.process([id])
  expect(await documentsOf(id)).toMatchObject([{ acknowledgement: 'waiting' }])
  const [sent] = await hub.rows(
    `select i.id, i.reference from interchange i join output o on o.interchange_id = i.id
     join document d on d.id = o.document_id where d.transmission_id = $1`,
    [id],
  )
  const answer = async (state: string, ref = String(sent!['reference'])) => {
    const answerId = await hub.accept(
      `IC|${sellerGln}|${buyerGln}|S${reference++}|ack\nACK|${ref}|${state}\nEND|1\n`,
      'seller',
    )
    await hub.process([answerId])
    return (await documentsOf(answerId))[0]
  }
  const acknowledgement = () =>
    hub.rows(
      `select state, evidence_id, due_at from acknowledgement where about_id = $1 and way = 'expected'`,
      [sent!['id']],
    )
  expect(await answer('received')).toMatchObject({ type: 'acknowledgement', processing: 'processed' })
  expect(await acknowledgement()).toMatchObject([{ state: 'waiting' }])
  const final = await answer('accepted')
  expect(await acknowledgement()).toMatchObject([
    { state: 'accepted', evidence_id: final!['transmission_id'] },
  ])
  expect(await documentsOf(id)).toMatchObject([{ acknowledgement: 'accepted' }])
  expect(await entriesOf(id)).toContain('acknowledgement.received')
  expect(await answer('rejected')).toMatchObject({ processing: 'duplicate' })
  expect(await documentsOf(id)).toMatchObject([{ acknowledgement: 'accepted' }])
  expect(await answer('accepted', 'NEVER-SENT')).toMatchObject({
    processing: 'rejected',
    code: stableCode('acknowledgementUnmatched'),
  })
  // an answer is never answered
  const owed = await hub.rows(`select from acknowledgement where way = 'owed' and partner_id = $1`, [
    hub.partners.seller.partnerId,
  ])
  expect(owed).toEqual([])
})

test('control numbers never come twice, however many ask at once', async () => {
  const ids = await Promise.all(
    Array.from({ length: 20 }, (_, index) => hub.accept(file([`ORDERS|N${index}|1`]))),
  )
  await Promise.all(ids.map((id) => hub.process([id])))
  const references = await hub.rows(
    `select reference from interchange i where direction = 'out' and partner_id = $1`,
    [hub.partners.seller.partnerId],
  )
  expect(new Set(references.map((row) => row['reference'])).size).toBe(references.length)
})

test('an answer that rejects every message of an interchange rejects it', async () => {
  const id = await hub.accept(file(['ORDERS|1|1']))
  await hub.process([id])
  const [sent] = await hub.rows(
    `select i.reference, o.message_ref from interchange i join output o on o.interchange_id = i.id
     join document d on d.id = o.document_id where d.transmission_id = $1`,
    [id],
  )
  const answer = `ACK|${String(sent!['reference'])}|partial|${String(sent!['message_ref'])}`
  const answerId = await hub.accept(`IC|${sellerGln}|${buyerGln}|P1|\n${answer}\nEND|1\n`, 'seller')
  await hub.process([answerId])
  expect(await documentsOf(id)).toMatchObject([{ processing: 'processed', acknowledgement: 'rejected' }])
})

test('a file is read in the charset that its sender writes', async () => {
  const bytes = Buffer.from(file(['ORDERS|é1|1']), 'latin1')
  const believed = await hub.accept(bytes)
  await hub.process([believed])
  hub.partners.senderTerms = { ...hub.partners.senderTerms, charset: 'latin1' }
  const agreed = await hub.accept(Buffer.from(file(['ORDERS|é1|1']), 'latin1'))
  await hub.process([agreed])
  expect(await documentsOf(believed)).toMatchObject([{ number: '\ufffd1' }])
  expect(await documentsOf(agreed)).toMatchObject([{ number: 'é1' }])
})

test('an outage rejects nothing: the job fails, and the next one does the work', async () => {
  const ids = [await hub.accept(file(['ORDERS|1|1'])), await hub.accept(file(['ORDERS|2|1']))]
  hub.failAt(1)
  await expect(hub.process(ids)).rejects.toThrow('tried again')
  for (const id of ids) expect(await documentsOf(id)).toEqual([])
  await hub.process(ids)
  for (const id of ids) expect(await documentsOf(id)).toMatchObject([{ processing: 'processed' }])
})

test('after all of this every fact of the promise holds', async () => {
  expect(await findBrokenFacts(hub.database.store.worker, null)).toEqual([])
})
