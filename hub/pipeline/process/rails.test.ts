import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '#hub/base/clock.ts'
import { createLog } from '#hub/base/log.ts'
import { stableCode } from '#hub/model/codes/index.ts'
import { asId, newId, type DocumentId, type PersonId, type TransmissionId } from '#hub/model/ids.ts'
import type { RailWindow } from '#hub/model/rails.ts'
import { decideHold } from '#hub/pipeline/decide/index.ts'
import { createWatch } from '#hub/pipeline/watch/index.ts'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { until } from '#tests/support/poll.ts'
import { buyerGln, sellerGln, startProcessing, type Processing } from '#tests/support/processing.ts'

let hub: Processing

beforeAll(async () => {
  hub = await startProcessing()
})
afterAll(() => hub.close())
beforeEach(async () => {
  hub.partners.terms = {}
  hub.partners.receiverTerms = { format: 'edifact', mapping: 'toy', channel: 'seller-box' }
  await hub.rows('delete from rail_window')
})

let reference = 1

async function arrive(...messages: string[]): Promise<TransmissionId> {
  const lines = messages.map((message, index) => `MSG|ORDERS|${message}|${index + 1}`)
  const head = `IC|${buyerGln}|${sellerGln}|R${reference++}|ack|test`
  return hub.accept([head, ...lines, `END|${messages.length}`, ''].join('\n'))
}

async function process(...messages: string[]): Promise<TransmissionId> {
  const id = await arrive(...messages)
  await hub.process([id])
  return id
}

async function outcomesOf(id: TransmissionId): Promise<string[]> {
  const rows = await hub.rows(
    `select concat(d.number, ' ', d.processing, ' by ' || h.rule) as text from document d
     left join hold h on h.document_id = d.id and h.decision is null
     where d.transmission_id = $1 order by d.raw_offset`,
    [id],
  )
  return rows.map(({ text }) => String(text))
}

const within = (window: Omit<RailWindow, 'minutes'>) => {
  hub.partners.terms = { rails: { windows: [{ minutes: 60, ...window }] } }
}

test('a message larger than its rail is held, its neighbours are not', async () => {
  hub.partners.terms = { rails: { sizeMax: 40 } }
  const id = await process('1|1', `2|1.${'0'.repeat(40)}`, '3|1')
  expect(await outcomesOf(id)).toEqual(['1 processed', '2 held by sizeMax', '3 processed'])
})

test('so many go through within the window, whatever files they come in, and the rest is one hold', async () => {
  within({ countMax: 3 })
  const first = await process('1|1', '2|1')
  const second = await process('3|1', '4|1')
  const third = await process('5|1')
  expect(await outcomesOf(first)).toEqual(['1 processed', '2 processed'])
  expect(await outcomesOf(second)).toEqual(['3 processed', '4 held by windows.60.countMax'])
  expect(await outcomesOf(third)).toEqual(['5 held by windows.60.countMax'])
  const holds = await hub.rows(
    `select batch_id, code from hold where document_id in (select id from document where transmission_id = any($1))`,
    [[second, third]],
  )
  expect(new Set(holds.map((hold) => hold['batch_id'])).size).toBe(1)
  expect(holds[0]!['code']).toBe(stableCode('railWindow'))
  const answers = await hub.rows(
    `select a.state from acknowledgement a join interchange i on i.id = a.about_id where i.transmission_id = $1`,
    [third],
  )
  expect(answers).toEqual([{ state: 'accepted' }])
})

test('the window moves along: what went through before it does not count', async () => {
  within({ countMax: 1 })
  expect(await outcomesOf(await process('1|1'))).toEqual(['1 processed'])
  expect(await outcomesOf(await process('2|1'))).toEqual(['2 held by windows.60.countMax'])
  await hub.rows(`update rail_window set portion = portion - interval '62 minutes'`)
  expect(await outcomesOf(await process('3|1'))).toEqual(['3 processed'])
})

test.each([
  ['quantityMax', { quantityMax: '10.5' }, ['1|10', '2|0.5', '3|0.001']],
  ['sizeMax', { sizeMax: 40 }, ['1|1', '2|1', '3|1']],
] as const)('%s of a window is a sum', async (name, window, messages) => {
  within(window)
  expect(await outcomesOf(await process(...messages))).toEqual([
    '1 processed',
    '2 processed',
    `3 held by windows.60.${name}`,
  ])
})

test('an amount that cannot be known does not pass for a small one, in a window either', async () => {
  within({ amountMax: '1000000' })
  expect(await outcomesOf(await process('1|1'))).toEqual(['1 held by windows.60.amountMax'])
})

test('where too many of what comes are repeats, what is none is held too', async () => {
  hub.partners.terms = {
    rails: { windows: [{ minutes: 60, duplicatesMaxPercent: 20 }] },
    duplicates: { businessKey: { answer: 'ignore' } },
  }
  const fine = Array.from({ length: 8 }, (_, at) => `P${at}|1`)
  expect(await outcomesOf(await process(...fine, 'P0|1', 'P1|1'))).toContain('P1 duplicate')
  expect(await outcomesOf(await process('P2|1'))).toEqual(['P2 duplicate'])
  expect(await outcomesOf(await process('P9|1'))).toEqual(['P9 held by windows.60.duplicatesMaxPercent'])
})

test('of documents that many workers process at once no more than the window allows go through', async () => {
  within({ countMax: 7, quantityMax: '1000' })
  const ids: TransmissionId[] = []
  for (let at = 0; at < 20; at++) ids.push(await arrive(`W${at}|2`))
  await Promise.all(ids.map((id) => hub.process([id])))
  const outcomes = (await Promise.all(ids.map(outcomesOf))).flat()
  expect(outcomes.filter((text) => text.endsWith('processed'))).toHaveLength(7)
  expect(outcomes.filter((text) => text.endsWith('countMax'))).toHaveLength(13)
  const [counted] = await hub.rows(
    'select sum(passed)::int passed, sum(quantity)::text quantity from rail_window',
  )
  expect(counted).toEqual({ passed: 7, quantity: '14' })
})

test('without a window nothing is counted and no lock is taken', async () => {
  hub.partners.terms = { rails: { quantityMax: '10' } }
  await process('1|1')
  expect(await hub.rows('select from rail_window')).toEqual([])
})

test('later documents of the same key wait behind one that is held, and follow it in order', async () => {
  hub.partners.receiverTerms = { ...hub.partners.receiverTerms, ordered: true }
  hub.partners.terms = { rails: { quantityMax: '10' } }
  const file = await process('A|11', 'A|1', 'B|1')
  const later = await process('A|2')
  expect(await outcomesOf(file)).toEqual(['A held by quantityMax', 'A held by behind', 'B processed'])
  expect(await outcomesOf(later)).toEqual(['A held by behind'])
  const batches = await hub.rows(
    `select distinct batch_id from hold h join document d on d.id = h.document_id where d.number = 'A'`,
  )
  expect(batches).toHaveLength(1)

  const [held] = await hub.rows(
    `select id from document where transmission_id = $1 and number = 'A' order by raw_offset`,
    [file],
  )
  await decide([asId(String(held!['id']))], 'release')
  // what comes before the released one has gone on waits too
  const meanwhile = await process('A|3')
  expect(await outcomesOf(meanwhile)).toEqual(['A held by behind'])
  for (let round = 0; round < 6; round++) await hub.process([meanwhile, later, file])
  for (const id of [file, later, meanwhile])
    expect((await outcomesOf(id)).filter((text) => !text.endsWith('processed'))).toEqual([])
  const sent = await hub.rows(
    `select d.raw_offset, d.transmission_id from delivery v join output o using (interchange_id)
     join document d on d.id = o.document_id where d.number = 'A'
     order by v.order_no, v.order_place, v.id`,
  )
  expect(sent.map((row) => row['transmission_id'])).toEqual([file, file, later, meanwhile])
  expect(await findBrokenFacts(hub.database.store.worker, null)).toEqual([])
})

test('behind a document that is rejected the next one goes on; one released out of its turn waits again', async () => {
  hub.partners.receiverTerms = { ...hub.partners.receiverTerms, ordered: true }
  hub.partners.terms = { rails: { quantityMax: '10' } }
  const first = await process('C|11')
  const second = await process('C|12')
  const third = await process('C|1')
  await decide([await documentOf(second)], 'release')
  await hub.process([second])
  expect(await outcomesOf(second)).toEqual(['C held by behind'])
  await decide([await documentOf(first)], 'reject')
  await hub.process([second])
  await hub.process([third])
  expect(await outcomesOf(second)).toEqual(['C processed'])
  expect(await outcomesOf(third)).toEqual(['C processed'])
})

test('one that is put on hold behind a document while that is rejected goes on with the next watch', async () => {
  hub.partners.receiverTerms = { ...hub.partners.receiverTerms, ordered: true }
  hub.partners.terms = { rails: { quantityMax: '10' } }
  const { store, admin } = hub.database
  const watch = createWatch({ store, queue: hub.queue, clock: systemClock, log: createLog('silent') })
  const first = await process('D|11')
  const second = await arrive('D|1')
  const stop = await admin.connect()
  await stop.query('begin; lock table interchange in share mode')
  const processing = hub.process([second])
  try {
    await until('the second has seen the first and is not recorded', async () => {
      const { rowCount } = await admin.query(
        `select from pg_locks where relation = 'interchange'::regclass and not granted`,
      )
      return rowCount === 0 ? null : true
    })
    await decide([await documentOf(first)], 'reject')
  } finally {
    await stop.query('commit')
    stop.release()
  }
  await processing
  expect(await outcomesOf(second)).toEqual(['D held by behind'])
  expect((await watch.runOnce()).wentOn).toBe(1)
  await hub.process([second])
  expect(await outcomesOf(second)).toEqual(['D processed'])
  expect((await watch.runOnce()).wentOn).toBe(0)
})

async function documentOf(id: TransmissionId): Promise<DocumentId> {
  const [row] = await hub.rows('select id from document where transmission_id = $1', [id])
  return asId(String(row!['id']))
}

async function decide(documentIds: DocumentId[], decision: 'release' | 'reject'): Promise<void> {
  const { store } = hub.database
  const said = { documentIds, decision, person: newId<PersonId>(), reason: 'seen' }
  expect(await decideHold({ store, queue: hub.queue, sealer: hub.sealer }, said)).toEqual(documentIds)
}
