import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '#hub/base/clock.ts'
import { createLog } from '#hub/base/log.ts'
import { formats } from '#hub/formats/index.ts'
import { stableCode } from '#hub/model/codes/index.ts'
import { newId, type DocumentId, type PersonId, type ReplayId, type TransmissionId } from '#hub/model/ids.ts'
import { decideHold } from '#hub/pipeline/decide/index.ts'
import { closeDueBundles } from '#hub/pipeline/process/close-bundle.ts'
import { executeReplay, planReplay } from '#hub/pipeline/replay/index.ts'
import { findBrokenFacts } from '#hub/store/checks.ts'
import {
  agreementYaml,
  millGln,
  partiesYaml,
  shopOrder,
  startRouting,
  type Routing,
} from '#tests/support/routing.ts'

/*
 * Replays of parts of a fan-out, of bundles, and of what is damaged.
 */

let hub: Routing

beforeAll(async () => {
  hub = await startRouting(partiesYaml)
})
afterAll(async () => {
  await hub.close()
})
beforeEach(async () => {
  await hub.rows(`update agreement set state = 'retired'`)
  await hub.rows('update config_version set version = version + 1')
})

const person = newId<PersonId>()
const reason = 'the receiver lost it'
const log = createLog('silent')
const plan = (kind: 'again' | 'as_new' | 'reprocess', ids: DocumentId[]) =>
  planReplay(hub.database.store, { kind, selection: { by: 'documents', ids }, person, reason })
const execute = async (id: ReplayId) => {
  const { database, sealer, queue } = hub
  const deps = { store: database.store, sealer, queue, formats, clock: systemClock, log }
  return (await executeReplay(deps, id, person)).items
}
const documents = (ids: TransmissionId[]) =>
  hub.rows(
    `select d.id, d.processing, d.code, p.key as receiver from document d left join partner p on p.id = d.receiver
     where d.transmission_id = any($1) order by d.transmission_id, d.origin_id nulls first, d.id`,
    [ids],
  )
const idsOf = (rows: Record<string, unknown>[]) => rows.map(({ id }) => id as DocumentId)
const take = async (...numbers: string[]) => {
  const ids: TransmissionId[] = []
  for (const number of numbers) ids.push(await hub.take(shopOrder(number), 'shop/box'))
  return ids
}

test('bytes that are damaged keep the rest of a plan from nothing, and each item is carried out by itself', async () => {
  await hub.apply(agreementYaml('main', 'mill'))
  const ids = idsOf(await documents(await take('D1', 'D2')))
  await hub.rows(
    `update payload set bytes = set_byte(bytes, 40, get_byte(bytes, 40) # 1) where id =
     (select v.payload_id from delivery v join output o using (interchange_id) where o.document_id = $1)`,
    [ids[0]],
  )
  const { id } = await plan('as_new', ids)
  expect(await execute(id)).toMatchObject([
    { outcome: 'skipped', code: stableCode('payloadDamaged') },
    { outcome: 'done' },
  ])
  const [transactions] = await hub.rows(
    'select count(distinct xmin::text)::int as n from replay_item where replay_id = $1',
    [id],
  )
  expect(transactions).toEqual({ n: 2 })
})

test('a part that was rejected is processed again from its file, and goes to its receiver alone', async () => {
  const agreed = (linesMax: number) =>
    hub.apply(
      [
        agreementYaml('main', 'mill'),
        agreementYaml('copy', 'carrier', `{ takes: copy, rails: { linesMax: ${linesMax} } }`),
      ].join('---\n'),
    )
  await agreed(1)
  const exchange = await hub.take(shopOrder('P1', { lines: 2 }), 'shop/box')
  const [, part] = await documents([exchange])
  const { database, sealer, queue } = hub
  await decideHold(
    { store: database.store, sealer, queue },
    { documentIds: [part!['id'] as DocumentId], decision: 'reject', person, reason },
  )
  await agreed(9)
  const { id } = await plan('reprocess', [part!['id'] as DocumentId])
  const [item] = await execute(id)
  await hub.process([exchange])
  const [made] = (await documents([exchange])).filter((each) => each['id'] === item!.madeId)
  expect(made).toMatchObject({ processing: 'processed', code: null, receiver: 'carrier' })
  const sent = await hub.rows(
    `select p.key from output o join partner p on p.id = o.partner_id join document d on d.id = o.document_id
     where d.transmission_id = $1 order by 1`,
    [exchange],
  )
  expect(sent.map(({ key }) => key)).toEqual(['carrier', 'mill'])
  expect(await findBrokenFacts(database.store.worker, null)).toEqual([])
})

test('the documents of a bundle go out again with one delivery, once', async () => {
  await hub.apply(`partner:
  key: mill
  name: Mill
  identities: [{ scheme: gln, value: "${millGln}", env: test }]
  channels: [{ key: web, kind: https, env: test, settings: { url: "https://mill.example/in" } }]
  profiles:
    - { direction: receives, env: test, type: order, format: json, mapping: order/json, channel: web, bundle: { everyMinutes: 30 } }
---
${agreementYaml('bundled', 'mill')}`)
  const ids = idsOf(await documents(await take('B1', 'B2', 'B3')))
  const clock = { now: () => new Date(Date.now() + 3_600_000) }
  const { database, sealer, queue } = hub
  expect(await closeDueBundles({ store: database.store, sealer, queue, formats, clock, log })).toBe(1)
  const again = await plan('again', ids)
  expect(again.items).toHaveLength(1)
  expect(await execute(again.id)).toMatchObject([{ outcome: 'done' }])
  expect((await plan('as_new', ids)).items).toHaveLength(3)
})
