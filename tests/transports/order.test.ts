import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  asId,
  newId,
  type DeliveryId,
  type DocumentId,
  type PersonId,
  type TransmissionId,
} from '#hub/model/ids.ts'
import { claim } from '#hub/pipeline/deliver/claim.ts'
import { decideDelivery, decideHold } from '#hub/pipeline/decide/index.ts'
import { settleAttempts } from '#hub/pipeline/deliver/settle.ts'
import type { ClaimedAttempt } from '#hub/store/deliver.ts'
import { findBehindUnread } from '#hub/store/order.ts'
import { beginRun } from '#hub/store/process-run.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { findLostDeliveries } from '#hub/store/watch.ts'
import { buyerGln, sellerGln, startProcessing, type Processing } from '#tests/support/processing.ts'
import { noQueue } from './world.ts'

/** Ordered flows, from the acceptance of a file to the attempts of its documents. */
let hub: Processing

beforeAll(async () => {
  hub = await startProcessing()
  const { seller } = hub.partners
  await hub.rows(`insert into partner (id, key, name) values ($1, 'seller', 'Seller')`, [seller.partnerId])
  await hub.rows(
    `insert into channel (id, partner_id, key, kind, env) values ($1, $2, $3, 'https', 'test')`,
    [seller.id, seller.partnerId, seller.key],
  )
})
afterAll(async () => {
  await hub.close()
})
beforeEach(() => {
  hub.partners.receiverTerms = { ...terms, ordered: true }
})

const terms = { format: 'edifact', mapping: 'toy', channel: 'seller-box' } as const
let reference = 1

function file(messages: string[]): string {
  const lines = messages.map((message, index) => `MSG|ORDERS|${message}|${index + 1}`)
  return [`IC|${buyerGln}|${sellerGln}|O${reference++}|`, ...lines, `END|${messages.length}`, ''].join('\n')
}

/** The deliveries of files, in the order of the files and the messages in them. */
async function deliveriesOf(...files: TransmissionId[]): Promise<DeliveryId[]> {
  const rows = await hub.rows(
    `select w.id from delivery w join output o using (interchange_id) join document d on d.id = o.document_id
     where d.transmission_id = any($1) order by array_position($1, d.transmission_id), d.position`,
    [files],
  )
  return rows.map(({ id }) => id as DeliveryId)
}

const claimed = async (ids: readonly DeliveryId[]): Promise<ClaimedAttempt[]> =>
  claim(hub.database.store, ids.toReversed())
const idsOf = (attempts: readonly ClaimedAttempt[]) => attempts.map(({ id }) => id)

async function settle(attempts: readonly ClaimedAttempt[], end: 'delivered' | 'refused'): Promise<void> {
  await inTransaction(hub.database.store.worker, 'test', (client) =>
    settleAttempts(
      client,
      noQueue,
      attempts.map(({ id, transmissionId, attempt }) => ({
        deliveryId: id,
        transmissionId,
        attempt,
        verdict: {
          delivery: end,
          transmission: end === 'delivered' ? 'taken' : 'not_taken',
          code: end === 'delivered' ? null : 'attemptFailed',
          attemptCode: null,
          retryInMs: null,
          dueAt: null,
        },
        proof: {},
      })),
    ),
  )
}

test('two files of one key that are processed the wrong way round leave in the order of their acceptance', async () => {
  const first = await hub.accept(file(['345|1']))
  const second = await hub.accept(file(['345|2']))
  await hub.process([second])
  const [late] = await deliveriesOf(second)
  // what the first file holds is not known before it is read
  expect(await claimed([late!])).toEqual([])
  expect(await findBehindUnread(hub.database.store.worker, [late!])).toMatchObject([{ deliveryId: late }])
  await hub.process([first])
  expect(await findBehindUnread(hub.database.store.worker, [late!])).toEqual([])
  const both = await deliveriesOf(first, second)
  const head = await claimed(both)
  expect(idsOf(head)).toEqual([both[0]])
  expect(await claimed(both)).toEqual([])
  await settle(head, 'delivered')
  expect(idsOf(await claimed(both))).toEqual([both[1]])
})

test('messages of one key in one file leave in the order in which they stand there', async () => {
  const id = await hub.accept(file(['346|1', '347|1', '346|2', '346|3']))
  await hub.process([id])
  const all = await deliveriesOf(id)
  const sent: DeliveryId[][] = []
  for (let turn = 0; turn < 4; turn++) {
    const attempts = await claimed(all)
    sent.push(idsOf(attempts).toSorted((a, b) => all.indexOf(a) - all.indexOf(b)))
    await settle(attempts, 'delivered')
  }
  expect(sent).toEqual([[all[0], all[1]], [all[2]], [all[3]], []])
})

test('an order and what refers to it have one key where the profile says by which member', async () => {
  hub.partners.receiverTerms = {
    ...terms,
    ordered: true,
    orderedBy: 'buyerCustomerParty.party.partyIdentification.id',
  }
  const id = await hub.accept(file(['348|1', '349|1']))
  await hub.process([id])
  const keys = await hub.rows(`select distinct order_key from delivery where id = any($1)`, [
    await deliveriesOf(id),
  ])
  const { buyer, seller } = hub.partners
  expect(keys).toEqual([{ order_key: `${seller.id}|${buyer.partnerId}|${buyerGln}` }])
  hub.partners.receiverTerms = { ...terms, ordered: true, orderedBy: 'orderDocumentReference.id' }
  const other = await hub.accept(file(['350|1']))
  await hub.process([other])
  const [own] = await hub.rows(`select order_key from delivery where id = any($1)`, [
    await deliveriesOf(other),
  ])
  expect(String(own!['order_key'])).toMatch(/\|350$/)
})

test('a refused delivery blocks its key alone, until a person stops it', async () => {
  const files = [await hub.accept(file(['351|1'])), await hub.accept(file(['351|2', '352|1']))]
  await hub.process(files)
  const [head, behind, other] = await deliveriesOf(...files)
  const attempts = await claimed([head!, behind!, other!])
  expect(new Set(idsOf(attempts))).toEqual(new Set([head, other]))
  await settle(attempts, 'refused')
  expect(await claimed([head!, behind!])).toEqual([])
  const asked: string[] = []
  const queue = {
    ...noQueue,
    deliver: async (_client: unknown, jobs: readonly { deliveryId: DeliveryId }[]) => {
      asked.push(...jobs.map(({ deliveryId }) => deliveryId))
    },
  }
  const stop = {
    deliveryId: head!,
    decision: 'stop',
    person: newId<PersonId>(),
    reason: 'out of season',
  } as const
  expect(await decideDelivery({ store: hub.database.store, queue }, stop)).toBe('decided')
  expect(asked).toEqual([behind])
  expect(idsOf(await claimed([head!, behind!]))).toEqual([behind])
})

test('a large file that is being read holds back what was accepted after it', async () => {
  const large = await hub.accept(file(['353|1', '353|2']))
  const small = await hub.accept(file(['353|3']))
  // as between two portions
  await hub.rows('update transmission set split_to = 10 where id = $1', [large])
  await beginRun(hub.database.store.worker, newId(), [{ transmissionId: large, splitTo: 10 }])
  await hub.process([small])
  const ids = await deliveriesOf(small)
  expect(await claimed(ids)).toEqual([])
  await hub.rows('update transmission set split_to = 1000000 where id = $1', [large])
  expect(idsOf(await claimed(ids))).toEqual(ids)
  await hub.rows('delete from process_run')
})

test('what an earlier file holds of the key and is on hold goes first, although that file was read late', async () => {
  const slow = await hub.accept(file(['354|11']))
  const later = await hub.accept(file(['354|2']))
  await hub.process([later])
  hub.partners.terms = { rails: { quantityMax: '10' } }
  await hub.process([slow])
  const waiting = await deliveriesOf(later)
  const { store } = hub.database
  const lost = async () =>
    (await findLostDeliveries(store.worker, { graceSeconds: 0, perChannel: 100 })).map(
      ({ deliveryId }) => deliveryId,
    )
  await hub.rows('delete from pgboss.job')
  expect(await claimed(waiting)).toEqual([])
  expect(await lost()).not.toContain(waiting[0])
  const [held] = await hub.rows('select id from document where transmission_id = $1', [slow])
  const documentIds = [asId<DocumentId>(String(held!['id']))]
  const said = { documentIds, person: newId<PersonId>(), reason: 'seen' }
  await decideHold({ store, queue: hub.queue, sealer: hub.sealer }, { ...said, decision: 'reject' })
  hub.partners.terms = {}
  expect(await lost()).toContain(waiting[0])
  expect(idsOf(await claimed(waiting))).toEqual(waiting)
})
