import { afterAll, beforeAll, expect, test } from 'vitest'
import { orderWasKept } from '../faults/checker.ts'
import { until } from '../support/poll.ts'
import type { HubProcess } from '../support/hub-process.ts'
import { startFlow, type Flow } from './flow.ts'

let flow: Flow
let hubs: HubProcess[]

beforeAll(async () => {
  flow = await startFlow({ profile: 'ordered: true' })
  hubs = await Promise.all([flow.start(), flow.start('worker'), flow.start('worker'), flow.start('worker')])
}, 120_000)
afterAll(async () => {
  await flow.close()
})

const keys = ['K-1', 'K-2', 'K-3', 'K-4', 'K-5', 'K-bad']
const notes = ['first', 'second', 'third', 'fourth']

/** The notes of a key's orders, in the order in which they reached the receiver, each once. */
function cameOf(key: string): string[] {
  const texts = flow.receipts
    .map(({ bytes }) => bytes.toString('latin1'))
    .filter((text) => text.includes(`+${key}+`))
  return [...new Set(texts.map((text) => notes.find((note) => text.includes(note)) ?? ''))]
}

test(
  'I7 four processes keep the order of each key; one that fails blocks its own key alone, is shown, and lets the next go when it is retried',
  { timeout: 120_000 },
  async () => {
    const [hub] = hubs as [HubProcess]
    flow.receivers[0]!.endpoint.answerWith(({ bytes }) => (bytes.includes('K-bad') ? 500 : 200))
    await Promise.all(
      keys.map(async (number) => {
        for (const note of notes) await flow.post(hub, { number, note })
      }),
    )
    await until(
      'all other keys are delivered',
      () => (keys.slice(0, -1).every((key) => cameOf(key).length === notes.length) ? true : null),
      60_000,
    )
    for (const key of keys.slice(0, -1)) expect(cameOf(key)).toEqual(notes)
    expect(cameOf('K-bad')).toEqual(['first'])

    const blocked = await until('all that waits is there', async () => {
      const { body } = await flow.ask(hub, 'GET', '/v1/deliveries/blocking')
      return body.deliveries[0]?.behind === 3 ? body.deliveries : null
    })
    expect(blocked).toMatchObject([
      { state: 'waiting', number: 'K-bad', partner: 'receiver-1', actions: ['retry', 'stop'] },
    ])
    const { rows } = await flow.admin.query<{ id: string }>(
      `select id from document where number = 'K-bad' order by id desc limit 1`,
    )
    const { body: last } = await flow.ask(hub, 'GET', `/v1/documents/${rows[0]!.id}`)
    expect(last.waitsBehind).toMatchObject({ deliveryId: blocked[0].delivery, number: 'K-bad' })

    flow.receivers[0]!.endpoint.answerWith(() => 200)
    const actions = blocked[0].links.actions
    const retried = await flow.ask(hub, 'POST', actions, {
      action: 'retry',
      reason: 'the endpoint is mended',
    })
    expect(retried.status).toBe(200)
    await until(
      'the blocked key is delivered',
      () => (cameOf('K-bad').length === notes.length ? true : null),
      60_000,
    )
    expect(cameOf('K-bad')).toEqual(notes)
    await until('nothing blocks', async () => {
      const { body } = await flow.ask(hub, 'GET', '/v1/deliveries/blocking')
      return body.deliveries.length === 0 ? true : null
    })
    expect(await orderWasKept({ receipts: flow.receipts, store: flow.store } as never)).toEqual([])
    const late = await flow.ask(hub, 'POST', actions, { action: 'stop', reason: 'too late' })
    expect(late).toMatchObject({ status: 409, body: { code: 'CD-8049' } })
  },
)
