import { afterEach, beforeEach, expect, test } from 'vitest'
import { collectUntilDone } from './exchange.ts'
import type { Order } from './orders.ts'
import { openMailbox, post, put, type Said } from './scene.ts'
import { setStage, type Stage } from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await setStage()
})
afterEach(async () => {
  await stage.close()
})

test(
  'R10 a thousand deliveries of the same at the same time, by key, by file and by interchange over two channels, are one document each',
  { timeout: 300_000 },
  async () => {
    const hub = await stage.start()
    const { scene } = stage
    const [byKey] = stage.orders(1, 'xml') as [Order]
    const [byFile] = stage.orders(1, 'edifact') as [Order]
    const [keyed, otherKeys, files] = await Promise.all([
      times(700, 40, () => post(hub, scene.token, byKey)),
      times(100, 10, (turn) => post(hub, scene.token, byFile, `again-${turn}`)),
      Promise.all(
        Array.from({ length: 4 }, async () => {
          const mailbox = await openMailbox(hub, 'retailer')
          const said = await times(50, 1, () => put(mailbox, byFile))
          await mailbox.end()
          return said
        }),
      ),
    ])
    const all = [...keyed, ...otherKeys, ...files.flat()]
    expect(all.length).toBe(1_000)
    expect(all.filter(({ yes }) => !yes)).toEqual([])
    // the answer to a repeat is the answer to the first
    expect(new Set(keyed.map(({ text }) => text)).size).toBe(1)
    for (const order of [byKey, byFile]) stage.accepted.add(order)
    // one of the key, one of the file, and each other key brought a file of its own, with the same interchange
    await collectUntilDone(hub, scene, { admin: stage.admin, documents: 1 + 1 + 100, mostMs: 120_000 })
    const { rows } = await stage.admin.query<{ number: string; processing: string; n: number }>(
      `select number, processing, count(*)::int as n from document group by 1, 2 order by 1, 2`,
    )
    expect(rows).toEqual([
      { number: byKey.serial, processing: 'processed', n: 1 },
      { number: byFile.serial, processing: 'duplicate', n: 100 },
      { number: byFile.serial, processing: 'processed', n: 1 },
    ])
    // what the supplier got: each order once, for nothing failed
    const got = scene.receipts.filter(({ partner }) => partner === 'brouwer')
    expect(got.length).toBe(2)
    expect(await stage.wrongs()).toEqual([])
  },
)

/** Does something `count` times, `atOnce` of them at a time. */
async function times(count: number, atOnce: number, work: (turn: number) => Promise<Said>): Promise<Said[]> {
  const said: Said[] = []
  let turn = 0
  const worker = async (): Promise<void> => {
    while (turn < count) {
      turn += 1
      said.push(await work(turn))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return said
}
