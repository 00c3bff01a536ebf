import { afterEach, beforeEach, expect, test } from 'vitest'
import { request } from 'node:http'
import { until } from '../support/poll.ts'
import type { HubProcess } from '../support/hub-process.ts'
import { collectUntilDone, sendUntilYes } from './exchange.ts'
import type { Order } from './orders.ts'
import { setStage, type Stage } from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await setStage({ limits: { transactionIdleMs: 3_000 } })
})
afterEach(async () => {
  await stage.close()
})

test(
  'R23 told to end, the hub answers the upload and ends the attempt that are under way, and exits with 0 within its limit',
  { timeout: 180_000 },
  async () => {
    const hub = await stage.start()
    const [sent, uploading] = stage.orders(2, 'xml') as [Order, Order]
    const held = Promise.withResolvers<number>()
    stage.scene.endpoint.answerWith(() => held.promise)
    await sendUntilYes(hub, stage.scene, [sent], stage.accepted)
    await until('the attempt is under way', () => (stage.scene.receipts.length > 0 ? true : null))
    const { status, finish } = slowPost(hub, stage.scene.token, uploading)
    await until('the door has it', () => (status.begun ? true : null))
    hub.child.kill('SIGTERM')
    const toldMs = performance.now()
    finish()
    held.resolve(200)
    expect(await status.answered).toBe(202)
    stage.accepted.add(uploading)
    await hub.ended
    expect(performance.now() - toldMs).toBeLessThan(30_000)
    expect(hub.child.exitCode).toBe(0)
    const { rows } = await stage.admin.query<{ state: string; attempt: number }>(
      `select state, attempt from delivery where state <> 'waiting'`,
    )
    expect(rows).toContainEqual({ state: 'delivered', attempt: 1 })
    const next = await stage.start()
    await collectUntilDone(next, stage.scene, { admin: stage.admin, documents: 2 })
    expect(await stage.wrongs()).toEqual([])
  },
)

/** A post whose last byte is sent when `finish` is called. */
function slowPost(hub: HubProcess, token: string, order: Order) {
  const answered = Promise.withResolvers<number>()
  const status = { begun: false, answered: answered.promise }
  const sending = request(`${hub.http}/v1/documents`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'idempotency-key': order.name,
      'content-length': order.bytes.length,
      expect: '100-continue',
    },
  })
  sending.on('continue', () => {
    sending.write(order.bytes.subarray(0, -1), () => (status.begun = true))
  })
  sending.on('response', (response) => {
    response.resume()
    answered.resolve(response.statusCode ?? 0)
  })
  sending.on('error', (error) => answered.reject(error))
  sending.flushHeaders()
  return { status, finish: () => void sending.end(order.bytes.subarray(-1)) }
}

test(
  'R23 a hub that stood still while another took over its attempt writes nothing when it goes on, and the ledger goes on with one writer',
  { timeout: 240_000 },
  async () => {
    const zombie = await stage.start()
    const [order] = stage.orders(1, 'xml') as [Order]
    const held = Promise.withResolvers<number>()
    stage.scene.endpoint.answerWith(() => held.promise)
    await sendUntilYes(zombie, stage.scene, [order], stage.accepted)
    await until('the attempt is under way', () => (stage.scene.receipts.length > 0 ? true : null))
    zombie.child.kill('SIGSTOP')
    stage.scene.endpoint.answerWith(() => 200)
    const other = await stage.start()
    // the lease ran out, and the peer drops repeats: tried again by the other, with the same identity
    await collectUntilDone(other, stage.scene, { admin: stage.admin, documents: 1 })
    const more = stage.orders(6)
    await stage.exchange(other, more)
    const before = await told()
    held.resolve(200)
    zombie.child.kill('SIGCONT')
    await until('the one that stood still answers', async () => {
      const answer = await fetch(`${zombie.http}/readyz`).catch(() => null)
      return answer?.ok === true ? true : null
    })
    await stage.exchange(other, stage.orders(3))
    await stage.exchange(zombie, stage.orders(3))
    const after = await told()
    expect(after.filter(({ delivery_id }) => delivery_id === before[0]!.delivery_id)).toEqual(
      before.filter(({ delivery_id }) => delivery_id === before[0]!.delivery_id),
    )
    expect(before[0]).toMatchObject({ n: 1 })
    expect(await stage.wrongs()).toEqual([])

    /** How often each delivery was said to be delivered; that of the first order first. */
    async function told(): Promise<{ delivery_id: string; n: number }[]> {
      const { rows } = await stage.admin.query<{ delivery_id: string; n: number }>(
        `select delivery_id, count(*)::int as n from entry where type = 'delivery.delivered'
         group by delivery_id order by min(at)`,
      )
      return rows
    }
  },
)

test(
  'R24 two hubs on one database share the work: every document arrives once, one of them gives the ledger its order, and what is overdue is said once',
  { timeout: 240_000 },
  async () => {
    const hubs = await Promise.all([stage.start(), stage.start()])
    const orders = stage.orders(60)
    const halves = [
      orders.filter((_, place) => place % 2 === 0),
      orders.filter((_, place) => place % 2 === 1),
    ]
    const leaders = new Set<string>()
    const sending = Promise.all(
      hubs.map((hub, place) => sendUntilYes(hub, stage.scene, halves[place]!, stage.accepted)),
    )
    const looking = until(
      'all is sent and done',
      async () => {
        const { rows } = await stage.admin.query<{ holder: string | null; done: number }>(
          `select (select holder::text from ledger_head) as holder,
           (select count(*)::int from document where processing <> 'waiting') as done`,
        )
        if (rows[0]!.holder !== null) leaders.add(rows[0]!.holder)
        return rows[0]!.done >= 60 ? true : null
      },
      120_000,
    )
    await Promise.all([sending, looking])
    // orders for the supplier, and as many answers for the retailer
    await untilInMailbox(40)
    await stage.admin.query(
      `update delivery set due_at = now() - interval '1 minute' where state = 'pending'`,
    )
    await until('all is said to be overdue', async () => {
      const { rows } = await stage.admin.query<{ n: number }>(
        `select count(*)::int as n from delivery where state = 'pending' and overdue_at is null`,
      )
      return rows[0]!.n === 0 ? true : null
    })
    await collectUntilDone(hubs[0]!, stage.scene, { admin: stage.admin, documents: 60, mostMs: 120_000 })
    const { rows } = await stage.admin.query<{ most: number }>(
      `select coalesce(max(n), 0)::int as most from
         (select count(*) as n from entry where type = 'delivery.overdue' group by delivery_id) said`,
    )
    expect(rows[0]!.most).toBe(1)
    expect(leaders.size).toBeGreaterThan(0)
    const got = stage.scene.receipts.filter(({ channel }) => channel !== 'mailbox')
    expect(got.length).toBe(40)
    expect(new Set(got.map(({ identity }) => identity)).size).toBe(40)
    expect(await stage.wrongs()).toEqual([])

    // both die, one after the other, so that the one that led does: another leads as soon as the lease has run out
    hubs[0]!.child.kill('SIGKILL')
    await stage.exchange(hubs[1]!, stage.orders(3))
    expect(await stage.wrongs()).toEqual([])
    const third = await stage.start()
    hubs[1]!.child.kill('SIGKILL')
    await stage.exchange(third, stage.orders(3))
    expect(await stage.wrongs()).toEqual([])
  },
)

async function untilInMailbox(least: number): Promise<void> {
  await until(
    `${least} in the mailboxes`,
    async () => {
      const { rows } = await stage.admin.query<{ n: number }>(
        `select count(*)::int as n from delivery where state = 'pending'`,
      )
      return rows[0]!.n >= least ? true : null
    },
    120_000,
  )
}
