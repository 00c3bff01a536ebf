import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownPostgres } from '../support/own-postgres.ts'
import { until } from '../support/poll.ts'
import { post, upload, type Said } from './scene.ts'
import { setStage, type Stage } from './stage.ts'

/** R25: others are in the way, in a database that runs. */
let stage: Stage

beforeEach(async () => {
  stage = await setStage({ limits: { lockWaitMs: 1_500 } })
})
afterEach(async () => {
  await stage.close()
})

// far above lock and connection waits, far below the lock that is held
const boundedMs = 25_000

test.each([
  ['transmission', 'the door'],
  ['once', 'what was there before'],
  ['document', 'the documents'],
  ['delivery', 'the deliveries'],
])(
  'R25 while somebody else has locked the table %s, senders are answered in bounded time, and everything goes on by itself afterwards',
  { timeout: 180_000 },
  async (table) => {
    const hub = await stage.start()
    const locker = await stage.admin.connect()
    let sent: Promise<void> | null = null
    try {
      await locker.query('begin')
      await locker.query(`lock table ${table} in access exclusive mode`)
      const orders = stage.orders(20)
      const startedMs = performance.now()
      const first: Said[] = await Promise.all(
        orders.map((order) =>
          order.kind === 'edifact' ? upload(hub, order) : post(hub, stage.scene.token, order),
        ),
      )
      expect(performance.now() - startedMs).toBeLessThan(boundedMs)
      const isDoor = table === 'transmission' || table === 'once'
      for (const [place, said] of first.entries()) {
        if (orders[place]!.kind !== 'edifact') {
          if (isDoor) expect(said).toMatchObject({ status: 503, retryAfter: '10' })
          else expect(said.status).toBe(202)
        } else expect(said.yes).toBe(!isDoor)
        if (said.yes) stage.accepted.add(orders[place]!)
      }
      expect((await fetch(`${hub.http}/healthz`)).status).toBe(200)
      sent = stage.exchange(hub, orders, 120_000)
      sent.catch(() => {})
    } finally {
      await locker.query('rollback')
      locker.release()
    }
    await sent
    expect(hub.child.exitCode).toBeNull()
    expect(await stage.wrongs()).toEqual([])
  },
)

test('R25 a deadlock with somebody else costs nobody their document', { timeout: 180_000 }, async () => {
  const hub = await stage.start({ CROSSDOCK_LIMITS: 'groupCommitsInFlight=1,lockWaitMs=20000' })
  const orders = stage.orders(12, 'xml')
  const [earliest, latest] = [orders.at(0)!, orders.at(-1)!]
  const { rows } = await stage.admin.query<{ id: string }>(
    `select c.id from channel c join partner p on p.id = c.partner_id
       where p.key = 'maison-verdier' and c.key = 'api'`,
  )
  const scope = `https:${rows[0]!.id}`
  const other = await stage.admin.connect()
  const claim = (name: string) =>
    other.query('insert into once (scope, key, owner_id) values ($1, $2, gen_random_uuid())', [
      scope,
      Buffer.from(name),
    ])
  try {
    await other.query('begin')
    await claim(latest.name)
    const said = Promise.all(orders.map((order) => post(hub, stage.scene.token, order)))
    await until('the hub waits', async () => {
      const waiting = await stage.admin.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return waiting.rowCount === 0 ? null : true
    })
    // whichever of the two PostgreSQL breaks off
    await claim(earliest.name).catch(() => {})
    await other.query('rollback')
    for (const { status } of await said) expect([202, 503]).toContain(status)
  } finally {
    other.release()
  }
  await stage.exchange(hub, orders)
  expect(await stage.wrongs()).toEqual([])
})

test(
  'R25 when others have taken every connection of the server, /readyz and both doors say so, and the hub comes back by itself',
  { timeout: 300_000 },
  async () => {
    const postgres = await ownPostgres({ settings: { max_connections: '45' } })
    const crowded = await setStage({ url: postgres.url })
    const others: pg.Client[] = []
    try {
      const hub = await crowded.start()
      await crowded.exchange(hub, crowded.orders(3))
      const crowd = async (): Promise<void> => {
        for (;;) {
          const client = new pg.Client({ connectionString: postgres.url })
          client.on('error', () => {})
          await client.connect()
          others.push(client)
        }
      }
      await crowd().catch(() => {})
      // the hub's own are ended until it has none, and no place is left to come back to
      await until('others have every connection', async () => {
        const taken = others.length
        await crowd().catch(() => {})
        const { rows } = await others[0]!.query<{ ended: boolean }>(
          `select pg_terminate_backend(pid) as ended from pg_stat_activity where application_name like 'crossdock%'`,
        )
        return rows.length === 0 && others.length === taken ? true : null
      })
      await until('/readyz says no', async () =>
        (await fetch(`${hub.http}/readyz`)).status === 503 ? true : null,
      )
      const [order] = crowded.orders(1, 'xml')
      expect(await post(hub, crowded.scene.token, order!)).toMatchObject({ status: 503, retryAfter: '10' })
      expect((await upload(hub, crowded.orders(1, 'edifact')[0]!)).yes).toBe(false)
      expect((await fetch(`${hub.http}/healthz`)).status).toBe(200)
      await Promise.all(others.splice(0).map((client) => client.end()))
      await until('/readyz says yes', async () => ((await fetch(`${hub.http}/readyz`)).ok ? true : null))
      await crowded.exchange(hub, crowded.generated.slice(3), 120_000)
      expect(hub.child.exitCode).toBeNull()
      expect(await crowded.wrongs()).toEqual([])
    } finally {
      await Promise.all(others.map((client) => client.end().catch(() => {})))
      await crowded.close()
      await postgres.remove()
    }
  },
)
