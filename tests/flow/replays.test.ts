import { afterAll, beforeAll, expect, test } from 'vitest'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { until } from '../support/poll.ts'
import type { HubProcess } from '../support/hub-process.ts'
import { startFlow, type Answer, type Flow } from './flow.ts'

let flow: Flow
let hub: HubProcess

beforeAll(async () => {
  flow = await startFlow({ profile: 'replay: { function: copy }', limits: { replayDocuments: 5 } })
  hub = await flow.start()
}, 90_000)
afterAll(async () => {
  expect(await findBrokenFacts(flow.store.worker, null)).toEqual([])
  await flow.close()
})

const reached = (count: number) =>
  until(`${count} reached the receiver`, () => (flow.receipts.length >= count ? true : null))
const reason = 'the receiver lost it'

async function documentOf(exchange: string, state = 'delivered'): Promise<string> {
  return until('the document is there', async () => {
    const { rows } = await flow.admin.query<{ id: string }>(
      'select id from document where transmission_id = $1 and delivery = $2 and origin_id is null',
      [exchange, state],
    )
    return rows[0]?.id ?? null
  })
}

async function plan(body: object): Promise<Answer> {
  const answer = await flow.ask(hub, 'POST', '/v1/replays', { reason, ...body })
  return { status: answer.status, ...answer.body }
}

const execute = async (id: string): Promise<Answer> =>
  (await flow.ask(hub, 'POST', `/v1/replays/${id}/execution`)).body

/** The parts of an interchange that a receiver tells messages apart by. */
function partsOf(bytes: Buffer) {
  const segments = bytes.toString('latin1').split("'")
  const element = (tag: string, place: number) =>
    segments.find((one) => one.startsWith(`${tag}+`))?.split('+')[place] ?? ''
  const content = segments.filter((one) => !/^(UNB|UNH|UNT|UNZ)\+/.test(one)).join("'")
  return { reference: element('UNB', 5), message: element('UNH', 1), function: element('BGM', 3), content }
}

test('three replays of one document, with the receiver counting: what each promises', async () => {
  const document = await documentOf(await flow.post(hub, { number: 'R-100' }))
  const [first] = flow.receipts
  expect(flow.receipts).toHaveLength(1)

  // again: the same identity and the same bytes, so that a receiver that drops repeats sees it once
  const again = await plan({ kind: 'again', documents: [document] })
  expect(again).toMatchObject({ count: 1, state: 'planned', environment: 'live' })
  expect(await execute(again.id)).toMatchObject({ state: 'done', done: 1 })
  await reached(2)
  expect(flow.receipts[1]).toEqual(first)

  // as new: the same content under another identity and other numbers
  const asNew = await plan({ kind: 'as_new', documents: [document] })
  const copy = (await execute(asNew.id)).items[0].made
  await reached(3)
  const second = flow.receipts[2]!
  expect(second.identity).toBe(copy)
  expect(second.identity).not.toBe(first!.identity)
  const [was, is] = [partsOf(first!.bytes), partsOf(second.bytes)]
  expect(is.content).toBe(was.content)
  expect(Number(is.reference)).toBeGreaterThan(Number(was.reference))
  expect(is.message).not.toBe(was.message)

  // reprocess: a new document, new bytes, and the message function that the profile says
  const reprocess = await plan({ kind: 'reprocess', documents: [document] })
  const made = (await execute(reprocess.id)).items[0].made
  await reached(4)
  const third = flow.receipts[3]!
  expect(new Set([first!.identity, second.identity, third.identity]).size).toBe(3)
  expect(partsOf(third.bytes)).toMatchObject({ function: '31' })
  expect(was).toMatchObject({ function: '9' })
  expect(new Set([was, is, partsOf(third.bytes)].map(({ reference }) => reference)).size).toBe(3)
  await until('the new document is delivered', async () => {
    const { body } = await flow.ask(hub, 'GET', `/v1/documents/${made}`)
    return body.delivery.state === 'delivered' ? true : null
  })

  // whoever asks again for what was done gets the same answer, and nothing more goes out
  for (const { id } of [again, asNew, reprocess]) expect(await execute(id)).toMatchObject({ done: 1 })
  const { rows } = await flow.admin.query(
    `select id, origin_id, origin_kind, processing from document where id = $1 or origin_id = $1 order by origin_id nulls first`,
    [document],
  )
  expect(rows).toEqual([
    { id: document, origin_id: null, origin_kind: null, processing: 'processed' },
    { id: made, origin_id: document, origin_kind: 'reprocessed', processing: 'processed' },
  ])
  expect(flow.receipts).toHaveLength(4)
  const told = await flow.admin.query(
    `select type, actor like 'person:%' as person, convert_from(body, 'UTF8')::jsonb ->> 'reason' as reason
     from entry where type like '%replay%' or type in ('delivery.repeated', 'document.reprocessed') order by at, id`,
  )
  expect(told.rows.map(({ type }) => type)).toEqual([
    'replay.begun',
    'delivery.repeated',
    'replay.begun',
    'document.replayed',
    'replay.begun',
    'document.replayed',
    'document.reprocessed',
  ])
  expect(new Set(told.rows.map((row) => `${row.person} ${row.reason}`))).toEqual(new Set([`true ${reason}`]))
})

test('what a search finds is shown with its count first, and exactly that is done, once, by two people at once', async () => {
  const before = flow.receipts.length
  for (const number of ['S-1', 'S-2', 'S-3']) await documentOf(await flow.post(hub, { number }))
  await reached(before + 3)
  const planned = await plan({ kind: 'as_new', search: { q: 'number S-' } })
  expect(planned).toMatchObject({ count: 3 })
  // one that comes after the preview is not meant
  await documentOf(await flow.post(hub, { number: 'S-4' }))
  const ends = await Promise.all([execute(planned.id), execute(planned.id), execute(planned.id)])
  expect(ends.map(({ done }) => done)).toEqual([3, 3, 3])
  await reached(before + 7)
  const { rows } = await flow.admin.query(
    `select d.number, count(*)::int as outputs from output o join document d on d.id = o.document_id
     where d.number like 'S-%' group by 1 order by 1`,
  )
  expect(rows.map(({ outputs }) => outputs)).toEqual([2, 2, 2, 1])
  expect(new Set(flow.receipts.slice(before).map(({ identity }) => identity)).size).toBe(7)
})

test('a set too large, an unknown filter, no reason, test with live, and a stranger are refused', async () => {
  for (const number of ['L-1', 'L-2', 'L-3', 'L-4', 'L-5', 'L-6']) await flow.post(hub, { number })
  await until('all are processed', async () => {
    const { rows } = await flow.admin.query(
      `select from document where number like 'L-%' and delivery <> 'none'`,
    )
    return rows.length === 6 ? true : null
  })
  const codeOf = async (body: object) => (await plan(body)).code
  expect(await codeOf({ kind: 'again', search: { q: 'number L-' } })).toBe('CD-8041')
  expect(await codeOf({ kind: 'again', search: { q: 'L-', delivered: 'yes' } })).toBe('CD-8002')
  expect(await codeOf({ kind: 'again', search: { env: 'live' } })).toBe('CD-8002')
  expect(await codeOf({ kind: 'again', search: { q: 'number nothing' } })).toBe('CD-8040')
  const { rows } = await flow.admin.query<{ id: string }>(`select id from document where number like 'L-%'`)
  const [one, other] = rows.map(({ id }) => id)
  expect((await flow.ask(hub, 'POST', '/v1/replays', { kind: 'again', documents: [one] })).status).toBe(400)
  await flow.admin.query(`update document set env = 'test' where id = $1`, [other])
  expect(await codeOf({ kind: 'again', documents: [one, other] })).toBe('CD-8042')
  await flow.admin.query(`update document set env = 'live' where id = $1`, [other])
  const stranger = await fetch(`${hub.http}/v1/replays`, {
    method: 'POST',
    headers: { authorization: 'Bearer x' },
  })
  expect(stranger.status).toBe(401)
})
