import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { applyConfiguration } from '#partners/apply.ts'
import { exportConfiguration } from '#partners/export.ts'
import { addPerson } from '#portal/people/add-person.ts'
import { addPersonToken } from '#portal/people/token.ts'
import { collect, post } from './faults/scene.ts'
import { setStage, type Stage } from './faults/stage.ts'
import { runCommand } from './support/command.ts'
import type { HubProcess } from './support/hub-process.ts'
import { until } from './support/poll.ts'

let stage: Stage
let hub: HubProcess
const tokens: string[] = []
const emails = ['anna@holds.example', 'ben@holds.example']

beforeAll(async () => {
  stage = await setStage()
  const { store } = stage
  const terms = `\n  terms:\n    rails: { quantityMax: "1000" }\n`
  await changeConfiguration((text, path) =>
    path.endsWith('orders-edifact-to-xml.yaml')
      ? text.trimEnd() + terms
      : text.replace('channel: endpoint', 'channel: endpoint\n      ordered: true'),
  )
  for (const email of emails) {
    await addPerson(store, { email, name: email, role: 'operator', password: 'correct horse battery' })
    tokens.push(await addPersonToken(store, { email, name: 'test', days: 1, actor: 'cli' }))
  }
  hub = await stage.start()
})
afterAll(() => stage.close())

test('an order over the limit among 99 normal ones is held, the 99 pass in order, the sender has its acknowledgement; release by two people at once delivers once', async () => {
  const { scene } = stage
  // 33 numbers with three documents each, one after the other in turns; in their midst one that is far too much
  const normal = Array.from({ length: 99 }, (_, at) => ({ number: 70_000 + (at % 33), quantity: 1 + at }))
  const tooMuch = { number: 79_999, quantity: 480_000 }
  const orders = normal.toSpliced(50, 0, tooMuch)
  const said = await post(hub, scene.token, file('HOLD1', orders))
  expect(said).toMatchObject({ yes: true, status: 202 })

  await until('99 delivered', () => (stage.scene.receipts.length >= 99 ? true : null), 60_000)
  await collect(hub, 'retailer', scene.receipts)
  const answers = scene.receipts.filter(({ partner }) => partner === 'maison-verdier')
  expect(answers).toHaveLength(1)
  // UCI 0083 of 7: acknowledged
  expect(answers[0]!.bytes.toString('latin1')).toContain("UCI+HOLD1+3012345000017:14+5412345000013:14+7'")
  const arrived = received()
  expect(arrived).toHaveLength(99)
  for (const number of new Set(normal.map((order) => order.number)))
    expect(arrived.filter((one) => one.number === number)).toEqual(
      normal.filter((one) => one.number === number),
    )

  const { holds } = (await (await api('/v1/holds')).json()) as { holds: { id: string }[] }
  expect(holds).toMatchObject([
    { rule: 'quantityMax', code: 'CD-4001', open: 1, agreement: 'orders-edifact-to-xml' },
  ])
  const { id } = holds[0]!
  expect(await (await api(`/v1/holds/${id}`)).json()).toMatchObject({
    members: [{ number: '79999', decision: null }],
  })
  const decisions = await Promise.all(
    Array.from({ length: 8 }, (_, at) =>
      api(`/v1/holds/${id}/decisions`, tokens[at % 2], { decision: 'release', reason: `seen by ${at}` }),
    ),
  )
  const ends = decisions.map(({ status }) => status).toSorted((a, b) => a - b)
  expect(ends).toEqual([200, 409, 409, 409, 409, 409, 409, 409])

  await until('the released one delivered', () => (received().length === 100 ? true : null))
  await until('nothing more is under way', async () => {
    const { rows } = await stage.admin.query(
      `select from document where processing = 'waiting'
       union all select from delivery where state in ('waiting', 'sending')`,
    )
    return rows.length === 0 ? true : null
  })
  expect(received().filter(({ number }) => number === tooMuch.number)).toEqual([tooMuch])
  const { rows } = await stage.admin.query(
    `select h.decision, h.decided_by, p.email from hold h join person p on h.decided_by = 'person:' || p.id`,
  )
  expect(rows).toMatchObject([{ decision: 'released' }])
  expect(emails).toContain(rows[0]!.email)
  expect(await findBrokenFacts(stage.store.worker, null)).toEqual([])
}, 120_000)

test('the verbs of a hold: decided by a named operator with a reason; documents go on by the versions they were judged with, or by those of today', async () => {
  const { scene } = stage
  const before = received().length
  await post(
    hub,
    scene.token,
    file(
      'HOLD2',
      [80_001, 80_002, 80_003].map((number) => ({ number, quantity: 5_000 })),
    ),
  )
  const env = { DATABASE_URL: stage.url, CROSSDOCK_DATA: `${stage.folder}/data` }
  const run = (...args: string[]) => runCommand(args, env)
  const list = await until('three on hold', async () => {
    const { out } = await run('hold', 'list', '--json')
    const { holds } = JSON.parse(out) as { holds: { id: string; open: number }[] }
    return holds[0]?.open === 3 ? holds : null
  })
  const { id } = list[0]!
  const rejected = ['hold', 'reject', id, '--reason', 'nobody orders so much', '--documents', '80002']
  expect(await run(...rejected, '--by', 'nobody@holds.example')).toMatchObject({ code: 2 })
  expect(await run(...rejected, '--by', emails[0]!)).toMatchObject({ code: 0, out: 'Decided: 1.\n' })
  expect(await run(...rejected, '--by', emails[1]!)).toMatchObject({ code: 2 })
  expect((await run('hold', 'show', id)).out).toMatch(/order 80002 .*rejected: nobody orders so much/)

  // what is agreed changes meanwhile
  await changeConfiguration((text) =>
    text.replace(/(channel: endpoint\n)/, '$1      write: { indent: false }\n'),
  )
  const release = ['hold', 'release', id, '--reason', 'asked', '--by', emails[0]!]
  expect(await run(...release, '--documents', '80001')).toMatchObject({ code: 0 })
  await until('one delivered', () => (received().length === before + 1 ? true : null))
  expect(await run(...release, '--today')).toMatchObject({ code: 0 })
  await until('the other delivered', () => (received().length === before + 2 ? true : null))
  expect(received().slice(before)).toEqual([
    { number: 80_001, quantity: 5_000 },
    { number: 80_003, quantity: 5_000 },
  ])
  const lines = deliveries()
    .slice(before)
    .map(({ bytes }) => bytes.toString().trim().split('\n').length)
  expect(lines[0]).toBeGreaterThan(20)
  expect(lines[1]).toBeLessThan(3)
  const { rows } = await stage.admin.query<{ version: number }>(
    `select (versions -> 'agreements' -> 0 ->> 'receiver') as version from document
     where number in ('80001', '80003') order by number`,
  )
  expect(rows[0]!.version).not.toBe(rows[1]!.version)
  expect((await run('hold', 'list')).out).toBe('Nothing is on hold.\n')
}, 120_000)

test('a refusal is told to its sender, with the reason, in a document of its own where the profile says so', async () => {
  await changeConfiguration((text, path) =>
    path.endsWith('orders-json-to-edifact.yaml')
      ? `${text.trimEnd()}\n  terms:\n    rails: { quantityMax: "1" }\n`
      : text.replace(
          'format: json\n      mapping: order/json\n      channel: api\n',
          'format: json\n      mapping: order/json\n      channel: mailbox\n      acknowledgements: { business: refusals }\n',
        ),
  )
  // what is applied counts within a second
  const hold = await until('one on hold', async () => {
    await post(hub, stage.scene.token, stage.orders(1, 'json')[0]!)
    const { holds } = (await (await api('/v1/holds')).json()) as { holds: { id: string; rule: string }[] }
    return holds[0] ?? null
  })
  expect(hold).toMatchObject({ rule: 'quantityMax' })
  const { members } = (await (await api(`/v1/holds/${hold.id}`)).json()) as { members: { number: string }[] }
  const { number } = members[0]!
  const decision = { decision: 'reject', reason: 'the article is no longer made' }
  expect((await api(`/v1/holds/${hold.id}/decisions`, tokens[1], decision)).status).toBe(200)
  const letter = await until('the refusal in the mailbox', async () => {
    await collect(hub, 'retailer', stage.scene.receipts)
    return stage.scene.receipts.find(({ identity }) => identity.startsWith('REFUSAL-')) ?? null
  })
  expect(letter.identity).toMatch(new RegExp(`^REFUSAL-${number}-\\d{6}\\.json$`))
  expect(JSON.parse(letter.bytes.toString())).toEqual({
    type: 'acknowledgement',
    version: '1',
    level: 'business',
    scope: 'document',
    status: 'rejected',
    errors: [{ code: 'CD-4002', position: {}, text: 'the article is no longer made' }],
    references: { document: { type: 'order', id: number } },
  })
  const { documents } = (await (await api(`/v1/documents?q=${number}`, stage.scene.token)).json()) as {
    documents: object[]
  }
  expect(documents[0]).toMatchObject({
    processing: { state: 'rejected', code: 'CD-4002' },
    acknowledgement: { shown: expect.stringMatching(/handed_over|refusal_sent/) as string },
    turn: 'sender',
  })
  expect(await findBrokenFacts(stage.store.worker, null)).toEqual([])
}, 120_000)

const sample = readFileSync(new URL('../hub/cli/demo/samples/order-345.edi', import.meta.url), 'utf8')

/** An interchange with an order for each, of one line. */
function file(reference: string, orders: readonly { number: number; quantity: number }[]) {
  const [header, ...segments] = sample.replaceAll('\n', '').split("'")
  const place = (tag: string) => segments.findIndex((segment) => segment.startsWith(tag))
  const head = segments.slice(place('BGM'), place('LIN+2'))
  const texts = orders.flatMap(({ number, quantity }, at) => {
    const body = head.map((segment) =>
      segment.replace('BGM+220+345+9', `BGM+220+${number}+9`).replace('QTY+21:48', `QTY+21:${quantity}`),
    )
    const whole = [`UNH+${at + 1}+ORDERS:D:96A:UN:EAN008`, ...body, 'UNS+S', 'CNT+2:1']
    return [...whole, `UNT+${whole.length + 1}+${at + 1}`]
  })
  const text = [
    header!.replace('MV000345', reference),
    ...texts,
    `UNZ+${orders.length}+${reference}`,
    '',
  ].join("'")
  const bytes = Buffer.from(text, 'latin1')
  return { kind: 'edifact' as const, serial: reference, name: reference, bytes, sha256: '' }
}

async function changeConfiguration(change: (text: string, path: string) => string): Promise<void> {
  const { store, scene } = stage
  const files = await exportConfiguration(store, { partner: null })
  const changed = files.map(({ path, text }) => ({ path, text: change(text, path) }))
  await applyConfiguration({ store, sealer: scene.sealer }, changed, { actor: 'cli' })
}

function deliveries() {
  return stage.scene.receipts.filter(({ channel }) => channel === 'endpoint')
}

/** What the supplier got, in the order in which it came. */
function received(): { number: number; quantity: number }[] {
  return deliveries().map(({ bytes }) => {
    const text = bytes.toString()
    return {
      number: Number(/<cbc:ID>(\d{5,})</.exec(text)?.[1]),
      quantity: Number(/<cbc:Quantity[^>]*>(\d+)</.exec(text)?.[1]),
    }
  })
}

function api(path: string, token = tokens[0], body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return fetch(
    `${hub.http}${path}`,
    body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) },
  )
}
