import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { applyConfiguration } from '#partners/apply.ts'
import { openArena, type Arena } from '../attacks/arena.ts'
import { goodOrder, mallory, supplier } from '../attacks/orders.ts'
import { until } from '../support/poll.ts'
import { byForm, isLong } from './form.ts'
import { figure } from './figures.ts'

/*
 * R6 and R12: receivers that are slow, dead or talk nonsense, each a partner of its own beside normal ones. What each
 * answer does to its delivery, and that the normal ones' deliveries are not kept waiting.
 */

const answers = {
  500: 'HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n',
  503: 'HTTP/1.1 503 Later\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n',
  401: 'HTTP/1.1 401 Who\r\ncontent-length: 0\r\n\r\n',
  half: 'HTTP/1.1 200 O',
  html: 'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>',
  normal: 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
} as const

const backlog = byForm(40, 2_000)
const normalOrders = byForm(20, 200)
const deadPeers = byForm(2, 20)

interface Peer {
  key: string
  gln: string
  port: number
  close(): Promise<void>
}

let arena: Arena
const peers: Peer[] = []
beforeAll(async () => {
  arena = await openArena({ limits: 'attemptSeconds=3,egressTotalMs=3000,egressIdleMs=3000' })
  for (const [key, answer] of Object.entries(answers)) peers.push(await startPeer(`r-${key}`, answer, 0))
  peers.push(await startPeer('r-silent', null, 0))
  peers.push(await startPeer('r-slow', answers.normal, byForm(1_000, 2_500)))
  for (let index = 0; index < deadPeers; index++) {
    const dead = await startPeer(`r-dead-${index}`, null, 0)
    await dead.close()
    peers.push(dead)
  }
  const files = peers.map((peer) => ({ path: `${peer.key}.yaml`, text: configurationOf(peer) }))
  await applyConfiguration({ store: arena.database.store, sealer: arena.sealer }, files, { actor: 'cli' })
})
afterAll(async () => {
  await arena.close()
  await Promise.all(peers.map((peer) => peer.close()))
})

test.each([
  ['r-500', 'waiting'],
  ['r-503', 'waiting'],
  ['r-401', 'held'],
  ['r-half', 'waiting'],
  ['r-silent', 'waiting'],
  ['r-dead-0', 'waiting'],
  ['r-html', 'delivered'],
  ['r-normal', 'delivered'],
])('R6 an order to the receiver %s comes to be %s', async (key, state) => {
  await send(key, `R6-${key}`)
  await until(`the delivery is ${state}`, async () => {
    const { rows } = await arena.database.admin.query<{ state: string; attempt: number }>(
      `select d.state, d.attempt from delivery d join partner p on p.id = d.partner_id where p.key = $1`,
      [key],
    )
    return rows[0] !== undefined && rows[0].state === state && rows[0].attempt > 0 ? true : null
  })
})

test(
  'R12 a slow receiver with a backlog and dead ones keep nobody else waiting',
  { timeout: byForm(120_000, 1_800_000) },
  async () => {
    const alone = await timesOf('A')
    const dead = peers.filter(({ key }) => key.startsWith('r-dead'))
    for (let number = 1; number <= backlog; number++) await send('r-slow', `SLOW-${number}`)
    for (const { key } of dead)
      for (let number = 1; number <= 5; number++) await send(key, `${key}-${number}`)
    const beside = await timesOf('B')
    const { rows } = await arena.database.admin.query<{ open: number }>(
      `select count(*)::int as open from delivery d join partner p on p.id = d.partner_id
       where p.key = 'r-slow' and d.state in ('waiting', 'sending')`,
    )
    // the slow one is not done: it was a backlog indeed
    expect(rows[0]!.open).toBeGreaterThan(0)
    const p95 = (times: number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)]!
    const change = `p95 from yes to delivered ${p95(alone).toFixed(0)} ms alone, ${p95(beside).toFixed(0)} ms beside`
    const who = `one receiver of ${byForm(1, 2.5)} s a document with ${backlog} waiting, ${dead.length} dead ones`
    figure('receivers', [who, change, `${normalOrders} orders delivered`])
  },
)

/** Sends orders to the normal receiver, one every 50 ms, and waits; milliseconds from the yes to the delivery, of each. */
async function timesOf(series: string): Promise<number[]> {
  const exchanges: string[] = []
  for (let number = 1; number <= normalOrders; number++) {
    exchanges.push(await send('r-normal', `${series}-${number}`))
    if (isLong) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return until(
    'all are delivered',
    async () => {
      const { rows } = await arena.database.admin.query<{ ms: string }>(
        `select extract(epoch from e.at - t.at) * 1000 as ms
         from transmission t join document x on x.transmission_id = t.id join output o on o.document_id = x.id
         join delivery d on d.interchange_id = o.interchange_id
         join entry e on e.delivery_id = d.id and e.type = 'delivery.delivered'
         where t.id = any($1::uuid[])`,
        [exchanges],
      )
      return rows.length === normalOrders ? rows.map(({ ms }) => Number(ms)) : null
    },
    60_000,
  )
}

async function send(key: string, number: string): Promise<string> {
  const { gln } = peers.find((peer) => peer.key === key)!
  const order = goodOrder('json', number, mallory).toString().replaceAll(supplier, gln)
  const { status, exchange } = await arena.post(Buffer.from(order))
  expect(status).toBe(202)
  return exchange!
}

/** A receiver that gives one answer once a request has come, some time later; with null it never says a word. */
async function startPeer(key: string, answer: string | null, afterMs: number): Promise<Peer> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    let text = ''
    socket.on('data', (data) => {
      text += data.toString('latin1')
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      const body = text.indexOf('\r\n\r\n') + 4
      if (body < 4 || text.length < body + length || answer === null) return
      text = ''
      setTimeout(() => socket.write(answer), afterMs)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', (socket) => sockets.add(socket))
  return {
    key,
    gln: glnOf(peers.length),
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** The n-th of a row of invented GLNs with their check digits. */
function glnOf(index: number): string {
  const twelve = `54123459${String(index).padStart(4, '0')}`
  const sum = [...twelve].reduce(
    (total, digit, place) => total + Number(digit) * (place % 2 === 0 ? 1 : 3),
    0,
  )
  return `${twelve}${(10 - (sum % 10)) % 10}`
}

function configurationOf({ key, gln, port }: Peer): string {
  return `partner:
  key: ${key}
  name: ${key}
  identities: [{ scheme: gln, value: '${gln}', env: live }]
  channels:
    - key: endpoint
      kind: https
      env: live
      peerDedupes: true
      settings: { url: 'http://127.0.0.1:${port}/', allowAddresses: ['127.0.0.1/32'] }
  profiles:
    - { direction: receives, env: live, type: order, format: json, mapping: order/json, channel: endpoint }
---
agreement:
  key: to-${key}
  sender: { partner: attacker, env: live, type: order, format: json }
  receiver: { partner: ${key}, format: json }
`
}
