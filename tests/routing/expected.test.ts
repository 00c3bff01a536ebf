import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Clock } from '#hub/base/clock.ts'
import { newId } from '#hub/model/ids.ts'
import { watchLate } from '#hub/pipeline/watch/late.ts'
import { watchSilence } from '#hub/pipeline/watch/silence.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { agreementYaml, partiesYaml, shopOrder, startRouting, type Routing } from '#tests/support/routing.ts'

/*
 * What was expected and did not come, and what is later than agreed.
 */

let hub: Routing

beforeAll(async () => {
  hub = await startRouting(partiesYaml)
})
afterAll(async () => {
  await hub.close()
})

const at = (time: string): Clock => ({ now: () => new Date(time) })
const store = () => hub.database.store
const notices = (kind: string) =>
  hub.rows(
    `select p.key, n.code, n.count, n.closed_at is null as open from notice n
     left join partner p on p.id = n.partner_id where n.kind = $1 order by n.opened_at, p.key nulls first`,
    [kind],
  )

test('an expected document that does not come is said once, on working days by the hour of the zone, and closes itself', async () => {
  const day = new Date().toISOString().slice(0, 10)
  const everyDay = '[mon, tue, wed, thu, fri, sat, sun]'
  await hub.apply(
    agreementYaml(
      'daily',
      'mill',
      `{ expects: { by: "00:00", timeZone: UTC, days: ${everyDay}, holidays: ["2020-07-14"] } }`,
    ),
  )
  // a holiday, and a day before the hour of the agreement's zone
  expect(await watchSilence(store(), at('2020-07-14T12:00:00Z'))).toBe(0)
  expect(await notices('silence')).toEqual([])
  // due at midnight: at noon it is noticed, for both audiences, and not again
  expect(await watchSilence(store(), at(`${day}T12:00:00Z`))).toBe(1)
  expect(await watchSilence(store(), at(`${day}T12:01:00Z`))).toBe(0)
  expect(await notices('silence')).toEqual([
    { key: null, code: 'CD-9020', count: 1, open: true },
    { key: 'shop', code: 'CD-9020', count: 1, open: true },
  ])
  const entries = await hub.rows(`select body from entry where type = 'silence.noticed'`)
  expect(entries).toHaveLength(1)
  expect(JSON.parse(String(entries[0]!['body']))).toMatchObject({ agreement: 'daily', expected: 1, came: 0 })
  // the first that comes after all closes it
  await hub.take(shopOrder('300'), 'shop/box')
  await watchSilence(store(), at(`${day}T12:02:00Z`))
  expect((await notices('silence')).map(({ open }) => open)).toEqual([false, false])
  // and what came is not missed
  expect(await watchSilence(store(), at(`${day}T12:03:00Z`))).toBe(0)
})

test('whether somebody was told is looked up by the cause, however many were told before', async () => {
  const explained = await inTransaction(store().worker, 'test', async (client) => {
    await client.query('set local enable_seqscan = off')
    return client.query(`explain select 1 from notice where cause = $1 limit 1`, [newId()])
  })
  expect(JSON.stringify(explained.rows)).toContain('notice_cause')
})

test('a delivery past the time of its agreement is marked late once, told once for the agreement, and closes when it is done', async () => {
  await hub.rows(`update agreement set state = 'retired'`)
  await hub.apply(agreementYaml('quick', 'mill', '{ deliverWithinMinutes: 5 }'))
  const ids = [await hub.take(shopOrder('310'), 'shop/box'), await hub.take(shopOrder('311'), 'shop/box')]
  expect(await watchLate(store())).toBe(0)
  await hub.rows(`update transmission set at = at - interval '6 minutes' where id = any($1)`, [ids])
  expect(await watchLate(store())).toBe(2)
  expect(await watchLate(store())).toBe(0)
  expect(await notices('late')).toEqual([{ key: null, code: 'CD-6050', count: 2, open: true }])
  const late = await hub.rows(
    `select v.state, (select count(*)::int from entry e where e.delivery_id = v.id and e.type = 'delivery.late') as said
     from delivery v where v.late_at is not null`,
  )
  expect(late).toEqual([
    { state: 'waiting', said: 1 },
    { state: 'waiting', said: 1 },
  ])
  await hub.rows(`update delivery set state = 'stopped', next_at = null where late_at is not null`)
  await watchLate(store())
  expect(await notices('late')).toEqual([{ key: null, code: 'CD-6050', count: 2, open: false }])
})
