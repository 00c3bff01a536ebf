import { expect, test } from 'vitest'
import { randomOf, seedOfRun, type Random } from '../attacks/random.ts'
import type { Order } from '../faults/orders.ts'
import { post, upload } from '../faults/scene.ts'
import { setStage, type Stage } from '../faults/stage.ts'
import type { HubProcess } from '../support/hub-process.ts'
import { byForm } from './form.ts'
import { figure } from './figures.ts'

/*
 * R28: rounds of good orders, repeats of earlier ones, and cut or random files by both doors; in half of the rounds the hub
 * is killed (SIGKILL) at a random moment and started again. Then the invariants of the promise (tests/faults/checker.ts).
 */

const seeds = Number(process.env['CROSSDOCK_FULL_SEEDS'] ?? byForm(1, 20))
const soakMs = 1000 * Number(process.env['CROSSDOCK_FULL_SECONDS'] ?? byForm(4, 30))

test.each(Array.from({ length: seeds }, (_, index) => seedOfRun + index))(
  'R28 a soak of mixed traffic with kills keeps every promise, seed %i',
  { timeout: soakMs + 600_000 },
  async (seed) => {
    process.stdout.write(`soak: CROSSDOCK_SEED=${seed}\n`)
    const random = randomOf(seed)
    const stage = await setStage()
    try {
      let hub = await stage.start()
      let kills = 0
      const endMs = performance.now() + soakMs
      do {
        const kill = random.below(2) === 0
        const round = traffic(hub, stage, random)
        if (!kill) {
          await round
          continue
        }
        await Promise.race([round, new Promise((resolve) => setTimeout(resolve, random.below(1_500)))])
        hub.child.kill('SIGKILL')
        await hub.ended
        await round
        kills++
        hub = await stage.start()
      } while (performance.now() < endMs)
      // senders go on until they heard yes
      await stage.exchange(hub, stage.generated, 300_000)
      expect(await stage.wrongs(), `seed ${seed}`).toEqual([])
      const sent = `${stage.accepted.size} good ones, ${stage.scene.receipts.length} receipts`
      figure('soak', [String(seed), String(soakMs / 1000), sent, String(kills), 'nothing wrong'])
    } finally {
      await stage.close()
    }
  },
)

/** One round; ends early where the hub dies. */
async function traffic(hub: HubProcess, stage: Stage, random: Random): Promise<void> {
  const fresh = stage.orders(3 + random.below(10))
  const earlier = [...stage.accepted]
  const repeats = earlier.length === 0 ? [] : [earlier[random.below(earlier.length)]!]
  const hostile = fresh.slice(0, 3).map((order) => damaged(order, random))
  await Promise.all([
    ...fresh.map(async (order) => {
      if ((await sendOnce(hub, stage, order)).yes) stage.accepted.add(order)
    }),
    ...[...repeats, ...hostile].map((order) => sendOnce(hub, stage, order)),
  ])
}

function sendOnce(hub: HubProcess, stage: Stage, order: Order) {
  return order.kind === 'edifact' ? upload(hub, order) : post(hub, stage.scene.token, order)
}

/** A file that can never be whole: the beginning of an order and random bytes. */
function damaged(order: Order, random: Random): Order {
  const cut = random.below(Math.floor(order.bytes.length * 0.9))
  const bytes = Buffer.concat([order.bytes.subarray(0, cut), random.bytes(1 + random.below(200))])
  return { ...order, name: `hostile-${order.name}`, bytes }
}
