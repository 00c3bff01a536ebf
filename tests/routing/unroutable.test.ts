import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PersonId, TransmissionId } from '#hub/model/ids.ts'
import { routeCause } from '#hub/pipeline/decide/index.ts'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { closeGoneNotices } from '#hub/store/notice.ts'
import { causeNamed, listUnrouted } from '#partners/unrouted.ts'
import { agreementYaml, partiesYaml, shopOrder, startRouting, type Routing } from '#tests/support/routing.ts'

/*
 * Documents without a way: visible by cause, told once, routed by one action.
 */

let hub: Routing

beforeAll(async () => {
  hub = await startRouting(
    partiesYaml.replace(
      'acknowledgements: { syntax: always }',
      'acknowledgements: { syntax: always }, unroutable: hold',
    ),
  )
})
afterAll(async () => {
  expect(await findBrokenFacts(hub.database.store.worker, null)).toEqual([])
  await hub.close()
})

const document = async (id: TransmissionId) =>
  (await hub.rows('select * from document where transmission_id = $1', [id]))[0]!
const answer = async (id: TransmissionId) => {
  const [row] = await hub.rows(
    `select v.payload_id from acknowledgement a join interchange i on i.id = a.about_id
     join delivery v on v.id = a.delivery_id where i.transmission_id = $1`,
    [id],
  )
  return (await hub.bytes(row!['payload_id'])).toString('latin1')
}
const notices = () =>
  hub.rows(
    `select n.partner_id is null as hub, p.key, n.count, n.code, n.closed_at is null as open
     from notice n left join partner p on p.id = n.partner_id order by 1 desc`,
  )
const route = (cause: string) =>
  routeCause(
    { store: hub.database.store, queue: hub.queue, sealer: hub.sealer },
    { cause, person: '7' as PersonId, reason: 'the agreement stands' },
  )

test('without an agreement: acknowledged and held, told once, listed with the agreement to add, routed by one action', async () => {
  const ids = [
    await hub.take(shopOrder('200'), 'shop/box'),
    await hub.take(shopOrder('201'), 'shop/box'),
    await hub.take(shopOrder('202'), 'shop/box'),
  ]
  for (const id of ids)
    expect(await document(id)).toMatchObject({
      processing: 'held',
      code: 'CD-2007',
      resume_at: 'resolve',
      delivery: 'none',
    })
  // the sender wrote nothing wrong
  expect(await answer(ids[0]!)).toMatch(/UCI\+[^']*\+7'/)
  expect(await notices()).toEqual([
    { hub: true, key: null, count: 3, code: 'CD-2007', open: true },
    { hub: false, key: 'shop', count: 3, code: 'CD-2007', open: true },
  ])
  const [cause, ...others] = await listUnrouted(hub.database.store)
  expect(others).toEqual([])
  expect(cause).toMatchObject({
    sender: 'shop',
    receiver: 'mill',
    type: 'order',
    env: 'test',
    held: 3,
    count: 3,
  })
  // none of them goes on while nothing has changed, and they are not lost
  expect(await route(cause!.cause)).toBe(3)
  await hub.process(ids)
  expect(await document(ids[0]!)).toMatchObject({ processing: 'held', code: 'CD-2007' })

  await hub.apply(cause!.suggestion!)
  const named = await causeNamed(hub.database.store, cause!.cause.slice(0, 8))
  const routed = await Promise.all([route(named), route(named)])
  expect(routed[0]! + routed[1]!).toBe(3)
  await hub.process(ids)
  for (const id of ids)
    expect(await document(id)).toMatchObject({ processing: 'processed', delivery: 'waiting' })
  expect(await hub.rows('select 1 from output')).toHaveLength(3)
  const entries = await hub.rows(`select actor from entry where type = 'document.released' order by id`)
  expect(entries.map(({ actor }) => actor)).toEqual(Array.from({ length: 6 }, () => 'person:7'))
  expect(await closeGoneNotices(hub.database.store.worker, 24)).toBe(2)
  expect(await listUnrouted(hub.database.store)).toEqual([])
})

test('without a condition that holds the canonical document waits, and is judged anew', async () => {
  await hub.rows(`update agreement set state = 'retired'`)
  const terms = (number: string) => `{ when: { from: id, is: "${number}" } }`
  await hub.apply(agreementYaml('one', 'mill', terms('299')))
  const id = await hub.take(shopOrder('210'), 'shop/box')
  expect(await document(id)).toMatchObject({ processing: 'held', code: 'CD-2080', resume_at: 'judge' })
  await hub.apply(agreementYaml('one', 'mill', terms('210')))
  const [cause] = await listUnrouted(hub.database.store)
  expect(await route(cause!.cause)).toBe(1)
  await hub.process([id])
  expect(await document(id)).toMatchObject({ processing: 'processed' })
})

test('a message that breaks the rules is rejected although it has no way, and its sender is told what is wrong', async () => {
  await hub.rows(`update agreement set state = 'retired'`)
  await hub.rows('update config_version set version = version + 1')
  const broken = shopOrder('220', { more: [`QTY+21:many:PCE'`] })
  const id = await hub.take(broken, 'shop/box')
  expect(await document(id)).toMatchObject({ processing: 'rejected' })
  expect(await answer(id)).toMatch(/UCI\+[^']*\+4'|UCM\+[^']*\+4/)
})
