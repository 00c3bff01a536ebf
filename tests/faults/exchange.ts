import type pg from 'pg'
import { until } from '../support/poll.ts'
import { collect, post, upload, type Collector, type Reached, type Scene } from './scene.ts'
import type { Order } from './orders.ts'

/**
 * The partners' own rules: an order is sent, always under the same identity, until the hub says yes (EDIFACT into its
 * mailbox, the others by HTTPS). Ends early where the hub dies; `accepted` is the log A.
 */
export async function sendUntilYes(
  hub: Reached,
  scene: Scene,
  orders: readonly Order[],
  accepted: Set<Order>,
): Promise<void> {
  let alive = true
  void hub.ended.then(() => (alive = false))
  const isAlive = (): boolean => alive
  const send = async (order: Order): Promise<void> => {
    while (isAlive() && !accepted.has(order)) {
      const said = order.kind === 'edifact' ? await upload(hub, order) : await post(hub, scene.token, order)
      if (said.yes) accepted.add(order)
      else await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  await Promise.all(orders.map(send))
}

/**
 * Collects what lies in the mailboxes until `documents` are done and nothing is on its way or waits to be fetched. Ends
 * early where the hub dies.
 */
export async function collectUntilDone(
  hub: Reached,
  scene: Scene,
  { admin, documents, mostMs = 60_000 }: { admin: pg.Pool; documents: number; mostMs?: number },
): Promise<void> {
  let alive = true
  void hub.ended.then(() => (alive = false))
  await until(
    `${documents} documents done and fetched`,
    async () => {
      if (!alive) return true
      const { done, open, boxes } = await standing(admin)
      for (const [key, who] of Object.entries(collectors))
        if (boxes.includes(key)) await collect(hub, who, scene.receipts)
      return done >= documents && open === 0 && boxes.length === 0 ? true : null
    },
    mostMs,
  )
}

const collectors: Readonly<Record<string, Collector>> = { 'maison-verdier': 'retailer', brouwer: 'supplier' }

/** How many documents are done, how much is on its way, and whose mailboxes have something. */
async function standing(admin: pg.Pool): Promise<{ done: number; open: number; boxes: string[] }> {
  const { rows } = await admin.query<{ done: number; open: number; boxes: string[] }>(
    `select (select count(*)::int from document where processing <> 'waiting') as done,
       (select count(*)::int from delivery where state in ('waiting', 'sending'))
       + (select count(*)::int from document where processing = 'waiting') as open,
       array(select distinct p.key from delivery d join partner p on p.id = d.partner_id
             where d.state = 'pending') as boxes`,
  )
  return rows[0]!
}
