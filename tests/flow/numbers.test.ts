import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/poll.ts'
import type { HubProcess } from '../support/hub-process.ts'
import { startFlow, type Flow } from './flow.ts'

let flow: Flow

beforeAll(async () => {
  // without a release character, what holds a separator cannot be written
  flow = await startFlow({ receivers: 3, profile: `write: { separators: ":+. *'" }` })
}, 60_000)
afterAll(async () => {
  await flow.close()
})

const documents = 120

test(
  'control numbers under 8 workers, with kill -9: no reuse, no deadlock, and each gap is explained in the ledger',
  { timeout: 240_000 },
  async () => {
    const door = await flow.start('gateway')
    const workers: HubProcess[] = []
    for (let at = 0; at < 8; at += 2)
      workers.push(...(await Promise.all([flow.start('worker'), flow.start('worker')])))
    const all = [door, ...workers]
    const orders = Array.from({ length: documents }, (_, at) => ({
      number: `N-${at}`,
      to: at % 3,
      note: at % 20 === 7 ? 'a+b' : 'fine',
      key: `n-${at}`,
    }))
    const killing = (async () => {
      for (const count of [20, 50, 80]) {
        await until(
          `${count} are processed`,
          async () => ((await processed()) >= count ? true : null),
          120_000,
        )
        workers.shift()!.child.kill('SIGKILL')
        const next = await flow.start('worker')
        workers.push(next)
        all.push(next)
      }
    })()
    for (let at = 0; at < documents; at += 12)
      await Promise.all(orders.slice(at, at + 12).map((order) => flow.post(door, order)))
    await killing
    const writable = orders.filter(({ note }) => note === 'fine').length
    await until(
      'all is processed and delivered',
      async () => {
        const { rows } = await flow.admin.query<{ n: number }>(
          `select count(*)::int as n from delivery where state = 'delivered'`,
        )
        return (await processed()) === documents && rows[0]!.n === writable ? true : null
      },
      150_000,
    )
    const gaps = await explained()
    expect(gaps.size).toBeGreaterThan(0)
    for (const { key, gln } of flow.receivers) {
      const references = new Map<string, number>()
      for (const { partner, identity, bytes } of flow.receipts)
        if (partner === key)
          references.set(identity, Number(/UNB\+[^']*\+(\d+)'/.exec(bytes.toString('latin1'))![1]))
      const used = [...references.values()]
      expect(new Set(used).size).toBe(used.length)
      const { rows } = await flow.admin.query<{ next: string }>(
        `select next from control_number where kind = 'interchange' and receiver = $1`,
        [`gln:${gln}`],
      )
      const wanted = Array.from({ length: Number(rows[0]!.next) - 1 }, (_, at) => at + 1)
      const missing = wanted.filter((number) => !used.includes(number))
      expect(missing.filter((number) => !gaps.has(`gln:${gln} ${number}`))).toEqual([])
      expect(missing.length + used.length).toBe(wanted.length)
    }
    expect(all.map((hub) => hub.log()).filter((log) => /deadlock|40P01/.test(log))).toEqual([])
  },
)

async function processed(): Promise<number> {
  const { rows } = await flow.admin.query<{ n: number }>(
    `select count(*)::int as n from document where processing <> 'waiting'`,
  )
  return rows[0]!.n
}

/** The interchange numbers that the ledger says no receiver will see. */
async function explained(): Promise<Set<string>> {
  const { rows } = await flow.admin.query<{ receiver: string; from: number; to: number; code: string }>(
    `select b ->> 'receiver' as receiver, (b ->> 'from')::int as from, (b ->> 'to')::int as to, b ->> 'code' as code
     from entry, lateral (select convert_from(body, 'UTF8')::jsonb as b) v
     where type = 'numbers.skipped' and b ->> 'kind' = 'interchange'`,
  )
  expect(new Set(rows.map(({ code }) => code))).toEqual(new Set(['CD-5004']))
  return new Set(
    rows.flatMap(({ receiver, from, to }) =>
      Array.from({ length: to - from + 1 }, (_, at) => `${receiver} ${from + at}`),
    ),
  )
}
